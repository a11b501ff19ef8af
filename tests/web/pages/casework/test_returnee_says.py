"""A call with two words: whoever types them learns nothing, and what she says arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from service.casework.cases import bars
from service.casework.cases.card_words import Words, give_words, pair_digest
from service.casework.retention import open_matters
from service.store.casefile import cases, named_persons, word_pairs
from service.store.installation import ledger_entries
from service.store.work import tasks
from tests.support.browser import PASSWORD, Browser, without_tokens
from tests.support.directory import (
    BOARD,
    HELSINKI,
    OFFICE,
    Directory,
    OfficePlan,
    PersonPlan,
    add_directory,
)
from tests.support.world import NOON, SEED, World
from tests.web.story import Story

START = "Start_ReturneeSays"
RECEIPT = "Thank you. I have written it down. I cannot say more."
DESK = Directory(
    (OfficePlan("telefon", "Desk", "TELEFON"),),
    (PersonPlan("tyra", "telefon", ("desk",)),),
    language="en",
    password=PASSWORD,
)
NEVER = ("0", "nobodysaid")


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    with shipped_world.database.transaction() as tx:
        services = shipped_world.program.services
        add_directory(tx, services, DESK, by=SEED, now=NOON)
    yield made
    made.close()


@pytest.fixture
def case(story: Story) -> str:
    """A case that waits in its second step, whose person has words."""
    story.until("Task_CounselReturnee")
    return story.case


def words_for(story: Story, case: str) -> Words:
    """The two words as she says them."""
    world = story.world
    with world.database.transaction() as tx:
        by, now = world.loaded_viewer("sara"), world.clock.now()
        given = give_words(tx, world.program.services, by=by, now=now, case_id=case, lang="en")
    return given.said


def say(browser: Browser, words: str, says: str = "CALL_ME", text: str = "Please call") -> str:
    """Send what somebody says; gives the page that answers."""
    browser.get(f"/cases/new?element={START}")
    typed = {"herWords": words, "says": says, "saidText": text, "saidLanguage": "en"}
    sent = browser.post("/cases/new", {**typed, "element": START, "do": "send"})
    assert sent.status_code == 303, sent.text
    return browser.get(str(sent.location)).text


def bare(page: str) -> str:
    """A page without what is drawn anew for each look: tokens, keys, ids."""
    return re.sub(r"[0-9A-Z]{26}", "ID", without_tokens(page))


def test_the_desk_has_one_form_and_nothing_more(story: Story) -> None:
    desk = story.world.browser("tyra")
    assert desk.get("/").location.endswith("/cases/new")
    page = desk.get("/cases/new").text
    assert "herWords" in page
    assert "immediateDanger" not in page
    for path in ("/inbox", "/cases", "/office", "/search", "/processes"):
        assert desk.get(path).status_code in (404, 405), path


@pytest.mark.parametrize("who", ["tyra", "sara", "omar", "aino", "iva", "mea"])
def test_one_sentence_answers_whatever_the_words_are(story: Story, case: str, who: str) -> None:
    first, second = words_for(story, case)
    killed = first, second
    first, second = words_for(story, case)
    browser = story.world.browser(who)
    said = (f"{first}, {second}", f"{second} {first}", " ".join(killed), " ".join(NEVER), "")
    pages = {bare(say(browser, words)) for words in said}
    assert len(pages) == 1
    assert RECEIPT in pages.pop()
    story.settle()
    again = {bare(say(browser, words)) for words in said}
    assert len(again) == 1


def test_the_found_case_has_the_task_and_the_sender_opens_nothing(story: Story, case: str) -> None:
    first, second = words_for(story, case)
    desk = story.world.browser("tyra")
    say(desk, f"{first} {second}")
    before = waiting(story, case)
    story.settle()
    assert waiting(story, case) - before
    address = str(desk.get("/cases/new").request.url)
    assert case not in address
    assert desk.get(f"/cases/{case}").status_code == 404
    assert story.world.faults() == []


def test_what_is_typed_and_not_sent_keeps_no_words(story: Story, case: str) -> None:
    first, second = words_for(story, case)
    desk = story.world.browser("tyra")
    page = desk.get(f"/cases/new?element={START}").text
    assert 'value="keep"' not in page, "a call that is saved and not sent is heard by nobody"
    typed = {"herWords": f"{first} {second}", "saidText": "HALF A SENTENCE", "fill_rev": "0"}
    assert desk.post(f"/cases/new/{START}/unsent", typed).status_code == 200
    again = desk.get(f"/cases/new?element={START}").text
    assert "HALF A SENTENCE" in again
    assert first not in again


def test_killed_words_find_nothing(story: Story, case: str) -> None:
    first, second = words_for(story, case)
    words_for(story, case)
    before = waiting(story, case)
    say(story.world.browser("tyra"), f"{first} {second}", "STOP")
    story.settle()
    assert waiting(story, case) == before


def test_no_word_is_kept_anywhere(story: Story, case: str) -> None:
    first, second = words_for(story, case)
    say(story.world.browser("tyra"), f"{first} {second}")
    story.settle()
    with story.world.database.transaction(write=False) as tx:
        digest = pair_digest(story.world.program.services.vault, (first, second))
        row = word_pairs.by_digest(tx, digest)
    assert row is not None
    assert row.case_id == case
    say(story.world.browser("tyra"), "unheardofword another")
    page = story.world.browser("sara").get(f"/cases/{case}?tab=people").text
    assert f"{first} {second}" not in page
    assert digest.hex() not in page


WHAT_IS_OPEN = {
    "NOT_SAFE": open_matters.ALARM,
    **dict.fromkeys(("CALL_ME", "STOP", "SEE_ALL", "SAFE"), open_matters.REQUEST),
}


@pytest.mark.parametrize("says", WHAT_IS_OPEN)
def test_words_count_after_the_end_and_the_call_continues_the_case(story: Story, says: str) -> None:
    no = {"interestInReturn": "NO", "supportInSweden": False}
    story.do("sara", "Task_OfferReturnInformation", **no)
    assert story.brief().status == "ended"
    say(story.world.browser("tyra"), " ".join(words_for(story, story.case)), says)
    story.settle()
    (call,) = calls(story)
    with story.world.database.transaction(write=False) as tx:
        kinds = [entry.kind for entry in ledger_entries.of_stream(tx, f"case/{story.case}")]
        open_now = open_matters.load_open_matters(tx, story.world.program.services)
    assert "continued" in kinds
    assert open_now == {story.case: WHAT_IS_OPEN[says]}
    assert {task.office_id for task in story.world.tasks(call)} == {HELSINKI}
    assert story.world.faults() == []


def calls(story: Story) -> list[str]:
    """The cases of calls, oldest first."""
    with story.world.database.transaction(write=False) as tx:
        return [one.id for one in cases.listed(tx, process="returnee_says")]


def test_ten_wrong_calls_of_a_day_are_a_letter_and_words_are_taken_still(
    story: Story, case: str
) -> None:
    words, desk = " ".join(words_for(story, case)), story.world.browser("tyra")
    for letter in "abcdefghijk":
        say(desk, f"nobody said{letter}", "SEE_ALL", "")
    story.settle()
    written = [
        (letter.office_id, letter.template)
        for call in calls(story)
        for letter in story.world.letters(call)
    ]
    assert written == [(HELSINKI, "wrong_words")]
    before = waiting(story, case)
    say(desk, words, "SEE_ALL", "")
    story.settle()
    assert waiting(story, case) - before


def test_a_complaint_is_no_line_in_the_case_and_barred_to_whom_it_means_there(
    story: Story, case: str
) -> None:
    words = " ".join(words_for(story, case))
    desk, moved = story.world.browser("tyra"), len(story.world.facts(case))
    desk.get(f"/cases/new?element={START}")
    typed = {
        "herWords": words,
        "says": "COMPLAIN",
        "complaintRole": "PARTNER",
        "complaintText": "Nobody came",
        "element": START,
        "do": "send",
    }
    assert desk.post("/cases/new", typed).status_code == 303
    story.settle()
    assert len(story.world.facts(case)) == moved
    (call,) = calls(story)
    with story.world.database.transaction(write=False) as tx:
        barred = bars.load_bars(tx, call)
        kinds = [entry.kind for entry in ledger_entries.of_stream(tx, f"case/{case}")]
        open_now = open_matters.load_open_matters(tx, story.world.program.services)
    assert OFFICE in barred.offices
    assert "continued" not in kinds
    assert open_now == {case: open_matters.COMPLAINT}
    assert story.world.browser("sara").get(f"/cases/{call}").status_code == 404
    assert [task.office_id for task in story.world.tasks(call)] == [BOARD]
    assert story.world.faults() == []


def waiting(story: Story, case: str) -> set[str]:
    with story.world.database.transaction(write=False) as tx:
        return {task.id for task in tasks.of_case(tx, case)}


def marking_of(story: Story, case: str) -> str:
    with story.world.database.transaction(write=False) as tx:
        found = cases.get(tx, case)
    assert found is not None
    return found.marking


def protect(story: Story, case: str, marking: str) -> None:
    """Mark a case by its page, as the office that may."""
    sara = story.world.browser("sara")
    sara.get(f"/cases/{case}/marking")
    sent = {"marking": marking, "why": "The police said so", "was": marking_of(story, case)}
    assert sara.post(f"/cases/{case}/marking", sent).status_code == 303
    assert marking_of(story, case) == marking


def say_protected(browser: Browser, words: str = "", says: str = "CALL_ME") -> None:
    browser.get(f"/cases/new?element={START}")
    typed = {"herWords": words, "says": says, "saidText": "By the neighbour"}
    sent = {**typed, "saysProtected": "YES", "element": START, "do": "send"}
    assert browser.post("/cases/new", sent).status_code == 303


def test_a_text_to_the_desk_is_answered_as_a_voice_and_its_task_says_so(
    story: Story, case: str
) -> None:
    words, desk = " ".join(words_for(story, case)), story.world.browser("tyra")
    waited = waiting(story, case)
    desk.get(f"/cases/new?element={START}")
    typed = {"herWords": words, "says": "CALL_ME", "reachedUs": "TEXT"}
    sent = desk.post("/cases/new", {**typed, "element": START, "do": "send"})
    assert RECEIPT in desk.get(str(sent.location)).text
    story.settle()
    (new,) = [one for one in story.world.tasks(case) if one.id not in waited]
    page = story.world.browser("aino").get(f"/tasks/{new.key}").text
    assert "By text message to the office’s number" in page


def task_page(story: Story, case: str, who: str) -> str:
    """The page of the first task that somebody's office has in a case, once the reason is said."""
    browser = story.world.browser(who)
    office = story.world.loaded_viewer(who).office
    (task, *_) = [one for one in story.world.tasks(case) if one.office_id == office]
    browser.get(f"/cases/{case}")
    browser.post(f"/cases/{case}/notes", {"what": "lookup", "reason": "SAFETY", "word": ""})
    return browser.get(f"/tasks/{task.key}").text


