"""What is deleted of a case when the records of an office in it are erased.

`HOW` says of each sealed or personal column of a case what becomes of it. A column that is in no
place of it stops every erasure (`forgotten`), so none that is added later can be left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, bindparam, delete, select, update

from service.store.casefile import approvals, cases, consents, documents, notes, path_erasing
from service.store.guarded_rows import unbind
from service.store.installation import keys
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns
from service.store.tables import fact, fact_payload, job, metadata, note, unsent

if TYPE_CHECKING:
    from service.store.changes import Writer
    from service.store.transaction import Tx

OF_OFFICE: Final = "what an office wrote"
OF_RUNNING: Final = "what the running of the case needs"
HOW: Final = {
    **{("fact_payload", column): OF_OFFICE for column in ("c0", "c1", "c2", "c3")},
    ("document", "name"): OF_OFFICE,
    ("document_chunk", "sealed"): OF_OFFICE,
    ("note", "sealed"): OF_OFFICE,
    ("consent", "detail"): OF_OFFICE,
    ("consent", "withdrawal"): OF_OFFICE,
    ("cases", "snapshot"): OF_RUNNING,
    ("fact_payload", "routing"): OF_RUNNING,
    ("job", "inputs"): OF_RUNNING,
    ("unsent", "sealed"): OF_RUNNING,
    ("approval", "reason"): OF_RUNNING,
}
"""Table and column of everything sealed that belongs to a case, to what it goes with."""
KEPT: Final = {
    ("hold", "reason"): "why nothing was erased; sealed under the key of the office, for itself",
}
"""What an erasure leaves of a case, and why."""
TOUCHED: Final = (
    *sorted(
        {"vault_key", *(table for table, _ in HOW), *(table.name for table in path_erasing.GOES)}
    ),
)
"""Tables from which an erasure deletes."""
OPEN_CLASSES: Final = frozenset({"C0", "secret"})
"""Classes of columns that tell nothing of a person."""
OF_CASE = "case_id"
IN_FACT = fact_payload.c.rev.in_(
    select(fact.c.rev).where(
        fact.c.case_id == bindparam("b_case"), fact.c.office == bindparam("b_office")
    )
)
EMPTY_ANSWERS: Final = {
    column: PreparedStatement(
        update(fact_payload)
        .where(
            fact_payload.c.case_id == bindparam("b_case"),
            IN_FACT,
            fact_payload.c[column].is_not(None),
        )
        .values({column: None})
    )
    for column in ("c0", "c1", "c2", "c3")
}
EMPTY_ROUTING = PreparedStatement(
    update(fact_payload)
    .where(fact_payload.c.case_id == bindparam("b_case"), fact_payload.c.routing.is_not(None))
    .values(routing=None)
)
DROP_JOBS = PreparedStatement(delete(job).where(job.c.case_id == bindparam("b_case")))
DROP_UNSENT = PreparedStatement(delete(unsent).where(unsent.c.case_id == bindparam("b_case")))
DROP_NOTE = PreparedStatement(
    delete(note).where(note.c.case_id == bindparam("b_case"), note.c.id == bindparam("b_id"))
)
NOTES = PreparedStatement(
    select(*columns(note, notes.Note)).where(
        note.c.case_id == bindparam("case_id"), note.c.office_id == bindparam("office")
    )
)


def forgotten() -> Iterator[Column[object]]:
    """Columns of cases that hold something of a person and that no erasure knows."""
    for table in metadata.sorted_tables:
        if OF_CASE in table.c or table.name in ("cases", "document_chunk"):
            for column in table.c:
                place = (table.name, column.name)
                known = place in HOW or place in KEPT
                if column.info.get("class") not in OPEN_CLASSES and not known:
                    yield column


def erase_answers(tx: Tx, case_id: str, office: str, columns_: Collection[str]) -> int:
    """Empty the sealed answers of an office, by column of `fact_payload`; gives how many facts had
    any of them.
    """
    given = {"b_case": case_id, "b_office": office}
    return max((tx.run(EMPTY_ANSWERS[column], given) for column in sorted(columns_)), default=0)


def erase_document(tx: Tx, row: documents.Document) -> None:
    """Delete the content and the name of a document; the row says that there was one."""
    tx.run(documents.DROP, {"id": row.id})
    after = replace(row, name=b"", state="dropped")
    documents.ROWS.change(tx, row, after, stream=f"case/{row.case_id}")


def erase_notes(tx: Tx, case_id: str, office: str) -> int:
    """Delete the notes of an office; gives their number."""
    found = tx.all(notes.Note, NOTES, {"case_id": case_id, "office": office})
    for row in found:
        unbind(tx, f"case/{case_id}", "note", {"id": row.id})
        tx.run(DROP_NOTE, {"b_case": case_id, "b_id": row.id})
    return len(found)


def erase_words_of(writer: Writer, row: consents.Consent) -> None:
    """Empty the sealed words of a consent; that it was given and taken back stays."""
    after = replace(row, detail=None, withdrawal=None)
    consents.ROWS.change(writer, row, after, stream=f"case/{row.case_id}")


def erase_running(tx: Tx, case_id: str, rev: int) -> dict[str, int]:
    """Delete what the running of an ended case needed: state, routing values, calls, what was typed
    and not sent, reasons of approvals. Gives numbers of rows by table.
    """
    given, stream = {"b_case": case_id}, f"case/{case_id}"
    cases.rebuild(tx, case_id, rev, None)
    counts = {
        "fact_payload": tx.run(EMPTY_ROUTING, given),
        "job": tx.run(DROP_JOBS, given),
        "unsent": tx.run(DROP_UNSENT, given),
    }
    with_reason = [
        row
        for row in approvals.ROWS.of_case(tx, approvals.OF_CASE, case_id)
        if row.reason is not None
    ]
    for row in with_reason:
        approvals.ROWS.change(tx, row, replace(row, reason=None), stream=stream)
    return {**counts, "approval": len(with_reason)}


def drop_keys(tx: Tx, case_id: str, owners: Collection[str]) -> None:
    """Delete keys of a case: what was sealed for them can never be read again."""
    for owner in sorted(owners):
        keys.drop(tx, owner, stream=f"case/{case_id}")
