"""The command that takes a move back: the case is as it was just before, by a fact of its own.

Only while the move is the newest fact of the case. What somebody has sent since, what a handler has
done and what a deadline has led to would be lost, and no list of it makes that right; a case that
has gone on is moved to the earlier release like any other, and keeps everything.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.progress import CasePlace
from service.casework.cases.turn import TurnResult
from service.casework.history.fold_checks import replay_case
from service.casework.history.replay import MOVE
from service.engine import Restore, tokens
from service.errors import CannotUndo, CaseEnded, NotFound
from service.records.context import Actor, Services
from service.store.casefile import cases, facts
from service.store.casefile.facts import Fact
from service.store.transaction import Tx
from service.workshop.migrations.case_move import require_calls_stay, take_release

UNDO: Final = timedelta(days=30)
"""How long a move can be taken back. An assumption: long enough for an office to notice that the
new release does not fit its cases, and short enough that nobody goes back to rules that are long
past."""
LATE, WENT_ON, NO_MOVE = "late", "went_on", "no_move"
"""Why a move is not taken back: too long ago, the case has gone on, its last fact is no move."""


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
    rows = cases.load(tx, case_id)
    if rows is None:
        raise NotFound
    if rows.case.status == "ended":
        raise CaseEnded
    moved = find_move(tx, case_id, plan)
    require_undoable(tx, moved, now)
    replayed = replay_case(tx, services, case_id, [], upto=moved.rev - 1)
    if replayed is None:
        raise NotFound
    before, loaded = replayed.last, load_case(tx, services, rows)
    target = services.release(tx, before.fact.release_id)
    details = {"fact": before.fact.rev, "from": loaded.release.number, "to": target.number}
    given = Submission(by, now, details={**details, **({"plan": plan} if plan else {})})
    loaded = _placed(loaded, replayed.place)
    now_open = {at.id for at in tokens(loaded.state)}
    stays = {at.id: at.element for at in tokens(before.outcome.state) if at.id in now_open}
    require_calls_stay(tx, case_id, stays, before.definition)
    return take_release(tx, services, loaded, target, Restore(before.outcome.state), given)


def find_move(tx: Tx, case_id: str, plan: str = "") -> Fact:
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


def require_undoable(tx: Tx, moved: Fact, now: datetime) -> None:
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
