"""`tresteg verify`: each case folded from its facts and compared byte for byte with what is stored;
chains, boxes and rows looked at one by one.

Source: trust.md 9.2 (invariants I1 to I12, as far as they apply), engine.md 13.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from service.actions.cases import progress
from service.actions.cases.fact_hash import fact_hash
from service.actions.cases.loaded_case import snapshot_binding
from service.actions.context import Actor, Services
from service.actions.history import promises
from service.actions.history.promises import BrokenPromise
from service.actions.history.referral_checks import check_referrals
from service.actions.history.replay import ReplayedTurn, load_case_and_key, replay_turns
from service.actions.history.sealed_columns import check_sealed_columns
from service.actions.history.stored_rows import (
    Violation,
    body,
    check_orphans,
    check_rows,
    check_sealed_values,
    check_snapshot,
    closed,
)
from service.actions.ledger_entries import append_entry
from service.errors import CannotOpen, NotFound, TrestegError
from service.security import ledger
from service.security.records import LedgerEntry
from service.store.casefile import cases, facts
from service.store.installation import ledger_entries
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was looked at, what was wrong, and which promises of their process cases broke.

    A broken promise is no damage: history tells it truly.
    """

    cases: int
    facts: int
    lines: int
    faults: tuple[Violation, ...]
    breaches: tuple[BrokenPromise, ...] = ()


def verify_all(tx: Tx, services: Services, *, now: datetime) -> VerifyReport:
    """Verify every case, and the chains of all other streams."""
    every = case_ids(tx)
    looked = verify_some(tx, services, every, now=now)
    found, lines_seen, seen = [*looked.faults], looked.lines, {f"case/{id_}" for id_ in every}
    after = ""
    while streams := ledger_entries.streams(tx, after=after):
        for name, length in streams:
            if not name.startswith("case/"):
                lines_seen += length
                with _watched(found, "I10", name, "stream"):
                    found += _unbroken(name, name, _stream(tx, name))
            elif name not in seen:
                found.append(
                    Violation("I12", name, "case", "the case that the stream tells of", "none")
                )
        after = streams[-1][0]
    return replace(looked, lines=lines_seen, faults=tuple(found))


def case_ids(tx: Tx) -> list[str]:
    """Every case, oldest first."""
    found: list[str] = []
    while page := cases.listed(tx, after=found[-1] if found else ""):
        found += (brief.id for brief in page)
    return found


