"""What the page of the verification of all cases shows: how far it is, what it found in words, and
the runs before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.access import Viewer
from service.audit.violation_text import ViolationText, violation_text
from service.casework.history.violations import Violation
from service.operations import verification_runs
from service.people import accounts
from service.records.context import Services, require_act
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch

SHOWN = 20
"""Runs that the page lists."""


@dataclass(frozen=True, slots=True)
class FaultyCase:
    """A case with what is wrong with it, in words."""

    id: str
    ref: str
    faults: Sequence[ViolationText]


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """Findings of a run."""

    cases: int
    lines: int
    facts: int
    number: int
    """Of the faults, all in all."""
    faulty: Sequence[FaultyCase]
    rest: Sequence[ViolationText]
    """Faults outside the cases."""
    failed: Sequence[tuple[str, str]]
    """Cases in which the program itself met a fault: id and name."""
    broke: Sequence[tuple[str, str]]
    """Cases that broke a promise: id and name."""
    is_whole: bool
    """Whether the run came to its end, so that everything outside the cases was verified too."""


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """One run in the list."""

    at: datetime
    by: str
    cases: int
    lines: int
    number: int
    state: str


@dataclass(frozen=True, slots=True)
class VerificationPage:
    """The page."""

    run: Batch | None
    running: bool
    result: VerificationResult | None
    """Of the newest run that is over."""
    at: datetime | None
    earlier: Sequence[EarlierRun]


def load_verification(tx: Tx, services: Services, viewer: Viewer) -> VerificationPage:
    """Load the page.

    Raises:
        NotAllowed: the viewer is no auditor.
    """
    require_act(viewer, "audit")
    found = batches.of_subject(tx, verification_runs.KIND, verification_runs.KIND)
    over = [run for run in found if run.state != batches.RUNNING]
    names = accounts.names(tx, services, {run.by for run in over[:SHOWN]})
    newest = over[0] if over else None
    return VerificationPage(
        run=found[0] if found else None,
        running=bool(found) and found[0].state == batches.RUNNING,
        result=_result(newest, viewer) if newest is not None else None,
        at=newest.ended_at if newest is not None else None,
        earlier=[
            EarlierRun(
                run.ended_at or run.at,
                names.get(run.by, ""),
                int(run.detail["cases"]),
                int(run.detail["lines"]),
                int(run.detail["number"]),
                run.state,
            )
            for run in over[:SHOWN]
        ],
    )


def _result(run: Batch, viewer: Viewer) -> VerificationResult:
    found: Mapping[str, Any] = run.detail
    lang, barred = viewer.lang, viewer.barred
    faulty = [one for one in found["faulty"] if one[0] not in barred]
    broke = [(id_, ref) for id_, ref in found["broke"] if id_ not in barred]
    rest = found["rest"]
    return VerificationResult(
        cases=int(found["cases"]),
        lines=int(found["lines"]),
        facts=int(found["facts"]),
        number=int(found["number"]),
        faulty=[FaultyCase(id_, ref, _texts(faults, lang)) for id_, ref, faults in faulty],
        rest=_texts(rest["faults"], lang, named=True) if rest is not None else (),
        failed=[(id_, ref) for id_, ref in found["failed"] if id_ not in barred],
        broke=broke[: verification_runs.MOST],
        is_whole=run.state == batches.DONE and rest is not None,
    )


def _texts(
    faults: Sequence[Sequence[Any]], lang: str, *, named: bool = False
) -> list[ViolationText]:
    """Faults in words, each once.

    Args:
        named: with the stream or case that each is in, in the small print.
    """
    said = []
    for invariant, case, place, expected, found, line in faults:
        one = violation_text(Violation(invariant, case, place, expected, found), lang, line or None)
        said.append(ViolationText(one.text, f"{case} · {one.code}", one.line) if named else one)
    return list(dict.fromkeys(said))
