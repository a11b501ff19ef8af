"""At the last talk the person is asked until when her safe contact may be kept, after who asks has
read out how long each office keeps what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from service.casework.retention.due_runs import current_plan, of_case
from service.records.retention import ONE_DAY, FallingDue
from service.release.programme.retention_rules import REVIEW
from service.store.casefile import cases
from service.store.installation import offices
from tests.support.directory import OFFICE
from tests.support.plans import FILE, rule
from tests.support.world import World, shipped
from tests.web.story import Story

TASK = "Task_ArrangeHelp"
BEFORE = 'after = "P5Y"\ncounted = "written"\n\n[[rule]]\nid = "R3-NGO"'
WAITS = BEFORE.replace("written", 'written"\nnot_before = "her_day')
ASKS = rule(
    "R14-SOCIAL",
    REVIEW,
    "P0D",
    ground="SOCIAL",
    start=date(2026, 1, 1),
    record=["case_not_approved"],
    owner=["SOCIALTJANST"],
    classes=["C3"],
    counted="her_day",
)


def publish(world: World, waits: str) -> None:
    """Publish a plan in which her own office waits for her day, and is asked on it."""
    text = shipped().text(FILE)
    assert BEFORE in text
    plan = text.replace(BEFORE, waits) + ASKS
    world.publish(shipped().with_file(FILE, plan.encode()))


@pytest.fixture
def story(world: World) -> Iterator[Story]:
    """A case that ends early, under a plan in which her own office waits for her day; its last talk
    waits.
    """
    publish(world, WAITS)
    made = Story(world)
    made.do("sara", "Task_OfferReturnInformation", interestInReturn="NO", supportInSweden=True)
    yield made
    made.close()


def falls(story: Story, day: date) -> list[FallingDue]:
    """What falls due of the case on a day."""
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    services = story.world.program.services
    with story.world.database.transaction(write=False) as tx:
        case = cases.get(tx, story.case)
        assert case is not None
        assert case.status == "ended"
        return of_case(tx, services, current_plan(tx, services), case, offices.everyone(tx), noon)


def destroyed(story: Story, day: date) -> list[tuple[str, str]]:
    return [(one.office, one.rule) for one in falls(story, day) if one.does == "destroy"]


def today(story: Story) -> date:
    return story.world.clock.now().date()


def test_the_page_of_the_last_talk_says_what_the_plan_says(story: Story) -> None:
    browser = story.world.browser("sara")
    page = browser.get(f"/tasks/{story.key(TASK)}").text
    assert "How long each office keeps what it wrote" in page
    own = page.partition("How long each office keeps what it wrote")[2]
    assert "Erased 5 years after the last entry of the office: process facts" in own
    assert "Nobody has decided this yet" in own
    assert "Until which day does the person want the safe contact kept" in page


def test_a_page_that_does_not_ask_says_nothing_of_it(story: Story) -> None:
    other = story.world.start_case().case_id
    key = story.world.key(other, "Task_OfferReturnInformation")
    page = story.world.browser("sara").get(f"/tasks/{key}").text
    assert "How long each office keeps what it wrote" not in page


def test_without_a_day_the_plan_counts(story: Story) -> None:
    story.do("sara", TASK)
    end = five_years(today(story))
    assert destroyed(story, end) == []
    assert (OFFICE, "R3-SOCIAL-END") in destroyed(story, end + ONE_DAY)
    assert reviewed(story, end) == []


def test_on_an_earlier_day_the_office_is_asked_and_nothing_is_erased(story: Story) -> None:
    asked = today(story) + 40 * ONE_DAY
    story.do("sara", TASK, contactKeptUntil=asked.isoformat())
    assert reviewed(story, asked - ONE_DAY) == []
    assert reviewed(story, asked) == [(OFFICE, ("C3",))]
    assert destroyed(story, asked + ONE_DAY) == []


def test_a_later_day_holds_back_what_destroys_it(story: Story) -> None:
    asked = five_years(today(story))
    story.do("sara", TASK, contactKeptUntil=asked.isoformat())
    publish(story.world, WAITS.replace("P5Y", "P1Y"))  # by this plan a year is enough
    assert destroyed(story, asked) == []
    assert (OFFICE, "R3-SOCIAL-END") in destroyed(story, asked + ONE_DAY)


def reviewed(story: Story, day: date) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.office, one.classes) for one in falls(story, day) if one.does == "review"]


def five_years(day: date) -> date:
    return date(day.year + 5, day.month, day.day)
