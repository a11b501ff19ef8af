"""One case of a plan: folded in memory, moved, put back; or left, and why.

Why a case was left is kept as codes and drawn names, never as a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from service.casework.cases.loaded_case import load_case
from service.engine import Problem
from service.errors import (
    CallUnderWay,
    CannotMove,
    CannotUndo,
    CaseEnded,
    EngineStopped,
    NotAllowed,
    Stale,
)
from service.records.context import Actor, BatchEnds, Services
from service.store.casefile import cases
from service.store.transaction import Tx
from service.store.work.batches import Batch, CaseOutcome
from service.workshop.migrations.case_move import check_with, ids_at, move_case
from service.workshop.migrations.case_undo import undo_move
from service.workshop.migrations.plans import Choice, read_choices
from service.workshop.migrations.standing import standing_key

MOVED, STAYED, REFUSED, ANEW, BUSY, PUT_BACK = (
    "moved",
    "stayed",
    "refused",
    "anew",
    "busy",
    "put_back",
)
"""What became of a case: it moved (or would), finishes on its release, cannot move, has gone on
since the plan, a handler is being called, is back where it was."""
OF_MOVE: Final = (CallUnderWay, CannotMove, CannotUndo, CaseEnded, EngineStopped, NotAllowed, Stale)
"""Why one case is left as it is; none of them is a fault of the program."""


def try_one(tx: Tx, services: Services, row: Batch, case_id: str, now: datetime) -> CaseOutcome:
    """Try the plan on one case."""
    target = str(row.detail["target"])
    choices = read_choices(row.detail["rows"])
    return try_case(tx, services, target, choices, case_id, now)


def try_case(
    tx: Tx,
    services: Services,
    target: str,
    choices: Mapping[str, Choice],
    case_id: str,
    now: datetime,
) -> CaseOutcome:
    """Fold the choice for a case in memory; nothing is written."""
    loaded_rows = cases.load(tx, case_id)
    if loaded_rows is None or loaded_rows.case.status == "ended":
        return CaseOutcome(STAYED)
    loaded = load_case(tx, services, loaded_rows)
    choice = choices.get(standing_key(loaded.release.id, loaded.state), Choice())
    if choice.stays:
        return CaseOutcome(STAYED)
    new = services.release(tx, target).definitions[loaded.case.process]
    ids = ids_at(loaded.state, choice.to)
    checked, _ = check_with(loaded.state, loaded.definition, new, ids, choice.anew, now=now)
    if checked.problems:
        return _refused(checked.problems)
    return CaseOutcome(MOVED, detail={"deadlines": len(checked.notes)})


def move_one(tx: Tx, services: Services, row: Batch, case_id: str, now: datetime) -> CaseOutcome:
    """Move one case, if its row was approved and it stands there still."""
    target = str(row.detail["target"])
    choices = read_choices(row.detail["rows"])
    live = services.current(tx).id
    if live != target:
        raise BatchEnds("other_current")
    loaded_rows = cases.load(tx, case_id)
    if loaded_rows is None or loaded_rows.case.status == "ended":
        return CaseOutcome(STAYED)
    loaded = load_case(tx, services, loaded_rows)
    if loaded.release.id == target:
        return CaseOutcome(STAYED)
    standing = standing_key(loaded.release.id, loaded.state)
    choice = choices.get(standing)
    if choice is None:
        return CaseOutcome(ANEW)
    if choice.stays:
        return CaseOutcome(STAYED)
    about: dict[str, Any] = {
        "relocate": choice.to,
        "anew": choice.anew,
        "standing": standing,
        "plan": row.subject,
    }
    by = Actor(row.by, str(row.detail["office"]))
    try:
        move_case(tx, services, by=by, now=now, case_id=case_id, release_id=target, **about)
    except OF_MOVE as e:
        return _left(e)
    return CaseOutcome(MOVED)


def undo_one(tx: Tx, services: Services, row: Batch, case_id: str, now: datetime) -> CaseOutcome:
    """Put one case back."""
    by = Actor(row.by, str(row.detail["office"]))
    try:
        undo_move(tx, services, by=by, now=now, case_id=case_id, plan=row.subject)
    except OF_MOVE as e:
        return _left(e)
    return CaseOutcome(PUT_BACK)


def _left(fault: Exception) -> CaseOutcome:
    """Why a case was left as it is."""
    match fault:
        case CannotMove(found=found):
            return _refused([one for one in found if isinstance(one, Problem)])
        case CallUnderWay(facts={"element": element}):
            return CaseOutcome(BUSY, str(element))
        case CannotUndo(facts=facts):
            since = [list(one) for one in facts.get("since", ())]  # type: ignore[attr-defined]  # as `undo_move` gives it
            return CaseOutcome(REFUSED, detail={"why": facts["why"], "since": since})
        case CaseEnded():
            return CaseOutcome(STAYED)
        case EngineStopped(element=element):
            return CaseOutcome(REFUSED, element, {"why": "stopped"})
    return CaseOutcome(ANEW)


def _refused(problems: Sequence[Problem]) -> CaseOutcome:
    texts = [
        {"code": one.code, "message": one.message, "facts": dict(one.facts)} for one in problems
    ]
    element = problems[0].element if problems else ""
    return CaseOutcome(REFUSED, element, {"problems": texts})
