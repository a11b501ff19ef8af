"""My office: its numbers, each with a link to its list."""

from __future__ import annotations

from tests.support.world import World


def started(world: World, number: int) -> list[str]:
    """The first tasks of some new cases."""
    return [world.start_case().opened[0].key for _ in range(number)]


def test_the_office_counts_its_work_and_links_each_number(shipped_world: World) -> None:
    (key, _) = started(shipped_world, 2)
    browser = shipped_world.browser("sara")
    browser.get("/inbox")
    browser.post("/inbox", {"task": key, "do": "claim"})
    page = browser.get("/office")
    assert page.status_code == 200
    assert "Social services" in page.text
    assert 'href="/inbox?box=office&amp;due=late"' in page.text
    assert "Information and support" in page.text
    assert "Stina" in page.text
