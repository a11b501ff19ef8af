"""A case as its offices see it: the list, the search, the tabs, beginning one, and what may be sent
to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from service.store.casefile import notes, referrals
from service.store.installation import ledger_entries
from tests.support.browser import Browser
from tests.support.world import START, World
from tests.web.story import Story

TABS = ("overview", "plan", "tasks", "people", "papers", "letters", "history")


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_every_tab_is_a_page(story: Story, shipped_world: World) -> None:
    story.until("Task_MakePlan")
    story.do("aino", "Task_MakePlan")
    browser = shipped_world.browser("aino")
    for tab in TABS:
        page = browser.get(f"/cases/{story.case}?tab={tab}")
        assert page.status_code == 200, tab
        assert f"{story.brief().ref} · Tresteg</title>" in page.text


def read_log(world: World, case: str) -> list[tuple[str, str, list[str]]]:
    """Who looked, why, and at which classes."""
    with world.program.database.transaction(write=False) as tx:
        found = [
            (line, json.loads(line.body)) for line in ledger_entries.of_stream(tx, f"reads/{case}")
        ]
    return [(line.actor, body["purpose"], body.get("classes", [])) for line, body in found]


def test_the_list_shows_an_office_its_cases_and_no_other(
    story: Story, shipped_world: World
) -> None:
    ref = story.brief().ref
    assert ref in shipped_world.browser("sara").get("/cases").text
    assert ref not in shipped_world.browser("omar").get("/cases").text
    assert shipped_world.browser("omar").get(f"/cases/{story.case}").status_code == 404
    story.until("Task_DecideReferral")
    assert ref in shipped_world.browser("omar").get("/cases").text
    assert ref not in shipped_world.browser("aino").get("/cases").text
    assert shipped_world.browser("aino").get(f"/cases/{story.case}").status_code == 404


def test_the_list_is_filtered_and_sorted_by_its_address(story: Story, shipped_world: World) -> None:
    ref = story.brief().ref
    browser = shipped_world.browser("sara")
    assert ref in browser.get("/cases?stage=1&state=active&sort=since").text
    assert ref not in browser.get("/cases?stage=2").text
    assert ref not in browser.get("/cases?state=done").text


def test_no_tab_shows_an_office_what_it_may_not_see(story: Story, shipped_world: World) -> None:
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
        "Task_SubmitReferral": {"familyName": "KANARIE-NAMN"},
        "Task_DecideReferral": {"noteToOffice": "KANARIE-BESLUT"},
    }
    story.until("Task_ConfirmLocalSupport", **canaries)
    may: dict[str, set[str]] = {
        "omar": {"KANARIE-BESLUT"},
        "iva": set(),
        "greta": set(),
        "mea": set(),
    }
    for name, seen in may.items():
        browser = shipped_world.browser(name)
        pages = [f"?tab={tab}" for tab in TABS] + [
            "/diagram",
            "/print",
            *(f"?tab=people&show={key}" for key in ("familyName", "safeContact", "noteToOffice")),
        ]
        for path in pages:
            page = browser.get(f"/cases/{story.case}{path}")
            assert set(re.findall(r"KANARIE-[A-Z]+", page.text)) <= seen, (name, path)


def test_a_personal_answer_is_shown_on_demand_and_logged(
    story: Story, shipped_world: World
) -> None:
    story.until("Task_CounselReturnee", Task_SubmitReferral={"familyName": "KANARIE"})
    browser = shipped_world.browser("aino")
    page = browser.get(f"/cases/{story.case}?tab=people").text
    assert "KANARIE" not in page
    assert f"/cases/{story.case}?tab=people&amp;show=familyName" in page
    assert read_log(shipped_world, story.case) == []
    assert "KANARIE" in browser.get(f"/cases/{story.case}?tab=people&show=familyName").text
    assert read_log(shipped_world, story.case) == [("p_aino", "case", ["C0", "C1"])]


def test_a_stranger_to_a_case_gives_a_reason_first(story: Story, shipped_world: World) -> None:
    story.until("Task_CounselReturnee")
    browser = shipped_world.browser("omar")
    story.later(hours=9)
    browser.sign_in("omar")
    page = browser.get(f"/cases/{story.case}?tab=history").text
    assert "Why do you open this case?" in page
    assert '<ol class="t-history">' not in page
    assert (
        browser.post(
            f"/cases/{story.case}/notes", {"what": "lookup", "reason": "PHONE", "word": ""}
        ).status_code
        == 303
    )
    assert '<ol class="t-history">' in browser.get(f"/cases/{story.case}?tab=history").text
    assert [(who, why) for who, why, _ in read_log(shipped_world, story.case)] == [
        ("p_omar", "lookup")
    ]


def test_the_stepper_tells_the_stage_and_its_words(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    page = shipped_world.browser("sara").get(f"/cases/{story.case}").text
    stages = re.findall(r'<li class="t-stage t-stage--(\w+)"', page)
    words = re.findall(
        r'<li class="t-milestone t-milestone--(\w+)">.*?</svg> ([^<]+?)\s*</li>', page, re.DOTALL
    )
    assert stages == ["done", "current", "not_yet"]
    assert [state for state, _ in words] == ["done"] * 4 + ["current"] + ["not_yet"] * 7
    assert [word for _, word in words][:4] == ["New case", "Referral", "Notification", "Support"]


def test_a_note_is_read_by_its_office_and_chosen_readers(
    story: Story, shipped_world: World
) -> None:
    story.until("Task_CounselReturnee")
    sara = shipped_world.browser("sara")
    sara.get(f"/cases/{story.case}")
    assert (
        sara.post(f"/cases/{story.case}/notes", {"what": "note", "text": "BARA-VI"}).status_code
        == 303
    )
    sara.get(f"/cases/{story.case}")
    assert (
        sara.post(
            f"/cases/{story.case}/notes",
            {"what": "note", "text": "DELAD", "share": ["iom-helsinki", "elsewhere"]},
        ).status_code
        == 303
    )
    mine, theirs = (
        sara.get(f"/cases/{story.case}").text,
        shipped_world.browser("aino").get(f"/cases/{story.case}").text,
    )
    assert "BARA-VI" in mine
    assert "DELAD" in theirs
    assert "BARA-VI" not in theirs
    with shipped_world.program.database.transaction(write=False) as tx:
        assert sorted(n.shared_with for n in notes.of_case(tx, story.case, office="social")) == [
            [],
            ["iom-helsinki"],
        ]


def test_a_note_that_is_not_kept_comes_back_as_it_was_typed(
    story: Story, shipped_world: World
) -> None:
    sara = shipped_world.browser("sara")
    page = sara.get(f"/cases/{story.case}").text
    assert "The note is not saved" not in page
    refused = sara.post(
        f"/cases/{story.case}/notes",
        {"what": "note", "text": "LÅNG" * 501, "share": ["iom-helsinki"]},
    )
    assert refused.status_code == 422
    assert "LÅNG" * 501 in refused.text
    assert "4 characters too long. 2000 at most." in refused.text
    empty = sara.post(f"/cases/{story.case}/notes", {"what": "note", "text": " "})
    assert (empty.status_code, "Enter Note" in empty.text) == (422, True)
    for n in range(60):
        sara.get(f"/cases/{story.case}")
        assert (
            sara.post(f"/cases/{story.case}/notes", {"what": "note", "text": f"{n}"}).status_code
            == 303
        )
    sara.get(f"/cases/{story.case}")
    slower = sara.post(f"/cases/{story.case}/notes", {"what": "note", "text": "EN GÅNG FÖR MYCKET"})
    assert slower.status_code == 429
    assert slower.headers["Retry-After"] == "2", (
        "who writes faster than a hand can is told when to come again"
    )
    assert "Wait a minute and send again." in slower.text
    assert ">EN GÅNG FÖR MYCKET</textarea>" in slower.text


def test_the_case_offers_the_readers_task_and_no_colleagues(
    story: Story, shipped_world: World
) -> None:
    key = story.key("Task_OfferReturnInformation")
    button = (
        f'<a class="button button--primary button--medium" href="/tasks/{key}">Open the task</a>'
    )
    sara, stina = shipped_world.browser("sara"), shipped_world.browser("stina")
    assert button in sara.get(f"/cases/{story.case}").text
    sara.get(f"/tasks/{key}")
    sara.post(f"/tasks/{key}/claim", {"do": "claim"})
    assert button in sara.get(f"/cases/{story.case}?tab=history").text
    assert button not in stina.get(f"/cases/{story.case}").text


def test_a_case_is_begun_from_its_form(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    page = browser.get("/cases/new")
    assert "112" in page.text
    body = {
        "process": "return_case",
        "element": START,
        **story.answers("start_case", "sara"),
        "do": "send",
    }
    wrong = browser.post("/cases/new", {**body, "municipality": ""})
    assert wrong.status_code == 422
    assert 'href="#f-municipality"' in wrong.text
    body = {**body, **browser.hidden()}
    first, second = browser.post("/cases/new", body), browser.post("/cases/new", body)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert browser.get(first.location).status_code == 200


def test_a_case_that_has_not_begun_keeps_what_was_typed(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    browser.get("/cases/new")
    assert (
        browser.post(
            f"/cases/new/{START}/unsent", {"fill_rev": "0", "identifiedOn": "2026-02-2"}
        ).status_code
        == 200
    )
    assert 'value="2026-02-2"' in browser.get("/cases/new").text
    told = (
        browser.post(f"/cases/new/{START}/preview", story.answers("start_case", "sara")).json or {}
    )
    assert told["buttons"]["send"][0].startswith("Social gets the task")


def test_a_consultation_holds_no_identity(shipped_world: World) -> None:
    page = shipped_world.browser("sara").get("/cases/new?element=Start_Consultation")
    assert page.status_code == 200
    assert 'value="Start_Consultation"' in page.text
    assert "familyName" not in page.text


def test_who_may_not_begin_a_case_is_told_so(shipped_world: World) -> None:
    assert shipped_world.browser("omar").get("/cases/new").status_code == 403


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
    assert "Then it depends on what “Undo what was booked” brings." in told["buttons"]["send"]
    assert browser.post(here, {**body, "do": "send"}).location == f"/cases/{story.case}"
    story.settle()
    assert story.brief().status == "ended"
    page = browser.get(f"/cases/{story.case}").text
    assert "The case ends" in page
    assert "End participation" not in page
    assert browser.get(here).status_code == 403


def test_an_alert_is_sent_once_iom_knows_and_shows_the_numbers(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("sara")
    here = f"/cases/{story.case}/messages/alert"
    assert browser.get(here).status_code == 403
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


def test_a_case_that_has_not_begun_is_kept_without_a_script(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("sara")
    browser.get("/cases/new")
    done = browser.post("/cases/new", {"element": START, "identifiedOn": "2026-02-2", "do": "keep"})
    assert done.status_code == 303
    page = browser.get(done.location).text
    assert "Saved, not sent." in page
    assert 'value="2026-02-2"' in page
    assert story.case


def test_history_tells_every_line_and_shows_the_diagram_at_one(
    story: Story, shipped_world: World
) -> None:
    story.until("Task_CounselReturnee")
    browser = shipped_world.browser("aino")
    page = browser.get(f"/cases/{story.case}?tab=history").text
    assert "Verified" in page
    assert "Sara opened the case" in page
    shown = browser.get(f"/cases/{story.case}/diagram?at=1")
    assert shown.status_code == 200
    assert "Sara opened the case" in shown.text


def test_the_overview_follows_a_referral(story: Story, shipped_world: World) -> None:
    story.until("Task_DecideReferral")
    with shipped_world.program.database.transaction(write=False) as tx:
        (row,) = referrals.of_case(tx, story.case)
    sara, omar = shipped_world.browser("sara"), shipped_world.browser("omar")
    assert "has not opened the referral yet" in sara.get(f"/cases/{story.case}").text
    page = omar.get(f"/referrals/{row.id}")
    assert page.status_code == 200
    assert "Exempelova" in page.text
    assert "has opened the referral" in sara.get(f"/referrals/{row.id}").text
    assert shipped_world.browser("aino").get(f"/referrals/{row.id}").status_code == 404


def test_the_auditor_reads_what_happened_and_no_answer(story: Story, shipped_world: World) -> None:
    story.until("Task_DecideReferral", Task_SubmitReferral={"familyName": "KANARIE"})
    page = shipped_world.browser("greta").get(f"/cases/{story.case}?tab=history")
    assert page.status_code == 200
    assert "KANARIE" not in page.text


def continued(story: Story, shipped_world: World) -> tuple[str, str]:
    """A case that ended, and the one that continues it."""
    old, browser = story.case, shipped_world.browser("sara")
    story.do("sara", "Task_OfferReturnInformation", interestInReturn="NO")
    assert f'href="/cases/new?previous={old}"' in browser.get(f"/cases/{old}").text
    page = browser.get(f"/cases/new?previous={old}").text
    assert story.brief().ref in page
    body = {
        "process": "return_case",
        "element": START,
        "previous": old,
        **story.answers("start_case", "sara"),
        "do": "send",
    }
    begun = browser.post("/cases/new", body)
    assert begun.status_code == 303
    return old, begun.location.removeprefix("/cases/")


def test_a_new_case_continues_an_ended_one_and_both_say_so(
    story: Story, shipped_world: World
) -> None:
    old, new = continued(story, shipped_world)
    browser = shipped_world.browser("sara")
    first, second = browser.get(f"/cases/{old}").text, browser.get(f"/cases/{new}").text
    assert f'It is continued by <a href="/cases/{new}">' in first
    assert f'This case continues after <a href="/cases/{old}">' in second
    assert (
        "Sara opened a new case that continues this one"
        in browser.get(f"/cases/{old}?tab=history").text
    )
    assert (
        "Sara opened this case as the continuation of an earlier one"
        in browser.get(f"/cases/{new}?tab=history").text
    )
    with shipped_world.program.database.transaction(write=False) as tx:
        told = [
            line
            for case in (old, new)
            for line in ledger_entries.of_stream(tx, f"case/{case}")
            if line.kind in ("continues", "continued")
        ]
    assert len(told) == 2
    assert not [line for line in told if old in line.body or new in line.body], (
        "the lines hold it sealed"
    )


def test_one_of_two_linked_cases_says_nothing_of_the_other(
    story: Story, shipped_world: World
) -> None:
    old, new = continued(story, shipped_world)
    ref, story.case = story.brief().ref, new
    story.until("Task_DecideReferral")
    page = shipped_world.browser("omar").get(f"/cases/{new}").text
    assert "It is continued by" not in page
    assert ref not in page
    assert old not in page
    assert shipped_world.browser("omar").get(f"/cases/{old}").status_code == 404
    auditor = shipped_world.browser("greta").get(f"/cases/{new}").text
    assert ref not in auditor
    assert old not in auditor


def test_ended_or_unseen_cases_are_continued_by_nobody(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    assert browser.get(f"/cases/new?previous={story.case}").status_code == 404
    browser.get("/cases/new")
    body = {
        "process": "return_case",
        "element": START,
        **story.answers("start_case", "sara"),
        "do": "send",
    }
    assert browser.post("/cases/new", {**body, "previous": story.case}).status_code == 404
    browser.get("/cases/new")
    assert (
        browser.post("/cases/new", {**body, "previous": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}).status_code
        == 404
    )
    assert f"previous={story.case}" not in browser.get(f"/cases/{story.case}").text


def test_the_search_for_one_already_offers_to_start_again(
    story: Story, shipped_world: World
) -> None:
    browser, offered = shipped_world.browser("sara"), f'href="/cases/new?previous={story.case}"'
    browser.get("/cases/new")
    assert offered not in browser.get(browser.post("/find", {"q": story.brief().ref}).location).text
    story.do("sara", "Task_OfferReturnInformation", interestInReturn="NO")
    browser.get("/cases/new")
    assert offered in browser.get(browser.post("/find", {"q": story.brief().ref}).location).text


def test_no_title_and_no_address_holds_an_answer(story: Story, shipped_world: World) -> None:
    story.until("Task_CounselReturnee", Task_SubmitReferral={"familyName": "KANARIE"})
    browser: Browser = shipped_world.browser("aino")
    for path in (
        f"/cases/{story.case}?tab=people&show=familyName",
        f"/tasks/{story.key('Task_CounselReturnee')}",
    ):
        page = browser.get(path).text
        assert "KANARIE" not in re.findall(r"<title>(.*?)</title>", page, re.DOTALL)[0]
        assert not [a for a in re.findall(r'(?:href|action)="([^"]*)"', page) if "KANARIE" in a]
