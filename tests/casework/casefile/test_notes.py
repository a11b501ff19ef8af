"""Notes are an office's own or shared with offices of the case; they move nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.access import Viewer
from service.casework.casefile import notes
from service.errors import InvalidAnswers, NotFound
from service.store.casefile import notes as rows
from service.store.casefile import parties
from service.store.installation import offices
from tests.support.by_hand import entry
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World

BOARD = offices.Office("board", "Board", "MYNDIGHET", [], [], "sweden", "Europe/Stockholm", "sv")
OFFICER = Viewer("p_o", "board", frozenset({"CaseApprover"}))


def write(desk: World, case_id: str, text: str, *shared: str, minutes: int = 0) -> None:
    services, now = desk.program.services, NOON + timedelta(minutes=minutes)
    with desk.database.transaction() as tx:
        notes.write(
            tx, services, by=desk.viewer(), now=now, case_id=case_id, text=text, shared=shared
        )


def read(desk: World, case_id: str, viewer: Viewer, about: str = "") -> list[notes.NoteView]:
    with desk.database.transaction(write=False) as tx:
        return notes.read(tx, desk.program.services, viewer, case_id, about=about, closed=())


@pytest.fixture
def board(desk: World, case_id: str) -> None:
    """Another office of the case."""
    with desk.database.transaction() as tx:
        offices.add(tx, BOARD)
        parties.bind(tx, case_id, {"CaseApprover": "board"}, parties.of_case(tx, case_id))


@pytest.mark.usefixtures("board")
def test_a_note_is_read_by_its_own_office_newest_first(desk: World, case_id: str) -> None:
    write(desk, case_id, "first")
    write(desk, case_id, " second ", minutes=1)
    found = read(desk, case_id, desk.viewer("stina"))
    assert [(note.text, note.by, note.own) for note in found] == [
        ("second", "Sara", True),
        ("first", "Sara", True),
    ]
    assert read(desk, case_id, OFFICER) == []
    other = replace(desk.viewer("stina"), roles=frozenset({"IomMedical"}))
    assert read(desk, case_id, other) == [], "another role of the same office"


@pytest.mark.usefixtures("board")
def test_a_shared_note_says_whose_it_is(desk: World, case_id: str) -> None:
    write(desk, case_id, "for you", "board", "nowhere", OFFICE)
    (own,), (shared,) = read(desk, case_id, desk.viewer()), read(desk, case_id, OFFICER)
    assert own.shared_with == "Board"
    assert (shared.by, shared.own) == ("Sara, Social", False)


def test_a_note_moves_no_case_and_is_sealed(desk: World, case_id: str) -> None:
    write(desk, case_id, "quiet words")
    with desk.database.transaction(write=False) as tx:
        (row,) = rows.of_case(tx, case_id, office=OFFICE, roles={ROLE})
    assert desk.case(case_id).rev == 1
    assert b"quiet" not in row.sealed


def test_a_note_about_a_referral_is_not_among_those_of_the_case(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        notes.keep(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=NOON,
            case_id=case_id,
            text="about it",
            shared=(),
            about="r1",
        )
        entry(tx, f"case/{case_id}")
    assert read(desk, case_id, desk.viewer()) == []
    assert [note.text for note in read(desk, case_id, desk.viewer(), "r1")] == ["about it"]


@pytest.mark.parametrize(
    ("text", "key"), [(" ", "form.required"), ("x" * (notes.LONGEST + 1), "form.too_long")]
)
def test_an_empty_or_long_note_is_refused(desk: World, case_id: str, text: str, key: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        write(desk, case_id, text)
    assert [fault.key for fault in refused.value.faults] == [key]


def test_a_case_without_key_takes_no_note(desk: World) -> None:
    with pytest.raises(NotFound):
        write(desk, "0" * 26, "text")
