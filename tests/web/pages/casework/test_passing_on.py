"""Passing a task on, and limits of writing."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest

from service.store.installation import ledger_entries
from tests.support.world import World
from tests.web.pages.casework.task_forms import address, carried
from tests.web.story import PAPER, Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_handing_over_gives_the_text_to_the_new_holder(story: Story, shipped_world: World) -> None:
    here = address(story, "Task_OfferReturnInformation")
    sara, stina = shipped_world.browser("sara"), shipped_world.browser("stina")
    sara.get(here)
    sara.post(f"{here}/unsent", {**carried(sara), "safeContact.hours": "SARAS TEXT"})
    sara.get(here)
    assert (
        sara.post(f"{here}/hand-over", {"to": "p_stina", "note": "Ring först"}).location == "/inbox"
    )
    page = stina.get(here).text
    assert "SARAS TEXT" in page
    assert "Ring först" in page
    assert stina.post(f"{here}/unsent", {"use": "p_sara"}).status_code == 303
    assert 'value="SARAS TEXT"' in stina.get(here).text


def test_a_colleagues_task_is_read_and_taken_over_with_a_reason(
    story: Story, shipped_world: World
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    sara, stina = shipped_world.browser("sara"), shipped_world.browser("stina")
    sara.get(here)
    assert sara.post(f"{here}/claim", {"do": "claim"}).location == here
    page = stina.get(here).text
    assert "Sara has had this since" in page
    assert '<fieldset class="t-all" disabled>' in page
    answer = stina.post(
        here, {**story.typed("Task_OfferReturnInformation", "stina"), **carried(stina), "send": "1"}
    )
    assert answer.status_code == 409
    assert (
        stina.post(f"{here}/claim", {"do": "take_over", "word": "Sara är sjuk"}).status_code == 303
    )
    assert "You have this" in stina.get(here).text
    assert stina.post(f"{here}/put-back", {"word": "fel"}).status_code == 303
    with shipped_world.program.database.transaction(write=False) as tx:
        assert [line.kind for line in ledger_entries.of_stream(tx, f"case/{story.case}")] == [
            "start",
            "claim",
            "take_over",
            "put_back",
        ]


def test_nobody_writes_faster_than_a_hand_and_no_text_is_lost(
    story: Story, shipped_world: World
) -> None:
    key, browser = story.key("Task_OfferReturnInformation"), shipped_world.browser("sara")
    for n in range(60):
        browser.get(f"/tasks/{key}")
        assert (
            browser.post(
                f"/tasks/{key}", {**carried(browser), "noteToOffice": f"{n}", "do": "keep"}
            ).status_code
            == 303
        )
    browser.get(f"/tasks/{key}")
    answer = browser.post(
        f"/tasks/{key}", {**carried(browser), "noteToOffice": "EN GÅNG FÖR MYCKET", "do": "keep"}
    )
    assert answer.status_code == 429
    assert "Wait a minute and send again." in answer.text
    assert "EN GÅNG FÖR MYCKET" in answer.text
    other = shipped_world.browser("stina")
    other.get("/inbox")
    assert other.post("/inbox", {"do": "claim", "task": key}).status_code == 303
    story.later(minutes=1, seconds=1)
    browser.get(f"/tasks/{key}")
    assert (
        browser.post(f"/cases/{story.case}/notes", {"what": "note", "text": "x"}).status_code == 303
    )


def test_what_comes_to_nothing_does_not_count_and_many_are_one(
    story: Story, shipped_world: World
) -> None:
    key, browser = story.key("Task_OfferReturnInformation"), shipped_world.browser("sara")
    for _ in range(70):
        browser.get(f"/tasks/{key}")
        assert browser.post(f"/tasks/{key}", {**carried(browser), "send": "1"}).status_code == 422
    for _ in range(3):
        shipped_world.start_case()
    browser.get("/inbox")
    many = re.findall(
        r'name="task" value="([0-9A-Z]{26})"', browser.page.text if browser.page else ""
    )
    assert len(many) == 4
    for _ in range(59):
        browser.get("/inbox")
        assert browser.post("/inbox", {"do": "claim", "task": many}).status_code == 303
    browser.get("/inbox")
    assert browser.post("/inbox", {"do": "put_back", "task": many}).status_code == 303
    browser.get("/inbox")
    assert browser.post("/inbox", {"do": "claim", "task": many}).status_code == 429


def test_text_typed_beside_a_colleague_is_there_on_the_page(
    story: Story, shipped_world: World
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    sara, stina = shipped_world.browser("sara"), shipped_world.browser("stina")
    assert "the colleague can read and use it" in stina.get(here).text
    late = {**story.typed("Task_OfferReturnInformation", "stina"), **carried(stina)}
    sara.get(here)
    sara.post(f"{here}/unsent", {**carried(sara), "safeContact.hours": "SARAS TEXT"})
    answer = stina.post(f"{here}/unsent", {**late, "safeContact.hours": "STINAS TEXT"})
    assert answer.status_code == 409
    assert answer.json is not None
    assert "Sara has had this" in answer.json["detail"]
    assert "Your text is saved; who has the task can read and use it." in answer.json["detail"]
    page = stina.get(here).text
    assert "STINAS TEXT" in page
    assert "SARAS TEXT" not in page
    assert "you can read and use what Sara has written and not sent" in page
    assert "What you have written yourself stays in the form below" in page
    late["fill_rev"] = [str(answer.json["fill_rev"])]
    sent = {**late, "safeContact.hours": "STINA SENDS", "send": "1"}
    assert stina.post(here, sent).status_code == 409
    assert "STINA SENDS" in stina.get(here).text
    assert "Begun by a colleague" in sara.get(here).text


def test_text_that_comes_with_a_file_is_kept_beside_too(story: Story, shipped_world: World) -> None:
    here = f"/tasks/{story.until('Task_SubmitReferral')}"
    sara, stina = shipped_world.browser("sara"), shipped_world.browser("stina")
    stina.get(here)
    sara.get(here)
    assert sara.post(f"{here}/claim", {"do": "claim"}).status_code == 303
    file = (io.BytesIO(PAPER), "x.pdf")
    sent = {**carried(stina), "familyName": "STINAS TEXT", "attachments": file, "do": "keep"}
    answer = stina.post(here, sent, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert "STINAS TEXT" in answer.text
    assert "STINAS TEXT" in stina.get(here).text
