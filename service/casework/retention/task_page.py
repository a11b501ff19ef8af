"""A task that the retention plan gave an office, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer, can_act
from service.casework.retention import (
    due_runs,
    handing_over,
    retention_process,
    retention_tasks,
)
from service.casework.retention.handing_over import ArchiveOffer
from service.casework.retention.left import OWN
from service.casework.retention.retention_words import RetentionWords
from service.errors import NotFound
from service.people import accounts
from service.records.context import Services
from service.store.at_hand import Reader
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import HAND_OVER, RetentionAct
from service.store.installation import offices
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of an office, as a list shows it."""

    id: str
    does: str
    """Its kind, as `retention_act.does` has it."""
    what: str
    case: str
    ref: str
    number: str
    office: str
    at: datetime
    due: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class RetentionTask:
    """A task, as its page shows it."""

    line: TaskLine
    classes: str
    rule: str
    left: tuple[tuple[str, int], ...]
    """Kind of what left, to its number; of a recall."""
    archive: ArchiveOffer | None
    """The package that she may make of what this task hands over; None for any other task."""
    may_answer: bool
    """Whether it waits, and is hers to do."""
    outcome: str
    """"" while it waits."""
    done_by: str
    done_at: datetime | None


def load_task(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, act: str
) -> RetentionTask:
    """Load a task.

    Raises:
        NotFound: there is none for her.
    """
    row = retention_tasks.task_of(tx, viewer, act)
    words = RetentionWords(services, viewer, due_runs.current_plan(tx, services), offices.names(tx))
    known = {case.id: case for case in cases.of_ids(tx, [row.case_id])}
    if row.case_id not in known:
        raise NotFound
    mine = can_act(viewer, "keep_records") and row.office_id == viewer.office
    waits = mine and row.does == HAND_OVER and row.ended_at is None
    names = accounts.names(tx, services, {row.ended_by} - {""})
    return RetentionTask(
        line=_line(row, known, words, now),
        classes=words.classes(row.classes),
        rule=words.rule(row.rule),
        archive=_archive(tx, viewer, now, known[row.case_id], words) if waits else None,
        left=tuple(
            (what, number)
            for what, number in row.counts.items()
            if what not in OWN or row.office_id == viewer.office
        ),
        may_answer=mine and row.ended_at is None,
        outcome=row.outcome,
        done_by=names.get(row.ended_by, ""),
        done_at=row.ended_at,
    )


def _archive(
    reader: Reader,
    viewer: Viewer,
    now: datetime,
    case: cases.CaseSummary,
    words: RetentionWords,
) -> ArchiveOffer | None:
    acts = retention_acts.of_case(reader, case.id)
    order = handing_over.to_hand_over(viewer.office, case, acts)
    return handing_over.offer(reader, viewer, order, now, words.classes) if order else None


def task_lines(
    reader: Reader, rows: list[RetentionAct], words: RetentionWords, now: datetime
) -> tuple[TaskLine, ...]:
    """Tasks as a list shows them."""
    known = {case.id: case for case in cases.of_ids(reader, {row.case_id for row in rows})}
    return tuple(_line(row, known, words, now) for row in rows if row.case_id in known)


def _line(
    row: RetentionAct,
    known: Mapping[str, cases.CaseSummary],
    words: RetentionWords,
    now: datetime,
) -> TaskLine:
    case, step = known[row.case_id], retention_process.waiting_step(row)
    return TaskLine(
        id=row.id,
        does=row.does,
        what=words.step(row),
        case=case.id,
        ref=case.ref,
        number=case.number,
        office=words.office(row.office_id),
        at=row.at,
        due=step.due if step is not None else None,
        late=retention_process.is_late(row, now),
    )
