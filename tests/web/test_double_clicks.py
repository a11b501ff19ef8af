"""F8: a button pressed twice, a request sent again, the page before, two tabs: one effect, and the
same answer as the first time.
"""

from __future__ import annotations

import random

from service.people.rate_limits import A_MINUTE, WRITES
from service.records.ids import ulid
from service.store.casefile import notes
from tests.support.scale import figure
from tests.support.world import World
from tests.web.story import Story

CLICKS = figure("clicks")
WAYS = ("double", "again", "back", "other tab")
A_CLICK = A_MINUTE / WRITES
"""Between two clicks: as fast as anybody may write."""


def test_of_many_clicks_each_press_has_one_effect(shipped_world: World) -> None:
    lot = random.Random(8)  # noqa: S311 - a test wants the same clicks again
    case = shipped_world.start_case().case_id
    browser = shipped_world.browser("sara")
    browser.get(f"/cases/{case}?tab=people")
    hidden, sent, written = browser.hidden(), list[dict[str, str]](), 0
    places: dict[str, str] = {}
    for n in range(CLICKS):
        shipped_world.clock.set(shipped_world.clock.now() + A_CLICK)
        way = lot.choice(WAYS) if sent else "other tab"
        if way == "other tab":
            sent.append({"text": f"anteckning {n}", "_once": ulid(shipped_world.clock.now())})
            written += 1
        press = (
            sent[-1]
            if way == "double"
            else lot.choice(sent)
            if way in ("again", "back")
            else sent[-1]
        )
        changed = {**press, "text": press["text"] + " en gång till"} if way == "back" else press
        answer = browser.post(f"/cases/{case}/notes", {**hidden, **changed})
        if way == "back":
            assert answer.status_code == 422, (
                "the same key with other words is no click but a mistake"
            )
            continue
        assert answer.status_code == 303
        assert (
            places.setdefault(press["_once"], answer.headers["Location"])
            == answer.headers["Location"]
        )
    with shipped_world.program.database.transaction(write=False) as tx:
        assert len(notes.everyones(tx, case)) == written


def test_a_task_that_was_sent_from_two_tabs_is_done_once(shipped_world: World) -> None:
    story = Story(shipped_world)
    key = story.key("Task_OfferReturnInformation")
    browser = shipped_world.browser("sara")
    typed = story.typed("Task_OfferReturnInformation", "sara")
    pages = []
    for _ in range(2):
        browser.get(f"/tasks/{key}")
        pages.append({**browser.hidden(), **typed})
    first = [browser.post(f"/tasks/{key}", pages[0]) for _ in range(3)]
    assert {(answer.status_code, answer.headers.get("Location")) for answer in first} == {
        (303, first[0].headers["Location"])
    }
    late = browser.post(f"/tasks/{key}", pages[1])
    assert late.status_code == 410
    assert "Sara" in late.text, "who was faster is told to her own office"
    assert [fact.kind for fact in story.facts()] == ["start", "complete"]
    story.close()
