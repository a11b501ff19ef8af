"""Messages to a case, and what is typed for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.world import World
from tests.web.story import Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_taking_consent_back_stops_the_case_after_telling_so(
    story: Story, shipped_world: World
) -> None:
    story.until("Task_SignApplication")
    browser = shipped_world.browser("sara")
    assert "End participation" in browser.get(f"/cases/{story.case}").text
    here = f"/cases/{story.case}/messages/withdraw"
    assert browser.get(here).status_code == 200
    body = story.answers(
        "withdraw", "sara", stopReason="DECLINES", saidBy="SELF", saidOn="@today", saidHow="MEETING"
    )
    told = browser.post(f"{here}/preview", body).json or {}
    assert (
        told["buttons"]["send"][0]
        == "The task “Informed decision: sign and send” at Social falls away."
    )
    depends = "What comes next depends on the outcome of “Cancel what was booked”."
    assert depends in told["buttons"]["send"]
    sent = browser.post(here, {**body, "do": "send"}).location
    assert sent == f"/cases/{story.case}?sent={story.brief().rev}"
    page = browser.get(sent).text
    assert "“End participation” in" in page
    assert "Tresteg is doing “" in page, "what runs is said until it is done"
    story.settle()
    assert story.open() == ["Task_ArrangeSupport"], "stopping leads to help here"
    story.do("sara", "Task_ArrangeSupport")
    assert story.brief().status == "ended"
    page = browser.get(f"/cases/{story.case}").text
    assert "The case ends" in page
    assert "End participation" not in page
    assert browser.get(here).status_code == 403


def test_an_alert_is_sent_and_shows_the_numbers(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    here = f"/cases/{story.case}/messages/alert"
    assert browser.get(here).status_code == 200, "from the first step on"
    story.until("Task_SignApplication")
    page = browser.get(here)
    assert page.text.index('href="tel:112"') < page.text.index('<form class="t-form')
    wrong = browser.post(here, {"alertText": "OFÄRDIGT", "do": "send"})
    assert wrong.status_code == 422
    assert "OFÄRDIGT" in wrong.text
    body = story.answers(
        "alert_report",
        "sara",
        alertSeenOn="@now-PT1H",
        alertDanger=False,
        alertText="Hon kom inte till mötet.",
    )
    assert browser.post(here, {**body, "do": "send"}).status_code == 303
    assert "Task_HandleAlert" in story.open()


def test_the_task_of_an_alarm_shows_the_emergency_number(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("sara")
    here = f"/cases/{story.case}/messages/alert"
    browser.get(here)
    body = story.answers("alert_report", "sara", alertSeenOn="@now-PT1H", alertDanger=True)
    assert browser.post(here, {**body, "do": "send"}).status_code == 303
    story.settle()
    taken = story.answers("take_alarm", "sara")
    sent = browser.post(f"/tasks/{story.key('Task_TakePartner')}", taken)
    assert sent.status_code == 303, sent.text
    story.settle()
    assert "call 112" in browser.get(f"/tasks/{story.key('Task_WorkPartner')}").text


def test_the_task_of_an_alarm_says_only_what_led_to_it(story: Story, shipped_world: World) -> None:
    sara = shipped_world.browser("sara")
    story.until("Task_CounselReturnee")
    here = f"/cases/{story.case}/messages/alert"
    sara.get(here)
    body = story.answers("alert_report", "sara", alertSeenOn="@now-PT1H", alertDanger=True)
    assert sara.post(here, {**body, "do": "send"}).status_code == 303
    story.settle()
    taking = {step for step in story.open() if step.startswith("Task_Take")}
    assert len(taking) > 1, "several offices are rung"
    page = sara.get(f"/tasks/{story.key('Task_TakePartner')}").text
    why = page.partition("Why this task")[2]
    said = why.partition("</section>")[0]
    assert "Who can take the alarm? Referring partner." in said
    assert said.count("Who can take the alarm?") == 1, "the others were rung for their own tasks"
    case = sara.get(f"/cases/{story.case}").text
    assert case.count("Takes it? No: Take the alarm") == 1, "the same of each office is said once"


def test_a_message_keeps_what_is_typed_and_not_sent(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    browser, other, here = (
        shipped_world.browser("sara"),
        shipped_world.browser("stina"),
        f"/cases/{story.case}/messages/alert",
    )
    assert f'data-unsent="{here}/unsent"' in browser.get(here).text
    kept = browser.post(f"{here}/unsent", {"fill_rev": "0", "alertText": "OFÄRDIGT"}).json or {}
    assert "OFÄRDIGT" in browser.get(here).text
    assert "OFÄRDIGT" not in other.get(here).text
    done = browser.post(
        here, {"fill_rev": str(kept["fill_rev"]), "alertText": "OFÄRDIGT ÄNNU", "do": "keep"}
    )
    assert done.status_code == 303
    page = browser.get(done.location).text
    assert "Saved, not sent." in page
    assert "OFÄRDIGT ÄNNU" in page
    assert "Task_HandleAlert" not in story.open()
    body = story.answers(
        "alert_report",
        "sara",
        alertSeenOn="@now-PT1H",
        alertDanger=False,
        alertText="Hon kom inte till mötet.",
    )
    assert browser.post(here, {**body, "do": "send"}).status_code == 303
    assert "OFÄRDIGT" not in browser.get(here).text


def test_two_tabs_of_one_message_do_not_write_over_each_other(
    story: Story, shipped_world: World
) -> None:
    story.until("Task_SignApplication")
    browser, here = shipped_world.browser("sara"), f"/cases/{story.case}/messages/alert"
    browser.get(here)
    assert (
        browser.post(f"{here}/unsent", {"fill_rev": "0", "alertText": "FÖRST"}).status_code == 200
    )
    late = browser.post(here, {"fill_rev": "0", "alertText": "SEDAN", "do": "keep"})
    assert late.status_code == 409
    assert "SEDAN" in late.text
    assert "FÖRST" in browser.get(here).text
