"""Move of one case to another release, and the undo of a move: one transaction and one fact each.

The engine says what goes along with a move. Ids, claims, unsent answers, documents and running
deadlines stay; `service.casework.cases.turn_work` brings the rows of what stays in line with the
new diagram.

A move is undone only while it is the newest fact of the case. Otherwise what somebody has sent
since, what a handler has done and what a deadline has led to would be lost, and no list of it makes
that right; a case that has gone on is moved to the earlier release like any other, and keeps
everything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.progress import CasePlace
from service.casework.cases.turn import TurnResult
from service.casework.commands.turn_consequences import Origin, follow, reads_of_follow
from service.casework.history.replay import MOVE, replay_case
from service.engine import (
    Definition,
    MigrationCheck,
    MigrationNote,
    Move,
    Restore,
    check_move,
    tokens,
)
from service.errors import (
    CallUnderWay,
    CannotMove,
    CannotUndo,
    CaseEnded,
    NotAllowed,
    NotFound,
    Stale,
)
from service.records.context import Actor, Services
from service.release.prepared import PreparedRelease
from service.store.casefile import facts
from service.store.casefile.facts import Fact
from service.store.changes import Changes
from service.store.installation import people
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.work import jobs
from service.store.writing import write
from service.workshop.migrations.standing import standing_key

NOWHERE_ELSE: Final[Mapping[str, str]] = {}
"""Every token waits on at its element."""
KEPT: Final[frozenset[str]] = frozenset()
"""Every running deadline keeps its date."""
UNDO: Final = timedelta(days=30)
"""How long a move can be taken back. An assumption: long enough for an office to notice that the
new release does not fit its cases, and short enough that nobody goes back to rules that are long
past."""
LATE, WENT_ON, NO_MOVE = "late", "went_on", "no_move"
"""Reasons why a move is not taken back: it is too long ago, the case has gone on, there is none."""


def move_case(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    case_id: str,
    release_id: str,
    relocate: Mapping[str, str] = NOWHERE_ELSE,
    anew: Collection[str] = KEPT,
    standing: str = "",
    plan: str = "",
) -> TurnResult:
    """Move a case to another release of its process.

    Args:
        relocate: element at which a token waits to the element where it goes on.
        anew: elements whose running deadlines begin anew.
        standing: where the case stood when it was planned; empty: wherever it stands.
        plan: id of the plan that moves it.
    Raises:
        NotFound: no such case or release.   CaseEnded: nothing moves an ended case.
        NotAllowed: it is on that release already.
        Stale: the case has gone on since it was planned.
        CannotMove: with every reason, as `check_move` finds them.
        CallUnderWay: a handler is being called whose work would be taken away from it.
    """
    loaded = _load(tx, services, case_id)
    target = services.release(tx, release_id)
    if loaded.case.status == "ended":
        raise CaseEnded
    if loaded.case.release_id == release_id:
        raise NotAllowed(why="same_release")
    if standing and standing_key(loaded.release.id, loaded.state) != standing:
        raise Stale(case=case_id)
    new, ids = target.definitions[loaded.case.process], ids_at(loaded.state, relocate)
    checked, rearm = check_with(loaded.state, loaded.definition, new, ids, anew, now=now)
    if checked.problems:
        raise CannotMove(tuple(found.message for found in checked.problems), checked.problems)
    given = Submission(by, now, details=_details(loaded, target, checked.notes, plan))
    stays = {at.id: at.element for at in tokens(loaded.state) if at.id not in ids}
    _require_calls_stay(loaded, stays, new)
    return _take_release(tx, services, loaded, target, Move(ids, rearm), given)


def undo_move(
    tx: Tx, services: Services, *, by: Actor, now: datetime, case_id: str, plan: str = ""
) -> TurnResult:
    """Put a case back to where it was before it moved to another release.

    Args:
        plan: the plan that moved it; empty: whatever moved it.
    Raises:
        NotFound: no such case.   CaseEnded: nothing moves an ended case.
        CannotUndo: `facts["why"]` is the code of the reason; of a case that has gone on,
            `facts["since"]` tells kind and element of each fact since.
        CallUnderWay: a handler is being called whose work would not be open any more.
    """
    loaded = _load(tx, services, case_id)
    if loaded.case.status == "ended":
        raise CaseEnded
    moved = _find_move(tx, case_id, plan)
    _require_undoable(tx, moved, now)
    replayed = replay_case(tx, services, case_id, [], upto=moved.rev - 1)
    if replayed is None:
        raise NotFound
    before = replayed.last
    target = services.release(tx, before.fact.release_id)
    details = {"fact": before.fact.rev, "from": loaded.release.number, "to": target.number}
    given = Submission(by, now, details={**details, **({"plan": plan} if plan else {})})
    loaded = _placed(loaded, replayed.place)
    now_open = {at.id for at in tokens(loaded.state)}
    stays = {at.id: at.element for at in tokens(before.outcome.state) if at.id in now_open}
    _require_calls_stay(loaded, stays, before.definition)
    return _take_release(tx, services, loaded, target, Restore(before.outcome.state), given)


def check_with(
    state: bytes,
    old: Definition,
    new: Definition,
    ids: Mapping[str, str],
    anew: Collection[str],
    *,
    now: datetime,
) -> tuple[MigrationCheck, frozenset[str]]:
    """Check a move in which some running deadlines begin anew; gives the ids of those timers too.

    Args:
        ids: as of `Move.relocate`.
        anew: elements of timers; one that does not run, or does not go on, is passed over.
    """
    checked = check_move(state, old, new, ids, now=now)
    rearm = frozenset(timer.id for timer in checked.timers if timer.element in anew)
    if not rearm:
        return checked, rearm
    again = check_move(state, old, new, ids, rearm, now=now)
    return replace(again, timers=checked.timers), rearm


def ids_at(state: bytes, relocate: Mapping[str, str]) -> dict[str, str]:
    """Id of each token that goes elsewhere, to the element where it goes on."""
    if not relocate:
        return {}
    return {
        at.id: relocate[at.element]
        for at in tokens(state)
        if at.element in relocate and not at.is_item
    }


def _take_release(
    tx: Tx,
    services: Services,
    loaded: LoadedCase,
    target: PreparedRelease,
    stimulus: Move | Restore,
    given: Submission,
) -> TurnResult:
    """Run the turn that takes a case to another release, in either direction."""
    case = loaded.rows.case
    moved = replace(
        loaded,
        rows=replace(loaded.rows, case=replace(case, release_id=target.id)),
        release=target,
        definition=target.definitions[case.process],
        old=loaded.definition,
        old_release=case.release_id,
    )
    changes = Changes.of(tx)
    done = follow(services, moved, stimulus, given, Origin(), changes)
    write(tx, changes)
    return done.result


def _load(tx: Tx, services: Services, case_id: str) -> LoadedCase:
    """Lock a case, and load it with what a move needs: its jobs, and who has claimed its tasks.

    Raises:
        NotFound: no such case.
    """
    open_jobs = jobs.read_of_case(case_id)
    found = turn_rows.read_of_case(tx, case_id, open_jobs)
    if found is None:
        raise NotFound
    rows, at_hand = found
    services.release(tx, rows.case.release_id)
    loaded = load_case(at_hand, services, rows)
    needs = reads_of_follow(loaded)
    if any(task.claimed_by for task in loaded.work.genuine):
        held = sorted(set(loaded.parties.values()))
        needs += [(people.OF_OFFICE, {"office": office}) for office in held]
    if needs:
        loaded.take(tx.read(*needs))
    return loaded


def _require_calls_stay(
    loaded: LoadedCase, stays: Mapping[str, str], definition: Definition
) -> None:
    """Let no call be taken from the worker that makes it at this moment.

    Args:
        stays: id of what is open afterwards to its element.
        definition: the one that the case goes on with.
    Raises:
        CallUnderWay: one would not be open any more, or be another handler's.
    """
    for job in jobs.of_case(loaded.at_hand, loaded.case.id):
        drawn = definition.elements.get(stays.get(job.work_id, ""))
        if (
            job.kind == jobs.CALL
            and job.state == "leased"
            and (drawn is None or drawn.topic != job.topic)
        ):
            raise CallUnderWay(element=job.element)


def _details(
    loaded: LoadedCase, target: PreparedRelease, notes: Sequence[MigrationNote], plan: str
) -> dict[str, Any]:
    """Details of the move that its fact keeps, besides where its tokens went."""
    texts = [{"code": n.code, "element": n.element, "facts": dict(n.facts)} for n in notes]
    return {
        "from": loaded.release.number,
        "to": target.number,
        "notes": texts,
        **({"plan": plan} if plan else {}),
    }


def _find_move(tx: Tx, case_id: str, plan: str = "") -> Fact:
    """The newest move of a case.

    Args:
        plan: the plan that must have made it; empty: whatever made it.
    Raises:
        CannotUndo: there is none.
    """
    moved = next((f for f in reversed(facts.of_case(tx, case_id)) if f.kind == MOVE), None)
    if moved is None or (plan and moved.stimulus.get("plan") != plan):
        raise CannotUndo(why=NO_MOVE)
    return moved


def _require_undoable(tx: Tx, moved: Fact, now: datetime) -> None:
    """Refuse to take a move back that is too old, or after which the case has gone on.

    Raises:
        CannotUndo: as `undo_move`.
    """
    if since := facts.of_case(tx, moved.case_id, after=moved.rev):
        raise CannotUndo(why=WENT_ON, since=tuple((f.kind, f.element) for f in since))
    if now > moved.at + UNDO:
        raise CannotUndo(why=LATE, until=moved.at + UNDO)


def _placed(loaded: LoadedCase, place: CasePlace) -> LoadedCase:
    """The case with the stage and the station that it had."""
    row = replace(loaded.rows.case, stage=place.stage, station=place.station)
    return replace(loaded, rows=replace(loaded.rows, case=row))
