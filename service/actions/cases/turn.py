"""One turn of a case: the engine moves it, and all that follows from it is written in the same
transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from service import fault_points
from service.actions import ledger_kinds
from service.actions.cases import consents, progress, stimulus_codec
from service.actions.cases import grants as case_grants
from service.actions.cases.fact_hash import fact_hash
from service.actions.cases.letters import letters_of
from service.actions.context import Actor, Services
from service.actions.ids import ulid
from service.actions.releases.prepared import PreparedRelease
from service.binding import Letter
from service.engine import ENGINE as ENGINE_TEXT
from service.engine import Advance, Definition, Open, Stimulus, guarded, peek
from service.errors import CannotOpen, CaseEnded, DueFirst, EngineStopped
from service.security import ledger
from service.security.vault import OwnerKey
from service.store.casefile import answers as answer_rows
from service.store.casefile import cases, facts, grants, parties
from service.store.installation import ledger_entries, offices
from service.store.transaction import Tx
from service.store.work import incidents, jobs, open_work, tasks
from service.store.work import letters as letter_rows

TIMER, CALL = "timer", "call"


@dataclass(frozen=True)
class LoadedCase:
    """A case in hand: opened, on its release, with the offices that hold its roles."""

    rows: cases.LoadedRows
    key: OwnerKey
    release: PreparedRelease
    definition: Definition
    state: bytes
    parties: Mapping[str, str]

    @property
    def case(self) -> cases.Case:
        """The stored row."""
        return self.rows.case

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        """Routing values as the last turn left them."""
        return peek(self.state).variables if self.state else {}

    @cached_property
    def calendars(self) -> Mapping[str, str]:
        """Role to the calendar in force."""
        return peek(self.state).calendars if self.state else {}


@dataclass(frozen=True, slots=True)
class Submission:
    """What comes with a stimulus: who, when, the work it is about, and what is to be kept beside
    the engine.
    """

    by: Actor
    now: datetime
    element: str = ""
    nth: int = 0
    work_id: str = ""
    form: str = ""
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Class to field to answer."""
    letters: Sequence[Letter] = ()
    parties: Mapping[str, str] = field(default_factory=dict)
    """Roles that get another office in this turn."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """A case after a turn."""

    case_id: str
    ref: str
    rev: int
    ended: bool
    opened: tuple[tasks.Task, ...]
    outcome: Advance


def load_case(tx: Tx, services: Services, rows: cases.LoadedRows) -> LoadedCase:
    """Open a case for a turn.

    Raises:
        CannotOpen: its key is gone (erased), or its snapshot is not what was sealed.
    """
    case = rows.case
    if rows.key is None:
        raise CannotOpen(f"case {case.id} has no key")
    key = services.open(rows.key)
    release = services.release(tx, case.release_id)
    state = (
        b""
        if case.snapshot is None
        else key.open("snapshot", case.snapshot, **snapshot_binding(case))
    )
    return LoadedCase(
        rows, key, release, release.definitions[case.process], state, parties.of_case(tx, case.id)
    )


def snapshot_binding(case: cases.Case) -> dict[str, str]:
    """Where a snapshot's box belongs: an old state, or one of another release, does not open there."""
    return {
        "table": "cases",
        "column": "snapshot",
        "row": case.id,
        "extra": f"{case.rev}|{case.release_id}",
    }


