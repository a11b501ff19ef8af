"""A person's settings."""

from __future__ import annotations

from tests.web.conftest import Town


def test_choices_are_kept(town: Town) -> None:
    browser = town.browser("sara")
    browser.get("/settings")
    browser.post(
        "/settings", {"language": "en", "theme": "dark", "dense": "1", "zone": "Europe/Helsinki"}
    )
    page = browser.get("/settings?saved=1")
    assert 'data-theme="dark"' in page.text
    assert "density-dense" in page.text
    assert town.person("sara").settings == {
        "theme": "dark",
        "dense": "yes",
        "shortcuts": "no",
        "zone": "Europe/Helsinki",
    }
