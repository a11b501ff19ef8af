"""One turn of a case: the engine moves it by one stimulus; the fact is written, and the rows and
letters that follow from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service import fault_points
from service.casework.cases import grants as case_grants
from service.casework.cases import progress, stimulus_codec
from service.casework.cases.loaded_case import LoadedCase, Submission, snapshot_binding
from service.casework.cases.turn_letters import write_letters
from service.casework.cases.turn_work import WaitingRows, load_jobs, refit, write_work
from service.casework.incidents import record_engine_stop
from service.engine import ENGINE as ENGINE_TEXT
from service.engine import Advance, Stimulus, guarded
from service.errors import CaseEnded, DueFirst, EngineStopped
from service.records import fact_format, ledger_kinds, rule_rows
from service.records.context import Services
from service.records.fact_format import fact_hash
from service.security import ledger_lines
from service.security.purposes import STATE
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import cases, facts, grants, parties
from service.store.changes import EntryDraft, Writer
from service.store.lists import access_rows, case_access, case_counts, open_work_ids
from service.store.lists.access_rows import TaskForLists
from service.store.transaction import Tx
from service.store.work import tasks


@dataclass(frozen=True, slots=True)
class TurnResult:
    """A case after a turn."""

    case_id: str
    ref: str
    rev: int
    ended: bool
    opened: tuple[tasks.Task, ...]
    outcome: Advance
    files: tuple[str, ...] = ()
    """Documents that were attached to the tasks that the turn closed."""


def turn(
    tx: Tx, services: Services, loaded: LoadedCase, stimulus: Stimulus, submission: Submission
) -> TurnResult:
    """Move a case by one stimulus and write everything that follows.

    Raises:
        CaseEnded: nothing moves an ended case.
        DueFirst, TaskClosed, NotWaiting, EngineStopped …: as the engine says; the unit of work
            rolls back and nothing has changed.
        CaseMoved: somebody was faster.
    """
    if loaded.case.status == "ended":
        raise CaseEnded
    outcome = _advance(services, loaded, stimulus, submission)
    fault_points.hit("w2")
    case = _row_after(loaded, outcome, submission)
    # every query comes before the first change: what is written goes to the database in one batch
    known, granted = _rows_before(tx, loaded.case)
    before = load_jobs(tx, case.id) if loaded.old is not None else None
    holders = {**loaded.parties, **submission.parties}
    known = _bind_parties(tx, loaded, submission, known)
    change = case_grants.TurnChange(case, outcome, before=loaded.variables, parties=holders)
    after = case_grants.apply_grants(tx, services, change, submission, stored=granted)
    # the row of the case comes after parties and grants, since it bears the sums of them
    snapshot = loaded.key.seal("snapshot", outcome.state, **snapshot_binding(case))
    cases.save(tx, replace(case, snapshot=snapshot), sums=loaded.rows.sums)
    fault_points.hit("w3")
    _write_fact(tx, loaded, stimulus, submission, outcome)
    fault_points.hit("w4")
    opened = write_work(tx, services, loaded, outcome, holders, submission, known)
    if before is not None:
        waiting = WaitingRows({row.id: row for row in known.genuine}, before)
        opened += refit(tx, services, loaded, outcome, waiting, submission)
    _record_passed_timers(tx, case.id, outcome, submission)
    fault_points.hit("w5")
    left = _tasks_after(tx, loaded, outcome, opened, known)
    _write_access(tx, loaded, case, submission, left, after, known)
    fault_points.hit("w6")
    knew = frozenset(grant.office_id for grant in granted)
    write_letters(tx, services, case, opened, holders, submission, knew)
    files = tuple(known.files_of_others({work.id for work in outcome.open}))
    return TurnResult(case.id, case.ref, case.rev, outcome.finished, tuple(opened), outcome, files)


def _advance(
    services: Services, loaded: LoadedCase, stimulus: Stimulus, submission: Submission
) -> Advance:
    seed, seconds = str(loaded.case.rev + 1), services.seconds
    try:
        return guarded(
            loaded.definition,
            loaded.state,
            stimulus,
            now=submission.now,
            seed=seed,
            seconds=seconds,
            old=loaded.old,
        )
    except (DueFirst, EngineStopped) as e:
        e.facts["case"] = loaded.case.id
        raise


def _row_after(loaded: LoadedCase, outcome: Advance, submission: Submission) -> cases.Case:
    """The case's row after the turn, still without its new snapshot."""
    before = progress.CasePlace(loaded.case.stage, loaded.case.station)
    place = progress.place_after(loaded.definition, before, outcome.steps, outcome.open)
    return replace(
        loaded.case,
        rev=loaded.case.rev + 1,
        stage=place.stage,
        station=place.station,
        status="ended" if outcome.finished else "open",
        end=outcome.ends[-1] if outcome.ends else "",
        inner_end=outcome.inner_end,
        next_due=outcome.next_due,
        moved_at=submission.now,
        closed_at=submission.now if outcome.finished else None,
    )


def _rows_before(
    reader: Reader, case: cases.Case
) -> tuple[open_work_ids.OpenWorkIds, list[grants.GrantRow]]:
    """The ids of open work and the grants of a case before the turn; a new case has neither."""
    if case.rev == 0:
        return open_work_ids.NONE, []
    return open_work_ids.known(reader, case.id), grants.of_case(reader, case.id)


def _bind_parties(
    tx: Tx, loaded: LoadedCase, submission: Submission, known: open_work_ids.OpenWorkIds
) -> open_work_ids.OpenWorkIds:
    """Bind roles to the offices that the turn gives them, and open tasks of these roles too; gives
    the open work as it is then.
    """
    if not submission.parties:
        return known
    parties.bind(tx, loaded.case.id, submission.parties)
    waiting = {**known.tasks}
    for role, office in _changed_hands(loaded, submission).items():
        waiting |= {row.id: row for row in tasks.bind(tx, known.genuine, role, office)}
    return replace(known, tasks=waiting)


