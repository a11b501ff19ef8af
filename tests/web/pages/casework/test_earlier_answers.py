"""Answers of an ended case are read again by one person who works in the case that continues it,
because a second person said yes.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from service.audit import verify
from service.audit.search.reads import load_extract
from service.casework.approvals import requests
from service.casework.approvals.unmasking import end_with_linked
from service.casework.cases import protection
from service.operations import housekeeping
from service.store.casefile import approvals, parties
from service.store.installation import keys, ledger_entries
from service.store.row_scope import as_system
from service.store.tables import approval
from tests.support.browser import Browser
from tests.support.world import World
from tests.web.story import Story

REASON = "The person calls from home and asks which contacts to avoid"
NOTE = "qzkanariefagel"
GROUPS = re.compile(r"[?&;]show=([\w.-]+)")
ASKED = re.compile(r'name="group" value="([\w.-]+)"')
PAIR = re.compile(r"<dt>(.*?)</dt> ?<dd>(.*?)<small>", re.DOTALL)
OPEN = "Open until"


class Call:
    """A case that ended after its plan, and the case of a call that continues it."""

    def __init__(self, world: World) -> None:
        self.world, self.story = world, Story(world)
        self.old, self.services = self.story.case, world.program.services
        self.story.until("Task_MakePlan", Task_SignApplication={"noteToOffice": NOTE})
        self.aino, self.sara = world.browser("aino"), world.browser("sara")
        here = f"/cases/{self.old}/messages/withdraw"
        self.aino.get(here)
        said = self.story.answers("withdraw", "aino", stopReason="DECLINES", purposesWithdrawn=None)
        assert self.aino.post(here, {**said, "do": "send"}).status_code == 303
        self.story.settle()
        self.before = self.answers(self.aino)
        assert NOTE in self.tab(self.sara)
        self.story.do("sara", "Task_ArrangeSupport")
        assert self.story.brief().status == "ended"
        self.new = self.begin("aino")
        self.page = f"/cases/{self.new}/earlier"

    def begin(self, name: str) -> str:
        """Take a call in, in a case that continues the ended one; gives its id."""
        browser = self.world.browser(name)
        browser.get(f"/cases/new?previous={self.old}")
        body = {
            "process": "after_end",
            "element": "Start_CallAfterEnd",
            "previous": self.old,
            **self.story.answers("call_after_end", name),
            "do": "send",
        }
        begun = browser.post("/cases/new", body)
        assert begun.status_code == 303
        self.story.settle()
        named = re.search(r"(?:/cases/|sent=)([0-9A-Z]{26})", begun.location)
        assert named is not None
        return named[1]

    def close(self) -> None:
        self.story.close()

    def tab(self, browser: Browser, case: str = "") -> str:
        """The page of the answers of the ended case, with every group open that can be opened."""
        address = f"/cases/{case or self.old}?tab=people"
        page = browser.get(address)
        if 'name="what" value="lookup"' in page.text:
            said = {"what": "lookup", "reason": "PHONE", "back": address}
            browser.post(f"/cases/{case or self.old}/notes", said)
            page = browser.get(address)
        asked = ASKED.findall(page.text)
        for group in asked:
            browser.get(address)
            sent = {"group": group, "reason": "SAFETY"}
            assert browser.post(f"/cases/{case or self.old}/answers", sent).status_code == 303
        groups = dict.fromkeys([*asked, *GROUPS.findall(page.text)])
        return browser.get("&show=".join([address, *groups])).text

    def answers(self, browser: Browser, case: str = "") -> set[tuple[str, str]]:
        """Label and text of every answer that somebody reads on that page."""
        found = PAIR.findall(self.tab(browser, case))
        return {(html.unescape(label), html.unescape(text).strip()) for label, text in found}

    def ask(self, *classes: str) -> str:
        """Ask, and give the address at which it is answered."""
        self.aino.get(self.page)
        sent = {"classes": [*(classes or ("C2", "C3"))], "why": REASON}
        assert self.aino.post(self.page, sent).status_code == 303
        return self.waiting(self.sara)

    def waiting(self, browser: Browser) -> str:
        found = re.search(r'href="(/approvals/\w+)"', browser.get("/approvals").text)
        assert found is not None
        return found[1]

    def answer(self, address: str, do: str = "approve", **fields: object) -> int:
        self.sara.get("/settings")
        sent = {"do": do, **fields}
        return self.sara.post(f"{address}/unmasking", sent).status_code

    def open(self, *classes: str) -> str:
        address = self.ask(*classes)
        assert self.answer(address) == 303
        return address

    def end_linked(self) -> None:
        """The case of the call ends."""
        self.story.case = self.new
        self.story.do("aino", "Task_TalkAfterEnd", callWish="NOTHING")
        assert self.story.brief().status == "ended"
        self.story.case = self.old

    def lines(self, stream: str, kind: str) -> list[dict[str, Any]]:
        with self.world.database.transaction(write=False) as tx:
            entries = ledger_entries.of_stream(tx, f"{stream}/{self.old}")
        return [
            {**json.loads(e.body), "n": e.seq, "by": e.actor} for e in entries if e.kind == kind
        ]

    def mark(self, case: str, name: str) -> None:
        now, by = self.world.clock.now(), self.world.loaded_viewer(name)
        about: dict[str, Any] = {
            "case_id": case,
            "marking": "SEKRETESSMARKERING",
            "reason": "Told so",
        }
        with self.world.database.transaction() as tx:
            protection.set_marking(tx, self.services, by=by, now=now, **about)


@pytest.fixture
def call(shipped_world: World) -> Iterator[Call]:
    made = Call(shipped_world)
    yield made
    made.close()


def test_one_person_reads_what_her_office_saw_and_nobody_else_does(call: Call) -> None:
    after = call.answers(call.aino)
    overview = call.aino.get(f"/cases/{call.new}").text
    assert f'href="{call.page}"' in overview
    page = call.aino.get(call.page).text
    assert "for 8 hours, as far as your office saw them on its last day" in page
    assert 'value="C1"' not in page
    address = call.ask()
    assert "Waits for a second person" in call.aino.get(call.page).text
    assert call.answers(call.aino) == after, "a request opens nothing"
    listed = call.sara.get("/approvals").text
    assert "Read answers of an ended case again" in listed
    request = call.sara.get(address).text
    for text in (call.story.brief().ref, "Aino", "Helsinki", REASON, "Yes, for 8 hours"):
        assert text in request, text
    assert call.answer(address) == 303
    shown = call.tab(call.aino)
    assert OPEN in shown
    opened = call.answers(call.aino)
    assert after < opened
    more = {label for label, _ in opened} - {label for label, _ in call.before | after}
    assert more == {"What was arranged"}, "the step with which the case ended, and nothing else"
    assert NOTE not in shown, "what only the office that wrote it may see stays its own"
    for name in ("eero", "omar", "iva", "sara"):
        other = call.world.browser(name)
        assert OPEN not in call.tab(other), name
        assert not call.answers(other) & (opened - after), name


def test_the_office_that_referred_reads_its_own_answers_alone(call: Call) -> None:
    page = f"/cases/{call.begin('sara')}/earlier"
    after = call.answers(call.sara)
    call.sara.get(page)
    assert call.sara.post(page, {"classes": ["C2", "C3"], "why": REASON}).status_code == 303
    address = call.waiting(call.aino)
    call.aino.get("/settings")
    sent = {"do": "approve"}
    assert call.aino.post(f"{address}/unmasking", sent).status_code == 303
    page = call.tab(call.sara)
    assert OPEN in page
    assert after < call.answers(call.sara)
    authors = set(re.findall(r"<small>([^<,]+, [^<,]+), <time", page))
    assert "Sara, Social" in authors
    hers = {label for label, _ in call.answers(call.sara) - after}
    by_aino = re.findall(r"<dt>([^<]*)</dt> ?<dd>(?:(?!</dd>).)*<small>Aino", page, re.DOTALL)
    assert not hers & set(by_aino)


def test_a_local_office_reads_what_it_saw_while_its_task_is_open(call: Call) -> None:
    iva, page = call.world.browser("iva"), call.page
    assert iva.get(page).status_code == 404, "nobody has agreed to its help yet"
    consent = {
        "given": True,
        "givenBy": "SELF",
        "how": "ORAL_WITNESSED",
        "language": "bg",
        "interpreter": True,
        "explainedBy": "Aino",
        "textVersion": "2026-1",
        "givenOn": "@today",
        "witness": "Eero",
    }
    call.story.case = call.new
    wish = {"callWish": "HELP", "localOffice": "iom-sofia", "consentLocal": consent}
    call.story.do("aino", "Task_TalkAfterEnd", **wish)
    call.story.case = call.old
    after = call.answers(iva)
    shown = iva.get(page).text
    assert 'value="C2"' in shown
    assert 'value="C3"' not in shown, "it saw none on the last day"
    assert iva.post(page, {"classes": ["C2", "C3"], "why": REASON}).status_code == 303
    assert call.answer(call.waiting(call.sara)) == 303
    opened = call.answers(iva)
    assert after < opened
    more = {label for label, _ in opened - after}
    assert more - {label for label, _ in call.before} == {"What was arranged"}, "the last step"
    assert "Health problems" not in more
    call.story.case = call.new
    call.story.do("iva", "Task_HelpAfterEnd")
    call.story.case = call.old
    assert OPEN not in call.tab(iva)


def test_a_chosen_class_is_open_and_the_other_is_not(call: Call) -> None:
    after = call.answers(call.aino)
    call.open("C2")
    second = call.answers(call.aino)
    assert after < second
    (read,) = [one for one in call.lines("reads", "read") if "C2" in one["classes"]][-1:]
    assert "C3" not in read["classes"]


def test_each_look_and_each_opened_group_bears_the_number_of_the_yes(call: Call) -> None:
    call.open()
    before = len(call.lines("reads", "read"))
    call.tab(call.aino)
    (given,) = call.lines("case", "approval_given")
    looks = call.lines("reads", "read")[before:]
    assert {one["unmasking"] for one in looks} == {given["n"]}
    assert {"C2", "C3"} <= {*looks[-1]["classes"]}
    opened = [one for one in call.lines("reads", "reveal") if "unmasking" in one]
    assert {one["unmasking"] for one in opened} == {given["n"]}
    assert given["classes"] == ["C2", "C3"]
    call.aino.get(f"/cases/{call.old}")
    assert "unmasking" not in call.lines("reads", "read")[-1], "no other page opens it"
    with call.world.database.transaction(write=False) as tx:
        extract = load_extract(tx, call.old, lang="en", zone="Europe/Stockholm")
        found = verify.verify(tx, call.services, call.old, now=call.world.clock.now())
    assert "Work after the end, with answers that two persons opened again" in {
        one.purpose for one in extract
    }
    assert found.faults == ()


def test_print_and_the_interface_show_no_more_than_before(call: Call) -> None:
    after = call.answers(call.aino)
    call.open()
    more = {text for _, text in call.answers(call.aino) - after if len(text) > 12}
    assert more
    for page in ("", "/print", "?tab=papers", "?tab=history", "?tab=overview"):
        shown = call.aino.get(f"/cases/{call.old}{page}").text
        assert not [text for text in more if text in html.unescape(shown)], page
        assert OPEN not in shown


def test_who_asks_and_her_colleagues_do_not_decide(call: Call) -> None:
    address = call.ask()
    for name in ("aino", "eero", "iva", "maja"):
        browser = call.world.browser(name)
        assert browser.get(address).status_code == 404, name
        browser.get("/settings")
        sent = {"do": "approve"}
        assert browser.post(f"{address}/unmasking", sent).status_code in (403, 404), name
    for name in ("omar", "disa"):
        assert call.world.browser(name).get(address).status_code == 200, name
    assert OPEN not in call.tab(call.aino)
    with call.world.database.transaction(write=False) as tx:
        row = approvals.get(tx, address.rpartition("/")[2])
        holders = parties.of_case(tx, call.old)
    assert row is not None
    assert call.new not in json.dumps(row.subjects), "a link between cases is nowhere in the open"
    assert row.asked_office == holders["IomHelsinki"]


def test_data_protection_may_say_yes_and_end_it(call: Call) -> None:
    address, disa = call.ask(), call.world.browser("disa")
    disa.get("/settings")
    sent = {"do": "approve"}
    assert disa.post(f"{address}/unmasking", sent).status_code == 303
    assert OPEN in call.tab(call.aino)
    assert "Answers that are open now" in disa.get("/approvals").text
    assert disa.post(f"{address}/end", {}).status_code == 303
    assert OPEN not in call.tab(call.aino)
    (ended,) = call.lines("case", "approval_ended")
    assert ended["by"] == "p_disa"


def test_the_one_who_asked_ends_it_where_she_reads(call: Call) -> None:
    address = call.open()
    here = f"/cases/{call.old}?tab=people"
    assert f'value="{here}"' in html.unescape(call.tab(call.aino))
    ended = call.aino.post(f"{address}/end", {"back": here})
    assert (ended.status_code, ended.location) == (303, here)
    assert OPEN not in call.tab(call.aino)
    assert "It is over" in call.aino.get(call.page).text


def test_it_closes_when_its_time_is_over(call: Call) -> None:
    after = call.answers(call.aino)
    call.open()
    assert call.aino.get(f"/cases/{call.old}?tab=people").headers["Refresh"] == "28801"
    call.world.later(hours=8)
    call.aino = call.world.browser("aino")
    assert OPEN not in call.tab(call.aino)
    assert call.answers(call.aino) == after


def test_it_closes_when_the_case_of_the_call_ends(call: Call) -> None:
    call.open()
    assert OPEN in call.tab(call.aino)
    call.end_linked()
    assert OPEN not in call.tab(call.aino), "at once, before any clock"
    assert "Answers that are open now" not in call.sara.get("/approvals").text
    page = call.aino.get(call.page).text
    assert "opened only while the case that continues it is open" in page
    assert call.aino.post(call.page, {"classes": "C2", "why": REASON}).status_code == 409
    with call.world.database.transaction() as tx:
        now = call.world.clock.now()
        assert housekeeping.expire_approvals(tx, call.services, now=now) == 1
        assert end_with_linked(tx, call.services, now=now) == 0
    (ended,) = call.lines("case", "approval_ended")
    assert ended["by"] == "clock"


def test_a_request_is_not_approved_after_the_case_of_the_call(call: Call) -> None:
    address = call.ask()
    call.end_linked()
    assert call.answer(address) == 409
    assert call.sara.page is not None
    assert "The case for which it was asked has ended" in call.sara.page.text
    with call.world.database.transaction() as tx:
        now = call.world.clock.now()
        assert housekeeping.expire_approvals(tx, call.services, now=now) == 1
    assert len(call.lines("case", "approval_expired")) == 1


def test_a_second_request_leads_to_the_first(call: Call) -> None:
    address = call.ask()
    call.aino.get("/settings")
    again = call.aino.post(call.page, {"classes": "C2", "why": REASON})
    assert again.status_code == 409
    assert "Take the request back" in again.text
    assert call.aino.post(f"{address}/end", {"back": call.page}).status_code == 303
    assert call.answer(address) == 409, "it was taken back"
    assert call.ask() != address


def test_a_no_has_a_reason_that_the_one_who_asked_reads(call: Call) -> None:
    address = call.ask()
    assert call.answer(address, "refuse") == 422
    assert call.answer(address, "refuse", why="Call me first") == 303
    page = call.aino.get(call.page).text
    assert "The second person said no to your request of" in page
    assert "Call me first" in page
    assert OPEN not in call.tab(call.aino)


def test_a_request_needs_a_class_and_a_reason(call: Call) -> None:
    call.aino.get(call.page)
    answer = call.aino.post(call.page, {"why": REASON})
    assert answer.status_code == 422
    assert "Choose at least one kind of answers." in answer.text
    assert REASON in answer.text
    answer = call.aino.post(call.page, {"classes": "C3"})
    assert answer.status_code == 422
    assert re.search(r'value="C3"\s+checked', answer.text)
    assert call.aino.post(call.page, {"classes": "C1", "why": REASON}).status_code == 422


def test_a_case_that_continues_none_and_an_office_without_it_ask_nothing(call: Call) -> None:
    other = call.world.start_case().case_id
    for name, case in (("sara", other), ("omar", call.new), ("iva", call.new), ("mea", call.new)):
        browser, page = call.world.browser(name), f"/cases/{case}/earlier"
        browser.get("/settings")
        assert browser.get(page).status_code == 404, name
        assert browser.post(page, {"classes": "C2", "why": REASON}).status_code == 404, name


def test_nothing_of_a_protected_identity_is_opened(call: Call) -> None:
    call.open()
    call.mark(call.new, "aino")
    assert OPEN not in call.tab(call.aino), "she is protected now, whatever the ended case says"


def test_a_protected_ended_case_says_so(call: Call) -> None:
    address = call.ask()
    call.mark(call.old, "sara")
    assert call.answer(address) == 409
    assert "It is known to named persons only" in call.aino.get(call.page).text


def test_a_consent_that_was_taken_back_since_opens_nothing(call: Call) -> None:
    call.open()
    here = f"/cases/{call.old}/consents"
    call.sara.get(here)
    sent = {
        "purposes": ["PARTICIPATE"],
        "who": "SELF",
        "on": "2026-03-02",
        "how": "PHONE",
        "effect": "x",
    }
    page = call.sara.get(here).text
    on = re.search(r'name="on"[^>]*value="([^"]+)"', page)
    assert on is not None
    answer = call.sara.post(here, {**sent, "on": on[1]})
    assert answer.status_code == 303, answer.text
    assert OPEN not in call.tab(call.aino)


def test_an_office_that_gave_its_role_away_reads_nothing(call: Call) -> None:
    call.open()
    assert OPEN in call.tab(call.aino)
    with call.world.database.transaction() as tx:
        parties.bind(
            tx, call.old, {"IomHelsinki": "iom-sofia"}, known=parties.of_case(tx, call.old)
        )
    assert call.aino.get(f"/cases/{call.old}?tab=people").status_code == 404


def test_a_row_that_somebody_wrote_opens_nothing(call: Call) -> None:
    """Who can write to the database has no entry in the history of the case for it."""
    id_ = call.ask().rpartition("/")[2]
    forged = update(approval).where(approval.c.id == id_)
    forged = forged.values(state="approved", decided_by="p_sara")
    with call.world.database.transaction() as tx:
        tx.run(as_system("approve", forged))
    assert OPEN not in call.aino.get(f"/cases/{call.old}?tab=people").text


def test_an_office_decides_itself_where_no_other_can(call: Call) -> None:
    """The rule asks for another office of the case, as long as there is one."""
    id_ = call.ask().rpartition("/")[2]
    eero = call.world.loaded_viewer("eero")
    with call.world.database.transaction() as tx:
        row = approvals.get(tx, id_)
        assert row is not None
        assert not requests.may_decide(tx, call.services, eero, row)
        known = parties.of_case(tx, call.old)
        alone = dict.fromkeys(("CaseApprover", "ReferringPartner"), eero.office)
        parties.bind(tx, call.old, alone, known=known)
    with call.world.database.transaction(write=False) as tx:
        assert requests.may_decide(tx, call.services, eero, row)
        aino = call.world.loaded_viewer("aino")
        assert not requests.may_decide(tx, call.services, aino, row), "never who asked"


def test_erased_answers_are_named(call: Call) -> None:
    with call.world.database.transaction() as tx:
        keys.drop(tx, f"case:{call.old}", stream=f"case/{call.old}")
    page = call.aino.get(call.page).text
    assert "The answers of the earlier case have been erased" in page


def test_an_installation_without_the_rule_says_so(call: Call) -> None:
    kinds = {**call.services.programme.approvals.kinds}
    del kinds["open_ended_case"]
    rules = replace(call.services.programme.approvals, kinds=kinds)
    programme = replace(call.services.programme, approvals=rules)
    object.__setattr__(call.services, "programme", programme)
    assert "needs a row open_ended_case" in call.aino.get(call.page).text
