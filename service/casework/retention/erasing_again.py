"""Erasing again what a restored copy holds and what was erased after it was made.

The act is done as the list outside names it, under its own id, by the same means as the first time.
A case that was open when the copy was made ends with it: what it needs to go on is erased.
Source: decisions/0119.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from service.casework.cases import unsent_files
from service.casework.referrals import lifecycle
from service.casework.retention.erasure import (
    ActMark,
    ErasureOrder,
    carry_out,
    carry_out_path,
    later_of,
    require_known_columns,
)
from service.records.context import Actor, Services
from service.records.outbox import record_letter
from service.security.erasure_list import ListedErasure
from service.store.casefile import cases, documents, referrals, retention_acts
from service.store.casefile.referrals import LIVING, WAITING
from service.store.lists import case_access, case_counts, open_work_ids
from service.store.transaction import Tx
from service.store.work import incidents, letters, tasks

CASE_ERASED: Final = "the case is erased"
"""Error of a letter that is held because its case is erased."""


def erase_again(
    tx: Tx, services: Services, listed: ListedErasure, *, by: Actor, now: datetime
) -> bool:
    """Do an act again; gives whether there was anything to do: the database may not know the case,
    or may hold the act.

    Raises:
        NotErasable: a column holds something of a person that no erasure knows.
        RowRefused: the case, or a row of it, was not written by this installation.
    """
    require_known_columns()
    loaded = cases.load(tx, listed.case_id)
    if loaded is None:
        return False
    if any(act.id == listed.id for act in retention_acts.of_case(tx, listed.case_id)):
        return False
    order = ErasureOrder(
        listed.case_id,
        listed.office,
        listed.classes,
        listed.rule,
        listed.plan,
        listed.approval,
    )
    case, at = loaded.case, datetime.fromisoformat(listed.at)
    later = later_of(tx, services, order, case, listed.id)
    if case.status != "ended":
        case = end_case(tx, loaded, by=by, now=now)
    mark = ActMark(listed.id, at, by=listed.by, keys=listed.keys, again=True)
    if cases.PATH in listed.classes:
        if case.kind != cases.PATH:  # what the list names before is not erased in this copy
            return False
        carry_out_path(tx, order, mark, by=by, now=now)
        return True
    carry_out(tx, services, order, case, mark, by=by, now=now, later=later)
    return True


def end_case(tx: Tx, loaded: cases.LoadedRows, *, by: Actor, now: datetime) -> cases.Case:
    """End an open case where it stands, with everything that waits in it; gives it as it is then.

    Its jobs are deleted with the rest of what its running needed.
    """
    before, case_id = loaded.case, loaded.case.id
    for row in referrals.of_case(tx, case_id):
        if row.state in LIVING:
            state = "revoked" if row.state in WAITING else "done"
            lifecycle.settle(tx, row=row, state=state, by=by, now=now)
    known = open_work_ids.known(tx, case_id)
    unsent_files.delete(tx, documents.of_case(tx, case_id), by=by, now=now, ids=known.files)
    tasks.sync(tx, case_id, [], known.tasks)
    for incident in incidents.of_case(tx, case_id):
        incidents.close(tx, incident.id, at=now, by=by.id)
    for letter in letters.of_case(tx, case_id):
        if letters.set_aside(tx, letter, error=CASE_ERASED):
            record_letter(tx, "letter_held", letter, by=by, now=now)
    case = replace(
        before,
        snapshot=None,
        status="ended",
        end=cases.ERASED,
        inner_end="",
        next_due=None,
        moved_at=now,
        closed_at=now,
    )
    cases.end_without_turn(tx, case, sums=loaded.sums)
    case_access.refresh(tx, case, now)
    case_counts.count_release(tx, before.release_id, "")
    case_counts.count_end(tx, case_id)
    return case