def verify_some(tx: Tx, services: Services, ids: Iterable[str], *, now: datetime) -> VerifyReport:
    """Verify several cases, and nothing beside them.

    Raises:
        NotFound: one of them is none.
    """
    each = [verify(tx, services, id_, now=now) for id_ in ids]
    return VerifyReport(
        cases=len(each),
        facts=sum(one.facts for one in each),
        lines=sum(one.lines for one in each),
        faults=tuple(fault for one in each for fault in one.faults),
        breaches=tuple(breach for one in each for breach in one.breaches),
    )


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What became of a snapshot: put in its place or not, and the faults of the history that kept
    it from being folded.
    """

    changed: bool
    faults: tuple[Violation, ...] = ()


def rebuild(tx: Tx, services: Services, *, by: Actor, now: datetime, case_id: str) -> RebuildReport:
    """Put what a case's facts fold to in the place of its stored snapshot, with a line in its
    stream.

    No fact is changed, and no other row.

    Nothing is written when the snapshot is right already, or when the history itself does not hold:
    what it folds to would not be what happened.

    Raises:
        NotFound: no such case.   CaseMoved: it moved meanwhile.
    """
    rows = cases.load(tx, case_id)
    if rows is None:
        raise NotFound
    case = rows.case
    faults: list[Violation] = []
    stored = _facts(tx, case_id, case.rev, faults)
    with _watched(faults, "I3", case_id, "facts"):
        faults += [
            *_chain(case_id, stored),
            *_ledger(case_id, stored, _stream(tx, f"case/{case_id}")),
        ]
    last, _ = _played(tx, services, case_id, faults) if not faults else (None, None)
    if last is None or faults:
        return RebuildReport(changed=False, faults=tuple(dict.fromkeys(faults)))
    if (case.rev, case.release_id) != (last.fact.rev, last.fact.release_id):
        told = Violation(
            "I3",
            case_id,
            "case",
            f"number {last.fact.rev} and the release of that fact",
            f"number {case.rev}, or another release",
        )
        return RebuildReport(changed=False, faults=(told,))
    _, key = load_case_and_key(tx, services, case_id)
    if not any(check_snapshot(case, key, last.outcome)):
        return RebuildReport(changed=False)
    cases.rebuild(
        tx, case_id, case.rev, key.seal("snapshot", last.outcome.state, **snapshot_binding(case))
    )
    append_entry(
        tx,
        f"case/{case_id}",
        "snapshot_rebuilt",
        by=by,
        now=now,
        body={"number": case.rev, "state": hashlib.sha256(last.outcome.state).hexdigest()},
    )
    return RebuildReport(changed=True)


def verify(tx: Tx, services: Services, case_id: str, *, now: datetime) -> VerifyReport:
    """Fold one case from its facts and compare everything that is stored of it.

    Whatever a damaged row does, it is named, and the rest is looked at.

    Raises:
        NotFound: no such case.
    """
    brief = cases.get(tx, case_id)
    if brief is None:
        raise NotFound
    faults: list[Violation] = []
    stored = _facts(tx, case_id, brief.rev, faults)
    readable = not faults
    stream: list[LedgerEntry] = []
    with _watched(faults, "I10", case_id, "lines"):
        stream += _stream(tx, f"case/{case_id}")
    with _watched(faults, "I3", case_id, "facts"):
        faults += _chain(case_id, stored)
    with _watched(faults, "I10", case_id, "lines"):
        faults += _ledger(case_id, stored, stream)
    faults += _fold(tx, services, case_id, now) if readable else []
    with _watched(faults, "I11", case_id, "boxes"):
        faults += check_sealed_values(tx, services, case_id, stored, stream)
        faults += check_sealed_columns(tx, services, case_id)
    with _watched(faults, "I12", case_id, "rows"):
        faults += check_orphans(tx, case_id, now)
    with _watched(faults, "I12", case_id, "referrals"):
        faults += check_referrals(tx, services, case_id, stream)
    broken: list[BrokenPromise] = []
    with _watched(faults, "I3", case_id, "steps"):
        broken += promises.broken_promises(tx, services, brief, stored, now) if readable else []
    return VerifyReport(1, len(stored), len(stream), tuple(dict.fromkeys(faults)), tuple(broken))


@contextmanager
def _watched(faults: list[Violation], invariant: str, case_id: str, place: str) -> Iterator[None]:
    """A row that breaks a check is a fault like any other; those that were found before it stay."""
    try:
        yield
    except CannotOpen as e:
        faults.append(closed(case_id, str(e.facts.get("table", place))))
    except TrestegError as e:
        faults.append(
            Violation(invariant, case_id, place, "what this program takes", f"{e.code}: {e}")
        )
    except Exception as e:
        faults.append(
            Violation(invariant, case_id, place, "rows that can be read", type(e).__name__)
        )


def _facts(tx: Tx, case_id: str, last: int, faults: list[Violation]) -> list[facts.Fact]:
    """The facts of a case.

    Where a row cannot be read they are read one by one, and that row is named and left out.
    """
    try:
        return facts.of_case(tx, case_id)
    except Exception:
        stored: list[facts.Fact] = []
        for rev in range(1, last + 1):
            with _watched(faults, "I3", case_id, f"fact {rev}"):
                stored += facts.of_case(tx, case_id, after=rev - 1, upto=rev)
        return stored


def _stream(tx: Tx, name: str) -> list[LedgerEntry]:
    found: list[LedgerEntry] = []
    while page := ledger_entries.of_stream(tx, name, after=found[-1].seq if found else 0):
        found += page
    return found


def _unbroken(name: str, case_id: str, stream: list[LedgerEntry]) -> Iterator[Violation]:
    for broken in ledger.verify(name, stream):
        yield Violation("I10", case_id, f"line {broken.seq}", "an unbroken chain", broken.what)


def _chain(case_id: str, stored: list[facts.Fact]) -> Iterator[Violation]:
    """I3: facts are numbered without gap, each bound to the one before; I2: each task and job was
    finished at most once.
    """
    number, previous = 0, ""
    for fact in stored:
        number += 1
        while number < fact.rev:
            yield Violation("I3", case_id, f"fact {number}", "a fact", "none")
            number, previous = number + 1, fact.prev_hash
        if fact.prev_hash != previous:
            yield Violation(
                "I3", case_id, f"fact {fact.rev}", "the hash of the fact before", "another"
            )
        if fact_hash(fact) != fact.hash:
            yield Violation(
                "I3", case_id, f"fact {fact.rev}", "its own hash", "another: the fact was changed"
            )
        previous = fact.hash
    done = Counter(
        f.work_id for f in stored if f.kind in ("complete", "answer", "fail") and f.work_id
    )
    for work_id, times in done.items():
        if times > 1:
            yield Violation("I2", case_id, f"work {work_id}", "finished once", f"{times} times")


def _ledger(
    case_id: str, stored: list[facts.Fact], stream: list[LedgerEntry]
) -> Iterator[Violation]:
    """I10: the stream is whole, and each fact has exactly one line that binds it."""
    yield from _unbroken(f"case/{case_id}", case_id, stream)
    bound: dict[int, list[str]] = {}
    for line in stream:
        told = body(line)
        rev = told.get("rev")
        if isinstance(rev, int) and "open" in told:
            bound.setdefault(rev, []).append(str(told["open"]))
    for fact in stored:
        if bound.get(fact.rev) != [fact.hash]:
            yield Violation(
                "I10",
                case_id,
                f"fact {fact.rev}",
                "one ledger line with its hash",
                f"{len(bound.get(fact.rev, []))} lines, or another hash",
            )
    for rev in sorted(set(bound) - {f.rev for f in stored}):
        yield Violation("I10", case_id, f"fact {rev}", "the fact that the ledger binds", "none")


def _fold(tx: Tx, services: Services, case_id: str, now: datetime) -> list[Violation]:
    """I3: the fold gives every state, step and open thing again, and the stored snapshot byte for
    byte; I4, I8: what waits has its rows.
    """
    faults: list[Violation] = []
    last, place = _played(tx, services, case_id, faults)
    if last is not None and place is not None:
        with _watched(faults, "I3", case_id, "rows"):
            faults += check_rows(tx, services, case_id, last, place, now)
    return faults


def _played(
    tx: Tx, services: Services, case_id: str, faults: list[Violation]
) -> tuple[ReplayedTurn | None, progress.CasePlace | None]:
    """The last turn of the fold, and where the case stands by it; nothing when a fact cannot be
    played, which is told as a fault.
    """
    last: ReplayedTurn | None = None
    place = progress.CasePlace("", "")
    try:
        for played in replay_turns(tx, services, case_id):
            last = played
            place = progress.place_after(
                played.definition, place, played.outcome.steps, played.outcome.open
            )
            faults += _turned(case_id, played)
    except CannotOpen as e:
        what = str(e.facts.get("table", ""))
        faults.append(
            closed(case_id, f"payload of fact {_next(last)}" if what == "fact_payload" else what)
        )
        return None, None
    except TrestegError as e:
        faults.append(
            Violation(
                "I3",
                case_id,
                f"fact {_next(last)}",
                "a fact that the engine takes",
                f"{e.code}: {e}",
            )
        )
        return None, None
    except Exception as e:
        faults.append(
            Violation(
                "I3", case_id, f"fact {_next(last)}", "a fact that can be read", type(e).__name__
            )
        )
        return None, None
    return last, place


def _next(last: ReplayedTurn | None) -> int:
    return last.fact.rev + 1 if last is not None else 1


def _turned(case_id: str, played: ReplayedTurn) -> Iterator[Violation]:
    fact, outcome = played.fact, played.outcome
    found = hashlib.sha256(outcome.state).hexdigest()
    if found != fact.state_sha256:
        yield Violation(
            "I3",
            case_id,
            f"fact {fact.rev}",
            f"state {fact.state_sha256[:12]}",
            f"state {found[:12]}",
        )
    if [[s.what, s.element, s.nth, list(s.detail)] for s in outcome.steps] != fact.steps:
        yield Violation(
            "I3", case_id, f"fact {fact.rev}", "the steps that history tells", "other steps"
        )
    if [[o.kind, o.element, o.nth] for o in outcome.open] != fact.open_after:
        yield Violation(
            "I3", case_id, f"fact {fact.rev}", "the open work that history tells", "other open work"
        )