def test_a_call_of_somebody_who_says_that_she_is_protected_is_so_and_names_no_sender(
    story: Story,
) -> None:
    say_protected(story.world.browser("aino"))
    story.settle()
    (call,) = calls(story)
    assert marking_of(story, call) == "SEKRETESSMARKERING"
    with story.world.database.transaction(write=False) as tx:
        assert named_persons.of_case(tx, call) == []
    page = task_page(story, call, "aino")
    assert page.index("Protection marking") < page.index("<h1>")
    assert story.world.faults() == []


def test_a_call_that_continues_a_protected_case_is_protected_as_that(story: Story) -> None:
    no = {"interestInReturn": "NO", "supportInSweden": False}
    story.do("sara", "Task_OfferReturnInformation", **no)
    words = " ".join(words_for(story, story.case))
    protect(story, story.case, "SKYDDAD_FOLKBOKFORING")
    say(story.world.browser("tyra"), words)
    story.settle()
    (call,) = calls(story)
    assert marking_of(story, call) == "SKYDDAD_FOLKBOKFORING"
    assert "Protection marking" in task_page(story, call, "aino")
    assert story.world.faults() == []


def test_a_complaint_with_the_words_of_a_protected_case_is_protected(
    story: Story, case: str
) -> None:
    words, desk = " ".join(words_for(story, case)), story.world.browser("tyra")
    protect(story, case, "SEKRETESSMARKERING")
    desk.get(f"/cases/new?element={START}")
    typed = {"herWords": words, "says": "COMPLAIN", "complaintRole": "PARTNER"}
    sent = {**typed, "complaintText": "Nobody came", "element": START, "do": "send"}
    assert desk.post("/cases/new", sent).status_code == 303
    story.settle()
    (call,) = calls(story)
    assert marking_of(story, call) == "SEKRETESSMARKERING"
    assert story.world.faults() == []


def test_what_she_says_of_protection_stands_in_the_open_case_and_marks_only_the_call(
    story: Story, case: str
) -> None:
    words = " ".join(words_for(story, case))
    before, waited = marking_of(story, case), waiting(story, case)
    say_protected(story.world.browser("tyra"), words)
    story.settle()
    (call,) = calls(story)
    assert marking_of(story, call) == "SEKRETESSMARKERING"
    assert marking_of(story, case) == before
    (new,) = [one for one in story.world.tasks(case) if one.id not in waited]
    page = story.world.browser("aino").get(f"/tasks/{new.key}").text
    assert "Does the person say that their identity is protected" in page
    assert story.world.faults() == []
