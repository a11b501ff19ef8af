"""What is stored of a case, row by row and box by box, against what its history says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.access import CLASSES
from service.actions.cases import progress
from service.actions.cases.loaded_case import snapshot_binding
from service.actions.context import Services
from service.actions.history.replay import ReplayedTurn, load_case_and_key
from service.engine import Advance
from service.errors import CannotOpen, NotFound
from service.security import ledger
from service.security.records import LedgerEntry
from service.security.vault import OwnerKey
from service.store.casefile import answers, cases, facts, grants, parties
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters, tasks

LEASE_LATEST = timedelta(hours=1)
"""So long after its end a lease must have been taken up by some worker; before that a worker may be
busy."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that does not hold: which invariant, in which case, at which fact or row, and what
    was expected and found.

    Never a value.
    """

    invariant: str
    case: str
    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.case} {self.place}: {self.invariant}: expected {self.expected}, found {self.found}"


def closed(case_id: str, place: str) -> Violation:
    return Violation("I11", case_id, place, "a box that opens", "one that does not")


def body(line: LedgerEntry) -> dict[str, int | str | dict[str, str]]:
    try:
        told = json.loads(line.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def check_rows(
    tx: Tx,
    services: Services,
    case_id: str,
    last: ReplayedTurn,
    place: progress.CasePlace,
    now: datetime,
) -> Iterator[Violation]:
    rows = cases.load(tx, case_id)
    if rows is None:
        raise NotFound
    case, outcome = rows.case, last.outcome
    _, key = load_case_and_key(tx, services, case_id)
    if case.rev != last.fact.rev:
        yield Violation("I3", case_id, "case", f"number {last.fact.rev}", f"number {case.rev}")
    yield from check_snapshot(case, key, outcome)
    if (case.status == "ended") != outcome.finished or (outcome.finished and not outcome.ends):
        yield Violation(
            "I8",
            case_id,
            "case",
            "ended exactly when an end event was reached",
            f"{case.status}, ends {list(outcome.ends)}",
        )
    waits = bool(outcome.open) or any(i.closed_at is None for i in incidents.of_case(tx, case_id))
    if not outcome.finished and not waits:
        yield Violation("I8", case_id, "case", "something that waits, or an incident", "nothing")
    yield from _case_row(case, last, place)
    yield from _waiting_rows(tx, case_id, outcome, now)


def check_snapshot(case: cases.Case, key: OwnerKey, outcome: Advance) -> Iterator[Violation]:
    """I3: the stored snapshot opens, and is the fold of the facts."""
    try:
        kept = (
            b""
            if case.snapshot is None
            else key.open("snapshot", case.snapshot, **snapshot_binding(case))
        )
    except CannotOpen:
        yield closed(case.id, "snapshot")
        return
    if kept != outcome.state:
        yield Violation(
            "I3", case.id, "snapshot", "the fold of the facts, byte for byte", "other bytes"
        )


def _case_row(
    case: cases.Case, last: ReplayedTurn, place: progress.CasePlace
) -> Iterator[Violation]:
    """I3: what the case's row tells beside its snapshot."""
    outcome = last.outcome
    told = {
        "stage": (place.stage, case.stage),
        "station": (place.station, case.station),
        "end": (outcome.ends[-1] if outcome.ends else "", case.end),
        "inner end": (outcome.inner_end, case.inner_end),
        "next moment": (outcome.next_due, case.next_due),
        "moment of the last turn": (last.fact.at, case.moved_at),
        "moment of the end": (last.fact.at if outcome.finished else None, case.closed_at),
    }
    for what, (expected, found) in told.items():
        if expected != found:
            yield Violation(
                "I3", case.id, "case", f"{what} {expected or 'none'}", str(found or "none")
            )


def _waiting_rows(tx: Tx, case_id: str, outcome: Advance, now: datetime) -> Iterator[Violation]:
    """I3, I4, I6: open task and job rows are exactly what the snapshot holds open."""
    wanted = {
        o.id: (o.element, o.nth, o.due, o.follow_up) for o in outcome.open if o.kind == "task"
    }
    found = {t.id: (t.element, t.nth, t.due, t.follow_up) for t in tasks.of_case(tx, case_id)}
    yield from _differ("I3", case_id, "task", wanted, found)
    loaded = {o.id: (o.element, o.nth) for o in outcome.open if o.kind in ("job", "timer")}
    due = {o.id: o.due for o in outcome.open if o.kind == "timer"}
    rows = jobs.of_case(tx, case_id)
    yield from _differ("I4", case_id, "job", loaded, {j.work_id: (j.element, j.nth) for j in rows})
    for job in rows:
        if job.kind == "timer" and job.due != due.get(job.work_id, job.due):
            yield Violation(
                "I4",
                case_id,
                f"job {job.key}",
                "the moment that the snapshot holds",
                "another moment",
            )
        if job.lease_until is not None and job.lease_until < now - LEASE_LATEST:
            yield _old_lease(case_id, f"job {job.key}", job.lease_until)


