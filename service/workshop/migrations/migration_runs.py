"""Work of a migration plan over its cases, in the background: try it on copies, move them, or undo
the moves. What became of each case, or why it was left, is kept with the batch.

Each case is one transaction. The reason why a case was left is kept as codes and drawn names, never
as a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from service.access import Viewer
from service.casework.approvals import requests
from service.casework.cases.loaded_case import load_case
from service.engine import Problem
from service.errors import (
    CallUnderWay,
    CannotMove,
    CannotUndo,
    CaseEnded,
    EngineStopped,
    FourEyes,
    NotAllowed,
    Stale,
)
from service.records import batch_runs
from service.records.context import (
    Actor,
    BatchEnds,
    BatchWork,
    Services,
    actor,
    release_stream,
    require_act,
)
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.casefile import cases
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch, CaseOutcome
from service.workshop.migrations.case_move import check_with, ids_at, move_case, undo_move
from service.workshop.migrations.groups import source_releases
from service.workshop.migrations.plan_review import MIGRATE, require_current
from service.workshop.migrations.plans import (
    Choice,
    MigrationPlan,
    load_plan,
    read_choices,
    stored_plan,
)
from service.workshop.migrations.standing import standing_cases, standing_key

ACT: Final = "edit_process"
TRY, RUN, UNDO = "migration_try", "migration", "migration_undo"
"""Kinds of batches of a plan, and of the ledger lines of the last two."""
MOVED, STAYED, REFUSED, ANEW, BUSY, PUT_BACK = (
    "moved",
    "stayed",
    "refused",
    "anew",
    "busy",
    "put_back",
)
"""Verdicts on a case: it moved (or would), finishes on its release, cannot move, has gone on since
the plan, a handler is being called, is back where it was."""
OF_MOVE: Final = (CallUnderWay, CannotMove, CannotUndo, CaseEnded, EngineStopped, NotAllowed, Stale)
"""Errors that leave one case as it is; none of them is a fault of the program."""


def start_try(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    plan_id: str,
) -> str:
    """Try a plan on copies of its cases; nothing is changed; gives the id of the batch.

    Raises:
        NotAllowed: the viewer does not own the process, or the plan's work is going on.
    """
    plan = _open_plan(tx, by, plan_id)
    found = _standing_of(tx, services, plan)
    detail = {"office": by.office, "target": plan.target, "rows": _rows(plan.choices)}
    ids = [case for case, _ in found]
    return batch_runs.begin(tx, TRY, ids, detail, by=by, now=now, subject=plan.id).id


def start_run(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    plan_id: str,
) -> str:
    """Move the cases of a plan, as a reviewer approved it, those of no approved row last; gives the
    id of the batch.

    Raises:
        NotAllowed: the viewer does not own the process, another release is current now, or the
            plan's work is going on.
        ApprovalNeeded: no reviewer approved exactly these rows.
        FourEyes: who approved them chose something in the plan.
    """
    plan = _open_plan(tx, by, plan_id)
    require_current(tx, services, plan.target)
    about: dict[str, Any] = {"by": by, "now": now, "kind": MIGRATE, "case_id": ""}
    used = requests.use(tx, digest=plan.digest, subject=plan.id, **about)
    if used.decided_by in plan.editors:
        raise FourEyes(why="author")
    found = _standing_of(tx, services, plan)
    ordered = sorted(found, key=lambda case: case[1] not in plan.approved)
    rows = _rows(plan.approved)
    detail = {"office": by.office, "target": plan.target, "rows": rows}
    ids = [case for case, _ in ordered]
    run = batch_runs.begin(tx, RUN, ids, detail, by=by, now=now, subject=plan.id)
    body = {"plan": plan.id, "release": plan.target, "approval": used.id}
    stream = release_stream(services)
    append_entry(tx, stream, "migration_started", by=actor(by), now=now, body=body)
    return run.id


def start_undo(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    plan_id: str,
) -> str:
    """Put the cases of a plan back to where they were before it moved them; gives the id of the
    batch.

    Raises:
        NotAllowed: the viewer does not own the process, or the plan's work is going on.
    """
    plan = _open_plan(tx, by, plan_id)
    moved = moved_cases(tx, plan.id)
    if not moved:
        raise NotAllowed(why="nothing_moved")
    detail = {"office": by.office}
    run = batch_runs.begin(tx, UNDO, moved, detail, by=by, now=now, subject=plan.id)
    body = {"plan": plan.id, "release": plan.target}
    stream = release_stream(services)
    append_entry(tx, stream, "migration_undone", by=actor(by), now=now, body=body)
    return run.id


def moved_cases(tx: Tx, plan_id: str) -> list[str]:
    """The cases that a plan has moved and that were not put back since.

    Raises:
        RowRefused: somebody else has changed what its runs have done.
    """
    moved: dict[str, None] = {}
    runs = [row for kind in (RUN, UNDO) for row in batches.of_subject(tx, kind, plan_id)]
    for run in sorted(runs, key=in_time):
        batches.require_whole(tx, run)
        for case in batches.of_batch(tx, run.id, verdicts=(MOVED, PUT_BACK)):
            if case.verdict == MOVED:
                moved[case.case_id] = None
            else:
                moved.pop(case.case_id, None)
    return list(moved)


def in_time(row: Batch) -> tuple[datetime, int]:
    """Sort key of the batches of a plan: by time, and at one moment the run before its undo."""
    return row.at, [*WORK].index(row.kind)


def running(tx: Tx, plan_id: str) -> Batch | None:
    """The work of a plan that goes on now."""
    every = (row for kind in WORK for row in batches.of_subject(tx, kind, plan_id))
    return next((row for row in every if row.state == batches.RUNNING), None)


def try_plan(
    tx: Tx, services: Services, plan: MigrationPlan, now: datetime
) -> Iterator[tuple[str, CaseOutcome]]:
    """Fold a plan in memory on each of its cases: id and what would become of it."""
    for case_id, _ in _standing_of(tx, services, plan):
        yield case_id, try_case(tx, services, plan.target, plan.choices, case_id, now)


def _open_plan(tx: Tx, by: Viewer, plan_id: str) -> MigrationPlan:
    require_act(by, ACT)
    plan = load_plan(tx, by, plan_id)
    if running(tx, plan.id) is not None:
        raise NotAllowed(why="under_way")
    return plan


def _standing_of(tx: Tx, services: Services, plan: MigrationPlan) -> list[tuple[str, str]]:
    """Id and row of every case of a plan."""
    sources, process = source_releases(tx, services, plan), services.programme.process
    return [(one.case.id, one.key) for one in standing_cases(tx, services, process, sources)]


def _rows(choices: Mapping[str, Choice]) -> dict[str, Any]:
    return {key: choice.stored() for key, choice in choices.items()}


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
    """The verdict on a case that an error of `OF_MOVE` left as it is."""
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


def _nothing(_tx: Tx, _services: Services, _row: Batch, _now: datetime) -> None:
    """A trial on copies leaves nothing in the ledger."""


def _end(tx: Tx, services: Services, row: Batch, now: datetime) -> None:
    """Write into the ledger how the work of a plan ended."""
    counts = batches.counts(tx, row.id)
    done = counts.get(MOVED, 0) + counts.get(PUT_BACK, 0)
    plan = stored_plan(tx, row.subject)
    body: dict[str, ledger_lines.Canonical] = {
        "plan": plan.id,
        "release": plan.target,
        "what": row.kind,
        "state": row.state,
        "number": done,
        "left": row.total - done,
    }
    by = Actor(row.by, str(row.detail["office"]))
    append_entry(tx, release_stream(services), "migration_ended", by=by, now=now, body=body)


WORK: Final[Mapping[str, BatchWork]] = {
    TRY: BatchWork(try_one, _nothing, act=ACT),
    RUN: BatchWork(move_one, _end, act=ACT, writes=True, begins="migration_started"),
    UNDO: BatchWork(undo_one, _end, act=ACT, writes=True, begins="migration_undone"),
}
"""Work of each kind of batch of a plan: what is done in one case, and at the end."""
