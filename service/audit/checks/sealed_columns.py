"""Checks of sealed values (I11): each opens where it is stored, and is what the ledger binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from service.casework.casefile import documents as case_documents
from service.casework.history.replay import load_case_and_key
from service.casework.history.violations import Violation, cannot_open, entry_body
from service.errors import CannotOpen
from service.records import fact_format
from service.records.context import Services
from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import consents, documents, facts, notes
from service.store.read_models import whole_rows
from service.store.work import jobs, unsent_answers

Opening = tuple[str, Callable[[], object]]
"""The place of a sealed value, and the function that opens it."""
COLUMNS = tuple(fact_format.PURPOSES)
"""Columns with the sealed values of a fact."""


def check_sealed_columns(
    reader: Reader, services: Services, case_id: str, contents: Reader
) -> Iterator[Violation]:
    """Check every sealed value of a case apart from facts, answers and snapshot.

    Consents, inputs of jobs, notes, unsent answers, and documents with their names.

    Args:
        contents: where the contents of documents are read, one after the other: they are large.
    Raises:
        NotFound: no such case.   CannotOpen: its key is gone.
    """
    for place, opening in _openings(reader, services, case_id, contents):
        try:
            opening()
        except CannotOpen:
            yield cannot_open(case_id, place)


def _openings(
    reader: Reader, services: Services, case_id: str, contents: Reader
) -> Iterator[Opening]:
    _, key = load_case_and_key(reader, services, case_id)

    def opener(
        purpose: str, sealed: bytes | None, table: str, column: str, row: str, extra: str = ""
    ) -> Callable[[], object]:
        where = {"table": table, "column": column, "row": row, "extra": extra}
        return lambda: sealed is None or key.open(purpose, sealed, **where)

    for consent in whole_rows.stored_as(reader, consents.Consent, "consent", case_id):
        id_, detail, extra = consent.id, consent.detail, consent.purpose
        opening = opener("consents", detail, "consent", "detail", id_, extra)
        yield f"consent {id_}", opening
        opening = opener("consents", consent.withdrawal, "consent", "withdrawal", id_, extra)
        yield f"withdrawal of consent {id_}", opening
    for job in whole_rows.stored_as(reader, jobs.Job, "job", case_id):
        if job.kind not in jobs.ENGINE:
            continue
        opening = opener("routing", job.inputs, "job", "inputs", job.key)
        yield f"inputs of job {job.key}", opening
    for note in whole_rows.stored_as(reader, notes.Note, "note", case_id):
        yield f"note {note.id}", opener("notes", note.sealed, "note", "sealed", note.id)
    for typed in whole_rows.stored_as(reader, unsent_answers.UnsentAnswers, "unsent", case_id):
        opening = opener("unsent", typed.sealed, "unsent", "sealed", typed.key, typed.person_id)
        yield f"unsent answers to {typed.key}", opening
    for document in whole_rows.stored_as(reader, documents.Document, "document", case_id):
        opening = opener("files", document.name, "document", "name", document.id)
        yield f"name of paper {document.id}", opening
        yield f"paper {document.id}", _document_opener(contents, services, document)


def _document_opener(
    reader: Reader, services: Services, document: documents.Document
) -> Callable[[], object]:
    return lambda: (
        document.state == "dropped" or case_documents.read_content(reader, services, document)
    )


def check_sealed_values(
    reader: Reader, services: Services, case_id: str, stream: Sequence[LedgerEntry]
) -> Iterator[Violation]:
    """Check the sealed values of facts: each opens, and is what its ledger entry committed to.

    Raises:
        NotFound: no such case.   CannotOpen: its key is gone.
    """
    _, key = load_case_and_key(reader, services, case_id)
    seals = {entry_body(entry).get("rev"): entry.seal for entry in stream if entry.seal is not None}
    payloads = {rev: payload for (_, rev), payload in facts.payloads(reader, [case_id]).items()}
    for rev in sorted({rev for rev in seals if isinstance(rev, int)} - payloads.keys()):
        yield cannot_open(case_id, f"values of fact {rev}")
    for rev, payload in payloads.items():
        if rev in seals:  # else the check of the chain names it
            yield from _check_payload(key, payload, seals[rev])
    for rev in whole_rows.values_of_no_fact(reader, case_id):
        yield Violation(
            "I12", case_id, f"values of fact {rev}", "the fact that they are of", "none"
        )


def _check_payload(key: OwnerKey, payload: facts.FactPayload, seal: str) -> Iterator[Violation]:
    """I11: each sealed value of a fact opens, and all of them are what its entry committed to."""
    case_id, rev = payload.case_id, payload.rev
    commitments: dict[str, str] = {}
    closed: list[str] = []
    for column in COLUMNS:
        sealed = getattr(payload, column)
        if sealed is None:
            continue
        try:
            content, secret = fact_format.open_value(key, case_id, rev, column, sealed)
        except CannotOpen:
            closed.append(column)
        else:
            commitments[column] = ledger_lines.commitment(secret, content)
    for column in closed:
        yield cannot_open(case_id, f"values {column} of fact {rev}")
    if not closed and ledger_lines.digest(commitments) != seal:
        expected = "the content that the ledger line committed to"
        yield Violation("I11", case_id, f"values of fact {rev}", expected, "other content")
