"""The one handler of errors: the form's own page where a view said how, else the error page."""

from __future__ import annotations

from collections.abc import Callable

from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from service.errors import CaseMoved, TaskClosed, TrestegError
from service.web.page_policy import PAGE_POLICIES
from service.web.submit import Redraw, redraw
from tests.support.world import World


def answered(world: World, draw: Redraw | None, fault: type[TrestegError]) -> TestResponse:
    """What a page answers that raises, and said how its form is drawn again."""

    def view() -> str:
        if draw is not None:
            redraw(draw)
        raise fault

    _put(world, view)
    return world.browser().get("/help")


def _put(world: World, view: Callable[[], str]) -> None:
    """Put a view in the place of the help page."""
    PAGE_POLICIES[view] = PAGE_POLICIES[world.app.view_functions["help.accessibility"]]
    world.app.view_functions["help.page"] = view


def test_a_fault_of_a_form_is_answered_with_its_own_page(world: World) -> None:
    answer = answered(world, lambda _: ("the form again", 409), CaseMoved)
    assert (answer.status_code, answer.text) == (409, "the form again")


def test_a_fault_that_no_form_knows_is_the_error_page(world: World) -> None:
    for draw in (None, lambda _: None):
        answer = answered(world, draw, CaseMoved)
        assert answer.status_code == 409
        assert "<html" in answer.text


def test_a_fault_of_the_form_drawn_again_is_answered_too(world: World) -> None:
    met: list[TrestegError] = []

    def draw(fault: TrestegError) -> ResponseReturnValue | None:
        met.append(fault)
        if isinstance(fault, TaskClosed):
            return "it is closed", 410
        raise TaskClosed

    answer = answered(world, draw, CaseMoved)
    assert (answer.status_code, answer.text) == (410, "it is closed")
    assert [fault.code for fault in met] == ["case_moved", "task_over"]


def test_a_page_that_never_can_be_drawn_ends_at_the_error_page(world: World) -> None:
    def draw(_fault: TrestegError) -> ResponseReturnValue | None:
        raise CaseMoved

    answer = answered(world, draw, CaseMoved)
    assert answer.status_code == 409
    assert "<html" in answer.text
