"""Long lists to choose from: what is chosen is marked in the page alone, not in the kept list."""

from __future__ import annotations

from service.web.page_parts import option_list

LISTED = (("ro", "rumänska"), ("sv", "svenska"), ('"x"', "a & b"))


def test_the_chosen_options_are_marked_and_texts_escaped() -> None:
    html = option_list(LISTED, ("sv", '"x"', "gone"))
    assert html.splitlines() == [
        '<option value="ro">rumänska</option>',
        '<option value="sv" selected>svenska</option>',
        '<option value="&#34;x&#34;" selected>a &amp; b</option>',
    ]


def test_a_choice_does_not_stay_in_the_kept_list() -> None:
    assert " selected" in option_list(LISTED, ("ro",))
    assert " selected" not in option_list(LISTED, ())
