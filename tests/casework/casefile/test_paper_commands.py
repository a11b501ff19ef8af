"""A paper is found by its code among those of the case that the viewer sees; the rest of what the
commands do is shown in tests/web/pages/casework/test_papers.py.
"""

from __future__ import annotations

import pytest

from service.casework.casefile import documents as case_documents
from service.casework.casefile.case_view import load_case_view
from service.casework.casefile.documents import CheckedFile, DocumentOrigin
from service.casework.casefile.paper_commands import add_signed_copy, find_made
from service.casework.casefile.paper_data import code_of
from service.errors import InvalidAnswers
from service.records.context import Actor
from service.store.casefile import documents
from service.store.transaction import Tx
from tests.support.world import NOON, World

FILE = CheckedFile("Plan", "pdf", b"%PDF")
ID = "01JN8GN2E0QE201BPQ7M6N85N6"


def keep(tx: Tx, desk: World, case_id: str, **more: object) -> None:
    origin = DocumentOrigin(case_id, "C0", template="plan", purpose="PARTICIPATE", **more)  # type: ignore[arg-type] # facts of a test
    services, by = desk.program.services, Actor("p_sara", desk.viewer().office)
    keys, before = services.case_keys(tx, case_id), documents.count_made(tx, case_id)
    case_documents.keep_made(
        tx, keys, by=by, now=NOON, id_=ID, origin=origin, made=FILE, before=before
    )


def test_a_paper_is_found_by_its_code_or_id(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        keep(tx, desk, case_id)
        view = load_case_view(tx, desk.program.services, desk.viewer(), case_id, NOON)
        rows = documents.of_case(tx, case_id)
        for code in (code_of(ID), ID, code_of(ID).lower()):
            assert find_made(view, rows, code) == rows[0]
        for code in ("", "AAAA-AAAA", ID[-4:]):
            assert find_made(view, rows, code) is None


def test_who_does_not_see_it_does_not_find_it(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        keep(tx, desk, case_id, shows=(("no_such_field", "elsewhere"),))
        view = load_case_view(tx, desk.program.services, desk.viewer(), case_id, NOON)
        rows = documents.of_case(tx, case_id)
        assert view.visibility.see_document(rows[0]) == view.visibility.sees_field(
            "no_such_field", "elsewhere"
        )


def test_a_signed_copy_goes_where_the_paper_goes(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        keep(tx, desk, case_id, shows=(("note", desk.viewer().office),))
        services, sara = desk.program.services, desk.viewer()
        copy = add_signed_copy(
            tx, services, sara, NOON, case_id=case_id, code=code_of(ID), clean=FILE
        )
        made, signed = (documents.get(tx, id_) for id_ in (ID, copy))
        assert made is not None
        assert signed is not None
        assert (signed.signs, signed.shows, signed.template) == (ID, made.shows, "")
        assert case_documents.open_name(services.case_keys(tx, case_id), made) == "Plan"
        with pytest.raises(InvalidAnswers):
            add_signed_copy(tx, services, sara, NOON, case_id=case_id, code="x", clean=FILE)
