"""`tresteg verify --rebuild`: replace a case's stored snapshot by what its facts fold to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.audit.checks.stored_rows import check_snapshot
from service.casework.cases.loaded_case import snapshot_binding
from service.casework.history.chain_checks import (
    check_case_stream,
    check_facts,
    load_damaged_stream,
    load_facts,
)
from service.casework.history.replay import ReplayedCase, load_case_and_keys, replay_case
from service.casework.history.violations import Violation, collecting
from service.errors import NotFound
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.purposes import STATE
from service.store.casefile import cases
from service.store.lists import case_access, case_counts
from service.store.transaction import Tx
from service.store.writing import write_last


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """Whether a snapshot was replaced, and the violations that kept it from being folded."""

    changed: bool
    faults: tuple[Violation, ...] = ()


def rebuild_snapshot(
    tx: Tx, services: Services, *, by: Actor, now: datetime, case_id: str
) -> RebuildReport:
    """Replace a case's stored snapshot by what its facts fold to, with a ledger entry.

    No fact is changed, and no other row. Nothing is written when it is right already, or when the
    history itself is damaged: what it folds to would not be what happened.

    Raises:
        NotFound: no such case.   CaseMoved: it moved meanwhile.
    """
    rows = cases.load(tx, case_id)
    if rows is None:
        raise NotFound
    case = rows.case
    faults: list[Violation] = []
    replayed = _replay_intact(tx, services, case, faults)
    if replayed is None or faults:
        return RebuildReport(changed=False, faults=tuple(dict.fromkeys(faults)))
    fact, state = replayed.last.fact, replayed.last.outcome.state
    if (case.rev, case.release_id) != (fact.rev, fact.release_id):
        expected = f"number {fact.rev} and the release of that fact"
        found = f"number {case.rev}, or another release"
        fault = Violation("I3", case_id, "case", expected, found)
        return RebuildReport(changed=False, faults=(fault,))
    _, keys = load_case_and_keys(tx, services, case_id)
    key = keys.require_own()
    if not any(check_snapshot(case, key, replayed.last.outcome)):
        return RebuildReport(changed=False)
    cases.rebuild(tx, case_id, case.rev, key.seal("snapshot", state, **snapshot_binding(case)))
    body: dict[str, ledger_lines.Canonical] = {
        "number": case.rev,
        "state": key.digest(STATE, state),
    }
    append_entry(tx, f"case/{case_id}", "snapshot_rebuilt", by=by, now=now, body=body)
    return RebuildReport(changed=True)


def _replay_intact(
    tx: Tx, services: Services, case: cases.Case, faults: list[Violation]
) -> ReplayedCase | None:
    """Replay a case whose chains are intact; None, with the violations, when they are not."""
    stored = load_facts(tx, case.id, case.rev, faults)
    with collecting(faults, "I3", case.id, "facts"):
        stream = load_damaged_stream(tx, f"case/{case.id}")
        faults += [*check_facts(case.id, stored), *check_case_stream(case.id, stored, stream)]
    return None if faults else replay_case(tx, services, case.id, faults)


def rebuild_lists(tx: Tx, *, now: datetime, case_id: str) -> bool:
    """Write the rows of a case in lists anew, and count all open cases; gives whether anything was
    wrong.

    Everything that decides what somebody sees stays as it is; so no entry tells of it.

    Raises:
        NotFound: no such case.
    """
    rows = cases.load(tx, case_id)
    if rows is None:
        raise NotFound
    wrong = case_access.refresh(tx, rows.case, now)
    write_last(tx)
    return case_counts.recount(tx) or wrong
