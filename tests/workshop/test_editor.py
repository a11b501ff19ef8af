"""View models of the process owner's pages name releases, drafts, findings and files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.access import Viewer
from service.errors import Finding, NotFound
from service.release.bundle import unpack
from service.security.keyring import Keyring
from service.workshop import drafts, editor
from tests.support import small
from tests.support.world import NOON, World, open_world
from tests.workshop.test_drafts import OWNER


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def test_files_are_sorted_with_the_main_diagram_first() -> None:
    files = ["forms/a.form", "workflows/b.dmn", "workflows/x.txt", "workflows/a.bpmn"]
    main = editor.main_file("p")
    expected = (main, "workflows/a.bpmn", "workflows/b.dmn", "forms/a.form", "workflows/x.txt")
    assert editor.ordered([*files, main], "p") == expected


def test_findings_are_listed_the_worst_first() -> None:
    found = [Finding("D1", severity, "a.bpmn", "x", severity) for severity in ("I", "W", "E")]
    assert [text.severity for text in editor.finding_texts(found, "en")] == ["E", "W", "I"]


def test_a_file_is_read_by_owners_and_a_diagram_by_all(desk: World) -> None:
    services, nobody = desk.program.services, Viewer("p_x", "social", frozenset())
    with desk.database.transaction() as tx:
        draft = drafts.open_draft(tx, services, by=OWNER, now=NOON)
        release = draft.base or ""
        diagram, form = "workflows/0.bpmn", "forms/ask.form"
        content = unpack(draft.files).files[diagram]
        assert editor.file_of(tx, services, nobody, release, diagram) == content
        assert editor.file_of(tx, services, OWNER, draft.id, form)
        for id_, name in ((release, form), (draft.id, diagram), ("0" * 64, diagram)):
            with pytest.raises(NotFound):
                editor.file_of(tx, services, nobody, id_, name)
