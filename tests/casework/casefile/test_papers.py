"""Which papers a viewer may have made, and in which language; a small release has none.

What goes into papers of whole cases is shown in tests/stories/test_papers.py.
"""

from __future__ import annotations

import json

import pytest

from service.casework.casefile import papers
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.papers import PaperChoice, PaperOrder
from service.errors import NotFound
from tests.support.small_desk import START, two_tasks
from tests.support.world import NOON, World

PAPER = b"""\
// title = { sv = "Papper", en = "Paper" }
// kind = "plan"
// classes = ["C0", "C2"]
// fields = ["note", "answer"]

= #paper.title
"""
CHOICE = PaperChoice("paper", "Paper", "plan", ("sv", "en"), ())


def view(desk: World, case_id: str) -> CaseView:
    with desk.database.transaction(write=False) as tx:
        return load_case_view(tx, desk.program.services, desk.viewer(), case_id, NOON)


@pytest.fixture
def printed(desk: World) -> str:
    """A case on a release that makes a paper of its note."""
    desk.publish(two_tasks().with_file("workflows/papers/paper.typ", PAPER))
    return desk.start({"note": ["first words"]}, element=START).case_id


def test_a_release_without_templates_makes_no_paper(desk: World, case_id: str) -> None:
    assert papers.paper_choices(view(desk, case_id)) == ()
    with pytest.raises(NotFound):
        papers.find_choice(view(desk, case_id), "plan")


def test_who_sees_something_of_each_class_may_have_it_made(desk: World, printed: str) -> None:
    found = view(desk, printed)
    (choice,) = papers.paper_choices(found)
    assert (choice.id, choice.languages) == ("paper", ("sv", "en"))
    order = PaperOrder("paper", "en", "KEEP")
    made = papers.compose(found, order, document="D" * 26, by_name="Sara")
    again = papers.compose(found, order, document="D" * 26, by_name="Sara")
    assert made == again
    assert made.data["fields"]["note"]["text"] == "first words"
    assert made.origin.shows == (("note", found.viewer.office),)
    assert made.classes == {"C0", "C2"}
    assert json.dumps(made.data)


@pytest.mark.parametrize(
    "order", [PaperOrder("x", "sv", "KEEP"), PaperOrder("paper", "fi", "KEEP")]
)
def test_what_there_is_not_is_not_found(desk: World, printed: str, order: PaperOrder) -> None:
    found = view(desk, printed)
    with pytest.raises(NotFound):
        papers.compose(found, order, document="D" * 26, by_name="Sara")


def test_the_language_of_the_viewer_where_nobody_named_one(desk: World, printed: str) -> None:
    found = view(desk, printed)
    assert papers.proposed_language(found, CHOICE) == found.lang
    assert papers.proposed_language(found, PaperChoice("p", "P", "plan", ("bg",), ())) == "bg"


@pytest.mark.parametrize("value", ["bg", ["bg"], [{"language": "bg"}], {"language": "bg"}])
def test_languages_are_found_in_an_answer_of_any_shape(value: object) -> None:
    assert list(papers._languages(value)) == ["bg"]
    assert list(papers._languages(None)) == []