def turn(
    tx: Tx, services: Services, loaded: LoadedCase, stimulus: Stimulus, given: Submission
) -> TurnResult:
    """Move a case by one stimulus and write everything that follows.

    Raises:
        CaseEnded: nothing moves an ended case.
        DueFirst, TaskClosed, NotWaiting, EngineStopped …: as the engine says; the door rolls back
        and nothing has changed.
        CaseMoved: somebody was faster.
    """
    if loaded.case.status == "ended":
        raise CaseEnded
    rev = loaded.case.rev + 1
    try:
        outcome = guarded(
            loaded.definition,
            loaded.state,
            stimulus,
            now=given.now,
            seed=str(rev),
            seconds=services.seconds,
        )
    except (DueFirst, EngineStopped) as e:
        e.facts["case"] = loaded.case.id
        raise
    fault_points.hit("w2")
    case = _after(loaded, outcome, given, rev)
    known, granted = (
        open_work.known(tx, case.id),
        grants.of_case(tx, case.id),
    )  # every question comes before the first change: what is written goes in one journey
    everyone = {**loaded.parties, **given.parties}
    if given.parties:
        parties.bind(tx, case.id, given.parties)
        for role, office in given.parties.items():
            if loaded.parties.get(role) not in (None, office):
                tasks.bind(tx, case.id, role, office)
    cases.save(
        tx,
        replace(
            case, snapshot=loaded.key.seal("snapshot", outcome.state, **snapshot_binding(case))
        ),
    )
    fault_points.hit("w3")
    _write_fact(tx, loaded, stimulus, given, outcome, rev)
    fault_points.hit("w4")
    opened = _write_work(tx, services, loaded, outcome, everyone, given, known)
    fault_points.hit("w5")
    seen = case_grants.apply_grants(
        tx,
        services,
        case,
        outcome,
        stored=granted,
        before=loaded.variables,
        parties=everyone,
        at=given.now,
        element=given.element,
    )
    fault_points.hit("w6")
    _write_letters(tx, services, case, opened, everyone, given, seen)
    return TurnResult(case.id, case.ref, rev, outcome.finished, tuple(opened), outcome)


def _after(loaded: LoadedCase, outcome: Advance, given: Submission, rev: int) -> cases.Case:
    """The case's row after the turn, still without its new snapshot."""
    place = progress.place_after(
        loaded.definition,
        progress.CasePlace(loaded.case.stage, loaded.case.station),
        outcome.steps,
        outcome.open,
    )
    return replace(
        loaded.case,
        rev=rev,
        stage=place.stage,
        station=place.station,
        status="ended" if outcome.finished else "open",
        end=outcome.ends[-1] if outcome.ends else "",
        inner_end=outcome.inner_end,
        next_due=outcome.next_due,
        moved_at=given.now,
        closed_at=given.now if outcome.finished else None,
    )


def _write_fact(
    tx: Tx, loaded: LoadedCase, stimulus: Stimulus, given: Submission, outcome: Advance, rev: int
) -> None:
    """The fact, its sealed payload, the sealed answers, and the ledger line that binds them."""
    plain, sealed_values = stimulus_codec.split(stimulus)
    case = loaded.case
    seals: dict[str, str] = {}
    box, seals["p"] = _seal(
        loaded.key,
        "routing",
        sealed_values,
        table="fact_payload",
        column="sealed",
        row=case.id,
        extra=str(rev),
    )
    rows = []
    for klass, fields in sorted(given.answers.items()):
        where = {
            "table": "answers",
            "column": "sealed",
            "row": f"{case.id}:{rev}:{klass}",
            "extra": klass,
        }
        sealed, seals[klass] = _seal(loaded.key, f"answers/{klass}", fields, **where)
        rows.append(
            answer_rows.Answers(
                case.id,
                rev,
                klass,
                given.element,
                given.nth,
                given.form,
                sealed,
                given.by.id,
                given.by.office,
                given.now,
            )
        )
    fact = facts.Fact(
        case_id=case.id,
        rev=rev,
        at=given.now,
        actor=given.by.id,
        office=given.by.office,
        kind=plain["kind"],
        element=given.element,
        nth=given.nth,
        work_id=given.work_id,
        release_id=case.release_id,
        definition=loaded.definition.digest,
        engine=ENGINE_TEXT,
        stimulus=plain,
        steps=[[s.what, s.element, s.nth, list(s.detail)] for s in outcome.steps],
        open_after=[[o.kind, o.element, o.nth] for o in outcome.open],
        state_sha256=hashlib.sha256(outcome.state).hexdigest(),
        prev_hash=loaded.rows.fact_hash,
        hash="",
    )
    fact = replace(fact, hash=fact_hash(fact))
    facts.add(tx, fact, box)
    answer_rows.add(tx, rows)
    body: dict[str, ledger.Canonical] = {
        "release": case.release_id,
        "element": given.element,
        "open": fact.hash,
        "seal": seals,
        "rev": rev,
    }
    if given.reason:
        body["reason"] = given.reason
    ledger_kinds.check(fact.kind, body)
    end = (loaded.rows.seq, loaded.rows.line_hash)
    ledger_entries.add(
        tx,
        ledger.write(
            f"case/{case.id}",
            end,
            kind=fact.kind,
            at=given.now,
            actor=given.by.id,
            office=given.by.office,
            body=body,
        ),
    )


