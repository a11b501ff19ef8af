"""Files that are attached to the form of an open task: drafts until the form is sent.

They are seen by who attached them and by who has the task. One that is unticked, or that the sent
answers do not name, is deleted with its row; the ledger keeps that there was a file, by its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.store.casefile import documents
from service.store.transaction import Tx


def delete(
    tx: Tx, *, by: Actor, now: datetime, ids: Iterable[str], task_key: str = ""
) -> tuple[str, ...]:
    """Delete files that were not sent: content, name and row; gives the ids of what was there.

    Args:
        task_key: only those that are attached to this task; "" for whichever.
    """
    found = (documents.get(tx, id_) for id_ in sorted(ids))
    rows = [row for row in found if row is not None and task_key in ("", row.task_key)]
    for row in rows:
        documents.delete_unsent(tx, row)
        body = {"document": row.id}
        append_entry(tx, f"case/{row.case_id}", "detach", by=by, now=now, body=body)
    return tuple(row.id for row in rows)
