"""The cases of a dry run: each with its verdict in a sentence, and both ways of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.access import Viewer
from service.errors import NotFound
from service.records.context import Services
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch, BatchCase
from service.workshop.drafts import require_draft
from service.workshop.dry_run import runs, verdicts
from service.workshop.dry_run.names import DryRunNames
from service.workshop.dry_run.reasons import move_reason, outcome_reason
from service.workshop.dry_run.result import base_of, run_names

ON_A_PAGE: Final = 50
"""Cases on one page of the list."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in the list; `n` is its number in the run."""

    n: int
    ref: str
    verdict: str
    reason: str
    is_open: bool
    move: str
    """Whether an open case could be moved: `moves`, `choice`, `cannot`; empty of one that ended."""
    move_reason: str
    differs: bool
    """Whether there are two ways to be shown side by side."""
    base: str
    """The release that the case was followed on first, "v3"; empty when it is its own."""


def load_lines(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    run: Batch,
    *,
    verdict: str = "",
    after: int = 0,
) -> tuple[list[CaseLine], int]:
    """A page of the cases of a run, and behind which number the next one goes on; 0 when it is the
    last.
    """
    wanted = [verdict] if verdict in verdicts.VERDICTS else verdicts.VERDICTS
    found = batches.of_batch(tx, run.id, verdicts=wanted, after=after, limit=ON_A_PAGE + 1)
    names = run_names(tx, services, run.detail, viewer.lang)
    more = found[ON_A_PAGE - 1].position if len(found) > ON_A_PAGE else 0
    base = base_of(tx, run)
    return [_line(case, names, base) for case in found[:ON_A_PAGE]], more


def _line(case: BatchCase, names: DryRunNames, base: str) -> CaseLine:
    move = case.detail.get("move", {})
    return CaseLine(
        n=case.position,
        ref=case.ref,
        verdict=case.verdict,
        reason=outcome_reason(case, names),
        is_open=bool(case.detail.get("open")),
        move=move.get("verdict", ""),
        move_reason=move_reason(move, names),
        differs="ways" in case.detail,
        base=base if case.detail.get("earlier") else "",
    )


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """One step of a way; `mark` is `gained` or `lost` where the other way does not have it."""

    id: str
    name: str
    mark: str


@dataclass(frozen=True, slots=True)
class TwoWays:
    """One case with both ways side by side."""

    line: CaseLine
    was: Sequence[ComparedStep]
    becomes: Sequence[ComparedStep]


def two_ways(tx: Tx, services: Services, viewer: Viewer, draft_id: str, n: int) -> TwoWays:
    """Both ways of one case of the newest run.

    Raises:
        NotAllowed: the viewer may not read processes.
        NotFound: there is no such draft, run or case, or its ways are the same.
    """
    require_draft(tx, viewer, draft_id)
    run = runs.newest(tx, draft_id)
    found = batches.of_batch(tx, run.id, after=n - 1, limit=1) if run is not None else []
    if run is None or not found or found[0].position != n or "ways" not in found[0].detail:
        raise NotFound
    names = run_names(tx, services, run.detail, viewer.lang)
    detail = found[0].detail
    was, becomes = detail["ways"]["was"], detail["ways"]["becomes"]
    return TwoWays(
        _line(found[0], names, base_of(tx, run)),
        _steps(was, becomes, names, "lost"),
        _steps(becomes, was, names, "gained"),
    )


def _steps(
    way: Sequence[str], other: Sequence[str], names: DryRunNames, mark: str
) -> list[ComparedStep]:
    """The named steps of a way: gateways that only join and plain starts say nothing."""
    known = frozenset(other)
    elements = names.kept.get("elements", {})
    return [
        ComparedStep(id_, names.element(id_), "" if id_ in known else mark)
        for id_ in way
        if elements.get(id_, ("", {}))[1].get("sv")
    ]
