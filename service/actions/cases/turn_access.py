"""What a turn changes of the lists that a case stands in: its rows there, and what is counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from service.actions.cases.loaded_case import LoadedCase, Submission
from service.engine import Advance
from service.store.casefile import case_access, cases, open_work
from service.store.casefile.case_access import OpenTask
from service.store.casefile.grants import GrantRow
from service.store.transaction import Tx
from service.store.work import tasks


def write_access(
    tx: Tx,
    loaded: LoadedCase,
    case: cases.Case,
    submission: Submission,
    waiting: Collection[OpenTask],
    granted: Collection[GrantRow],
    known: open_work.OpenWorkIds,
) -> None:
    """Bring the rows of a case in lists, and the counts, in line with what the turn made of it.

    Args:
        loaded: the case before the turn.
        case: its row after it; `waiting` and `granted` are its tasks and grants then.
        known: its rows before the turn.
    """
    wanted = case_access.rows_of(case, granted, waiting, submission.now)
    case_access.replace_rows(tx, known.access, wanted)
    was_on = (loaded.old_release or loaded.case.release_id) if loaded.case.rev else ""
    case_access.count_release(tx, was_on, "" if case.status == "ended" else case.release_id)


def tasks_after(
    tx: Tx,
    loaded: LoadedCase,
    outcome: Advance,
    submission: Submission,
    opened: Sequence[tasks.Task],
    known: open_work.OpenWorkIds,
) -> list[OpenTask]:
    """The open tasks of a case after a turn; they are read again where the turn may have given one
    that stays to another office.

    Args:
        opened: those that are new.
    """
    if known.waiting and (loaded.old is not None or submission.parties):
        return [case_access.open_task(row) for row in tasks.of_case(tx, loaded.case.id)]
    stay = [
        known.waiting[waits.id]._replace(due=waits.due)
        for waits in outcome.open
        if waits.id in known.waiting
    ]
    return [*stay, *map(case_access.open_task, opened)]
