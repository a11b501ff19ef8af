"""One turn of a case, decided: the engine moves it by one stimulus, and everything that is written
then follows from what was loaded: state, fact, entry, work, grants, rows of lists, letters.

Nothing is asked and nothing is written here; `store.writing.write` puts the changes into the
transaction that loaded the case.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service import fault_points
from service.casework.cases import grants as case_grants
from service.casework.cases import progress, stimulus_codec
from service.casework.cases.loaded_case import LoadedCase, Submission, snapshot_binding
from service.casework.cases.turn_letters import add_letters
from service.casework.cases.turn_work import refit, set_work
from service.casework.incidents import note_engine_stop
from service.engine import ENGINE as ENGINE_TEXT
from service.engine import Advance, Stimulus, guarded
from service.errors import CaseEnded, DueFirst, EngineStopped
from service.records import fact_format, ledger_kinds, rule_rows
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.records.fact_format import fact_hash
from service.release.programme.party_rules import holders_after, vacant_roles
from service.security import ledger_lines
from service.security.purposes import STATE
from service.store.casefile import cases, facts, grants, parties
from service.store.changes import Changes, EntryDraft
from service.store.lists import access_rows, case_access, case_counts, open_work_ids
from service.store.lists.access_rows import AccessRow
from service.store.work import incidents, tasks


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
    next_task: str = ""
    """Key of the task with which whoever moved the case can go on at once; "" when the turn opened
    none for that person, or several."""


@dataclass(frozen=True, slots=True)
class MovedCase:
    """What a turn came to, and the case as the next one in the same transaction loads it."""

    result: TurnResult
    after: LoadedCase


def turn(
    services: Services,
    loaded: LoadedCase,
    stimulus: Stimulus,
    submission: Submission,
    changes: Changes,
) -> MovedCase:
    """Move a case by one stimulus; `changes` get everything that follows.

    Raises:
        CaseEnded: nothing moves an ended case.
        DueFirst, TaskClosed, NotWaiting, EngineStopped …: as the engine says.
        HandlerFailed: a letter of a handler reaches nobody.
        CaseMoved: only when the changes are written: somebody was faster.
    """
    if loaded.case.status == "ended":
        raise CaseEnded
    outcome = _advance(services, loaded, stimulus, submission)
    fault_points.hit("w2")
    case = _row_after(loaded, outcome, submission)
    configuration = services.configuration(loaded.release)
    holders = holders_after(loaded.parties, submission.parties)
    known = _bind_parties(changes, loaded, submission, outcome)
    vacant = vacant_roles(configuration.parties, holders)
    change = case_grants.TurnChange(case, outcome, loaded.variables, holders, vacant)
    granted = case_grants.apply_grants(
        changes, configuration.grants, change, submission, stored=loaded.grants
    )
    # the row of the case comes after parties and grants, since it bears the sums of them
    snapshot = loaded.key.seal("snapshot", outcome.state, **snapshot_binding(case))
    case = replace(case, snapshot=snapshot)
    sums = cases.save(changes, case, sums=loaded.rows.sums)
    fault_points.hit("w3")
    _add_fact(changes, loaded, stimulus, submission, outcome)
    fault_points.hit("w4")
    work = set_work(changes, services, loaded, outcome, holders, submission, known)
    if loaded.old is not None:
        work = refit(changes, services, loaded, outcome, work, submission)
    _note_passed_timers(changes, loaded, outcome, submission)
    fault_points.hit("w5")
    rows = _set_access(changes, loaded, case, submission, work.waiting, granted, known)
    fault_points.hit("w6")
    add_letters(changes, services, loaded, case, work.opened, holders, submission)
    still_open = {waits.id for waits in outcome.open}
    files = tuple(known.files_of_others(still_open))
    ended = outcome.finished
    result = TurnResult(case.id, case.ref, case.rev, ended, work.opened, outcome, files)
    left = open_work_ids.OpenWorkIds(
        {row.id: row for row in work.waiting},
        work.jobs,
        {id_: task for id_, task in known.files.items() if task in still_open},
        tuple(rows),
    )
    after = replace(
        loaded,
        rows=replace(loaded.rows, case=case, sums=sums),
        state=outcome.state,
        parties=holders,
        moved=(left, granted),
        old=None,
        old_release="",
    )
    return MovedCase(result, after)


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


def _bind_parties(
    changes: Changes, loaded: LoadedCase, submission: Submission, outcome: Advance
) -> open_work_ids.OpenWorkIds:
    """Bind roles to the offices that the turn gives them, or to nobody, and open tasks of these
    roles too; gives the open work as it is then.
    """
    known = loaded.work
    if not submission.parties:
        return known
    parties.bind(changes, loaded.case.id, submission.parties, loaded.parties)
    still_open = {waits.id for waits in outcome.open}
    stay = [row for row in known.genuine if row.id in still_open]
    waiting = {**known.tasks}
    for role, office in submission.parties.items():
        waiting |= {row.id: row for row in tasks.bind(changes, stay, role, office)}
    return replace(known, tasks=waiting)


def _add_fact(
    changes: Changes,
    loaded: LoadedCase,
    stimulus: Stimulus,
    submission: Submission,
    outcome: Advance,
) -> None:
    """Add the fact of a turn, its sealed values, and its ledger entry."""
    bare, values = stimulus_codec.split(stimulus)
    plain = {**submission.details, **bare}
    fact = _fact(loaded, plain, submission, outcome)
    routing = {**values, **rule_rows.sealed_rows(outcome.steps)}
    sealed, commitments = _sealed_values(changes, loaded.keys, fact, routing, submission.answers)
    facts.add(changes, fact, sealed)
    _add_entry(changes, loaded, fact, ledger_lines.digest(commitments), submission.reason)


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
    changes: Changes,
    keys: CaseKeys,
    fact: facts.Fact,
    routing: Mapping[str, Any],
    answers: Mapping[str, Mapping[str, Any]],
) -> tuple[facts.FactPayload, dict[str, str]]:
    """The sealed values of a fact, and the commitment to each by its column."""
    columns: dict[str, bytes] = {}
    commitments: dict[str, str] = {}
    parts = [(fact_format.ROUTING, keys.require_own(), routing)]
    for klass, content in answers.items():
        key = keys.for_writing(changes, fact.office, klass)
        parts.append((facts.COLUMN[klass], key, content))
    for column, key, content in parts:
        plain = ledger_lines.canonical(content)
        place = fact_format.place(fact.case_id, fact.rev, column)
        committed = key.seal_committed(fact_format.PURPOSES[column], plain, **place)
        columns[column] = committed.sealed
        commitments[column] = ledger_lines.commitment(committed.key, plain)
    return facts.FactPayload(fact.case_id, fact.rev, **columns), commitments


def _add_entry(
    changes: Changes, loaded: LoadedCase, fact: facts.Fact, seal: str, reason: str
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
    changes.draft(draft, loaded.rows.end)


def _note_passed_timers(
    changes: Changes, loaded: LoadedCase, outcome: Advance, submission: Submission
) -> None:
    """Open an incident for each timer that was due and could not be fired: it rests until an
    operator tries it again.
    """
    passed = [step for step in outcome.steps if step.what == "passed"]
    if not passed:
        return
    case_id = loaded.case.id
    known = incidents.of_case(loaded.at_hand, case_id) if loaded.rows.has_incidents else []
    for step in passed:
        timer, kind, place = map(str, step.detail)
        stop, key = EngineStopped(kind, place), f"{case_id}:{timer}"
        now = submission.now
        known += note_engine_stop(changes, known, case_id=case_id, job_key=key, stop=stop, now=now)


def _set_access(
    changes: Changes,
    loaded: LoadedCase,
    case: cases.Case,
    submission: Submission,
    waiting: Sequence[tasks.Task],
    granted: Collection[grants.GrantRow],
    known: open_work_ids.OpenWorkIds,
) -> list[AccessRow]:
    """Bring the rows of a case in lists, and the counts, in line with what the turn made of it.

    Args:
        loaded: the case before the turn.
        case: its row after it; `waiting` and `granted` are its tasks and grants then.
        known: its rows before the turn.
    """
    wanted = access_rows.rows_of(
        case, granted, [*map(access_rows.open_task, waiting)], submission.now
    )
    case_access.replace_rows(changes, known.access, wanted)
    was_on = (loaded.old_release or loaded.case.release_id) if loaded.case.rev else ""
    case_counts.count_release(changes, was_on, "" if case.status == "ended" else case.release_id)
    if case.status == "ended":
        case_counts.count_end(changes, case.id)
    return wanted
