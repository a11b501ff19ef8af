"""A case of which something is erased says so, to everybody who could open it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.access import CLASSES
from service.audit import verify
from service.casework.retention.erasure import ErasureOrder, erase
from service.store.casefile import facts
from tests.support.audits import state_matter
from tests.support.directory import HELSINKI
from tests.support.world import SEED, World
from tests.web.pages.casework.test_withdrawal import ENDS
from tests.web.story import Story

TABS = ("overview", "plan", "money", "tasks", "people", "papers", "letters", "history")


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_CheckApplication", Task_SubmitReferral={"familyName": "KANARIE-NAMN"})
    made.do("aino", "Task_CheckApplication", **ENDS)
    yield made
    made.close()


def erase_of(story: Story, *offices: str) -> None:
    """Erase everything that some offices wrote; without one, what every office wrote."""
    services, now = story.world.program.services, story.world.clock.now()
    with story.world.database.transaction() as tx:
        wrote = {fact.office for fact in facts.of_case(tx, story.case)}
        for office in offices or sorted(wrote):
            release = services.current(tx).id
            order = ErasureOrder(story.case, office, CLASSES, "R6", release)
            erase(tx, services, order, by=SEED, now=now)


@pytest.mark.parametrize("name", ["sara", "aino", "omar"])
def test_every_tab_of_an_erased_case_opens_and_shows_no_answer(story: Story, name: str) -> None:
    erase_of(story)
    browser = story.world.browser(name)
    for tab in TABS:
        page = browser.get(f"/cases/{story.case}?tab={tab}")
        assert page.status_code == 200, tab
        assert "KANARIE" not in page.text
        assert "was erased, under the rule R6" in page.text


def test_what_another_office_wrote_is_read_still(story: Story) -> None:
    erase_of(story, HELSINKI)
    assert "KANARIE-NAMN" in [answer.value for answer in story.given("sara")]
    assert story.given("aino") == []
    page = story.world.browser("sara").get(f"/cases/{story.case}").text
    assert "wrote in this case was erased, under the rule R6" in page
    with story.world.database.transaction(write=False) as tx:
        services, now = story.world.program.services, story.world.clock.now()
        assert verify.verify_all(tx, services, now=now).faults == ()


def test_verification_says_nothing_of_an_erased_case(story: Story) -> None:
    erase_of(story)
    with story.world.database.transaction(write=False) as tx:
        services, now = story.world.program.services, story.world.clock.now()
        assert verify.verify_all(tx, services, now=now).faults == ()


@pytest.mark.parametrize("offices", [(), (HELSINKI,)])
@pytest.mark.parametrize("name", ["sara", "greta", "disa"])
def test_no_address_of_an_erased_case_fails(
    story: Story, name: str, offices: tuple[str, ...]
) -> None:
    erase_of(story, *offices)
    world, case = story.world, story.brief()
    browser = world.browser(name)
    state_matter(world.program, world.loaded_viewer(name), world.clock.now())
    found = {}
    for rule in story.world.app.url_map.iter_rules():
        if rule.arguments == {"case"} and "GET" in (rule.methods or ()):
            for value in (case.id, case.ref, case.number):
                address = rule.rule.replace("<case>", value)
                answer = browser.get(address)
                assert offices or b"KANARIE" not in answer.data, address
                found[address] = answer.status_code
    assert {address: status for address, status in found.items() if status >= 500} == {}
    assert 200 in found.values()
