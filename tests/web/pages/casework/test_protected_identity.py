"""A protected identity: named persons, a reason first, two for print, and reading is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from service.casework.casefile import documents
from service.casework.letters import letter_mail
from service.casework.tasks import claims
from service.store.casefile import approvals, cases, named_persons
from service.store.casefile import documents as rows
from service.store.installation import ledger_entries
from service.store.work import letters
from tests.support.browser import Browser
from tests.support.world import World
from tests.web.story import PAPER, Story

MARKED = "FINGERADE_UPPGIFTER"
NAME = "KANARIE-NAMN"
WHY = "Hotbild enligt polisen."


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    """A case that Aino has marked, with an open task of hers; Eero has claimed nothing."""
    made = Story(shipped_world)
    made.until("Task_CheckApplication", Task_SubmitReferral={"familyName": NAME})
    aino = shipped_world.browser("aino")
    page = f"/cases/{made.case}/marking"
    aino.get(page)
    done = aino.post(page, {"marking": MARKED, "why": WHY, "was": "PROGRAMME_PROTECTED"})
    assert done.status_code == 303
    yield made
    made.close()


def say_why(browser: Browser, case: str) -> TestResponse:
    browser.get(f"/cases/{case}")
    return browser.post(f"/cases/{case}/notes", {"what": "lookup", "reason": "SAFETY", "word": ""})


def kinds(story: Story, stream: str) -> list[tuple[str, str]]:
    """Kind and actor of each entry."""
    with story.world.program.database.transaction(write=False) as tx:
        return [(e.kind, e.actor) for e in ledger_entries.of_stream(tx, stream)]


def named(story: Story) -> set[str]:
    with story.world.program.database.transaction(write=False) as tx:
        rows = named_persons.of_case(tx, story.case)
        return {row.person_id for row in rows if row.ended_at is None}


def show(browser: Browser, case: str) -> str:
    return browser.get(f"/cases/{case}?tab=people&show=name").text


def test_everybody_says_why_and_only_the_named_see_the_name(
    story: Story, shipped_world: World
) -> None:
    assert named(story) == {"p_aino"}
    aino, eero = shipped_world.browser("aino"), shipped_world.browser("eero")
    for browser in (aino, eero):
        page = show(browser, story.case)
        assert "Why do you open this case?" in page
        assert NAME not in page
        assert say_why(browser, story.case).status_code == 303
    assert NAME in show(aino, story.case)
    page = show(eero, story.case)
    assert NAME not in page
    assert "You are not named for this case." in page
    assert "Only named persons see anything about the person" in page
    found = eero.get("/cases/search?q=" + NAME[:9]).text
    assert story.brief().ref not in found


def test_a_reason_from_before_the_marking_does_not_count(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("aino")
    say_why(browser, story.case)
    assert NAME in show(browser, story.case)
    with story.world.program.database.transaction() as tx:
        cases.set_marking(tx, story.case, story.brief().rev, "SEKRETESSMARKERING")
    assert NAME not in show(browser, story.case)


def test_the_task_page_asks_too_and_leads_back(story: Story, shipped_world: World) -> None:
    browser, task = shipped_world.browser("aino"), story.key("Task_CheckApplication")
    asked = browser.get(f"/tasks/{task}")
    assert asked.status_code == 303
    assert asked.location == f"/cases/{story.case}?back=/tasks/{task}"
    page = browser.get(asked.location)
    assert f'name="back" value="/tasks/{task}"' in page.text
    said = browser.post(
        f"/cases/{story.case}/notes",
        {"what": "lookup", "reason": "SAFETY", "back": f"/tasks/{task}"},
    )
    assert said.location == f"/tasks/{task}"
    assert browser.get(f"/tasks/{task}").status_code == 200


def test_a_reading_is_told_to_the_offices_of_the_named(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("aino")
    say_why(browser, story.case)
    browser.get(f"/cases/{story.case}?tab=history")
    for _ in range(2):
        show(browser, story.case)
    reads = kinds(story, f"reads/{story.case}")
    assert reads.count(("protected_read", "p_aino")) == 1
    assert reads.count(("read", "p_aino")) >= 2
    with story.world.program.database.transaction(write=False) as tx:
        (letter,) = [
            row for row in letters.of_case(tx, story.case) if row.template == "protected_read"
        ]
        assert letter.office_id == "iom-helsinki"
        services = story.world.program.services
        post = letter_mail.prepare_mail(
            tx, services, letter=letter, who="", now=story.world.clock.now()
        )
    assert post is not None
    for secret in (NAME, story.brief().ref, "Aino", "aino"):
        assert secret not in post.text.replace(story.world.program.settings.base_url, "")
    (entry,) = [e for e in reads if e[0] == "protected_read"]
    assert entry == ("protected_read", "p_aino")


def test_a_colleague_takes_no_task_until_she_is_named(story: Story, shipped_world: World) -> None:
    task = story.key("Task_CheckApplication")
    eero, aino = shipped_world.browser("eero"), shipped_world.browser("aino")
    say_why(eero, story.case)
    page = eero.get(f"/tasks/{task}")
    assert NAME not in page.text
    assert eero.post(f"/tasks/{task}/claim", {}).status_code == 403
    eero.get(f"/tasks/{task}")
    assert eero.post(f"/tasks/{task}", {"applicationCheck": "OK"}).status_code == 403
    eero.get(f"/tasks/{task}")
    typed = eero.post(f"/tasks/{task}/unsent", {"use": "p_aino"})
    assert typed.status_code == 403, "what a colleague typed is about the person too"
    named_by_whom = eero.get(f"/cases/{story.case}/named")
    assert named_by_whom.status_code == 200, "her role may mark the case"
    say_why(aino, story.case)
    form = aino.get(f"/cases/{story.case}/named").text
    assert "Eero" in form
    assert 'value="p_aino"' not in form
    wrong = aino.post(f"/cases/{story.case}/named", {"person": "p_eero", "why": ""})
    assert wrong.status_code == 422
    aino.post(f"/cases/{story.case}/named", {"person": "p_eero", "why": "Eero tar över."})
    assert named(story) == {"p_aino", "p_eero"}
    assert ("named", "p_aino") in kinds(story, f"case/{story.case}")
    assert NAME in show(eero, story.case)
    eero.get(f"/tasks/{task}")
    assert eero.post(f"/tasks/{task}/claim", {}).status_code == 303


def test_a_name_is_taken_back_and_does_not_come_by_itself(
    story: Story, shipped_world: World
) -> None:
    aino, eero = shipped_world.browser("aino"), shipped_world.browser("eero")
    page, task = f"/cases/{story.case}/named/end", story.key("Task_CheckApplication")
    say_why(aino, story.case)
    say_why(eero, story.case)
    form = aino.get(page)
    assert "Aino" in form.text
    only = aino.post(page, {"person": "p_aino", "why": WHY})
    assert (only.status_code, "Nobody else is named" in only.text) == (422, True)
    aino.get(f"/cases/{story.case}/named")
    aino.post(f"/cases/{story.case}/named", {"person": "p_eero", "why": WHY})
    eero.get(f"/tasks/{task}")
    assert eero.post(f"/tasks/{task}/claim", {}).status_code == 303
    assert NAME in show(eero, story.case)
    aino.get(page)
    assert aino.post(page, {"person": "p_eero", "why": ""}).status_code == 422
    assert aino.post(page, {"person": "p_omar", "why": WHY}).status_code == 422
    assert named(story) == {"p_aino", "p_eero"}
    assert aino.post(page, {"person": "p_eero", "why": WHY}).status_code == 303
    assert named(story) == {"p_aino"}
    assert NAME not in show(eero, story.case)
    eero.get(f"/tasks/{task}")
    assert eero.post(f"/tasks/{task}/claim", {}).status_code == 403
    assert kinds(story, f"case/{story.case}")[-2:] == [
        ("put_back", "p_aino"),
        ("unnamed", "p_aino"),
    ]
    assert "Aino took back that Eero is named for the case" in (
        aino.get(f"/cases/{story.case}?tab=history").text
    )
    aino.get(f"/cases/{story.case}/named")
    aino.post(f"/cases/{story.case}/named", {"person": "p_eero", "why": WHY})
    assert NAME in show(eero, story.case), "named anew"


def test_who_is_named_no_more_is_not_the_first_of_her_office(
    story: Story, shipped_world: World
) -> None:
    aino, eero = shipped_world.browser("aino"), shipped_world.browser("eero")
    page, task = f"/cases/{story.case}/named", story.key("Task_CheckApplication")
    for browser in (aino, eero):
        say_why(browser, story.case)
    aino.get(page)
    aino.post(page, {"person": "p_omar", "why": WHY})
    eero.get(f"{page}/end")
    assert eero.post(f"{page}/end", {"person": "p_aino", "why": WHY}).status_code == 303
    assert named(story) == {"p_omar"}, "her role may mark the case, so she may take it back"
    aino.get(f"/tasks/{task}")
    assert aino.post(f"/tasks/{task}/claim", {}).status_code == 403
    eero.get(f"/tasks/{task}")
    assert eero.post(f"/tasks/{task}/claim", {}).status_code == 303
    assert named(story) == {"p_omar", "p_eero"}


def test_who_takes_the_first_task_of_her_office_is_named(
    story: Story, shipped_world: World
) -> None:
    say_why(shipped_world.browser("aino"), story.case)
    story.do("aino", "Task_CheckApplication")
    story.do("aino", "Task_AssessNeeds")
    iva = story.world.loaded_viewer("iva")
    with story.world.program.database.transaction() as tx:
        key = story.key("Task_ConfirmLocalSupport")
        claims.claim(
            tx, story.world.program.services, by=iva, task_key=key, now=story.world.clock.now()
        )
    assert "p_iva" in named(story)


def ask_for(browser: Browser, case: str, kind: str, subject: str = "") -> str:
    browser.get(f"/cases/{case}/approvals?kind={kind}&subject={subject}")
    done = browser.post(
        f"/cases/{case}/approvals", {"kind": kind, "subject": subject, "why": "Till åklagaren."}
    )
    assert done.status_code == 303, done.text
    return str(done.location)


def decide(browser: Browser, do: str) -> TestResponse:
    page = browser.get("/approvals").text
    (id_,) = re.findall(r'action="/approvals/(\w+)"', page)
    return browser.post(f"/approvals/{id_}", {"do": do})


def test_print_waits_for_a_second_person_and_is_good_once(
    story: Story, shipped_world: World
) -> None:
    aino, eero = shipped_world.browser("aino"), shipped_world.browser("eero")
    say_why(aino, story.case)
    assert NAME in show(aino, story.case), "what is not open is not printed"
    path = f"/cases/{story.case}/print"
    first = aino.get(path)
    assert first.status_code == 303
    assert first.location == f"/cases/{story.case}/approvals?kind=print_case"
    assert "Print a case of a protected identity" in aino.get(first.location).text
    assert ask_for(aino, story.case, "print_case") == "/approvals"
    own = aino.get("/approvals").text
    assert 'action="/approvals/' not in own, "nobody decides about her own"
    assert "waiting" in own
    assert aino.get(path).status_code == 303
    assert "Waits for a second person" in eero.get("/inbox").text
    assert "Till åklagaren." in eero.get("/approvals").text
    assert decide(eero, "approve").status_code == 303
    assert NAME in aino.get(path).text
    assert aino.get(path).status_code == 303, "used"
    case = kinds(story, f"case/{story.case}")
    for kind, who in (
        ("approval_asked", "p_aino"),
        ("approval_given", "p_eero"),
        ("approval_used", "p_aino"),
    ):
        assert (kind, who) in case


def test_what_is_refused_prints_nothing(story: Story, shipped_world: World) -> None:
    aino, eero = shipped_world.browser("aino"), shipped_world.browser("eero")
    say_why(aino, story.case)
    task = story.key("Task_CheckApplication")
    path = f"/tasks/{task}/print?filled=1"
    assert aino.get(path).status_code == 303
    assert aino.get(f"/tasks/{task}/print").status_code == 200, "an empty form says nothing"
    ask_for(aino, story.case, "print_task", task)
    decide(eero, "refuse")
    assert aino.get(path).status_code == 303
    assert "not approved" in aino.get("/approvals").text


def test_a_paper_obeys_and_who_is_not_named_may_not_ask(story: Story, shipped_world: World) -> None:
    aino, eero = shipped_world.browser("aino"), shipped_world.browser("eero")
    say_why(aino, story.case)
    say_why(eero, story.case)
    with story.world.program.database.transaction() as tx:
        paper = documents.attach(
            tx,
            story.world.program.services,
            by=story.world.loaded_viewer("aino"),
            now=story.world.clock.now(),
            case_id=story.case,
            task_key=story.key("Task_CheckApplication"),
            field="signedApplication",
            klass="C1",
            clean=documents.CheckedFile("a.pdf", "pdf", PAPER),
        )
    path = f"/files/{paper}"
    asked = aino.get(path)
    assert asked.status_code == 303
    assert "kind=open_document" in asked.location
    assert eero.get(path).status_code == 404
    eero.get(f"/cases/{story.case}")
    body = {"kind": "print_case", "subject": "", "why": "x"}
    assert eero.post(f"/cases/{story.case}/approvals", body).status_code == 403
    ask_for(aino, story.case, "open_document", paper)
    decide(eero, "approve")
    assert aino.get(path).status_code == 200
    assert aino.get(path).status_code == 303


def test_two_persons_lower_a_marking(story: Story, shipped_world: World) -> None:
    aino, eero = shipped_world.browser("aino"), shipped_world.browser("eero")
    say_why(aino, story.case)
    page, body = f"/cases/{story.case}/marking", {"marking": "NONE", "why": WHY, "was": MARKED}
    aino.get(page)
    led = aino.post(page, body)
    assert led.location == f"/cases/{story.case}/approvals?kind=lower_marking&subject=NONE"
    assert story.brief().marking == MARKED
    ask_for(aino, story.case, "lower_marking", "NONE")
    decide(eero, "approve")
    aino.get(page)
    assert aino.post(page, body).status_code == 303
    assert story.brief().marking == "NONE"
    with story.world.program.database.transaction(write=False) as tx:
        (row,) = approvals.asked_by(tx, "p_aino")
    assert row.state == "used"
    assert json.dumps(row.subjects) == '{"subject": "NONE"}'


def test_no_paper_without_a_second_person(story: Story, shipped_world: World) -> None:
    aino, eero = shipped_world.browser("aino"), shipped_world.browser("eero")
    say_why(aino, story.case)
    path = f"/cases/{story.case}/papers/new"
    paper = {"paper": "application", "lang": "sv", "reason": "SIGN"}

    def make() -> TestResponse:
        aino.get(f"{path}?paper=application")
        return aino.post(path, paper)

    def made() -> int:
        with story.world.program.database.transaction(write=False) as tx:
            return sum(bool(row.template) for row in rows.of_case(tx, story.case))

    first = make()
    assert first.status_code == 303
    assert first.location == (f"/cases/{story.case}/approvals?kind=make_paper&subject=application")
    assert "Make a paper of a case of a protected identity" in aino.get(first.location).text
    assert made() == 0
    ask_for(aino, story.case, "make_paper", "application")
    assert make().status_code == 303
    assert made() == 0, "nobody has approved it"
    decide(eero, "approve")
    assert make().location == f"/cases/{story.case}?tab=papers&done=made"
    assert made() == 1
    assert "kind=make_paper" in make().location, "used"
    assert made() == 1
    say_why(eero, story.case)
    assert "paper=application" not in eero.get(path).text, "who is not named makes none"
