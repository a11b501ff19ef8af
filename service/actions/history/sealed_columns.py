"""Checks of sealed values (I11): each opens where it is stored, and is what the ledger binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.access import CLASSES
from service.actions.casefile import documents as case_documents
from service.actions.context import Services
from service.actions.history.replay import load_case_and_key
from service.actions.history.violations import Violation, cannot_open, entry_body
from service.errors import CannotOpen
from service.security import ledger
from service.security.records import LedgerEntry
from service.security.vault import OwnerKey
from service.store.casefile import answers, consents, documents, facts, notes
from service.store.transaction import Tx
from service.store.work import jobs, unsent_answers

Opening = tuple[str, Callable[[], object]]
"""The place of a sealed value, and the function that opens it."""
PAYLOAD = "p"
"""Key of a payload's commitment in a ledger entry; those of answers are their classes."""


def check_sealed_columns(tx: Tx, services: Services, case_id: str) -> Iterator[Violation]:
    """Check every sealed value of a case apart from facts, answers and snapshot.

    Consents, inputs of jobs, notes, unsent answers, and documents with their names.

    Raises:
        NotFound: no such case.   CannotOpen: its key is gone.
    """
    for place, opening in _openings(tx, services, case_id):
        try:
            opening()
        except CannotOpen:
            yield cannot_open(case_id, place)


def _openings(tx: Tx, services: Services, case_id: str) -> Iterator[Opening]:
    _, key = load_case_and_key(tx, services, case_id)

    def opener(
        purpose: str, sealed: bytes | None, table: str, column: str, row: str, extra: str = ""
    ) -> Callable[[], object]:
        where = {"table": table, "column": column, "row": row, "extra": extra}
        return lambda: sealed is None or key.open(purpose, sealed, **where)

    for consent in consents.of_case(tx, case_id):
        id_, detail, extra = consent.id, consent.detail, consent.purpose
        opening = opener("consents", detail, "consent", "detail", id_, extra)
        yield f"consent {id_}", opening
    for job in jobs.of_case(tx, case_id):
        opening = opener("routing", job.inputs, "job", "inputs", job.key)
        yield f"inputs of job {job.key}", opening
    for note in notes.everyones(tx, case_id):
        yield f"note {note.id}", opener("notes", note.sealed, "note", "sealed", note.id)
    for typed in unsent_answers.of_case(tx, case_id):
        opening = opener("unsent", typed.sealed, "unsent", "sealed", typed.key, typed.person_id)
        yield f"unsent answers to {typed.key}", opening
    for document in documents.of_case(tx, case_id):
        opening = opener("files", document.name, "document", "name", document.id)
        yield f"name of paper {document.id}", opening
        yield f"paper {document.id}", _document_opener(tx, services, document)


def _document_opener(
    tx: Tx, services: Services, document: documents.Document
) -> Callable[[], object]:
    return lambda: (
        document.state == "dropped" or case_documents.read_document(tx, services, document.id)
    )


@dataclass(frozen=True, slots=True)
class _Committed:
    """A sealed value with its purpose, its place in the store, and its commitment's key."""

    purpose: str
    sealed: bytes
    where: Mapping[str, str]
    place: str
    name: str


def check_sealed_values(
    tx: Tx,
    services: Services,
    case_id: str,
    stored: Sequence[facts.Fact],
    stream: Sequence[LedgerEntry],
) -> Iterator[Violation]:
    """Check payloads and answers: each opens, and is what its ledger entry committed to.

    Raises:
        NotFound: no such case.   CannotOpen: its key is gone.
    """
    _, key = load_case_and_key(tx, services, case_id)
    bodies = [entry_body(entry) for entry in stream]
    seals = {
        int(str(body["rev"])): body["seal"] for body in bodies if isinstance(body.get("seal"), dict)
    }
    yield from _check_payloads(tx, key, case_id, seals)
    yield from _check_answers(tx, key, case_id, stored, seals)


def _check_payloads(
    tx: Tx, key: OwnerKey, case_id: str, seals: Mapping[int, object]
) -> Iterator[Violation]:
    payloads = {rev: sealed for (_, rev), sealed in facts.payloads(tx, [case_id]).items()}
    for rev in sorted(set(seals) - set(payloads)):
        yield cannot_open(case_id, f"payload of fact {rev}")
    for rev, sealed in payloads.items():
        where = {"table": "fact_payload", "column": "sealed", "row": case_id, "extra": str(rev)}
        value = _Committed("routing", sealed, where, f"payload of fact {rev}", PAYLOAD)
        yield from _check_commitment(key, case_id, value, seals.get(rev))


def _check_answers(
    tx: Tx,
    key: OwnerKey,
    case_id: str,
    stored: Sequence[facts.Fact],
    seals: Mapping[int, object],
) -> Iterator[Violation]:
    present: dict[int, set[str]] = {}
    turns = {
        fact.rev: (fact.element, fact.nth, fact.actor, fact.office, fact.at) for fact in stored
    }
    for row in answers.of_case(tx, case_id, classes=CLASSES):
        present.setdefault(row.rev, set()).add(row.klass)
        where = {"table": "answers", "column": "sealed", "row": row.id, "extra": row.klass}
        place = f"answers {row.klass} of fact {row.rev}"
        value = _Committed(f"answers/{row.klass}", row.sealed, where, place, row.klass)
        yield from _check_commitment(key, case_id, value, seals.get(row.rev))
        if turns.get(row.rev, ()) != (row.element, row.nth, row.by, row.office, row.at):
            expected = "the step, the person and the moment of the fact"
            yield Violation("I11", case_id, place, expected, "others")
    for rev, seal in seals.items():
        bound = set(seal if isinstance(seal, dict) else {}) - {PAYLOAD}
        for klass in sorted(bound - present.get(rev, set())):
            place = f"answers {klass} of fact {rev}"
            yield Violation("I11", case_id, place, "the answers that the ledger binds", "none")


def _check_commitment(
    key: OwnerKey, case_id: str, value: _Committed, seal: object
) -> Iterator[Violation]:
    try:
        content, secret = key.open_committed(value.purpose, value.sealed, **value.where)
    except CannotOpen:
        yield cannot_open(case_id, value.place)
        return
    expected = seal.get(value.name) if isinstance(seal, dict) else None
    if expected != ledger.commitment(secret, content):
        committed = "the content that the ledger line committed to"
        yield Violation("I11", case_id, value.place, committed, "other content")
