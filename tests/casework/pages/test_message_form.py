"""Forms that belong to no task: starting a case, and sending it a message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.casework.pages import message_form
from service.casework.tasks.form_session import save_typed
from service.errors import NotAllowed, NotFound
from service.text import say
from tests.casework.pages.views import view
from tests.support.world import World

START = "Start_PersonIdentified"


def test_who_holds_the_role_may_start_a_case(desk: World) -> None:
    services, viewer, now = desk.program.services, desk.viewer(), desk.clock.now()
    stranger = replace(viewer, roles=frozenset())
    with desk.database.transaction(write=False) as tx:
        (option,) = message_form.start_options(tx, services, viewer, "sv")
        assert option.element == START
        assert not message_form.can_start(tx, services, stranger, "sv")
        with pytest.raises(NotFound):
            message_form.open_start_form(tx, services, stranger, now, START)


def test_the_page_of_a_start_says_what_it_brings(desk: World) -> None:
    services, viewer, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        session = message_form.open_start_form(tx, services, viewer, now, START)
        page = message_form.load_message_form_page(session)
    assert (page.label, page.late) == (say("act.start", "sv"), False)
    assert page.lines
    assert page.danger


def test_what_was_typed_is_kept_for_a_message(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        session = message_form.open_message_form(view(tx, desk, case), "m")
        save_typed(tx, session, {"note": ["x"], "foreign": ["y"]}, 0)
        again = message_form.open_message_form(view(tx, desk, case), "m")
        page = message_form.load_message_form_page(again)
    assert [w.value for section in page.form for w in section.widgets] == ["x", "", ""]
    assert page.fill_rev == 1


def test_a_message_that_nothing_waits_for_cannot_be_sent(desk: World, case: str) -> None:
    with desk.database.transaction() as tx, pytest.raises(NotFound):
        message_form.open_message_form(view(tx, desk, case), "unknown")
    desk.do(case, "a")
    with desk.database.transaction() as tx, pytest.raises(NotAllowed):
        message_form.open_message_form(view(tx, desk, case), "m")
