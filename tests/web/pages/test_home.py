"""The first page, and the address that a letter points to."""

from __future__ import annotations

import pytest

from tests.support.world import World


@pytest.mark.parametrize(
    ("name", "home"), [("sara", "/inbox"), ("maja", "/processes"), ("greta", "/audit")]
)
def test_everybody_begins_where_her_work_is(world: World, name: str, home: str) -> None:
    where = world.browser(name).get("/").headers["Location"]
    assert where in (home, "/settings") or where.startswith(home)


def test_a_letter_leads_to_an_empty_page_that_asks_once_more(world: World) -> None:
    answer = world.browser().get("/go/01J9ZK7Q4M9X2TDW8B5RCE3FNH")
    assert answer.headers["Refresh"] == "0; url=/go/01J9ZK7Q4M9X2TDW8B5RCE3FNH?again=1"
    assert "Refresh" not in world.browser().get("/go/01J9ZK7Q4M9X2TDW8B5RCE3FNH?again=1").headers
