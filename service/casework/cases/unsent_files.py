"""Files that are attached to the form of an open task: drafts until the form is sent.

They are seen by who attached them and by who has the task. One that is unticked, or that the sent
answers do not name, is deleted with its row; the ledger keeps that there was a file, by its id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.store.casefile import documents
from service.store.changes import Writer


def delete(
    writer: Writer,
    rows: Iterable[documents.Document],
    *,
    by: Actor,
    now: datetime,
    ids: Collection[str],
    task_key: str = "",
) -> tuple[str, ...]:
    """Delete files that were not sent: content, name and row; gives the ids of what was there.

    Args:
        rows: documents that were read, those of these ids among them.
        task_key: only those that are attached to this task; "" for whichever.
    """
    gone = [row for row in rows if row.id in ids and task_key in ("", row.task_key)]
    gone.sort(key=lambda row: row.id)
    for row in gone:
        documents.delete_unsent(writer, row)
        body = {"document": row.id}
        append_entry(writer, f"case/{row.case_id}", "detach", by=by, now=now, body=body)
    return tuple(row.id for row in gone)
