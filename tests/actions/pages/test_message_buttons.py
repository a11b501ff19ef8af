"""The buttons that send a message: only while the diagram waits for it."""

from __future__ import annotations

from service.actions.pages.message_buttons import MessageButton, message_buttons, message_text
from tests.actions.pages.views import view
from tests.support.world import World


def test_a_message_has_a_button_while_the_case_waits_for_it(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        (button,) = message_buttons(view(tx, desk, case))
    assert button == MessageButton("m", "Leave", "", danger=False)
    desk.do(case, "a")
    with desk.database.transaction(write=False) as tx:
        assert message_buttons(view(tx, desk, case)) == []


def test_a_message_without_words_of_its_own_says_nothing_more() -> None:
    assert message_text("no_such_message", "sv") == ""
