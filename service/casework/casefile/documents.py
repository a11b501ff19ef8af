"""Documents of a case: attached sealed in chunks, opened for those who may see their class, dropped
with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import CLASSES, Viewer
from service.casework.approvals import unmasking
from service.casework.approvals.unmasking import OpenUnmasking
from service.casework.cases import case_visibility
from service.casework.cases.protection import check_reason
from service.errors import CannotOpen, NotAllowed, NotFound, TooLarge
from service.records.case_keys import CaseKeys
from service.records.context import Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry, digest_reason, seal_reason
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import cases, documents
from service.store.changes import Writer
from service.store.installation import keys
from service.store.transaction import Tx

CHUNK = 64 * 1024
"""Bytes that are sealed at once."""
MOST_IN_CASE, MOST_MADE = 20, 100
"""Documents that people may bring to a case, and papers that may be made of it."""
LONGEST_NAME = 200
"""Characters of a file's name that are kept, from its end."""
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that passed the checks of attachments, with its own name.

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
    """Attach a file to a case, at once even if another field of the form is wrong; gives its id.

    Args:
        klass: class of the field that it answers.
    Raises:
        TooLarge: the case has too many documents.   NotFound: the case cannot be read.
    """
    keys = _keys_for_another(tx, services, case_id)
    id_ = ulid(now)
    origin = DocumentOrigin(case_id, klass, task_key=task_key, field=field)
    _keep(tx, keys, id_, actor(by), now, origin, clean)
    append_entry(tx, f"case/{case_id}", "attach", by=actor(by), now=now, body={"document": id_})
    return id_


@dataclass(frozen=True, slots=True)
class DocumentOrigin:
    """Where a document belongs, and what it came of."""

    case_id: str
    klass: str
    task_key: str = ""
    field: str = ""
    template: str = ""
    purpose: str = ""
    signs: str = ""
    shows: tuple[tuple[str, str], ...] = ()


def keep_made(
    writer: Writer,
    keys: CaseKeys,
    *,
    by: Actor,
    now: datetime,
    id_: str,
    origin: DocumentOrigin,
    made: CheckedFile,
    before: int,
) -> None:
    """Keep a paper that was made of a template, and say so in the case's history.

    Args:
        before: how many papers were made of the case before.
    Raises:
        TooLarge: the case has too many papers.   NotFound: the case cannot be read.
    """
    if keys.own is None:
        raise NotFound
    if before >= MOST_MADE:
        raise TooLarge(most=MOST_MADE, why="count")
    _keep(writer, keys, id_, by, now, origin, made)
    body = {"document": id_, "paper": origin.template, "purpose": origin.purpose}
    append_entry(writer, f"case/{origin.case_id}", "paper_made", by=by, now=now, body=body)


def keep_signed(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    made: documents.Document,
    clean: CheckedFile,
) -> str:
    """Keep the signed copy of a paper and return its id; who sees the paper sees the copy.

    Raises:
        TooLarge: the case has too many documents.   NotFound: the case cannot be read.
    """
    keys = _keys_for_another(tx, services, made.case_id)
    id_ = ulid(now)
    shows = tuple((name, office) for name, office in made.shows)
    origin = DocumentOrigin(
        made.case_id, made.klass, purpose=made.purpose, signs=made.id, shows=shows
    )
    _keep(tx, keys, id_, actor(by), now, origin, clean)
    body = {"document": id_, "signs": made.id}
    append_entry(tx, f"case/{made.case_id}", "paper_signed", by=actor(by), now=now, body=body)
    return id_


def _keep(
    writer: Writer,
    keys: CaseKeys,
    id_: str,
    by: Actor,
    now: datetime,
    origin: DocumentOrigin,
    file: CheckedFile,
) -> None:
    """Write a document with its content, sealed."""
    klass = CLASSES[-1] if origin.template or origin.shows else origin.klass
    key = keys.for_writing(writer, by.office, klass)
    chunks = _seal_chunks(key, id_, file.content)
    name = file.name[-LONGEST_NAME:].encode()
    row = documents.Document(
        id=id_,
        case_id=origin.case_id,
        task_key=origin.task_key,
        field=origin.field,
        klass=origin.klass,
        name=key.seal("files", name, table="document", column="name", row=id_),
        kind=file.kind,
        size=len(file.content),
        chunks=len(chunks),
        by=by.id,
        office=by.office,
        at=now,
        state="unscanned",
        template=origin.template,
        purpose=origin.purpose,
        signs=origin.signs,
        shows=[list(pair) for pair in origin.shows],
    )
    documents.add(writer, row, chunks)


def classes_of(
    reader: Reader, services: Services, row: documents.Document, case: cases.CaseSummary
) -> frozenset[str]:
    """The classes of what a document holds: of its field, or of all that a paper shows."""
    fields = services.release(reader, case.release_id).outer_fields
    return frozenset({row.klass, *(fields.get(key, ("C3", ""))[0] for key, _ in row.shows)})


def key_of(keys: CaseKeys, row: documents.Document) -> OwnerKey:
    """The key of a document and its name.

    Raises:
        CannotOpen: it is erased.
    """
    return keys.of(row.office, sealed_class(row))


