"""The page of a case: tabs, notes, history, and who may see what."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from service.store.casefile import notes, referrals
from service.store.installation import ledger_entries
from tests.support.browser import Browser
from tests.support.world import World
from tests.web.story import Story

TABS = ("overview", "plan", "money", "tasks", "people", "papers", "letters", "history")


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


def test_the_plan_says_what_for_and_who_sees_to_it(story: Story, shipped_world: World) -> None:
    story.until("Task_MakePlan")
    story.do("aino", "Task_MakePlan")
    page = shipped_world.browser("aino").get(f"/cases/{story.case}?tab=plan").text
    assert "Goal: Social" in page
    assert "Responsible: Insatsansvarig (demo)" in page


def read_log(world: World, case: str) -> list[tuple[str, str, list[str]]]:
    """Who looked, why, and at which classes."""
    with world.program.database.transaction(write=False) as tx:
        found = [
            (line, json.loads(line.body)) for line in ledger_entries.of_stream(tx, f"reads/{case}")
        ]
    return [(line.actor, body["purpose"], body.get("classes", [])) for line, body in found]


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
            *(f"?tab=people&show={key}" for key in ("name", "contact", "own-office")),
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
    assert f"/cases/{story.case}?tab=people&amp;show=name#group-name" in page
    assert read_log(shipped_world, story.case) == [("p_aino", "case", ["C0"])]
    assert "KANARIE" in browser.get(f"/cases/{story.case}?tab=people&show=name").text
    assert read_log(shipped_world, story.case)[1:] == [
        ("p_aino", "case", ["C1"]),
        ("p_aino", "case", ["C0", "C1"]),
    ], "that the group was opened, and what the page shows"


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
        ("p_omar", "lookup"),
        ("p_omar", "case"),
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
        assert sorted(n.shared_with for n in notes.everyones(tx, story.case)) == [
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
    assert (empty.status_code, "Fill in “Note”" in empty.text) == (422, True)
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


def test_no_title_and_no_address_holds_an_answer(story: Story, shipped_world: World) -> None:
    story.until("Task_CounselReturnee", Task_SubmitReferral={"familyName": "KANARIE"})
    browser: Browser = shipped_world.browser("aino")
    for path in (
        f"/cases/{story.case}?tab=people&show=name",
        f"/tasks/{story.key('Task_CounselReturnee')}",
    ):
        page = browser.get(path).text
        assert "KANARIE" not in re.findall(r"<title>(.*?)</title>", page, re.DOTALL)[0]
        assert not [a for a in re.findall(r'(?:href|action)="([^"]*)"', page) if "KANARIE" in a]


def test_the_print_holds_what_its_reader_has_opened(story: Story, shipped_world: World) -> None:
    story.until(
        "Task_CounselReturnee",
        Task_OfferReturnInformation={
            "safeContact": {
                "channel": "PHONE",
                "hours": "vardagar",
                "language": "bg",
                "codeWord": "KANARIE-ORD",
                "neverLeaveMessage": True,
            }
        },
        Task_SubmitReferral={"familyName": "KANARIE-NAMN"},
    )
    browser, here = shipped_world.browser("aino"), f"/cases/{story.case}"
    printed = browser.get(f"{here}/print").text
    assert "KANARIE" not in printed
    assert "not included. Open" in printed, "what is left out is counted"
    browser.get(f"{here}?tab=people&show=name")
    printed = browser.get(f"{here}/print").text
    assert "KANARIE-NAMN" in printed
    assert "KANARIE-ORD" not in printed, "what concerns safety needs a reason first"
    page = browser.get(f"{here}?tab=people&show=contact").text
    assert "KANARIE-ORD" not in page
    asked = browser.post(f"{here}/answers", {"group": "contact", "show": ["name"]})
    assert asked.location == f"{here}?tab=people&show=name&show=contact&why=contact#group-contact"
    assert "Choose a reason." in browser.get(asked.location.partition("#")[0]).text
    done = browser.post(f"{here}/answers", {"group": "contact", "show": ["name"], "reason": "TASK"})
    page = browser.get(done.location.partition("#")[0]).text
    assert "KANARIE-ORD" in page
    assert "KANARIE-NAMN" in page, "what was open stays open"
    assert "KANARIE-ORD" in browser.get(f"{here}/print").text


def test_an_auditor_is_told_on_every_tab_what_is_hidden(story: Story, shipped_world: World) -> None:
    story.until("Task_MakePlan")
    story.do("aino", "Task_MakePlan")
    browser = shipped_world.browser("greta")
    said = {
        "people": "Hidden from you",
        "plan": "The plan is hidden from you.",
        "money": "The amounts in the case are hidden from you.",
    }
    for tab, sentence in said.items():
        page = browser.get(f"/cases/{story.case}?tab={tab}").text
        assert sentence in page, tab
        for denied in ("Nobody has filled in", "There is no plan", "No amounts"):
            assert denied not in page, tab
    assert "No notes yet." in browser.get(f"/cases/{story.case}").text, "there are none"


def test_an_ended_case_says_that_it_had_no_plan(story: Story, shipped_world: World) -> None:
    no = {"interestInReturn": "NO", "supportInSweden": False}
    story.do("sara", "Task_OfferReturnInformation", **no)
    page = shipped_world.browser("sara").get(f"/cases/{story.case}?tab=plan").text
    assert "The case ended without a plan." in page
    assert "There is no plan yet" not in page


def test_the_head_says_who_has_it_and_the_foot_which_release(
    shipped_world: World, story: Story
) -> None:
    page = shipped_world.browser("sara").get(f"/cases/{story.case}").text
    band = page[page.index("t-case-band") : page.index("t-tabs")]
    for part in ("Now", "New case: offer information", "Social", "Due", "Open the task", "diagram"):
        assert part in band, part
    foot = page[page.index("t-footer__release") :]
    assert re.search(r"Release v1, in force since \d{4}-\d\d-\d\d", foot)
    assert re.search(r"Digest of the contents: <code>[0-9a-f]{12}</code>", foot)
