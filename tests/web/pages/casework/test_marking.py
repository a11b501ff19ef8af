"""Correcting a protection marking: by those whose office may, with a reason, from the case page,
with or without a script.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from service.records.ledger_append import digest_reason
from service.store.installation import ledger_entries
from tests.support.world import World
from tests.web.story import Story

WHY = "KANARIE: beslut från Skatteverket"


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_CheckApplication")
    yield made
    made.close()


def test_iom_changes_the_marking_and_every_list_shows_the_shield(
    story: Story, shipped_world: World
) -> None:
    browser, here = shipped_world.browser("aino"), f"/cases/{story.case}/marking"
    assert "Protection marking:" not in browser.get(f"/cases/{story.case}").text
    assert "#shield" not in browser.get("/inbox").text
    assert f'href="{here}"' in browser.get(f"/cases/{story.case}").text
    page = browser.get(here).text
    assert 'value="PROGRAMME_PROTECTED" checked' in page
    assert "your reason is sealed" in page
    done = browser.post(
        here, {"marking": "SKYDDAD_FOLKBOKFORING", "why": WHY, "was": "PROGRAMME_PROTECTED"}
    )
    assert done.status_code == 303
    asked = browser.get(done.location).text
    assert "The person&#39;s identity is protected" in asked
    browser.post(
        f"/cases/{story.case}/notes", {"what": "lookup", "reason": "SAFETY", "back": done.location}
    )
    told = browser.get(done.location).text
    assert "The marking is changed." in told
    assert "Protection marking: protected registration." in told
    assert "#shield" in browser.get("/inbox").text
    assert "#shield" in shipped_world.browser("sara").get("/cases").text
    assert (
        "Aino changed the protection marking"
        in browser.get(f"/cases/{story.case}?tab=history").text
    )


def test_the_reason_is_sealed_in_the_line(story: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("aino"), f"/cases/{story.case}/marking"
    browser.get(here)
    assert (
        browser.post(
            here, {"marking": "NONE", "why": WHY, "was": "PROGRAMME_PROTECTED"}
        ).status_code
        == 303
    )
    with shipped_world.program.database.transaction(write=False) as tx:
        key = shipped_world.program.services.key(tx, f"case:{story.case}")
        (line,) = [
            line
            for line in ledger_entries.of_stream(tx, f"case/{story.case}")
            if line.kind == "marking"
        ]
    told = json.loads(line.body)
    assert (told["from"], told["to"], told["why"]) == (
        "PROGRAMME_PROTECTED",
        "NONE",
        digest_reason(key, WHY),
    )
    assert "KANARIE" not in line.body
    assert told["word"]


def test_without_a_reason_nothing_changes_and_texts_stay(
    story: Story, shipped_world: World
) -> None:
    browser, here = shipped_world.browser("aino"), f"/cases/{story.case}/marking"
    browser.get(here)
    wrong = browser.post(
        here, {"marking": "SEKRETESSMARKERING", "why": " ", "was": "PROGRAMME_PROTECTED"}
    )
    assert wrong.status_code == 422
    assert "Write a reason." in wrong.text
    assert 'value="SEKRETESSMARKERING" checked' in wrong.text
    wrong = browser.post(
        here, {"marking": "SECRET", "why": "x" * 501, "was": "PROGRAMME_PROTECTED"}
    )
    assert wrong.status_code == 422
    assert wrong.text.count('class="t-fault"') == 2
    assert "x" * 501 in wrong.text
    assert story.brief().marking == "PROGRAMME_PROTECTED"


def test_who_was_slower_is_told_and_loses_no_word(story: Story, shipped_world: World) -> None:
    aino, eero, here = (
        shipped_world.browser("aino"),
        shipped_world.browser("eero"),
        f"/cases/{story.case}/marking",
    )
    aino.get(here)
    eero.get(here)
    assert (
        eero.post(
            here, {"marking": "NONE", "why": "Upphävd.", "was": "PROGRAMME_PROTECTED"}
        ).status_code
        == 303
    )
    late = aino.post(
        here, {"marking": "SEKRETESSMARKERING", "why": WHY, "was": "PROGRAMME_PROTECTED"}
    )
    assert late.status_code == 409
    assert "Somebody changed the marking meanwhile." in late.text
    assert WHY in late.text
    assert 'value="NONE" checked' in late.text
    assert story.brief().marking == "NONE"


@pytest.mark.parametrize(("name", "status"), [("mea", 404), ("iva", 404), ("greta", 404)])
def test_nobody_else_may(story: Story, shipped_world: World, name: str, status: int) -> None:
    browser, here = shipped_world.browser(name), f"/cases/{story.case}/marking"
    assert browser.get(here).status_code == status
    browser.get("/settings")
    assert (
        browser.post(
            here, {"marking": "NONE", "why": "x", "was": "PROGRAMME_PROTECTED"}
        ).status_code
        == status
    )
    assert here not in browser.get(f"/cases/{story.case}").text
    assert story.brief().marking == "PROGRAMME_PROTECTED"


def test_every_swedish_office_raises_a_marking_and_lowers_none(
    story: Story, shipped_world: World
) -> None:
    sara, here = shipped_world.browser("sara"), f"/cases/{story.case}/marking"
    page = sara.get(here).text
    assert 'value="NONE"' not in page
    was = {"why": WHY, "was": "PROGRAMME_PROTECTED"}
    assert sara.post(here, {"marking": "NONE", **was}).status_code == 403
    sara.get(here)
    assert sara.post(here, {"marking": "SEKRETESSMARKERING", **was}).status_code == 303
    assert story.brief().marking == "SEKRETESSMARKERING"
