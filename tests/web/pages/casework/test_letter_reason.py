"""A letter about feedback is the reason to open its case; no other letter is, nor one to others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from service.records.context import WORKER
from service.records.outbox import send_letters
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.work import letters
from tests.support.browser import Browser
from tests.support.by_hand import entry
from tests.support.directory import BOARD, OFFICE, ROLE
from tests.support.world import World
from tests.web.story import Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    """A case in which the partner has nothing to do."""
    made = Story(shipped_world)
    made.until("Task_DecideReferral")
    yield made
    made.close()


def sent(story: Story, **other: Any) -> str:
    """A letter that was sent to the partner; gives what its link calls it."""
    letter = letters.Letter(
        key=f"{story.case}:99:0",
        case_id=story.case,
        office_id=OFFICE,
        role=ROLE,
        template="feedback_ready",
        language="sv",
        params={},
        needs_consent="",
        made_at=story.world.clock.now(),
        state="sent",
    )
    with story.world.database.transaction() as tx:
        send_letters(tx, [replace(letter, **other)], by=WORKER, now=letter.made_at)
    return letter.number


def asks_why(browser: Browser, address: str) -> bool:
    answer = browser.get(address)
    while answer.status_code == 303:
        answer = browser.get(answer.location)
    assert answer.status_code == 200
    return 'value="lookup"' in answer.text


def looked_up(story: Story) -> list[dict[str, str]]:
    with story.world.database.transaction(write=False) as tx:
        found = ledger_entries.latest(tx, f"reads/{story.case}", kinds=["lookup"])
    return [json.loads(one.body) for one in found]


def test_the_letter_is_the_reason_and_is_recorded(story: Story, shipped_world: World) -> None:
    number, stina = sent(story), shipped_world.browser("stina")
    assert asks_why(stina, f"/cases/{story.case}?tab=people")
    go = f"/go/{story.case}?letter={number}"
    assert stina.get(go).location == f"/cases/{story.case}?tab=people&letter={number}"
    assert not asks_why(stina, go)
    assert looked_up(story) == [{"purpose": "feedback", "reason": "LETTER"}]
    assert shipped_world.faults() == []


@pytest.mark.parametrize(
    "other",
    [
        {"template": "news"},
        {"office_id": BOARD},
        {"role": "IomHelsinki"},
        {"state": "waiting"},
        {"state": "held"},
    ],
    ids=lambda other: next(iter(other.values())),
)
def test_another_letter_is_no_reason(
    story: Story, shipped_world: World, other: dict[str, str]
) -> None:
    number, stina = sent(story, **other), shipped_world.browser("stina")
    assert asks_why(stina, f"/go/{story.case}?letter={number}")
    assert asks_why(stina, f"/cases/{story.case}?tab=people&letter={number}")
    assert looked_up(story) == []


def test_no_letter_is_reason_enough_for_a_protected_identity(
    story: Story, shipped_world: World
) -> None:
    number, stina = sent(story), shipped_world.browser("stina")
    with shipped_world.database.transaction() as tx:
        rev = story.brief().rev
        cases.set_marking(tx, story.case, rev, "SEKRETESSMARKERING")
        entry(tx, f"case/{story.case}")
    assert asks_why(stina, f"/go/{story.case}?letter={number}")
    assert looked_up(story) == []


def test_who_is_not_signed_in_comes_back_to_the_letter(story: Story, shipped_world: World) -> None:
    number = sent(story)
    page = shipped_world.browser().get(f"/go/{story.case}?letter={number}")
    assert f"letter={number.replace(':', '%3A')}" in page.headers["Refresh"] or (
        f"letter={number}" in page.headers["Refresh"]
    )
    assert "letter" in page.text