def _changed_hands(loaded: LoadedCase, submission: Submission) -> dict[str, str]:
    """Roles that another office held before, to the one that holds them after the turn."""
    return {
        role: office
        for role, office in submission.parties.items()
        if loaded.parties.get(role) not in (None, office)
    }


def _write_fact(
    writer: Writer, loaded: LoadedCase, stimulus: Stimulus, submission: Submission, outcome: Advance
) -> None:
    """Write the fact of a turn, its sealed values, and its ledger entry."""
    bare, values = stimulus_codec.split(stimulus)
    plain = {**submission.details, **bare}
    fact = _fact(loaded, plain, submission, outcome)
    routing = {**values, **rule_rows.sealed_rows(outcome.steps)}
    sealed, commitments = _sealed_values(loaded.key, fact, routing, submission.answers)
    facts.add(writer, fact, sealed)
    _write_entry(writer, loaded, fact, ledger_lines.digest(commitments), submission.reason)


def _fact(
    loaded: LoadedCase, plain: stimulus_codec.Plain, submission: Submission, outcome: Advance
) -> facts.Fact:
    waiting = [[o.kind, o.element, o.nth] for o in outcome.open]
    return facts.Fact(
        case_id=loaded.case.id,
        rev=loaded.case.rev + 1,
        at=submission.now,
        actor=submission.by.id,
        office=submission.by.office,
        kind=plain["kind"],
        element=submission.element,
        nth=submission.nth,
        work_id=submission.work_id,
        form=submission.form,
        release_id=loaded.case.release_id,
        engine=ENGINE_TEXT,
        turn=facts.Turn(plain, rule_rows.open_steps(outcome.steps), waiting),
        state=loaded.key.digest(STATE, outcome.state),
    )


def _sealed_values(
    key: OwnerKey,
    fact: facts.Fact,
    routing: Mapping[str, Any],
    answers: Mapping[str, Mapping[str, Any]],
) -> tuple[facts.FactPayload, dict[str, str]]:
    """The sealed values of a fact, and the commitment to each by its column."""
    columns: dict[str, bytes] = {}
    commitments: dict[str, str] = {}
    parts = {"routing": routing, **{facts.COLUMN[klass]: answers[klass] for klass in answers}}
    for column, content in parts.items():
        plain = ledger_lines.canonical(content)
        place = fact_format.place(fact.case_id, fact.rev, column)
        committed = key.seal_committed(fact_format.PURPOSES[column], plain, **place)
        columns[column] = committed.sealed
        commitments[column] = ledger_lines.commitment(committed.key, plain)
    return facts.FactPayload(fact.case_id, fact.rev, **columns), commitments


def _write_entry(
    writer: Writer, loaded: LoadedCase, fact: facts.Fact, seal: str, reason: str
) -> None:
    body: dict[str, ledger_lines.Canonical] = {"rev": fact.rev}
    if reason:
        body["reason"] = reason
    ledger_kinds.check(fact.kind, body)
    draft = EntryDraft(
        f"case/{fact.case_id}",
        fact.kind,
        fact.at,
        fact.actor,
        fact.office,
        body,
        open_=fact_hash(fact),
        seal=seal,
    )
    writer.changes.draft(draft, loaded.rows.end)


def _record_passed_timers(tx: Tx, case_id: str, outcome: Advance, submission: Submission) -> None:
    """Record an incident for each timer that was due and could not be fired: it rests until an
    operator tries it again.
    """
    for step in outcome.steps:
        if step.what == "passed":
            timer, kind, place = map(str, step.detail)
            stop, key = EngineStopped(kind, place), f"{case_id}:{timer}"
            record_engine_stop(tx, case_id=case_id, job_key=key, stop=stop, now=submission.now)


def _tasks_after(
    reader: Reader,
    loaded: LoadedCase,
    outcome: Advance,
    opened: Sequence[tasks.Task],
    known: open_work_ids.OpenWorkIds,
) -> list[TaskForLists]:
    """The open tasks of a case after a turn, for its rows in lists. They are read again where a
    new release may draw a task that stays for another role.

    Args:
        opened: the tasks that the turn opened.
    """
    if known.tasks and loaded.old is not None:
        return [access_rows.open_task(row) for row in tasks.of_case(reader, loaded.case.id)]
    stay = [
        access_rows.open_task(row)._replace(due=waits.due)
        for waits in outcome.open
        if (row := known.tasks.get(waits.id)) is not None
    ]
    return [*stay, *map(access_rows.open_task, opened)]


def _write_access(
    writer: Writer,
    loaded: LoadedCase,
    case: cases.Case,
    submission: Submission,
    waiting: Collection[TaskForLists],
    granted: Collection[grants.GrantRow],
    known: open_work_ids.OpenWorkIds,
) -> None:
    """Bring the rows of a case in lists, and the counts, in line with what the turn made of it.

    Args:
        loaded: the case before the turn.
        case: its row after it; `waiting` and `granted` are its tasks and grants then.
        known: its rows before the turn.
    """
    wanted = access_rows.rows_of(case, granted, waiting, submission.now)
    case_access.replace_rows(writer, known.access, wanted)
    was_on = (loaded.old_release or loaded.case.release_id) if loaded.case.rev else ""
    case_counts.count_release(writer, was_on, "" if case.status == "ended" else case.release_id)
    if case.status == "ended":
        case_counts.count_end(writer, case.id)
