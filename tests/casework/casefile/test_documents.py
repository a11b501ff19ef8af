"""Documents are sealed in chunks, opened whole or not at all, and dropped by their own office."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from service.access import Viewer
from service.casework.casefile import documents as files
from service.casework.casefile.documents import CheckedFile
from service.errors import CannotOpen, InvalidAnswers, NotAllowed, NotFound, TooLarge
from service.store.casefile import documents
from service.store.transaction import Tx
from tests.support.directory import ROLE
from tests.support.world import NOON, World

LONG = os.urandom(2 * files.CHUNK + 5)
STRANGER = Viewer("p_x", "elsewhere", frozenset({ROLE}))


CLOSED = "0" * 26
"""Key of a task that is over: what was attached to it has been sent."""


def attach(
    tx: Tx,
    desk: World,
    case_id: str,
    content: bytes = b"%PDF",
    *,
    task_key: str = CLOSED,
) -> str:
    return files.attach(
        tx,
        desk.program.services,
        by=desk.viewer(),
        now=NOON,
        case_id=case_id,
        task_key=task_key,
        field="note",
        klass="C2",
        clean=CheckedFile("a.pdf", "pdf", content),
    )


@pytest.mark.parametrize("content", [b"", b"%PDF", LONG], ids=["empty", "short", "long"])
def test_a_document_is_read_as_it_was_attached(desk: World, case_id: str, content: bytes) -> None:
    with desk.database.transaction() as tx:
        id_ = attach(tx, desk, case_id, content)
        row, read = files.read_document(tx, desk.program.services, id_)
        chunks = documents.content(tx, id_)
    assert (read, row.size, row.chunks) == (content, len(content), len(chunks))
    assert not any(content in chunk for chunk in chunks if content)


def test_a_document_with_changed_chunks_does_not_open(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        id_ = attach(tx, desk, case_id, LONG)
        row, chunks = documents.get(tx, id_), documents.content(tx, id_)
        assert row is not None
        for n, changed in enumerate((chunks[:-1], [chunks[1], chunks[0], chunks[2]])):
            copy = replace(row, id=id_[:-1] + [end for end in "ABC" if end != id_[-1]][n])
            documents.add(tx, copy, changed)
            with pytest.raises(CannotOpen):
                files.read_document(tx, desk.program.services, copy.id)


def test_a_case_has_a_limit_of_documents(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        for _ in range(files.MOST_IN_CASE):
            attach(tx, desk, case_id)
        with pytest.raises(TooLarge):
            attach(tx, desk, case_id)


def test_who_does_not_see_the_case_finds_no_document(desk: World, case_id: str) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        id_ = attach(tx, desk, case_id)
        row, case, opened = files.readable(tx, services, desk.viewer(), id_, NOON)
        assert (row.id, case.id, opened) == (id_, case_id, None)
        for viewer, wanted in ((STRANGER, id_), (desk.viewer(), "0" * 26)):
            with pytest.raises(NotFound):
                files.readable(tx, services, viewer, wanted, NOON)


def test_a_dropped_document_has_no_content(desk: World, case_id: str) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        id_ = attach(tx, desk, case_id)
        with pytest.raises(InvalidAnswers):
            files.drop(tx, services, by=desk.viewer(), now=NOON, id_=id_, reason=" ")
        files.drop(tx, services, by=desk.viewer(), now=NOON, id_=id_, reason="the wrong one")
        with pytest.raises(NotFound):
            files.read_document(tx, services, id_)
        with pytest.raises(NotFound):
            files.drop(tx, services, by=desk.viewer(), now=NOON, id_=id_, reason="again")
        assert documents.content(tx, id_) == []


def test_only_the_office_that_attached_may_drop(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        row = documents.get(tx, attach(tx, desk, case_id))
        assert row is not None
        assert files.may_drop(desk.viewer("stina"), row)
        assert not files.may_drop(STRANGER, row)
        elsewhere = replace(row, id="0" * 26, office="elsewhere", klass="C0")
        documents.add(tx, elsewhere, [])
        who = {"by": desk.viewer(), "now": NOON}
        with pytest.raises(NotAllowed):
            files.drop(tx, desk.program.services, id_=elsewhere.id, reason="r", **who)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("size", "text"), [(1, "1 kB"), (240_000, "240 kB"), (1_500_000, "1.5 MB")]
)
def test_a_size_in_words(size: int, text: str) -> None:
    assert files.size_in_words(size) == text
    assert files.label("pdf") == "PDF"
