"""Help pages."""

from __future__ import annotations

from tests.support.world import World


def test_help_and_accessibility_are_open_to_everybody(world: World) -> None:
    assert "114 14" in world.browser().get("/help").text
    assert world.browser().get("/accessibility").status_code == 200
