"""The page of a task: what it shows, says and keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from service.casework.commands import button_consequences, button_preview
from service.casework.tasks import form_session
from service.store.casefile import facts, referrals
from service.store.installation import ledger_entries
from service.store.work import tasks
from tests.support.world import World
from tests.web.pages.casework.task_forms import address, carried
from tests.web.story import ROAD, Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_the_page_draws_the_form_of_the_cases_release(story: Story, shipped_world: World) -> None:
    page = shipped_world.browser("sara").get(address(story, "Task_OfferReturnInformation"))
    assert page.status_code == 200
    for field in story.release().forms["new_case"].fields:
        if field.key and not field.buttons and field.kind != "paragraph":
            assert f'"{field.key}' in page.text, field.key


def test_a_task_that_one_sees_but_others_do_says_so(story: Story, shipped_world: World) -> None:
    key = story.until("Task_CounselReturnee")
    browser = shipped_world.browser("sara")
    assert browser.get(f"/cases/{story.case}").status_code == 200
    refused = browser.get(f"/tasks/{key}")
    assert refused.status_code == 403
    assert "You may not do this" in refused.text
    assert "person responsible for your office" in refused.text


def test_a_task_of_another_office_does_not_exist(story: Story, shipped_world: World) -> None:
    assert (
        shipped_world.browser("omar").get(address(story, "Task_OfferReturnInformation")).status_code
        == 404
    )


def test_what_an_office_may_not_see_is_not_in_its_page(story: Story, shipped_world: World) -> None:
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
    page = shipped_world.browser("omar").get(address(story, "Task_DecideReferral"))
    assert "KANARIE-NAMN" in page.text
    assert not {"KANARIE-KONTOR", "KANARIE-TID", "KANARIE-ORD", "KANARIE-EGET"} & set(
        re.findall(r"KANARIE-[A-Z]+", page.text)
    )
    for name, element in (
        ("omar", "Task_DecideReferral"),
        ("aino", "Task_CounselReturnee"),
        ("iva", "Task_LocalContact"),
        ("sara", "Task_SignApplication"),
        ("aino", "Task_CheckApplication"),
    ):
        story.do(name, element, **canaries.get(element, {}))
    story.do("aino", "Task_AssessNeeds")
    page = shipped_world.browser("iva").get(address(story, "Task_ConfirmLocalSupport"))
    assert page.status_code == 200
    assert not re.findall(r"KANARIE-[A-Z]+", page.text)


def test_a_read_line_stands_before_the_page_does(story: Story, shipped_world: World) -> None:
    shipped_world.browser("sara").get(address(story, "Task_OfferReturnInformation"))
    with shipped_world.program.database.transaction(write=False) as tx:
        read = ledger_entries.of_stream(tx, f"reads/{story.case}")
    assert [(line.kind, line.actor, json.loads(line.body)["purpose"]) for line in read] == [
        ("read", "p_sara", "task")
    ]


def test_typing_is_kept_and_claims_the_task(story: Story, shipped_world: World) -> None:
    here = address(story, "Task_OfferReturnInformation")
    browser = shipped_world.browser("sara")
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
    assert "efter klockan tr" not in shipped_world.browser("stina").get(here).text
    with shipped_world.program.database.transaction(write=False) as tx:
        assert [t.claimed_by for t in tasks.of_case(tx, story.case)] == ["p_sara"]
    stina = shipped_world.browser("stina")
    stina.get(here)
    assert stina.post(f"{here}/unsent", {"safeContact.hours": "x"}).status_code == 409


def test_two_tabs_are_merged_and_conflicts_are_asked_about(
    story: Story, shipped_world: World
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    browser = shipped_world.browser("sara")
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


def test_a_preview_says_what_sending_then_does(story: Story, shipped_world: World) -> None:
    here = f"/tasks/{story.until('Task_SubmitReferral')}"
    browser = shipped_world.browser("sara")
    browser.get(here)
    body = {**story.typed("Task_SubmitReferral", "sara"), **carried(browser)}
    told = (browser.post(f"{here}/preview", body).json or {})["buttons"]["1"]
    assert len(story.facts()) == 2
    assert browser.post(here, {**body, "send": "1"}).status_code == 303
    with shipped_world.program.database.transaction(write=False) as tx:
        opened = tasks.of_case(tx, story.case)
    name = story.release().definitions["return_case"].elements["Task_DecideReferral"].names["en"]
    assert [t.element for t in opened] == ["Task_DecideReferral"]
    assert opened[0].due is not None
    assert told[0] == f"Board gets the task “{name}”, due {opened[0].due.astimezone().date()}."
    assert "A letter without personal data goes to Board." in told


def test_sending_opens_exactly_the_foretold_tasks(story: Story, shipped_world: World) -> None:
    services = shipped_world.program.services
    for name, element in ROAD:
        who = shipped_world.loaded_viewer(name)
        now = shipped_world.clock.now()
        with shipped_world.program.database.transaction(write=False) as tx:
            at = form_session.open_task_form(tx, services, who, story.key(element), now)
            told = button_preview.preview_task(
                tx,
                services,
                who,
                at.target.loaded,
                at.target.task,
                at.check(story.typed(element, name)),
                now,
            )
        foretold = sorted(
            (c.element.id, c.due)
            for c in told
            if c.kind == button_consequences.TASK and c.element is not None and not c.usual
        )
        before = story.open()
        story.do(name, element)
        with shipped_world.program.database.transaction(write=False) as tx:
            opened = sorted(
                (t.element, t.due) for t in tasks.of_case(tx, story.case) if t.element not in before
            )
        unsure = any(c.usual or c.kind == button_consequences.DEPENDS for c in told)
        assert set(foretold) <= set(opened) if unsure else foretold == opened, element


def test_every_button_says_where_it_leads(story: Story, shipped_world: World) -> None:
    story.until("Task_DecideReferral")
    page = shipped_world.browser("omar").get(address(story, "Task_DecideReferral")).text
    lines_of = {
        value: re.search(rf'data-then="{value}">(.*?)</ul>', page, re.DOTALL)
        for value in ("APPROVED", "RETURNED", "REJECTED")
    }
    told = {value: found[1] for value, found in lines_of.items() if found is not None}
    assert "Helsinki usually gets the task" in told["APPROVED"]
    assert "Social gets the task" in told["RETURNED"]
    assert "Social gets the task “Tell the person the outcome”" in told["REJECTED"]


def test_the_page_says_why_the_task_is_there(story: Story, shipped_world: World) -> None:
    story.until("Task_DecideReferral")
    page = shipped_world.browser("omar").get(address(story, "Task_DecideReferral")).text
    assert "Sara (Social) did “" in page
    assert "The rule “" in page


def test_the_form_goes_on_paper_with_a_line_that_says_so(
    story: Story, shipped_world: World
) -> None:
    here = address(story, "Task_OfferReturnInformation")
    page = shipped_world.browser("sara").get(f"{here}/print?filled=1")
    assert page.status_code == 200
    assert "Printed by Sara" in page.text
    with shipped_world.program.database.transaction(write=False) as tx:
        assert [line.kind for line in ledger_entries.of_stream(tx, f"reads/{story.case}")] == [
            "print"
        ]


def test_a_referral_has_a_receipt_and_an_answer(story: Story, shipped_world: World) -> None:
    story.until("Task_DecideReferral")
    with shipped_world.program.database.transaction(write=False) as tx:
        (sent,) = referrals.of_case(tx, story.case)
    assert (sent.from_office, sent.to_office, sent.state) == (
        "social",
        "lansstyrelsen-stockholm",
        "sent",
    )
    assert "familyName" in sent.fields
    assert "noteToOffice" not in sent.fields
    shipped_world.browser("omar").get(address(story, "Task_DecideReferral"))
    story.do("omar", "Task_DecideReferral")
    with shipped_world.program.database.transaction(write=False) as tx:
        (answered,) = referrals.of_case(tx, story.case)
        kinds = [
            line.kind
            for line in ledger_entries.of_stream(tx, f"case/{story.case}")
            if line.kind.startswith("refer")
        ]
    assert (answered.state, kinds) == ("accepted", ["refer_sent", "refer_opened", "refer_accepted"])


def test_facts_hold_no_answer(story: Story, shipped_world: World) -> None:
    story.until("Task_DecideReferral", Task_SubmitReferral={"familyName": "KANARIE"})
    with shipped_world.program.database.transaction(write=False) as tx:
        assert "KANARIE" not in repr(facts.of_case(tx, story.case))
