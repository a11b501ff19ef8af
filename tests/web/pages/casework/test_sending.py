"""Sending the form of a task: once, refused with its text, or too late."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.casework import clock_guard
from service.casework.cases import turn
from service.casework.commands import button_preview
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.casefile import documents
from tests.support import diagrams as d
from tests.support import small
from tests.support.browser import PASSWORD
from tests.support.directory import ONE_OFFICE
from tests.support.world import World, open_world
from tests.web.pages.casework.task_forms import address, carried
from tests.web.story import PAPER, Story

SEVERE = {"owesDebt": "YES"}
"""An answer that makes the risk high, so that a second person must look."""


RETURNED = {
    "referralDecision": "RETURNED",
    "reasonCode": "INCOMPLETE",
    "missingItems": ["CONSENT"],
    "decisionNote": "Samtycket saknas.",
}


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_a_wrong_answer_is_said_at_its_field_and_kept(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    browser.get(address(story, "Task_OfferReturnInformation"))
    typed = {
        **story.typed("Task_OfferReturnInformation", "sara"),
        "safeContact.hours": ["bara på tisdagar"],
        "victimCategory": ["NO_SUCH"],
    }
    answer = browser.post(
        address(story, "Task_OfferReturnInformation"), {**typed, **carried(browser), "send": "1"}
    )
    assert answer.status_code == 422
    assert "bara på tisdagar" in answer.text
    assert 'href="#f-victimCategory"' in answer.text
    assert "<title>Error:" in answer.text
    assert len(story.facts()) == 1


def test_the_summary_says_what_a_question_is_part_of(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    here = address(story, "Task_OfferReturnInformation")
    browser.get(here)
    typed = story.typed("Task_OfferReturnInformation", "sara")
    left = {path: text for path, text in typed.items() if not path.startswith("safeContact.")}
    answer = browser.post(here, {**left, **carried(browser), "send": "1"})
    assert answer.status_code == 422
    errors = answer.text.partition('id="errors"')[2].partition("</ul>")[0]
    summary = " ".join(re.sub(r"<[^>]+>", " ", errors).split())
    assert "Safe contact: Way of contact: Choose an answer." in summary


def test_sending_twice_has_one_effect_and_one_answer(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    here = address(story, "Task_OfferReturnInformation")
    browser.get(here)
    body = {**story.typed("Task_OfferReturnInformation", "sara"), **carried(browser), "send": "1"}
    first, second = browser.post(here, body), browser.post(here, body)
    follows = f"{address(story, 'Task_SubmitReferral')}?sent={story.case}&rev=2"
    assert (
        (first.status_code, first.location)
        == (303, follows)
        == (second.status_code, second.location)
    )
    assert len(story.facts()) == 2
    assert story.open() == ["Task_SubmitReferral"]


def test_who_sent_a_step_goes_on_with_the_next_that_is_hers(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("sara")
    here = address(story, "Task_OfferReturnInformation")
    browser.get(here)
    typed = story.typed("Task_OfferReturnInformation", "sara")
    sent = browser.post(here, {**typed, **carried(browser), "send": "1"})
    page = browser.get(sent.location).text
    said = page.partition('role="status"')[2].partition("<h1")[0]
    assert f"in {story.brief().ref} was sent." in said
    assert f"/cases/{story.case}" in said
    assert "/claim" not in said, "nothing leads to where she is"
    assert "<h1>Referral: refer the case</h1>" in page
    assert "was sent" not in browser.get(address(story, "Task_SubmitReferral")).text
    assert "was sent" not in shipped_world.browser("stina").get(sent.location).text


def test_what_was_sent_says_where_the_case_is_then(story: Story, shipped_world: World) -> None:
    story.until("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    here = address(story, "Task_SubmitReferral")
    browser.get(here)
    typed = {**story.typed("Task_SubmitReferral", "sara"), **carried(browser), "send": "1"}
    sent = browser.post(here, typed)
    ref = story.brief().ref
    said = browser.get(sent.location).text
    step = "“Referral: refer the case”"
    assert f"{step} in {ref} was sent." in said
    assert "The case is now with Board: “Notification: approve the request”, by " in said
    assert "was sent" not in shipped_world.browser("omar").get(sent.location).text
    for other in (f"/inbox?sent={story.case}&rev=1", "/inbox?sent=x&rev=2", "/inbox?sent=&rev=-1"):
        assert "was sent" not in browser.get(other).text


def test_the_later_of_two_senders_keeps_her_text(story: Story, shipped_world: World) -> None:
    here = address(story, "Task_OfferReturnInformation")
    sara, stina = shipped_world.browser("sara"), shipped_world.browser("stina")
    stina.get(here)
    late = {
        **story.typed("Task_OfferReturnInformation", "stina"),
        **carried(stina),
        "safeContact.hours": ["STINAS TEXT"],
        "send": "1",
    }
    sara.get(here)
    assert (
        sara.post(
            here,
            {**story.typed("Task_OfferReturnInformation", "sara"), **carried(sara), "send": "1"},
        ).status_code
        == 303
    )
    answer = stina.post(here, late)
    assert answer.status_code == 409
    assert "Sara (Social)" in answer.text
    assert "STINAS TEXT" in answer.text
    assert "STINAS TEXT" in stina.get(here).text
    assert "STINAS TEXT" not in sara.get(here).text
    assert len(story.facts()) == 2


def test_a_file_is_kept_under_a_neutral_name_despite_faults(
    story: Story, shipped_world: World
) -> None:
    here = f"/tasks/{story.until('Task_SubmitReferral')}"
    browser = shipped_world.browser("sara")
    browser.get(here)
    typed = {
        k: v
        for k, v in story.typed("Task_SubmitReferral", "sara").items()
        if k != "countryOfReturn"
    }
    body = {
        **typed,
        **carried(browser),
        "send": "1",
        "attachments": (io.BytesIO(PAPER), "anna svensson pass.pdf"),
    }
    answer = browser.post(here, body, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "anna svensson" not in answer.text
    assert "document 1, PDF" in answer.text
    with shipped_world.program.database.transaction(write=False) as tx:
        kept = documents.of_case(tx, story.case)
    assert [(d.field, d.klass, d.by) for d in kept] == [("attachments", "C1", "p_sara")]
    body = {
        **story.typed("Task_SubmitReferral", "sara"),
        **carried(browser),
        "send": "1",
        "attachments": kept[0].id,
    }
    assert browser.post(here, body).status_code == 303


def test_a_file_that_is_not_what_it_says_is_refused_at_its_field(
    story: Story, shipped_world: World
) -> None:
    here = f"/tasks/{story.until('Task_SubmitReferral')}"
    browser = shipped_world.browser("sara")
    browser.get(here)
    body = {
        **story.typed("Task_SubmitReferral", "sara"),
        **carried(browser),
        "send": "1",
        "attachments": (io.BytesIO(b"MZ program"), "x.pdf"),
    }
    answer = browser.post(here, body, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "This file is not what its name says" in answer.text
    assert story.open() == ["Task_SubmitReferral"]


def test_who_did_a_step_may_not_check_it(story: Story, shipped_world: World) -> None:
    story.until("Task_MakePlan")
    story.do("aino", "Task_MakePlan")
    story.do("aino", "Task_IdentifyRisks", **SEVERE)
    here = address(story, "Task_SecondReview")
    aino = shipped_world.browser("aino")
    page = aino.get(here)
    assert "Another person must do this" in page.text
    refused = aino.post(
        here, {**story.typed("Task_SecondReview", "aino"), **carried(aino), "reviewOutcome": "GO"}
    )
    assert refused.status_code == 403
    assert "Another person must do this" in refused.text
    assert "Another person must do this" not in shipped_world.browser("eero").get(here).text


def test_a_deadline_that_passed_is_told_and_the_text_is_kept(
    story: Story, shipped_world: World
) -> None:
    story.until("Task_DecideReferral")
    story.do("omar", "Task_DecideReferral", **RETURNED)
    here = address(story, "Task_CompleteReferral")
    story.later(days=40)
    browser = shipped_world.browser("sara")
    browser.get(here)
    answer = browser.post(
        here,
        {
            **story.typed("Task_CompleteReferral", "sara"),
            **carried(browser),
            "familyName": ["SENT"],
            "send": "1",
        },
    )
    assert answer.status_code == 410
    assert "deadline" in answer.text
    assert "SENT" in answer.text
    assert story.open() == []


def test_with_an_untrusted_clock_no_deadline_passes(story: Story, shipped_world: World) -> None:
    story.until("Task_DecideReferral")
    story.do("omar", "Task_DecideReferral", **RETURNED)
    here = address(story, "Task_CompleteReferral")
    story.later(days=40)
    with shipped_world.program.database.transaction() as tx:
        clock_guard.pause(tx, now=shipped_world.clock.now(), by=timedelta(days=40))
    browser = shipped_world.browser("sara")
    browser.get(here)
    answer = browser.post(
        here,
        {
            **story.typed("Task_CompleteReferral", "sara"),
            **carried(browser),
            "familyName": ["SENT"],
            "send": "1",
        },
    )
    assert answer.status_code == 503
    assert "The clock of the server jumped" in answer.text
    assert "SENT" in answer.text
    assert story.open() == ["Task_CompleteReferral"]


def test_without_script_the_form_is_drawn_again_by_a_button(
    story: Story, shipped_world: World
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    browser = shipped_world.browser("sara")
    browser.get(here)
    typed = story.typed("Task_OfferReturnInformation", "sara")
    longer = browser.post(here, {**typed, **carried(browser), "do": "add:languages"})
    assert (longer.status_code, longer.location) == (303, f"{here}#f-languages-1")
    assert 'name="languages.1.' in browser.get(here).text
    shorter = browser.post(
        here,
        {**typed, **carried(browser), "languages.1.language": "sv", "do": "remove:languages.1"},
    )
    assert (shorter.status_code, shorter.location) == (303, f"{here}#f-languages")
    again = browser.get(here).text
    assert typed["languages.0.language"][0] in again
    assert 'name="languages.1.' not in again
    kept = browser.post(
        here, {**typed, **carried(browser), "safeContact.hours": "SPARAT", "do": "keep"}
    )
    assert (kept.status_code, kept.location) == (303, here)
    assert "SPARAT" in browser.get(here).text
    assert len(story.facts()) == 1


def test_it_asks_though_nothing_can_be_looked_ahead_at(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    program = shipped_world.program
    services = replace(program.services, preview_seconds=0.0)
    hurried = replace(shipped_world, program=replace(program, services=services))
    browser = hurried.browser("sara")
    here = address(story, "Task_SignApplication")
    browser.get(here)
    no = {"applicationOutcome": "DECLINED", "supportInSweden": "false"}
    asked = browser.post(here, {**no, **carried(browser)})
    assert (asked.status_code, story.brief().status) == (200, "open")
    assert f"End {story.brief().ref}?" in asked.text


CALLS_AT_ITS_END = small.one(small.person("a") + small.person("b") + d.job("j"), "s>a a>b b>j j>e")


@pytest.mark.parametrize(
    ("form", "unasked", "asked"),
    [
        ("a", ["Complete"], None),
        ("b", ["Complete", "Answer"], ["Complete"]),
    ],
)
def test_a_posted_form_plays_its_turn_once(
    database_url: str,
    keyring: Keyring,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    unasked: list[str],
    asked: list[str] | None,
) -> None:
    """And once more for each call in a row that it opened, unless the end is meant."""
    settings = Settings(database_url=database_url, secret_key="s" * 32, base_url="http://localhost")
    directory = replace(ONE_OFFICE, password=PASSWORD)
    world = open_world(settings, keyring, CALLS_AT_ITS_END, directory=directory)
    played: list[str] = []
    for module in (turn, button_preview):

        def heard(*about: Any, to: Any = module.guarded, **more: Any) -> Any:
            played.append(type(about[2]).__name__)
            return to(*about, **more)

        monkeypatch.setattr(module, "guarded", heard)
    case, sara = world.start().case_id, world.browser("sara")
    if form == "b":
        world.do(case, "a")
    here = f"/tasks/{world.key(case, form)}"
    sara.get(here)
    played.clear()
    sent = sara.post(here, {"note": ".", **carried(sara)})
    assert (sent.status_code, played) == (303 if asked is None else 200, unasked)
    if asked is not None:
        assert "confirmed" in sent.text
        assert world.case(case).rev == 2, "nothing has changed"
        played.clear()
        sent = sara.post(here, {"note": ".", "confirmed": "end", **carried(sara)})
        assert (sent.status_code, played) == (303, asked)
    world.database.close()


def test_a_button_that_ends_the_case_asks_first(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    here = address(story, "Task_SignApplication")
    browser = shipped_world.browser("sara")
    browser.get(here)
    no = {"applicationOutcome": "DECLINED", "supportInSweden": "false"}
    asked = browser.post(here, {**no, **carried(browser)})
    assert (asked.status_code, story.brief().status) == (200, "open")
    assert f"End {story.brief().ref}?" in asked.text
    assert 'name="supportInSweden" value="false"' in asked.text
    again = browser.post(here, {**no, **carried(browser), "do": "update"})
    assert "Back to the form" not in again.text
    meant = browser.post(here, {**no, **carried(browser), "confirmed": "end"})
    assert meant.status_code == 303, meant.text
    assert "Task_SignApplication" not in story.open()
