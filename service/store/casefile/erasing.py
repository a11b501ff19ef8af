"""What is deleted of a case when the records of an office in it are erased.

`HOW` says of each sealed or personal column what becomes of it with its case, `OF_NO_CASE` which
are about none. A column of any table that is in neither stops every erasure (`forgotten`), so none
that is added later can be left out. Words that are sealed in the body of a ledger entry are listed
by `service.records.ledger_kinds.WORDS`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, bindparam, delete, select, update

from service.security.purposes import PLACES
from service.store.casefile import (
    approvals,
    cases,
    consents,
    documents,
    holds,
    notes,
    path_erasing,
    subject_requests,
)
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
    ("hold", "reason"): OF_RUNNING,
    ("subject_request", "wish"): OF_OFFICE,
    ("subject_request", "answer"): OF_OFFICE,
}
"""Table and column of everything sealed that belongs to a case, to what it goes with."""
OF_NO_CASE: Final = {
    ("person", "name"): "of who works here; goes with the key of the person",
    ("person", "email"): "as the name",
    ("credential", "name"): "of a way to sign in; goes with the key of the person",
    ("credential", "seed"): "as the name",
    ("office", "address"): "of an office",
    (
        "document_request",
        "wish",
    ): "what anybody asked an office for; it goes 90 days after the answer",
    ("held", "sealed"): "for minutes, under a secret that one browser has; the worker deletes it",
}
"""Sealed and personal columns that are about no case, and what they are."""
BOXES_IN_THE_OPEN: Final = {
    ("line", "body"): "words that a person gave: `ledger_kinds.WORDS` says under which key",
    ("retention_act", "later"): "days from which later rules count: each opens with the key of the "
    "records that such a rule is about, and goes with it",
    ("batch", "detail"): "sums of a count that goes on; its end forgets them",
}
"""Open columns among whose values something is sealed, and what becomes of that."""
TOUCHED: Final = (
    *sorted(
        {"vault_key", *(table for table, _ in HOW), *(table.name for table in path_erasing.GOES)}
    ),
)
"""Tables from which an erasure deletes."""
OPEN_CLASSES: Final = frozenset({"C0", "secret"})
"""Classes of columns that tell nothing of a person."""
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
    """Columns of any table that hold something of a person, or anything sealed, and that no erasure
    knows.
    """
    known = {*HOW, *OF_NO_CASE, *BOXES_IN_THE_OPEN}
    sealed = {place for places in PLACES.values() for place in places}
    for table in metadata.sorted_tables:
        for column in table.c:
            place = (table.name, column.name)
            of_person = column.info.get("class") not in OPEN_CLASSES
            if (of_person or place in sealed) and place not in known:
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
        if row.reason is not None and row.kind not in approvals.OF_OFFICE
    ]
    for row in with_reason:
        approvals.ROWS.change(tx, row, replace(row, reason=None), stream=stream)
    return {**counts, "approval": len(with_reason)}


def erase_words_of_requests(tx: Tx, case_id: str, office: str) -> int:
    """Empty what she wanted of an office, what it said, and what it struck out of a copy; that she
    asked, and how it ended, stays. Gives their number.
    """
    found = [
        row
        for row in subject_requests.of_case(tx, case_id)
        if row.office_id == office and (row.wish or row.answer or row.masks)
    ]
    for row in found:
        subject_requests.change(tx, row, wish=None, answer=None, masks={})
    return len(found)


def erase_hold_reasons(tx: Tx, case_id: str) -> int:
    """Empty why a case was held; that it was, by whom and how long, stays. Gives their number."""
    found = [row for row in holds.of_case(tx, case_id) if row.reason is not None]
    for row in found:
        holds.ROWS.change(tx, row, replace(row, reason=None), stream=f"case/{case_id}")
    return len(found)


def drop_keys(tx: Tx, case_id: str, owners: Collection[str]) -> None:
    """Delete keys of a case: what was sealed for them can never be read again."""
    for owner in sorted(owners):
        keys.drop(tx, owner, stream=f"case/{case_id}")
