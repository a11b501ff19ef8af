"""Checks of what must have come before (I10).

An approval is used only after it was given, a case is moved only in a run that was begun and
approved, what was printed was written down, and a consent is withdrawn only after it was given.

An entry may fit its chain and tell of something that cannot have happened. Source: decisions/0095.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from service.audit.checks.checkpoint_checks import subject
from service.casework.approvals import protected_acts
from service.casework.history.chain_checks import load_stream
from service.casework.history.replay import MOVE
from service.casework.history.violations import Violation, entry_body
from service.records.context import WORKER, Services, release_stream
from service.security.records import LedgerEntry
from service.store.at_hand import Reader
from service.store.casefile.consents import Consent
from service.store.casefile.facts import Fact
from service.store.installation import ledger_entries
from service.store.read_models import whole_rows
from service.store.transaction import Tx

APPROVAL: Final = "approval_"
PRINTED: Final = (
    protected_acts.PRINT_CASE,
    protected_acts.PRINT_TASK,
    protected_acts.OPEN_DOCUMENT,
    protected_acts.MAKE_PAPER,
    protected_acts.PACKAGE_CASE,
)
"""What is approved of a protected identity, and goes out of the system."""
MIGRATE: Final = "migrate_cases"
"""The kind of approval that allows a run of a plan."""
RESTORE: Final = "restore"
STARTED, UNDONE, USED = "migration_started", "migration_undone", "approval_used"
WITHDRAWN: Final = "consent_withdrawn"


@dataclass(slots=True)
class _Request:
    """A request for approval, as the entries of its stream tell of it so far."""

    what: str
    digest: str
    asked_by: str
    is_given: bool = False
    until: str = ""
    is_over: bool = False


def check_approvals(entries: Iterable[LedgerEntry]) -> Iterator[Violation]:
    """Each step of an approval comes after those before it: asked by one person, given by another,
    used by who asked, for what was approved, before it ran out.

    Args:
        entries: of a stream, in order.
    """
    requests: dict[str, _Request] = {}
    for entry in entries:
        if not entry.kind.startswith(APPROVAL):
            continue
        body: Mapping[str, Any] = entry_body(entry)
        id_ = str(body.get("approval", ""))
        request = requests.get(id_)
        if lacks := _lacks(request, entry, body):
            about = subject(entry.stream), f"line {entry.seq}"
            yield Violation("I10", *about, lacks, f"{entry.kind} without it")
        if request is None:
            made = _Request(str(body.get("what")), str(body.get("digest")), entry.actor)
            request = requests[id_] = made
        match entry.kind.removeprefix(APPROVAL):
            case "given":
                request.is_given, request.until = True, str(body.get("until", ""))
            case "refused" | "used" | "expired" | "ended":
                request.is_over = True


def _lacks(request: _Request | None, entry: LedgerEntry, body: Mapping[str, Any]) -> str:
    """What must have come before this step, and has not; empty when all has."""
    step = entry.kind.removeprefix(APPROVAL)
    if step == "asked":
        return "" if request is None else "a request of another id"
    if request is None:
        return "the entry by which it was asked for"
    digest = "" if step in ("expired", "ended") else request.digest
    same = body.get("what") == request.what and body.get("digest", "") == digest
    own, gives = entry.actor == request.asked_by, step in ("given", "refused")
    needs_given = step == "used" or (step == "ended" and not own)
    wanted = (
        (not request.is_over, "a request that is not over"),
        (same, "what was asked for"),
        (not gives or not own, "a second person"),
        (not gives or not request.is_given, "a request that waits"),
        (not needs_given or request.is_given, "the entry by which it was given"),
        (step != "used" or own, "the person who asked for it"),
        (step != "used" or _lasts(request, entry.at), "one that has not run out"),
    )
    return next((lacks for holds, lacks in wanted if not holds), "")


def _lasts(request: _Request, now: datetime) -> bool:
    return bool(request.until) and now < datetime.fromisoformat(request.until)


class PlanRuns:
    """Runs of plans that entries began; read once, with the first case that such a run moved."""

    def __init__(self, tx: Tx, services: Services) -> None:
        self._tx, self._services = tx, services

    @cached_property
    def _begun(self) -> list[LedgerEntry]:
        stream = release_stream(self._services)
        return self._latest(stream, STARTED, UNDONE)

    @cached_property
    def moved(self) -> set[tuple[str, str, str]]:
        """Plan, person and release of those that moved cases."""
        used = {
            (of_use.get("approval"), entry.actor)
            for entry in self._latest("system", USED)
            if (of_use := entry_body(entry)).get("what") == MIGRATE
        }
        bodies = ((entry, entry_body(entry)) for entry in self._begun if entry.kind == STARTED)
        return {
            (str(body.get("plan", "")), entry.actor, str(body.get("release")))
            for entry, body in bodies
            if (body.get("approval"), entry.actor) in used
        }

    @cached_property
    def undone(self) -> set[tuple[str, str]]:
        """Plan and person of those that put cases back."""
        gone = (entry for entry in self._begun if entry.kind == UNDONE)
        return {(str(entry_body(entry).get("plan", "")), entry.actor) for entry in gone}

    def _latest(self, stream: str, *kinds: str) -> list[LedgerEntry]:
        every = ledger_entries.BEYOND
        return ledger_entries.latest(self._tx, stream, kinds=[*kinds], limit=every)


def check_moves(runs: PlanRuns, case_id: str, stored: Iterable[Fact]) -> Iterator[Violation]:
    """A case is moved to another release, or put back, only in a run of a plan: an entry began it,
    and an approval that was used allowed it.
    """
    for fact in stored:
        if fact.kind not in (MOVE, RESTORE):
            continue
        plan = str(fact.stimulus.get("plan", ""))
        begun = (
            (plan, fact.actor, fact.release_id) in runs.moved
            if fact.kind == MOVE
            else (plan, fact.actor) in runs.undone
        )
        if not begun:
            expected = "a run that was begun and approved, of the same person"
            yield Violation("I10", case_id, f"fact {fact.rev}", expected, "none")


def check_prints(tx: Tx, case_id: str, stream: Sequence[LedgerEntry]) -> Iterator[Violation]:
    """What was printed or opened of a protected identity, and every paper that a person made,
    stands among the looks of the case: of the same person, at the same moment. Not asked of what
    stood before entries bore a MAC.
    """
    printed = [entry for entry in stream if entry.mac is not None and _is_printed(entry)]
    if not printed:
        return
    looks = {
        (entry.actor, entry.at)
        for entry in load_stream(tx, f"reads/{case_id}")
        if entry.kind in ("print", "read")
    }
    for entry in printed:
        if (entry.actor, entry.at) not in looks:
            expected = "an entry of the look that goes with it"
            yield Violation("I10", case_id, f"line {entry.seq}", expected, "none")


def _is_printed(entry: LedgerEntry) -> bool:
    """Whether an entry tells of something that went out, which a person wanted."""
    if entry.kind == USED:
        return entry_body(entry).get("what") in PRINTED
    return entry.kind == "paper_made" and entry.actor != WORKER.id


def check_withdrawals(
    reader: Reader, case_id: str, stream: Sequence[LedgerEntry]
) -> Iterator[Violation]:
    """A consent is withdrawn only after it was given: by a later fact, or by an entry of its own
    after the fact that gave it.
    """
    lines = {entry_body(entry).get("rev"): entry.seq for entry in stream if entry.open is not None}
    late = [entry for entry in stream if entry.kind == WITHDRAWN]
    rows = whole_rows.stored_as(reader, Consent, "consent", case_id)
    for row in rows:
        if row.rev_withdrawn is not None and row.rev_withdrawn <= row.rev_given:
            expected = "a withdrawal after it was given"
            yield Violation("I10", case_id, f"consent {row.id}", expected, "one before it")
        elif row.withdrawn_on is not None and row.rev_withdrawn is None:
            entries = [one for one in late if entry_body(one).get("purpose") == row.purpose]
            if not any(one.seq > lines.get(row.rev_given, 0) for one in entries):
                expected = "an entry that it was withdrawn"
                yield Violation("I10", case_id, f"consent {row.id}", expected, "none")
    for entry in late:
        purpose = entry_body(entry).get("purpose")
        given = (lines.get(row.rev_given) for row in rows if row.purpose == purpose)
        if not any(seq is not None and seq < entry.seq for seq in given):
            expected = "a consent that was given before"
            yield Violation("I10", case_id, f"line {entry.seq}", expected, "none")