def _old_lease(case_id: str, place: str, ended: datetime) -> Violation:
    return Violation(
        "I6",
        case_id,
        place,
        "a lease that was taken up again",
        f"one that ended at {ended:%Y-%m-%d %H:%M}",
    )


def _differ(
    invariant: str,
    case_id: str,
    what: str,
    wanted: Mapping[str, object],
    found: Mapping[str, object],
) -> Iterator[Violation]:
    for id_ in sorted(wanted.keys() | found.keys()):
        if id_ not in found:
            yield Violation(
                invariant, case_id, f"{what} {id_}", "a row, as the snapshot holds it open", "none"
            )
        elif id_ not in wanted:
            yield Violation(
                invariant,
                case_id,
                f"{what} {id_}",
                "no row: the snapshot does not hold it open",
                "one",
            )
        elif wanted[id_] != found[id_]:
            yield Violation(
                invariant,
                case_id,
                f"{what} {id_}",
                "the place and the moments that the snapshot holds",
                "others",
            )


def check_sealed_values(
    tx: Tx, services: Services, case_id: str, stored: list[facts.Fact], stream: list[LedgerEntry]
) -> Iterator[Violation]:
    """I11: every box opens where it lies, and its content is what the ledger line committed to."""
    _, key = load_case_and_key(tx, services, case_id)
    seals = {
        int(str(told["rev"])): told["seal"]
        for told in map(body, stream)
        if isinstance(told.get("seal"), dict)
    }
    boxes = facts.payloads(tx, [case_id])
    for rev in sorted(set(seals) - {rev for _, rev in boxes}):
        yield closed(case_id, f"payload of fact {rev}")
    for (_, rev), box in boxes.items():
        where = {"table": "fact_payload", "column": "sealed", "row": case_id, "extra": str(rev)}
        yield from _committed(
            key, "routing", box, where, case_id, f"payload of fact {rev}", seals.get(rev), "p"
        )
    kept: dict[int, set[str]] = {}
    turned = {f.rev: (f.element, f.nth, f.actor, f.office, f.at) for f in stored}
    for row in answers.of_case(tx, case_id, classes=CLASSES):
        kept.setdefault(row.rev, set()).add(row.klass)
        where = {"table": "answers", "column": "sealed", "row": row.id, "extra": row.klass}
        place = f"answers {row.klass} of fact {row.rev}"
        yield from _committed(
            key,
            f"answers/{row.klass}",
            row.sealed,
            where,
            case_id,
            place,
            seals.get(row.rev),
            row.klass,
        )
        if turned.get(row.rev, ()) != (row.element, row.nth, row.by, row.office, row.at):
            yield Violation(
                "I11", case_id, place, "the step, the person and the moment of the fact", "others"
            )
    for rev, seal in seals.items():
        for klass in sorted(
            set(seal if isinstance(seal, dict) else {}) - {"p"} - kept.get(rev, set())
        ):
            yield Violation(
                "I11",
                case_id,
                f"answers {klass} of fact {rev}",
                "the answers that the ledger binds",
                "none",
            )


def _committed(
    key: OwnerKey,
    purpose: str,
    box: bytes,
    where: Mapping[str, str],
    case_id: str,
    place: str,
    seals: object,
    name: str,
) -> Iterator[Violation]:
    try:
        content, secret = key.open_committed(purpose, box, **where)
    except CannotOpen:
        yield closed(case_id, place)
        return
    expected = seals.get(name) if isinstance(seals, dict) else None
    if expected != ledger.commitment(secret, content):
        yield Violation(
            "I11", case_id, place, "the content that the ledger line committed to", "other content"
        )


def check_orphans(tx: Tx, case_id: str, now: datetime) -> Iterator[Violation]:
    """I12: grants, tasks and letters point to offices that exist; I6: no letter is held by a worker
    that is gone; I5 is the table's own rule.
    """
    known = offices.everyone(tx)
    for grant in grants.of_case(tx, case_id):
        if grant.office_id not in known:
            yield Violation(
                "I12", case_id, f"grant {grant.id}", "an office of the directory", grant.office_id
            )
    holders = parties.of_case(tx, case_id)
    for task in tasks.of_case(tx, case_id):
        if task.office_id is not None and task.office_id != holders.get(task.role):
            yield Violation(
                "I12", case_id, f"task {task.id}", "the office that holds its role", task.office_id
            )
    for letter in letters.of_case(tx, case_id):
        if letter.office_id not in known:
            yield Violation(
                "I12",
                case_id,
                f"letter {letter.key}",
                "an office of the directory",
                letter.office_id,
            )
        if letter.lease_until is not None and letter.lease_until < now - LEASE_LATEST:
            yield _old_lease(case_id, f"letter {letter.key}", letter.lease_until)
