"""Who sees an answer is read from the matrix of the installation."""

from __future__ import annotations

from service.access import OWN_OFFICE, read_matrix
from service.forms import Field, Form, Section
from service.workshop.forms.readers import mode_of, readers_of, seen_by

MATRIX = read_matrix(
    '[A]\n1 = "FFFF"\nx = "FFFF"\n[B]\n1 = "SS--"\nx = "----"\n[C]\n1 = "----"\nx = "----"\n', ["1"]
)
NAME = Field("name", "text", "Name", data_class="C1")
TOP = Field("top", "text", "Top", data_class="C1", headline=True)
NOTE = Field("note", "text", "Note", data_class="C1", group=OWN_OFFICE)


def test_roles_that_see_an_answer_are_named_with_how() -> None:
    found = readers_of(MATRIX, ("A", "B", "C"), ("1",), TOP)
    assert [(one.role, dict(one.modes), one.is_always) for one in found] == [
        ("A", {"1": "F", "x": "F"}, True),
        ("B", {"1": "S", "x": "-"}, False),
    ]


def test_a_headline_role_sees_no_more_and_notes_stay() -> None:
    assert mode_of(MATRIX, "B", "1", NAME) == "-"
    assert mode_of(MATRIX, "A", "1", NOTE) == "O"


def test_the_preview_of_a_role_leaves_out_what_it_does_not_see() -> None:
    form = Form("f", "F", "", (Section("s", "", "", (NAME, TOP)),), {}, {})
    assert [f.key for f in seen_by(form, MATRIX, "B", "1").fields] == ["top"]
