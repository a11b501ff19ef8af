"""A person's settings."""

from __future__ import annotations

from tests.support.world import World


def test_choices_are_kept(world: World) -> None:
    browser = world.browser("sara")
    browser.get("/settings")
    browser.post(
        "/settings", {"language": "en", "theme": "dark", "dense": "1", "zone": "Europe/Helsinki"}
    )
    page = browser.get("/settings?saved=1")
    assert 'data-theme="dark"' in page.text
    assert "density-dense" in page.text
    assert world.person("sara").settings == {
        "theme": "dark",
        "dense": "yes",
        "shortcuts": "no",
        "zone": "Europe/Helsinki",
    }
