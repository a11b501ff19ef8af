"""What a case has on record."""

from __future__ import annotations

from dataclasses import replace

from service.casework.casefile import documents
from service.casework.history import narrative
from service.casework.pages import records_tabs
from tests.casework.pages.views import blind, view
from tests.support.world import World

FILE = documents.CheckedFile("passport.pdf", "pdf", b"%PDF-1.4")


def test_a_document_is_shown_by_a_name_that_tells_nothing(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        id_ = documents.attach(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            case_id=case,
            task_key="",
            field="note",
            klass="C1",
            clean=FILE,
        )
        (row,) = records_tabs.all_documents(view(tx, desk, case)).values["papers"]
    assert row.id == id_
    assert "passport" not in row.name
    assert (row.by, row.droppable) == ("Sara, Social", True)


def test_the_history_can_be_narrowed_and_its_chain_is_verified(desk: World, case: str) -> None:
    desk.do(case, "a")
    with desk.database.transaction(write=False) as tx:
        seen = view(tx, desk, case)
        every = records_tabs.history(tx, seen, "").values
        none = records_tabs.history(tx, seen, narrative.TIMER).values
    assert {line.kind for line in every["lines"]} == {narrative.PERSON}
    assert every["verified"] == len(every["lines"])
    assert none["lines"] == ()


def test_a_case_without_letters_has_none(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        assert records_tabs.all_letters(view(tx, desk, case)).values == {"letters": ()}


def test_hidden_papers_are_counted_and_not_called_none(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        documents.attach(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            case_id=case,
            task_key="",
            field="note",
            klass="C1",
            clean=FILE,
        )
        at = replace(view(tx, desk, case), visibility=blind(view(tx, desk, case)))
        values = records_tabs.all_documents(at).values
    assert (values["papers"], values["hidden_papers"]) == ((), 1)