def sealed_class(row: documents.Document) -> str:
    """The class for whose key a document is sealed: a paper that was made shows answers of several
    classes, and so does its signed copy, so it is kept no longer than the narrowest. A file that
    came with a form stays in the class of its field, whatever paper it is tied to later.
    """
    return CLASSES[-1] if row.template or row.shows else row.klass


def open_name(keys: CaseKeys, row: documents.Document) -> str:
    """The name of a document: of the file that came, or the title of the paper that was made; empty
    once it is erased.

    Raises:
        CannotOpen: it is not what was sealed there.
    """
    if not row.name:
        return ""
    return (
        key_of(keys, row)
        .open("files", row.name, table="document", column="name", row=row.id)
        .decode()
    )


def _keys_for_another(reader: Reader, services: Services, case_id: str) -> CaseKeys:
    """The keys of a case that may get another document."""
    if documents.count(reader, case_id) >= MOST_IN_CASE:
        raise TooLarge(most=MOST_IN_CASE, why="count")
    keys = services.case_keys(reader, case_id)
    if keys.own is None:
        raise NotFound
    return keys


def _seal_chunks(key: OwnerKey, id_: str, content: bytes) -> list[bytes]:
    chunks = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)] or [b""]
    return [
        key.seal("files", chunk, **_place(id_, number, len(chunks)))
        for number, chunk in enumerate(chunks)
    ]


def _place(id_: str, number: int, of: int) -> dict[str, str]:
    """Where a sealed chunk belongs, so that a cut file or one with swapped chunks does not open."""
    extra = f"{number}/{of}"
    return {"table": "document_chunk", "column": "sealed", "row": id_, "extra": extra}


def readable(
    tx: Tx, services: Services, viewer: Viewer, id_: str, now: datetime
) -> tuple[documents.Document, cases.CaseSummary, OpenUnmasking | None]:
    """A document that the viewer may open, its case, and what a second person has opened to her of
    what is locked in it; who sends it records the look with that number.

    Raises:
        NotFound: there is none, none for her, or one that is not checked or was refused.
    """
    row = documents.get(tx, id_)
    if row is None or row.state in ("waiting", "infected"):
        raise NotFound
    case, at_hand = case_visibility.ask_case(tx, services, row.case_id)
    seen = case_visibility.load_case_visibility(at_hand, services, viewer, case, now)
    opened = unmasking.load_unlocked(tx, seen, case, now)
    if not unmasking.unlocked(seen, opened).see_document(row):
        raise NotFound
    return row, case, opened


def read_document(reader: Reader, services: Services, id_: str) -> tuple[documents.Document, bytes]:
    """A document and its bytes.

    Raises:
        NotFound: there is none, or it was dropped.   CannotOpen: a chunk is missing or was changed.
    """
    row = documents.get(reader, id_)
    if row is None:
        raise NotFound
    return row, read_content(reader, services, row)


def read_content(reader: Reader, services: Services, row: documents.Document) -> bytes:
    """The bytes of a document.

    Raises:
        NotFound, CannotOpen: as `read_document` does.
    """
    keys = services.case_keys(reader, row.case_id)
    if row.state == "dropped":
        raise NotFound
    key = key_of(keys, row)
    chunks = documents.content(reader, row.id)
    if len(chunks) != row.chunks:
        raise CannotOpen(owner=f"case:{row.case_id}", table="document_chunk", column="sealed")
    plain = (
        key.open("files", chunk, **_place(row.id, number, row.chunks))
        for number, chunk in enumerate(chunks)
    )
    return b"".join(plain)


def label(kind: str) -> str:
    """The kind of a document as people write it: PDF, PNG, JPG."""
    return kind.upper()


def size_in_words(size: int) -> str:
    """A size in any language: `240 kB`, `1.5 MB` (with a point, as file systems write it)."""
    return f"{max(1, round(size / 1000))} kB" if size < MILLION else f"{size / MILLION:.1f} MB"


def may_drop(viewer: Viewer, row: documents.Document) -> bool:
    """Whether a document was brought by the viewer's own office: no other may drop it."""
    return row.office == viewer.office and row.state != "dropped"


def drop(tx: Tx, services: Services, *, by: Viewer, now: datetime, id_: str, reason: str) -> None:
    """Delete a document's content; that there was one, who dropped it and that she gave a reason
    stays in the history.

    Args:
        reason: the ledger keeps its keyed digest, and the words sealed under the case's key.
    Raises:
        NotFound: there is none, the viewer does not see it, or it is not sent yet.
        NotAllowed: another office brought it.
        InvalidAnswers: no reason.
    """
    row = documents.get(tx, id_)
    reason = reason.strip()
    if row is None or row.state == "dropped":
        raise NotFound
    case, at_hand = case_visibility.ask_case(
        tx, services, row.case_id, keys.read_of_case(row.case_id)
    )
    visibility = case_visibility.load_case_visibility(at_hand, services, by, case, now)
    if visibility.is_unsent(row) or not visibility.see_document(row):
        raise NotFound
    if not may_drop(by, row):
        raise NotAllowed(why="paper")
    check_reason(reason)
    documents.drop(tx, row)
    stream = f"case/{row.case_id}"
    key = services.case_keys(at_hand, row.case_id).own
    words = {"why": digest_reason(key, reason), "word": seal_reason(key, stream, by.person, reason)}
    body = {"document": id_, **words}
    append_entry(tx, stream, "detach", by=actor(by), now=now, body=body)
