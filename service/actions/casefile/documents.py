"""Papers of a case: taken when they are what their name says, sealed in chunks, opened for those
who may see their class.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.actions.cases import case_visibility
from service.actions.cases.protection import check_reason
from service.actions.context import Services, actor
from service.actions.ids import ulid
from service.actions.ledger_entries import append_entry, seal_reason
from service.errors import CannotOpen, NotAllowed, NotFound, TooLarge
from service.security import ledger
from service.store.casefile import cases, documents
from service.store.transaction import Tx

CHUNK = 64 * 1024
MOST_IN_CASE = 20
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was looked through and may be kept, with its own name.

    `service.sandbox.attachments` makes it of what a browser sent.
    """

    name: str
    kind: str  # "pdf", "jpg" or "png"
    content: bytes


def attach(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    task_key: str,
    field: str,
    klass: str,
    clean: CheckedFile,
) -> str:
    """Keep a file in a case, sealed, and give its id.

    It is kept at once, even if another field of the form is wrong.

    Raises:
        TooLarge: the case has too many papers.   NotFound: the case cannot be read.
    """
    if documents.count(tx, case_id) >= MOST_IN_CASE:
        raise TooLarge(most=MOST_IN_CASE, why="count")
    key = services.key(tx, f"case:{case_id}")
    if key is None:
        raise NotFound
    id_ = ulid(now)
    pieces = [clean.content[at : at + CHUNK] for at in range(0, len(clean.content), CHUNK)] or [b""]
    sealed = [
        key.seal(
            "files",
            piece,
            table="document_chunk",
            column="sealed",
            row=id_,
            extra=_place(n, len(pieces)),
        )
        for n, piece in enumerate(pieces)
    ]
    documents.add(
        tx,
        documents.Document(
            id=id_,
            case_id=case_id,
            task_key=task_key,
            field=field,
            klass=klass,
            name=key.seal(
                "files", clean.name[-200:].encode(), table="document", column="name", row=id_
            ),
            kind=clean.kind,
            size=len(clean.content),
            chunks=len(pieces),
            by=by.person,
            office=by.office,
            at=now,
            state="unscanned",
        ),
        sealed,
    )
    append_entry(tx, f"case/{case_id}", "attach", by=actor(by), now=now, body={"document": id_})
    return id_


def _place(number: int, of: int) -> str:
    """Binds a chunk to its place, so that a cut or swapped file does not open."""
    return f"{number}/{of}"


def readable(
    tx: Tx, services: Services, viewer: Viewer, id_: str, now: datetime
) -> tuple[documents.Document, cases.CaseSummary]:
    """A paper that the viewer may open, and its case.

    Raises:
        NotFound: there is none, none for her, or one that is not checked or was refused.
    """
    row = documents.get(tx, id_)
    case = cases.get(tx, row.case_id) if row is not None else None
    if row is None or case is None or row.state in ("waiting", "infected"):
        raise NotFound
    if not case_visibility.load_case_visibility(tx, services, viewer, case, now).see_paper(row):
        raise NotFound
    return row, case


def read_document(tx: Tx, services: Services, id_: str) -> tuple[documents.Document, bytes]:
    """A paper and its bytes.

    Raises:
        NotFound: there is none, or it was dropped.   CannotOpen: a chunk is missing or was changed.
    """
    row = documents.get(tx, id_)
    key = services.key(tx, f"case:{row.case_id}") if row is not None else None
    if row is None or key is None or row.state == "dropped":
        raise NotFound
    pieces = documents.content(tx, id_)
    if len(pieces) != row.chunks:
        raise CannotOpen(owner=f"case:{row.case_id}", table="document_chunk", column="sealed")
    plain = b"".join(
        key.open(
            "files",
            piece,
            table="document_chunk",
            column="sealed",
            row=id_,
            extra=_place(n, row.chunks),
        )
        for n, piece in enumerate(pieces)
    )
    return row, plain


def label(kind: str) -> str:
    """A kind as people write it: PDF, PNG, JPG."""
    return kind.upper()


def size_in_words(size: int) -> str:
    """`240 kB`, `1.5 MB` without a language: a point, as file systems write it."""
    return f"{max(1, round(size / 1000))} kB" if size < MILLION else f"{size / MILLION:.1f} MB"


def may_drop(viewer: Viewer, row: documents.Document) -> bool:
    """Whether a paper is the viewer's office's own: nobody drops what another office brought."""
    return row.office == viewer.office and row.state != "dropped"


def drop(tx: Tx, services: Services, *, by: Viewer, now: datetime, id_: str, reason: str) -> None:
    """Delete a paper's content; that there was one, who dropped it and that she gave a reason stays
    in the history.

    Args:
        why: the reason; the ledger keeps its digest, and the words sealed under the case's key.
    Raises:
        NotFound: there is none, or the viewer does not see it.
        NotAllowed: another office brought it.
        InvalidAnswers: no reason.
    """
    row, reason = documents.get(tx, id_), reason.strip()
    case = cases.get(tx, row.case_id) if row is not None else None
    if (
        row is None
        or case is None
        or row.state == "dropped"
        or not case_visibility.load_case_visibility(tx, services, by, case, now).see_paper(row)
    ):
        raise NotFound
    if not may_drop(by, row):
        raise NotAllowed(why="paper")
    check_reason(reason)
    documents.drop(tx, id_)
    stream = f"case/{row.case_id}"
    word = seal_reason(services.key(tx, f"case:{row.case_id}"), stream, by.person, reason)
    append_entry(
        tx,
        stream,
        "detach",
        by=actor(by),
        now=now,
        body={"document": id_, "why": ledger.digest(reason), "word": word},
    )
