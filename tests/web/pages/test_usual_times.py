"""The usual time of a step: from cases that have ended, and only where enough of them tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from service.release.step_durations import LEAST, duration_text, medians
from service.store.read_models.oversight import TurnTime
from service.store.work import tasks
from tests.support import by_hand
from tests.support.directory import BOARD
from tests.support.world import NOON, World
from tests.web.story import Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def ended(story: Story, days: int) -> None:
    """A case that waited so many days for its first task and ended with it."""
    mine = story.case
    story.case = story.world.start_case().case_id
    story.later(days=days)
    story.do("sara", "Task_OfferReturnInformation", interestInReturn="NO", supportInSweden=False)
    assert story.brief().status == "ended"
    story.case = mine


def turn(case: str, day: int, *steps: tuple[str, str, int]) -> TurnTime:
    return TurnTime(case, NOON + timedelta(days=day), [[*step, []] for step in steps])


def test_the_median_counts_and_too_few_cases_tell_nothing() -> None:
    whole = []
    for n, days in enumerate((1, 2, 3, 40, 50)):
        whole += [
            turn(f"c{n}", 0, ("entered", "a", 1)),
            turn(f"c{n}", days, ("left", "a", 1), ("entered", "b", 1)),
        ]
        whole.append(turn(f"c{n}", days, ("cancelled", "b", 1)))
    assert medians(whole) == {"a": timedelta(days=3)}
    assert medians(whole[:-3]) == {}


def test_one_case_that_goes_round_and_round_is_still_one_case() -> None:
    rounds = [
        one
        for n in range(9)
        for one in (turn("c", n, ("entered", "a", n)), turn("c", n + 1, ("left", "a", n)))
    ]
    assert medians(rounds) == {}


@pytest.mark.parametrize(
    ("time", "sv", "en"),
    [
        (None, "", ""),
        (timedelta(hours=3), "mindre än en dag", "less than a day"),
        (timedelta(days=1), "omkring 1 dag", "about 1 day"),
        (timedelta(days=3, hours=5), "omkring 3 dagar", "about 3 days"),
    ],
)
def test_it_is_told_in_plain_words(time: timedelta | None, sv: str, en: str) -> None:
    assert (duration_text(time, "sv"), duration_text(time, "en")) == (sv, en)


def test_pages_say_it_when_enough_cases_have_ended(story: Story, shipped_world: World) -> None:
    sentence = "usually takes about 3 days"

    def told() -> tuple[bool, bool]:
        browser = shipped_world.browser("sara")
        browser.get(f"/cases/{story.case}")
        browser.post(
            f"/cases/{story.case}/notes", {"what": "lookup", "reason": "PHONE", "word": ""}
        )
        case, inbox = (
            browser.get(f"/cases/{story.case}").text,
            browser.get("/inbox?box=waiting").text,
        )
        return sentence in case, "about 3 days" in inbox

    for _ in range(LEAST - 1):
        ended(story, 3)
    _waits_at_the_board(story, shipped_world)
    assert told() == (False, False)
    ended(story, 3)
    story.later(hours=2)
    assert told() == (True, True)


def _waits_at_the_board(story: Story, shipped_world: World) -> None:
    with shipped_world.program.database.transaction() as tx:
        (task,) = tasks.of_case(tx, story.case)
        by_hand.hand_to(tx, story.case, task.role, BOARD)


def test_it_is_worked_out_once_an_hour(story: Story, shipped_world: World) -> None:
    services, process = shipped_world.program.services, story.brief().process

    def known(at: datetime) -> bool:
        with shipped_world.program.database.transaction(write=False) as tx:
            return bool(services.usual.times(tx, process, at))

    now = shipped_world.clock.now()
    assert not known(now)
    for _ in range(LEAST):
        ended(story, 1)
    assert not known(now + timedelta(minutes=59))
    assert known(now + timedelta(hours=1))
    assert known(now), "a clock that is put back counts as another hour"
