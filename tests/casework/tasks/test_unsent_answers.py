"""Unsent answers: kept for their author, and merged field by field where two tabs save."""

from __future__ import annotations

import pytest

from service.casework.tasks import unsent_answers
from service.casework.tasks.unsent_answers import MOST, EditConflict, SavedAnswers
from service.errors import TooLarge
from service.forms import Raw
from tests.support.world import World

KEY = "start/s"


def save(desk: World, raw: Raw, rev: int = 0, *, by: str = "sara") -> SavedAnswers:
    with desk.database.transaction() as tx:
        return unsent_answers.save_unsent(
            tx,
            desk.program.services,
            by=desk.viewer(by),
            now=desk.clock.now(),
            key=KEY,
            case_id=None,
            raw=raw,
            base={},
            rev=rev,
        )


def load(desk: World, *, by: str = "sara") -> SavedAnswers:
    with desk.database.transaction(write=False) as tx:
        return unsent_answers.load_unsent(tx, desk.program.services, desk.viewer(by), KEY)


def test_what_was_typed_is_there_for_its_author_alone(desk: World) -> None:
    save(desk, {"note": ["hello"]})
    assert load(desk).raw == {"note": ["hello"]}
    assert load(desk, by="stina") == SavedAnswers()


def test_fields_of_two_tabs_are_merged(desk: World) -> None:
    save(desk, {"note": ["one"]})
    save(desk, {"place": ["two"]})
    assert load(desk).raw == {"note": ["one"], "place": ["two"]}


def test_a_field_that_both_tabs_changed_stays_as_saved(desk: World) -> None:
    save(desk, {"note": ["first tab"]})
    later = save(desk, {"note": ["second tab"]}, rev=0)
    assert later.clashes == (EditConflict("note", ("second tab",), ("first tab",)),)
    assert load(desk).raw == {"note": ["first tab"]}


def test_the_same_text_again_makes_no_new_revision(desk: World) -> None:
    assert save(desk, {"note": ["x"]}).rev == save(desk, {"note": ["x"]}, rev=1).rev == 1


def test_more_than_anybody_types_is_refused(desk: World) -> None:
    with pytest.raises(TooLarge):
        save(desk, {"note": ["x" * MOST]})


def test_a_page_shows_what_was_typed_over_what_it_began_with() -> None:
    saved = SavedAnswers(raw={"note": ["typed"], "place": []})
    merged = unsent_answers.merge_unsent({"note": ["old"], "place": ["old"]}, saved)
    assert merged == {"note": ["typed"]}
