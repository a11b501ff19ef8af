"""What the pages of the log review show: words of the reader's language, and nothing of a case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.audit.log_review import review_page as reviews
from service.audit.log_review.review_page import ReviewPage
from tests.support import log_reviews as made
from tests.support.world import World


@pytest.fixture
def begun(shipped_world: World) -> World:
    """A review of one look by Sara."""
    made.look_without_task(shipped_world, "sara", shipped_world.start_case().case_id)
    made.begin(shipped_world)
    return shipped_world


def shown(world: World, lang: str = "en") -> ReviewPage:
    by = replace(world.loaded_viewer("greta"), lang=lang)
    with world.database.transaction(write=False) as tx:
        services, now = world.program.services, world.clock.now()
        return reviews.load_page(tx, services, made.MARCH, by=by, now=now)


def test_steps_are_named_as_the_diagram_has_them(begun: World) -> None:
    assert [(one.name, one.state) for one in shown(begun, "sv").steps] == [
        ("Bedöm läsningarna", "now")
    ]
    made.judge(begun, "greta", 1, "follow_up")
    made.sign(begun, "greta")
    steps = [(one.name, one.state, one.by) for one in shown(begun).steps]
    assert steps == [
        ("Judge the looks", "done", "Greta"),
        ("Follow up what is not explained", "now", ""),
    ]


def test_a_reason_is_read_by_other_auditors(begun: World) -> None:
    made.judge(begun, "greta", 1, "incident", "She did not know the case")
    (look,) = shown(begun).looks
    (said,) = look.said
    assert (said.verdict, said.who) == ("Incident, passed on", "Greta")
    assert said.reason == "She did not know the case"


def test_a_step_that_is_late_says_so(begun: World) -> None:
    begun.later(days=15)
    with begun.database.transaction(write=False) as tx:
        (row,) = reviews.load_rows(tx, begun.clock.now(), "en")
        (notice,) = reviews.load_notices(tx, begun.clock.now(), "en")
    assert row.late
    assert notice.text == "The log review of March 2026 is late: Judge the looks."


def test_verdicts_of_the_last_step_leave_nothing_open(begun: World) -> None:
    made.judge(begun, "greta", 1, "follow_up")
    made.sign(begun, "greta")
    assert [code for code, _ in shown(begun).verdicts] == ["explained", "incident"]
