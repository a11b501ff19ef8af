"""Help pages."""

from __future__ import annotations

from service.actions.context import Actor
from tests.support.browser import PASSWORD
from tests.support.directory import BOARD, Directory, PersonPlan, add_directory
from tests.support.world import World


def test_who_runs_the_system_is_told_where_that_is_done(world: World) -> None:
    assert "tresteg incident list" not in world.browser("sara").get("/help").text
    tor = Directory((), (PersonPlan("tor", BOARD, ("operator",)),), password=PASSWORD)
    with world.database.transaction() as tx:
        add_directory(tx, world.program.services, tor, by=Actor("test"), now=world.clock.now())
    home = world.browser("tor").get("/", follow_redirects=True)
    assert home.request.path == "/help"
    assert "tresteg incident list" in home.text


def test_help_and_accessibility_are_open_to_everybody(world: World) -> None:
    assert "114 14" in world.browser().get("/help").text
    assert world.browser().get("/accessibility").status_code == 200
