"""The buttons of a task's form, and what the page's script hears while somebody types."""

from __future__ import annotations

from service.casework.commands.button_consequences import END, Consequence
from service.casework.tasks.send_buttons import (
    SEND,
    pressed_button,
    preview_buttons,
    send_buttons,
)
from service.text import say
from tests.casework.tasks.sessions import session
from tests.support.world import World


def test_a_form_without_a_button_of_its_own_is_sent(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        (button,) = send_buttons(session(tx, desk, case), {})
    assert (button.name, button.label, button.tone) == (SEND, say("task.send", "sv"), "primary")
    assert button.lines
    assert not button.late


def test_a_button_that_ends_the_case_is_marked(desk: World, case: str) -> None:
    desk.do(case, "a")
    with desk.database.transaction(write=False) as tx:
        (button,) = send_buttons(session(tx, desk, case, "b"), {"answer": ["NO"]})
    assert button.tone == "danger"


def test_the_script_hears_of_every_question(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        answer = preview_buttons(session(tx, desk, case), {"note": ["x"], "foreign": ["y"]})
    assert isinstance(answer["widgets"], dict)
    assert answer["widgets"].keys() == {"note", "contact", "place"}
    assert answer["late"] is False


def test_the_script_hears_how_many_answers_are_left(desk: World, case: str) -> None:
    desk.do(case, "a")
    for typed, left in (
        ({}, ["1 svar kvar", "1 svar kvar"]),
        ({"answer": ["NO"]}, ["", "klart"]),
    ):
        with desk.database.transaction(write=False) as tx:
            answer = preview_buttons(session(tx, desk, case, "b"), typed)
        assert isinstance(answer["left"], dict)
        assert list(answer["left"].values()) == left


def test_the_pressed_button_is_known(desk: World, case: str) -> None:
    desk.do(case, "a")
    with desk.database.transaction(write=False) as tx:
        last = session(tx, desk, case, "b")
        pressed = pressed_button(last, {"answer": ["NO"]}, [Consequence(END)])
    assert (pressed.name, pressed.label) == (SEND, say("task.send", "sv"))
    assert pressed.ends
    assert pressed.lines
