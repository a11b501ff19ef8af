"""History played again: a case folded from its facts, compared byte for byte with what is stored, and told in words.

Source: trust.md 9.2 (invariants I1 to I12, as far as they apply), engine.md 13.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from service import ledger
from service.access import CLASSES
from service.actions import stimuli
from service.actions.house import House
from service.actions.turn import fact_hash, snapshot_place
from service.engine import Advance, Definition, advance
from service.errors import CannotOpen, NotFound, TrestegError
from service.store import answers, cases, facts, grants, incidents, jobs, letters, lines, offices, parties, tasks
from service.store.database import Tx
from service.vault import OwnerKey

LEASE_LATEST = timedelta(hours=1)
"""So long after its end a lease must have been taken up by some worker; before that a worker may be busy."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold: which invariant, in which case, at which fact or row, and what was expected and found. Never a value."""

    invariant: str
    case: str
    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.case} {self.place}: {self.invariant}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what was wrong."""

    cases: int
    facts: int
    lines: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Turned:
    """One fact played again: the stored row, its definition, and what the engine brought this time."""

    fact: facts.Fact
    definition: Definition
    outcome: Advance


def turns(tx: Tx, house: House, case_id: str) -> Iterator[Turned]:
    """Fold a case from its facts, one turn after the other.

    Raises:
        NotFound: no such case.   CannotOpen: a payload is not what was sealed.   TrestegError: the engine does not take the fact any more.
    """
    brief, key = _case(tx, house, case_id)
    boxes = facts.payloads(tx, [case_id])
    state = b""
    for fact in facts.of_case(tx, case_id):
        definition = house.release(tx, fact.release_id).definitions[brief.process]
        values = _payload(key, fact, boxes)
        outcome = advance(definition, state, stimuli.join(fact.stimulus, values), now=fact.at, seed=str(fact.rev))
        state = outcome.state
        yield Turned(fact, definition, outcome)


def _case(tx: Tx, house: House, case_id: str) -> tuple[cases.Brief, OwnerKey]:
    brief = cases.get(tx, case_id)
    if brief is None:
        raise NotFound
    key = house.key(tx, f"case:{case_id}")
    if key is None:
        raise CannotOpen(owner=f"case:{case_id}", table="vault_key", column="wrapped")
    return brief, key


def _payload(key: OwnerKey, fact: facts.Fact, boxes: dict[tuple[str, int], bytes]) -> dict[str, object]:
    box = boxes.get((fact.case_id, fact.rev))
    if box is None:
        raise CannotOpen(owner=key.owner, table="fact_payload", column="sealed")
    content, _ = key.open_committed("routing", box, table="fact_payload", column="sealed", row=fact.case_id, extra=str(fact.rev))
    values: dict[str, object] = json.loads(content)
    return values


def verify_all(tx: Tx, house: House, *, now: datetime) -> Verified:
    """Verify every case, and the chains of all other streams."""
    found: list[Fault] = []
    counted = Counter[str]()
    after = ""
    while page := cases.listed(tx, after=after):
        for brief in page:
            one = verify(tx, house, brief.id, now=now)
            found += one.faults
            counted.update(cases=1, facts=one.facts, lines=one.lines)
        after = page[-1].id
    after = ""
    while streams := lines.streams(tx, after=after):
        for name, _ in streams:
            if not name.startswith("case/"):
                walked = _stream(tx, name)
                counted["lines"] += len(walked)
                found += [Fault("I10", name, f"line {b.seq}", "an unbroken chain", b.what) for b in ledger.verify(name, walked)]
        after = streams[-1][0]
    return Verified(counted["cases"], counted["facts"], counted["lines"], tuple(found))


def verify(tx: Tx, house: House, case_id: str, *, now: datetime) -> Verified:
    """Fold one case from its facts and compare everything that is stored of it.

    Raises:
        NotFound: no such case.
    """
    stored = facts.of_case(tx, case_id)
    stream = _stream(tx, f"case/{case_id}")
    faults = [*_chain(case_id, stored), *_ledger(case_id, stored, stream)]
    try:
        faults += _fold(tx, house, case_id, now)
        faults += _boxes(tx, house, case_id, stream)
    except CannotOpen as e:
        faults.append(Fault("I11", case_id, str(e.facts.get("table", "")), "a box that opens", "one that does not"))
    except TrestegError as e:
        faults.append(Fault("I3", case_id, "fold", "facts that the engine takes", f"{e.code}: {e}"))
    faults += _orphans(tx, case_id)
    return Verified(1, len(stored), len(stream), tuple(faults))


def _stream(tx: Tx, name: str) -> list[lines.Line]:
    found: list[lines.Line] = []
    while page := lines.of_stream(tx, name, after=found[-1].seq if found else 0):
        found += page
    return found


def _chain(case_id: str, stored: list[facts.Fact]) -> Iterator[Fault]:
    """I3: facts are numbered without gap, each bound to the one before; I2: each task and job was finished at most once."""
    previous = ""
    for number, fact in enumerate(stored, 1):
        place = f"fact {fact.rev}"
        if fact.rev != number:
            yield Fault("I3", case_id, place, f"number {number}", f"number {fact.rev}")
        if fact.prev_hash != previous:
            yield Fault("I3", case_id, place, "the hash of the fact before", "another")
        if fact_hash(fact) != fact.hash:
            yield Fault("I3", case_id, place, "its own hash", "another: the fact was changed")
        previous = fact.hash
    done = Counter(f.work_id for f in stored if f.kind in ("complete", "answer", "fail") and f.work_id)
    for work_id, times in done.items():
        if times > 1:
            yield Fault("I2", case_id, f"work {work_id}", "finished once", f"{times} times")


def _ledger(case_id: str, stored: list[facts.Fact], stream: list[lines.Line]) -> Iterator[Fault]:
    """I10: the stream is whole, and each fact has exactly one line that binds it."""
    for broken in ledger.verify(f"case/{case_id}", stream):
        yield Fault("I10", case_id, f"line {broken.seq}", "an unbroken chain", broken.what)
    bound: dict[int, list[str]] = {}
    for line in stream:
        body = _body(line)
        rev = body.get("rev")
        if isinstance(rev, int) and "open" in body:
            bound.setdefault(rev, []).append(str(body["open"]))
    for fact in stored:
        if bound.get(fact.rev) != [fact.hash]:
            yield Fault("I10", case_id, f"fact {fact.rev}", "one ledger line with its hash", f"{len(bound.get(fact.rev, []))} lines, or another hash")


def _body(line: lines.Line) -> dict[str, int | str | dict[str, str]]:
    try:
        body = json.loads(line.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _fold(tx: Tx, house: House, case_id: str, now: datetime) -> Iterator[Fault]:
    """I3: the fold gives every state, step and open thing again, and the stored snapshot byte for byte; I4, I8: what waits has its rows."""
    last: Turned | None = None
    for played in turns(tx, house, case_id):
        last = played
        fact, outcome = played.fact, played.outcome
        if hashlib.sha256(outcome.state).hexdigest() != fact.state_sha256:
            yield Fault("I3", case_id, f"fact {fact.rev}", f"state {fact.state_sha256[:12]}", f"state {hashlib.sha256(outcome.state).hexdigest()[:12]}")
        if [[s.what, s.element, s.nth, list(s.detail)] for s in outcome.steps] != fact.steps:
            yield Fault("I3", case_id, f"fact {fact.rev}", "the steps that history tells", "other steps")
        if [[o.kind, o.element, o.nth] for o in outcome.open] != fact.open_after:
            yield Fault("I3", case_id, f"fact {fact.rev}", "the open work that history tells", "other open work")
    if last is not None:
        yield from _rows(tx, house, case_id, last, now)


def _rows(tx: Tx, house: House, case_id: str, last: Turned, now: datetime) -> Iterator[Fault]:
    loaded = cases.load(tx, case_id)
    if loaded is None:
        raise NotFound
    case, outcome = loaded.case, last.outcome
    _, key = _case(tx, house, case_id)
    if case.rev != last.fact.rev:
        yield Fault("I3", case_id, "case", f"number {last.fact.rev}", f"number {case.rev}")
    snapshot = b"" if case.snapshot is None else key.open("snapshot", case.snapshot, **snapshot_place(case))
    if snapshot != outcome.state:
        yield Fault("I3", case_id, "snapshot", "the fold of the facts, byte for byte", "other bytes")
    if (case.status == "ended") != outcome.finished or (outcome.finished and not outcome.ends):
        yield Fault("I8", case_id, "case", "ended exactly when an end event was reached", f"{case.status}, ends {list(outcome.ends)}")
    waits = bool(outcome.open) or any(i.closed_at is None for i in incidents.of_case(tx, case_id))
    if not outcome.finished and not waits:
        yield Fault("I8", case_id, "case", "something that waits, or an incident", "nothing")
    yield from _waiting_rows(tx, case_id, outcome, now)


def _waiting_rows(tx: Tx, case_id: str, outcome: Advance, now: datetime) -> Iterator[Fault]:
    """I3, I4, I6: open task and job rows are exactly what the snapshot holds open."""
    held_jobs = {o.id: o.due for o in outcome.open if o.kind in ("job", "timer")}
    rows = jobs.of_case(tx, case_id)
    if {t.id for t in tasks.of_case(tx, case_id)} != {o.id for o in outcome.open if o.kind == "task"}:
        yield Fault("I3", case_id, "tasks", "exactly what the snapshot holds open", "other rows")
    if {j.work_id for j in rows} != set(held_jobs):
        yield Fault("I4", case_id, "jobs", "exactly what the snapshot holds open", "other rows")
    for job in rows:
        if job.kind == "timer" and job.due != held_jobs.get(job.work_id, job.due):
            yield Fault("I4", case_id, f"job {job.key}", "the moment that the snapshot holds", "another moment")
        if job.lease_until is not None and job.lease_until < now - LEASE_LATEST:
            yield Fault("I6", case_id, f"job {job.key}", "a lease that was taken up again", f"one that ended at {job.lease_until:%Y-%m-%d %H:%M}")


def _boxes(tx: Tx, house: House, case_id: str, stream: list[lines.Line]) -> Iterator[Fault]:
    """I11: every box opens where it lies, and its content is what the ledger line committed to."""
    _, key = _case(tx, house, case_id)
    seals = {int(str(body["rev"])): body["seal"] for body in map(_body, stream) if isinstance(body.get("seal"), dict)}
    for (_, rev), box in facts.payloads(tx, [case_id]).items():
        content, secret = key.open_committed("routing", box, table="fact_payload", column="sealed", row=case_id, extra=str(rev))
        yield from _committed(case_id, f"payload of fact {rev}", seals.get(rev), "p", ledger.commitment(secret, content))
    kept: dict[int, set[str]] = {}
    for row in answers.of_case(tx, case_id, classes=CLASSES):
        kept.setdefault(row.rev, set()).add(row.klass)
        content, secret = key.open_committed(f"answers/{row.klass}", row.sealed, table="answers", column="sealed", row=row.id, extra=row.klass)
        yield from _committed(case_id, f"answers {row.klass} of fact {row.rev}", seals.get(row.rev), row.klass, ledger.commitment(secret, content))
    for rev, seal in seals.items():
        for klass in set(seal if isinstance(seal, dict) else {}) - {"p"} - kept.get(int(str(rev)), set()):
            yield Fault("I11", case_id, f"answers {klass} of fact {rev}", "the answers that the ledger binds", "none")


def _committed(case_id: str, place: str, seals: object, name: str, found: str) -> Iterator[Fault]:
    expected = seals.get(name) if isinstance(seals, dict) else None
    if expected != found:
        yield Fault("I11", case_id, place, "the content that the ledger line committed to", "other content")


def _orphans(tx: Tx, case_id: str) -> Iterator[Fault]:
    """I12: grants, tasks and letters point to offices that exist; I5: one letter a key is the table's own rule."""
    known = offices.everyone(tx)
    for grant in grants.of_case(tx, case_id):
        if grant.office_id not in known:
            yield Fault("I12", case_id, f"grant {grant.id}", "an office of the directory", grant.office_id)
    for task in tasks.of_case(tx, case_id):
        if task.office_id is not None and task.office_id != parties.of_case(tx, case_id).get(task.role):
            yield Fault("I12", case_id, f"task {task.id}", "the office that holds its role", task.office_id)
    for letter in letters.of_case(tx, case_id):
        if letter.office_id not in known:
            yield Fault("I12", case_id, f"letter {letter.key}", "an office of the directory", letter.office_id)
