"""A consent is taken back after the end of a case: beside it, by any office that has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.audit import verify
from service.casework.cases import consents as live_consents
from service.casework.cases import grants
from service.store.casefile import cases, consents
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from tests.support.world import World
from tests.web.story import Story

TOLD = "KANARIE: allt som redan har skickats finns kvar"
SAID: dict[str, Any] = {
    "purposes": ["PARTICIPATE", "REFER"],
    "who": "SELF",
    "on": "2026-03-02",
    "how": "PHONE",
    "effect": TOLD,
}
ENDS = {
    "voluntariness": "NOT_VOLUNTARY",
    "applicationCheck": "END",
    "endReason": "NOT_VOLUNTARY",
    "supportInSweden": False,
}


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_CheckApplication")
    yield made
    made.close()


@pytest.fixture
def ended(story: Story) -> Story:
    story.do("aino", "Task_CheckApplication", **ENDS)
    assert story.brief().status == "ended"
    return story


def rows(story: Story) -> dict[str, consents.Consent]:
    with story.world.database.transaction(write=False) as tx:
        return {row.purpose: row for row in consents.of_case(tx, story.case)}


def classes(story: Story, name: str) -> set[str]:
    """The classes that a person's grants open."""

    def seen(tx: Tx) -> set[str]:
        services, case = story.world.program.services, cases.get(tx, story.case)
        assert case is not None
        sight = grants.load_sight(tx, services, case, story.world.clock.now())
        own = sight.grants_of(story.world.loaded_viewer(name))
        return {klass for grant in own for klass in grant.classes}

    with story.world.database.transaction(write=False) as tx:
        return seen(tx)


def test_an_open_case_has_no_such_act(story: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("aino"), f"/cases/{story.case}/consents"
    assert browser.get(here).status_code == 404
    assert here not in browser.get(f"/cases/{story.case}").text
    assert browser.post(here, SAID).status_code == 404
    assert rows(story)["PARTICIPATE"].withdrawn_on is None


def test_an_office_of_the_case_takes_consents_back(ended: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("aino"), f"/cases/{ended.case}/consents"
    assert f'href="{here}"' in browser.get(f"/cases/{ended.case}").text
    page = browser.get(here).text
    assert 'value="PARTICIPATE"' in page
    before = classes(ended, "aino")
    done = browser.post(here, SAID)
    assert done.status_code == 303
    told = browser.get(done.location).text
    assert "The consent is taken back." in told
    assert "Taken back after the end of the case" in told
    assert "by phone" in told
    kept = rows(ended)
    assert str(kept["REFER"].withdrawn_on) == "2026-03-02"
    assert TOLD.encode() not in (kept["REFER"].withdrawal or b"")
    with shipped_world.database.transaction(write=False) as tx:
        now = shipped_world.clock.now()
        assert not {"REFER", "PARTICIPATE"} & set(live_consents.live(tx, ended.case, now))
        found = ledger_entries.latest(tx, f"case/{ended.case}", kinds=["consent_withdrawn"])
    assert len(found) == 2
    assert TOLD not in "".join(line.body for line in found)
    assert {"C1", "C2"} <= before
    assert not classes(ended, "aino") & {"C1", "C2", "C3"}, "sight that rests on it closes"


def test_it_stands_in_the_history_and_on_paper(ended: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("sara"), f"/cases/{ended.case}/consents"
    browser.get(here)
    assert browser.post(here, SAID).status_code == 303
    history = browser.get(f"/cases/{ended.case}?tab=history").text
    assert "Consent was taken back: taking part in the programme" in history
    paper = browser.get(f"/cases/{ended.case}/print").text
    assert "Taken back after the end of the case" in paper
    assert TOLD in paper, "her own office wrote it"
    assert TOLD not in shipped_world.browser("omar").get(f"/cases/{ended.case}/print").text


def test_a_case_with_such_a_withdrawal_verifies(ended: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("aino"), f"/cases/{ended.case}/consents"
    browser.get(here)
    browser.post(here, SAID)
    with shipped_world.database.transaction(write=False) as tx:
        services, now = shipped_world.program.services, shipped_world.clock.now()
        assert verify.verify_all(tx, services, now=now).faults == ()
        row = rows(ended)["REFER"]
    shipped_world.clock.set(shipped_world.clock.now() + timedelta(days=1))
    assert row.rev_withdrawn is None


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"purposes": []}, "Choose an answer."),
        ({"purposes": ["STATISTICS"]}, "Choose one of the answers"),
        ({"who": ""}, "Choose an answer."),
        ({"how": "SHOUTED"}, "Choose an answer."),
        ({"on": "yesterday"}, "Write the date as"),
        ({"on": "2026-03-03"}, "2026-03-02"),
        ({"on": "2020-01-01"}, "2026-03-02"),
        ({"effect": "x" * 201}, "200"),
    ],
)
def test_what_is_missing_is_said_and_kept(
    ended: Story, shipped_world: World, changed: dict[str, Any], says: str
) -> None:
    browser, here = shipped_world.browser("aino"), f"/cases/{ended.case}/consents"
    browser.get(here)
    refused = browser.post(here, {**SAID, **changed})
    assert refused.status_code == 422
    assert says in refused.text
    assert "The consent is taken back." not in refused.text
    assert rows(ended)["REFER"].withdrawn_on is None


def test_it_is_taken_back_once(ended: Story, shipped_world: World) -> None:
    browser, here = shipped_world.browser("aino"), f"/cases/{ended.case}/consents"
    browser.get(here)
    one = {**SAID, "purposes": ["REFER"]}
    assert browser.post(here, one).status_code == 303
    browser.get(here)
    assert browser.post(here, one).status_code == 422


@pytest.mark.parametrize("name", ["greta", "iva"])
def test_who_has_no_part_in_the_case_cannot(ended: Story, shipped_world: World, name: str) -> None:
    browser, here = shipped_world.browser(name), f"/cases/{ended.case}/consents"
    assert browser.get(here).status_code in (403, 404)
    browser.get("/settings")
    assert browser.post(here, SAID).status_code in (403, 404)
    assert rows(ended)["REFER"].withdrawn_on is None
