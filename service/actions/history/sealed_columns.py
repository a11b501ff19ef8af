"""I11 beside the facts: consents, papers, notes, unsent answers and what calls were told all open
where they lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.actions.casefile import documents as case_documents
from service.actions.context import Services
from service.actions.history.replay import load_case_and_key
from service.actions.history.stored_rows import Violation, closed
from service.errors import CannotOpen
from service.store.casefile import consents, documents, notes
from service.store.transaction import Tx
from service.store.work import jobs, unsent_answers

Try = tuple[str, Callable[[], object]]
"""The place of a box, and how it is opened."""


def check_sealed_columns(tx: Tx, services: Services, case_id: str) -> Iterator[Violation]:
    """Every box of a case that is no fact, answer or snapshot and does not open.

    Raises:
        NotFound: no such case.   CannotOpen: its key is gone.
    """
    for place, opened in _tries(tx, services, case_id):
        try:
            opened()
        except CannotOpen:
            yield closed(case_id, place)


def _tries(tx: Tx, services: Services, case_id: str) -> Iterator[Try]:
    _, key = load_case_and_key(tx, services, case_id)

    def box(
        purpose: str,
        sealed: bytes | None,
        table: str,
        row: str,
        *,
        column: str = "sealed",
        extra: str = "",
    ) -> Callable[[], object]:
        return lambda: (
            sealed is None
            or key.open(purpose, sealed, table=table, column=column, row=row, extra=extra)
        )

    for consent in consents.of_case(tx, case_id):
        yield (
            f"consent {consent.id}",
            box(
                "consents",
                consent.detail,
                "consent",
                consent.id,
                column="detail",
                extra=consent.purpose,
            ),
        )
    for job in jobs.of_case(tx, case_id):
        yield (
            f"inputs of job {job.key}",
            box("routing", job.inputs, "job", job.key, column="inputs"),
        )
    for note in notes.everyones(tx, case_id):
        yield f"note {note.id}", box("notes", note.sealed, "note", note.id)
    for typed in unsent_answers.of_case(tx, case_id):
        yield (
            f"unsent answers to {typed.key}",
            box("unsent", typed.sealed, "unsent", typed.key, extra=typed.person_id),
        )
    for paper in documents.of_case(tx, case_id):
        yield (
            f"name of paper {paper.id}",
            box("files", paper.name, "document", paper.id, column="name"),
        )
        yield f"paper {paper.id}", _paper(tx, services, paper)


def _paper(tx: Tx, services: Services, paper: documents.Document) -> Callable[[], object]:
    return lambda: paper.state == "dropped" or case_documents.read_document(tx, services, paper.id)
