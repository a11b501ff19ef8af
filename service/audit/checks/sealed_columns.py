"""Checks of sealed values (I11): each opens where it is stored, and is what the ledger binds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from service.casework.casefile import documents as case_documents
from service.casework.casefile.notes import open_note
from service.casework.cases.consents import open_detail
from service.casework.commands.late_withdrawal import open_withdrawal
from service.casework.history.violations import Violation, cannot_open, entry_body
from service.errors import CannotOpen
from service.records import fact_format
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.store.at_hand import Reader
from service.store.casefile import cases, consents, documents, facts, notes, path_erasing
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation.keys import of_case as keys_of_case
from service.store.read_models import whole_rows
from service.store.work import jobs, unsent_answers

Opening = tuple[str, Callable[[], object]]
"""The place of a sealed value, and the function that opens it."""
COLUMNS = tuple(fact_format.PURPOSES)
"""Columns with the sealed values of a fact."""


def check_sealed_columns(
    reader: Reader,
    services: Services,
    case_id: str,
    stream: Sequence[LedgerEntry],
    acts: Sequence[RetentionAct],
    contents: Reader,
) -> Iterator[Violation]:
    """Check every sealed value of a case apart from facts, answers and snapshot.

    Consents, inputs of jobs, notes, unsent answers, and documents with their names.

    Args:
        stream: entries of the case, which say whose records its consents are.
        acts: what was erased of it.
        contents: where the contents of documents are read, one after the other: they are large.
    Raises:
        CannotOpen: its own key is gone, and nothing of it was erased.
    """
    for place, opening in _openings(reader, services, case_id, stream, acts, contents):
        try:
            opening()
        except CannotOpen:
            yield cannot_open(case_id, place)


def _openings(
    reader: Reader,
    services: Services,
    case_id: str,
    stream: Sequence[LedgerEntry],
    acts: Sequence[RetentionAct],
    contents: Reader,
) -> Iterator[Opening]:
    keys = _keys(reader, services, case_id, acts)
    offices = _offices(stream)
    for consent in whole_rows.stored_as(reader, consents.Consent, "consent", case_id):
        office = offices.get(consent.rev_given)
        if office is None:  # the check of the chain names the entry that is missing
            continue
        yield f"consent {consent.id}", partial(open_detail, keys, office, consent)
        opening = partial(open_withdrawal, keys, office, consent)
        yield f"withdrawal of consent {consent.id}", opening
    for job in whole_rows.stored_as(reader, jobs.Job, "job", case_id):
        if job.kind in jobs.ENGINE and job.inputs is not None:
            where = {"table": "job", "column": "inputs", "row": job.key}
            opening = partial(keys.require_own().open, "routing", job.inputs, **where)
            yield f"inputs of job {job.key}", opening
    for note in whole_rows.stored_as(reader, notes.Note, "note", case_id):
        yield f"note {note.id}", partial(open_note, keys, note)
    for typed in whole_rows.stored_as(reader, unsent_answers.UnsentAnswers, "unsent", case_id):
        where = {"table": "unsent", "column": "sealed", "row": typed.key, "extra": typed.person_id}
        opening = partial(keys.require_own().open, "unsent", typed.sealed, **where)
        yield f"unsent answers to {typed.key}", opening
    yield from _of_documents(reader, services, case_id, keys, contents)


def _of_documents(
    reader: Reader, services: Services, case_id: str, keys: CaseKeys, contents: Reader
) -> Iterator[Opening]:
    for document in whole_rows.stored_as(reader, documents.Document, "document", case_id):
        if document.name:
            yield f"name of paper {document.id}", partial(case_documents.open_name, keys, document)
        yield f"paper {document.id}", _document_opener(contents, services, document)


def _document_opener(
    reader: Reader, services: Services, document: documents.Document
) -> Callable[[], object]:
    return lambda: (
        document.state == "dropped" or case_documents.read_content(reader, services, document)
    )


def check_sealed_values(
    reader: Reader,
    services: Services,
    case_id: str,
    stream: Sequence[LedgerEntry],
    acts: Sequence[RetentionAct],
) -> Iterator[Violation]:
    """Check the sealed values of facts: each opens, and is what its ledger entry committed to.

    Raises:
        CannotOpen: its own key is gone, and nothing of it was erased.
    """
    keys = _keys(reader, services, case_id, acts)
    offices = _offices(stream)
    gone: dict[str, dict[str, str]] = {}
    for act in acts:
        for number, columns in act.commitments.items():
            gone.setdefault(number, {}).update(columns)
    seals = {entry_body(entry).get("rev"): entry.seal for entry in stream if entry.seal is not None}
    payloads = {rev: payload for (_, rev), payload in facts.payloads(reader, [case_id]).items()}
    for rev in sorted({rev for rev in seals if isinstance(rev, int)} - payloads.keys()):
        yield cannot_open(case_id, f"values of fact {rev}")
    for rev, payload in payloads.items():
        if rev in seals:  # else the check of the chain names it
            committed = gone.get(str(rev), {})
            yield from _check_payload(keys, offices[rev], payload, seals[rev], committed)
    for rev in whole_rows.values_of_no_fact(reader, case_id):
        yield Violation(
            "I12", case_id, f"values of fact {rev}", "the fact that they are of", "none"
        )


def _keys(
    reader: Reader, services: Services, case_id: str, acts: Sequence[RetentionAct]
) -> CaseKeys:
    """The keys of a case; its own may be gone where something of it was erased.

    Raises:
        CannotOpen: its own key is gone, and nothing of it was erased.
    """
    keys = services.case_keys(reader, case_id)
    if not acts:
        keys.require_own()
    return keys


def check_erased(reader: Reader, case_id: str, acts: Sequence[RetentionAct]) -> Iterator[Violation]:
    """I11: what was erased of a case is not there again, and neither is its key."""
    there = {key.key_id: key.owner for key in keys_of_case(reader, case_id)}
    case = cases.stored(reader, case_id)
    if case is not None and case.kind == cases.PATH and there:
        yield Violation("I11", case_id, "vault_key", "no key: only its path is left", "some")
    for act in acts:
        for key_id in there.keys() & {*act.keys}:
            yield Violation(
                "I11", case_id, f"vault_key {there[key_id]}", "a key that is gone", "one"
            )
    offices = {fact.rev: fact.office for fact in facts.of_case(reader, case_id)}
    for (_, rev), payload in facts.payloads(reader, [case_id]).items():
        for act in acts:
            mine = act.office_id == offices.get(rev)
            columns = [facts.COLUMN[k] for k in act.classes if k in facts.COLUMN] if mine else []
            for column in (*columns, fact_format.ROUTING):
                if getattr(payload, column) is not None:
                    place = f"values {column} of fact {rev}"
                    yield Violation("I11", case_id, place, "values that are erased", "some")


def check_path_erased(reader: Reader, case_id: str) -> Iterator[Violation]:
    """I11: of a case whose path is erased no row is there again."""
    for table in path_erasing.left_rows(reader, case_id):
        yield Violation("I11", case_id, table, "no row: the path is erased", "some")


def _offices(stream: Sequence[LedgerEntry]) -> dict[int, str]:
    """Number of each fact to the office that made it, by the entry that binds it."""
    numbered = ((entry_body(entry).get("rev"), entry) for entry in stream if entry.seal is not None)
    return {rev: entry.office for rev, entry in numbered if isinstance(rev, int)}


def _check_payload(
    keys: CaseKeys,
    office: str,
    payload: facts.FactPayload,
    seal: str,
    gone: Mapping[str, str],
) -> Iterator[Violation]:
    """I11: each sealed value of a fact opens, and all of them, with what was erased, are what its
    entry committed to.
    """
    case_id, rev = payload.case_id, payload.rev
    commitments: dict[str, str] = {}
    closed: list[str] = []
    for column in COLUMNS:
        sealed = getattr(payload, column)
        if sealed is None:
            if column in gone:
                commitments[column] = gone[column]
            continue
        # of whichever office they are: that fact and entry name the same is checked elsewhere
        others = keys.offices_of(fact_format.CLASS_OF.get(column, ""))
        found = (_opened(keys, one, payload, column) for one in dict.fromkeys([office, *others]))
        opened = next((one for one in found if one is not None), None)
        if opened is None:
            closed.append(column)
        else:
            content, secret = opened
            commitments[column] = ledger_lines.commitment(secret, content)
    for column in closed:
        yield cannot_open(case_id, f"values {column} of fact {rev}")
    if not closed and ledger_lines.digest(commitments) != seal:
        expected = "the content that the ledger line committed to"
        yield Violation("I11", case_id, f"values of fact {rev}", expected, "other content")


def _opened(
    keys: CaseKeys, office: str, payload: facts.FactPayload, column: str
) -> tuple[bytes, bytes] | None:
    """A sealed value and the key of its commitment; None where it is no value of that office."""
    try:
        key = fact_format.key_of(keys, office, column)
        sealed = getattr(payload, column)
        return fact_format.open_value(key, payload.case_id, payload.rev, column, sealed)
    except CannotOpen:
        return None
