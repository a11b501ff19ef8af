"""The page of a task: what it shows to whom, what typing and sending do, and what happens when two
are at it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.actions.operations import clock_guard
from service.actions.tasks import consequences, form_session, preview
from service.store.casefile import documents, facts, referrals
from service.store.installation import ledger_entries
from service.store.work import tasks
from tests.web.conftest import Browser, Town
from tests.web.story import PAPER, ROAD, Story

SEVERE = {"owesDebt": "YES"}
"""An answer that makes the risk high, so that a second person must look."""
RETURNED = {
    "referralDecision": "RETURNED",
    "reasonCode": "INCOMPLETE",
    "missingItems": ["CONSENT"],
    "decisionNote": "Samtycket saknas.",
}


@pytest.fixture
def story(working: Town) -> Iterator[Story]:
    made = Story(working)
    yield made
    made.close()


def address(story: Story, element: str) -> str:
    return f"/tasks/{story.key(element)}"


def carried(browser: Browser) -> dict[str, str]:
    """What the form of the page carries beside the answers."""
    assert browser.page is not None
    found = dict(
        re.findall(
            r'<input type="hidden" name="(rev|fill_rev|case|step)" value="([^"]*)">',
            browser.page.text,
        )
    )
    return {**found, **browser.hidden()}


def test_the_page_draws_the_form_of_the_cases_release(story: Story, working: Town) -> None:
    page = working.browser("sara").get(address(story, "Task_OfferReturnInformation"))
    assert page.status_code == 200
    for field in story.release().forms["new_case"].fields:
        if field.key and not field.buttons and field.kind != "paragraph":
            assert f'"{field.key}' in page.text, field.key


def test_a_task_of_another_office_does_not_exist(story: Story, working: Town) -> None:
    assert (
        working.browser("omar").get(address(story, "Task_OfferReturnInformation")).status_code
        == 404
    )


def test_what_an_office_may_not_see_is_not_in_its_page(story: Story, working: Town) -> None:
    canaries: dict[str, dict[str, Any]] = {
        "Task_OfferReturnInformation": {
            "noteToOffice": "KANARIE-KONTOR",
            "safeContact": {
                "channel": "PHONE",
                "hours": "KANARIE-TID",
                "language": "bg",
                "codeWord": "KANARIE-ORD",
                "neverLeaveMessage": True,
            },
        },
        "Task_SubmitReferral": {"familyName": "KANARIE-NAMN", "noteToOffice": "KANARIE-EGET"},
        "Task_DecideReferral": {"noteToOffice": "KANARIE-BESLUT"},
    }
    story.until("Task_DecideReferral", **canaries)
    page = working.browser("omar").get(address(story, "Task_DecideReferral"))
    assert "KANARIE-NAMN" in page.text
    assert not {"KANARIE-KONTOR", "KANARIE-TID", "KANARIE-ORD", "KANARIE-EGET"} & set(
        re.findall(r"KANARIE-[A-Z]+", page.text)
    )
    for name, element in (
        ("omar", "Task_DecideReferral"),
        ("aino", "Task_CounselReturnee"),
        ("sara", "Task_SignApplication"),
        ("aino", "Task_CheckApplication"),
    ):
        story.do(name, element, **canaries.get(element, {}))
    story.do("aino", "Task_AssessNeeds")
    page = working.browser("iva").get(address(story, "Task_ConfirmLocalSupport"))
    assert page.status_code == 200
    assert not re.findall(r"KANARIE-[A-Z]+", page.text)


def test_a_read_line_stands_before_the_page_does(story: Story, working: Town) -> None:
    working.browser("sara").get(address(story, "Task_OfferReturnInformation"))
    with working.program.database.transaction(write=False) as tx:
        read = ledger_entries.of_stream(tx, f"reads/{story.case}")
    assert [(line.kind, line.actor, json.loads(line.body)["purpose"]) for line in read] == [
        ("read", "p_sara", "task")
    ]


def test_a_wrong_answer_says_so_at_its_field_and_keeps_all_that_was_typed(
    story: Story, working: Town
) -> None:
    browser = working.browser("sara")
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


def test_sending_twice_has_one_effect_and_one_answer(story: Story, working: Town) -> None:
    browser = working.browser("sara")
    here = address(story, "Task_OfferReturnInformation")
    browser.get(here)
    body = {**story.typed("Task_OfferReturnInformation", "sara"), **carried(browser), "send": "1"}
    first, second = browser.post(here, body), browser.post(here, body)
    assert (
        (first.status_code, first.location)
        == (303, "/inbox?done=1")
        == (second.status_code, second.location)
    )
    assert len(story.facts()) == 2
    assert story.open() == ["Task_SubmitReferral"]


def test_of_two_who_send_the_later_one_reads_who_was_faster_and_finds_her_text(
    story: Story, working: Town
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    sara, stina = working.browser("sara"), working.browser("stina")
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


def test_typing_is_kept_and_claims_the_task(story: Story, working: Town) -> None:
    here = address(story, "Task_OfferReturnInformation")
    browser = working.browser("sara")
    browser.get(here)
    answer = browser.post(
        f"{here}/unsent",
        {**carried(browser), "safeContact.hours": "efter klockan tr"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 200
    assert (answer.json or {})["fill_rev"] == 1
    page = browser.get(here)
    assert "efter klockan tr" in page.text
    assert "efter klockan tr" not in working.browser("stina").get(here).text
    with working.program.database.transaction(write=False) as tx:
        assert [t.claimed_by for t in tasks.of_case(tx, story.case)] == ["p_sara"]
    stina = working.browser("stina")
    stina.get(here)
    assert stina.post(f"{here}/unsent", {"safeContact.hours": "x"}).status_code == 409


def test_two_tabs_are_merged_field_by_field_and_a_field_that_both_changed_is_asked_about(
    story: Story, working: Town
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    browser = working.browser("sara")
    browser.get(here)
    start = carried(browser)
    save = {"path": f"{here}/unsent"}
    assert browser.post(save["path"], {**start, "safeContact.hours": "TIMMAR"}).status_code == 200
    second = browser.post(save["path"], {**start, "safeContact.codeWord": "ORDET"})
    assert (second.status_code, (second.json or {})["fill_rev"]) == (200, 2)
    page = browser.get(here).text
    assert "TIMMAR" in page
    assert "ORDET" in page
    clash = browser.post(save["path"], {**start, "safeContact.codeWord": "ANNAT"})
    assert clash.status_code == 409
    assert "ORDET" in (clash.json or {})["detail"]
    chosen = browser.post(
        save["path"],
        {**start, "fill_rev": "2", "safeContact.codeWord": "ANNAT", "safeContact.hours": "TIMMAR"},
    )
    assert chosen.status_code == 200
    assert "ANNAT" in browser.get(here).text


def test_a_preview_says_what_sending_then_does(story: Story, working: Town) -> None:
    here = f"/tasks/{story.until('Task_SubmitReferral')}"
    browser = working.browser("sara")
    browser.get(here)
    body = {**story.typed("Task_SubmitReferral", "sara"), **carried(browser)}
    told = (browser.post(f"{here}/preview", body).json or {})["buttons"]["1"]
    assert len(story.facts()) == 2
    assert browser.post(here, {**body, "send": "1"}).status_code == 303
    with working.program.database.transaction(write=False) as tx:
        opened = tasks.of_case(tx, story.case)
    name = story.release().definitions["return_case"].elements["Task_DecideReferral"].names["en"]
    assert [t.element for t in opened] == ["Task_DecideReferral"]
    assert opened[0].due is not None
    assert told[0] == f"Board gets the task “{name}”, due {opened[0].due.astimezone().date()}."
    assert "A letter without personal data goes to Board." in told


def test_on_the_whole_road_to_a_plan_sending_opens_exactly_the_tasks_that_were_foretold(
    story: Story, working: Town
) -> None:
    services = working.program.services
    for name, element in ROAD:
        who = working.person(name)
        now = working.clock.now()
        with working.program.database.transaction(write=False) as tx:
            at = form_session.open_form_session(tx, services, who.viewer, story.key(element), now)
            told = preview.preview_task(
                tx,
                services,
                who.viewer,
                at.loaded,
                at.task,
                at.check(story.typed(element, name)),
                now,
            )
        foretold = sorted(
            (c.element.id, c.due)
            for c in told
            if c.kind == consequences.TASK and c.element is not None and not c.usual
        )
        before = story.open()
        story.do(name, element)
        with working.program.database.transaction(write=False) as tx:
            opened = sorted(
                (t.element, t.due) for t in tasks.of_case(tx, story.case) if t.element not in before
            )
        unsure = any(c.usual or c.kind == consequences.DEPENDS for c in told)
        assert set(foretold) <= set(opened) if unsure else foretold == opened, element


def test_every_button_says_where_it_leads(story: Story, working: Town) -> None:
    story.until("Task_DecideReferral")
    page = working.browser("omar").get(address(story, "Task_DecideReferral")).text
    lines_of = {
        value: re.search(rf'data-then="{value}">(.*?)</ul>', page, re.DOTALL)
        for value in ("APPROVED", "RETURNED", "REJECTED")
    }
    told = {value: found[1] for value, found in lines_of.items() if found is not None}
    assert "Helsinki usually gets the task" in told["APPROVED"]
    assert "Social gets the task" in told["RETURNED"]
    assert "ends" in told["REJECTED"]


def test_the_page_says_why_the_task_is_there(story: Story, working: Town) -> None:
    story.until("Task_DecideReferral")
    page = working.browser("omar").get(address(story, "Task_DecideReferral")).text
    assert "Sara (Social) did “" in page
    assert "The rule “" in page


def test_a_file_is_kept_even_when_another_field_is_wrong_and_has_a_neutral_name(
    story: Story, working: Town
) -> None:
    here = f"/tasks/{story.until('Task_SubmitReferral')}"
    browser = working.browser("sara")
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
    assert "paper 1, PDF" in answer.text
    with working.program.database.transaction(write=False) as tx:
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
    story: Story, working: Town
) -> None:
    here = f"/tasks/{story.until('Task_SubmitReferral')}"
    browser = working.browser("sara")
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


def test_who_did_a_step_may_not_check_it(story: Story, working: Town) -> None:
    story.until("Task_MakePlan")
    story.do("aino", "Task_MakePlan")
    story.do("aino", "Task_IdentifyRisks", **SEVERE)
    here = address(story, "Task_SecondReview")
    aino = working.browser("aino")
    page = aino.get(here)
    assert "Another person must do this" in page.text
    refused = aino.post(
        here, {**story.typed("Task_SecondReview", "aino"), **carried(aino), "reviewOutcome": "GO"}
    )
    assert refused.status_code == 403
    assert "Another person must do this" in refused.text
    assert "Another person must do this" not in working.browser("eero").get(here).text


def test_a_deadline_that_passed_is_told_and_the_text_is_kept(story: Story, working: Town) -> None:
    story.until("Task_DecideReferral")
    story.do("omar", "Task_DecideReferral", **RETURNED)
    here = address(story, "Task_CompleteReferral")
    story.later(days=40)
    browser = working.browser("sara")
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


def test_while_the_servers_clock_is_not_to_be_trusted_no_deadline_passes_and_the_text_is_kept(
    story: Story, working: Town
) -> None:
    story.until("Task_DecideReferral")
    story.do("omar", "Task_DecideReferral", **RETURNED)
    here = address(story, "Task_CompleteReferral")
    story.later(days=40)
    with working.program.database.transaction() as tx:
        clock_guard.pause(tx, now=working.clock.now(), by=timedelta(days=40))
    browser = working.browser("sara")
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


def test_handing_over_gives_the_text_to_the_colleague_who_may_use_it(
    story: Story, working: Town
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    sara, stina = working.browser("sara"), working.browser("stina")
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


def test_a_task_that_a_colleague_has_can_be_read_and_taken_over_with_a_word(
    story: Story, working: Town
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    sara, stina = working.browser("sara"), working.browser("stina")
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
    with working.program.database.transaction(write=False) as tx:
        assert [line.kind for line in ledger_entries.of_stream(tx, f"case/{story.case}")] == [
            "start",
            "claim",
            "take_over",
            "put_back",
        ]


def test_without_script_the_form_is_drawn_again_by_a_button(story: Story, working: Town) -> None:
    here = address(story, "Task_OfferReturnInformation")
    browser = working.browser("sara")
    browser.get(here)
    typed = story.typed("Task_OfferReturnInformation", "sara")
    longer = browser.post(here, {**typed, **carried(browser), "do": "add:languages"})
    assert longer.status_code == 200
    assert 'name="languages.1.' in longer.text
    shorter = browser.post(
        here,
        {**typed, **carried(browser), "languages.1.language": "sv", "do": "remove:languages.1"},
    )
    assert 'name="languages.1.' not in shorter.text
    kept = browser.post(
        here, {**typed, **carried(browser), "safeContact.hours": "SPARAT", "do": "keep"}
    )
    assert (kept.status_code, kept.location) == (303, here)
    assert "SPARAT" in browser.get(here).text
    assert len(story.facts()) == 1


def test_the_form_goes_on_paper_with_a_line_that_says_so(story: Story, working: Town) -> None:
    here = address(story, "Task_OfferReturnInformation")
    page = working.browser("sara").get(f"{here}/print?filled=1")
    assert page.status_code == 200
    assert "Printed by Sara" in page.text
    with working.program.database.transaction(write=False) as tx:
        assert [line.kind for line in ledger_entries.of_stream(tx, f"reads/{story.case}")] == [
            "print"
        ]


def test_a_referral_has_a_receipt_and_an_answer(story: Story, working: Town) -> None:
    story.until("Task_DecideReferral")
    with working.program.database.transaction(write=False) as tx:
        (sent,) = referrals.of_case(tx, story.case)
    assert (sent.from_office, sent.to_office, sent.state) == (
        "social",
        "lansstyrelsen-stockholm",
        "sent",
    )
    assert "familyName" in sent.fields
    assert "noteToOffice" not in sent.fields
    working.browser("omar").get(address(story, "Task_DecideReferral"))
    story.do("omar", "Task_DecideReferral")
    with working.program.database.transaction(write=False) as tx:
        (answered,) = referrals.of_case(tx, story.case)
        kinds = [
            line.kind
            for line in ledger_entries.of_stream(tx, f"case/{story.case}")
            if line.kind.startswith("refer")
        ]
    assert (answered.state, kinds) == ("accepted", ["refer_sent", "refer_opened", "refer_accepted"])


def test_facts_hold_no_answer(story: Story, working: Town) -> None:
    story.until("Task_DecideReferral", Task_SubmitReferral={"familyName": "KANARIE"})
    with working.program.database.transaction(write=False) as tx:
        assert "KANARIE" not in repr(facts.of_case(tx, story.case))


def test_nobody_writes_more_in_a_minute_than_a_hand_can_and_no_text_is_lost(
    story: Story, working: Town
) -> None:
    key, browser = story.key("Task_OfferReturnInformation"), working.browser("sara")
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
    other = working.browser("stina")
    other.get("/inbox")
    assert other.post("/inbox", {"do": "claim", "task": key}).status_code == 303
    story.later(minutes=1, seconds=1)
    browser.get(f"/tasks/{key}")
    assert (
        browser.post(f"/cases/{story.case}/notes", {"what": "note", "text": "x"}).status_code == 303
    )


def test_what_comes_to_nothing_does_not_count_and_one_act_on_many_counts_once(
    story: Story, working: Town
) -> None:
    key, browser = story.key("Task_OfferReturnInformation"), working.browser("sara")
    for _ in range(70):
        browser.get(f"/tasks/{key}")
        assert browser.post(f"/tasks/{key}", {**carried(browser), "send": "1"}).status_code == 422
    for _ in range(3):
        working.start_case()
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