def _seal(
    key: OwnerKey, purpose: str, values: Mapping[str, Any], **where: str
) -> tuple[bytes, str]:
    """Seal values with a commitment key of their own; gives the box, and the commitment that the
    ledger line bears.
    """
    content = ledger.canonical(values)
    committed = key.seal_committed(purpose, content, **where)
    return committed.sealed, ledger.commitment(committed.key, content)


def _write_work(
    tx: Tx,
    services: Services,
    loaded: LoadedCase,
    outcome: Advance,
    everyone: Mapping[str, str],
    given: Submission,
    known: open_work.OpenWorkIds,
) -> list[tasks.Task]:
    """Tasks and jobs become exactly what the engine holds open. Gives the tasks that are new."""
    by_element = progress.stages(loaded.definition)
    wanted = [
        _task(loaded, o, by_element, everyone, given.now) for o in outcome.open if o.kind == "task"
    ]
    new = [t for t in wanted if t.id not in known.tasks]
    tasks.sync(tx, loaded.case.id, wanted, known.tasks)
    jobs.sync(
        tx,
        loaded.case.id,
        [
            _job(services, loaded, o, outcome, given.now, known)
            for o in outcome.open
            if o.kind in ("job", "timer")
        ],
        known.jobs,
    )
    for lonely in (t for t in new if t.office_id is None):
        incidents.add(
            tx,
            incidents.Incident(
                id=ulid(given.now),
                case_id=loaded.case.id,
                job_key="",
                element=lonely.element,
                kind="no_office",
                topic="",
                error=f"no office for role {lonely.role} in this case",
                opened_at=given.now,
            ),
        )
    return new


def _task(
    loaded: LoadedCase,
    waits: Open,
    by_element: Mapping[str, str],
    everyone: Mapping[str, str],
    now: datetime,
) -> tasks.Task:
    element = loaded.definition.elements[waits.element]
    role = element.roles[0] if element.roles else ""
    return tasks.Task(
        key=ulid(now),
        case_id=loaded.case.id,
        id=waits.id,
        element=waits.element,
        nth=waits.nth,
        role=role,
        office_id=everyone.get(role),
        stage=by_element.get(waits.element, ""),
        due=waits.due,
        follow_up=waits.follow_up,
        priority=element.priority,
        opened_at=now,
    )


def _job(
    services: Services,
    loaded: LoadedCase,
    waits: Open,
    outcome: Advance,
    now: datetime,
    known: open_work.OpenWorkIds,
) -> jobs.Job:
    """A timer is due when it says.

    A call is due when it is made; what its handler reads is frozen then, so that a later change
    alters no call in flight.
    """
    key = f"{loaded.case.id}:{waits.id}"
    if waits.kind == "timer":
        return jobs.Job(
            key, loaded.case.id, waits.id, TIMER, waits.what, waits.element, waits.nth, waits.due
        )
    if waits.id in known.jobs:
        return jobs.Job(
            key,
            loaded.case.id,
            waits.id,
            CALL,
            waits.what,
            waits.element,
            waits.nth,
            known.jobs[waits.id],
        )
    declared = services.topics.get(waits.what)
    values: dict[str, Any] = {
        name: waits.inputs.get(name, outcome.variables.get(name))
        for name in (declared.reads if declared is not None else ())
    }
    sealed = loaded.key.seal(
        "routing", ledger.canonical(values), table="job", column="inputs", row=key
    )
    return jobs.Job(
        key,
        loaded.case.id,
        waits.id,
        CALL,
        waits.what,
        waits.element,
        waits.nth,
        now,
        inputs=sealed,
    )


def _write_letters(
    tx: Tx,
    services: Services,
    case: cases.Case,
    opened: Sequence[tasks.Task],
    everyone: Mapping[str, str],
    given: Submission,
    seen: Collection[str],
) -> None:
    """Letters that a handler sends, and a notice for every other office that got a task."""
    elsewhere = [t for t in opened if t.office_id is not None and t.office_id != given.by.office]
    if not given.letters and not elsewhere:
        return
    live = (
        consents.live(tx, case.id, given.now)
        if any(letter.needs_consent for letter in given.letters)
        else {}
    )
    known = offices.everyone(tx)
    letter_rows.add(
        tx,
        letters_of(
            services.programme,
            case,
            given.letters,
            elsewhere,
            everyone,
            known,
            live,
            seen,
            given.now,
        ),
    )
