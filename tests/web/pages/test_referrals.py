"""Referrals by hand: who may send what to whom, what the receiver sees and how long, and that none
is ever lost.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import text as statement
from werkzeug.test import TestResponse

from service.actions.cases import consents
from service.actions.history import verify
from service.actions.ids import ulid
from service.actions.people import accounts
from service.actions.referrals import answers
from service.application import unit_of_work
from service.errors import CaseMoved, Stale
from service.store.casefile import referrals
from service.store.database import Database
from service.store.installation import ledger_entries, offices, people
from service.store.row_scope import as_system
from service.store.transaction import Tx
from service.store.work import jobs, letters
from tests.web.conftest import NOON, PASSWORD, SEED, Browser, Town
from tests.web.story import SOFIA, Story

CHILDREN, PARTNER, REGION, SHUT = "barn", "foreningen", "region", "stangt"
PLACES = (
    (CHILDREN, "Barn", "SOCIALTJANST", "ChildServices", ("berit", "rolf")),
    (PARTNER, "Förening", "NGO", "ReferringPartner", ("nora",)),
    (REGION, "Region", "REGIONKOORDINATOR", "RegionalCoordinator", ("kim",)),
    (SHUT, "Stängt", "SOCIALTJANST", "ChildServices", ()),
)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
NAMED = {"familyName": "KANARIE-NAMN", "givenNames": "KANARIE-FORNAMN"}


@dataclass
class Desk:
    """A story, and people of more offices."""

    story: Story
    town: Town

    def row(self) -> referrals.Referral:
        """The one referral by hand."""
        with self.town.program.database.transaction(write=False) as tx:
            (found,) = [r for r in referrals.of_case(tx, self.story.case) if not r.element]
        return found

    def count(self) -> int:
        with self.town.program.database.transaction(write=False) as tx:
            return sum(not r.element for r in referrals.of_case(tx, self.story.case))

    def kinds(self) -> list[str]:
        """What the ledger tells of the referral by hand."""
        with self.town.program.database.transaction(write=False) as tx:
            id_ = self.row().id
            return [
                line.kind
                for line in ledger_entries.of_stream(tx, f"case/{self.story.case}")
                if json.loads(line.body).get("referral") == id_
            ]

    def deadlines(self) -> list[jobs.Job]:
        with self.town.program.database.transaction(write=False) as tx:
            return jobs.of_case(tx, self.story.case, kinds=[jobs.REFERRAL])

    def letters_to(self, office: str) -> list[str]:
        with self.town.program.database.transaction(write=False) as tx:
            return [
                one.template
                for one in letters.of_case(tx, self.story.case)
                if one.office_id == office
            ]

    def faults(self) -> list[str]:
        """What verify says of the case."""
        with self.town.program.database.transaction(write=False) as tx:
            return [
                str(fault)
                for fault in verify.verify(
                    tx, self.town.program.services, self.story.case, now=self.town.clock.now()
                ).faults
            ]

    def way(self, browser: Browser, **chosen: Any) -> TestResponse:
        """Go from page to page as far as the answers reach; gives the last page, nothing sent."""
        path = f"/cases/{self.story.case}/refer"
        page = browser.get(path)
        for step, name in (("to", "office"), ("why", "purpose"), ("what", "field")):
            if name not in chosen:
                return page
            page = browser.post(
                path, {**hidden(page), "step": step, "do": "next", name: chosen[name]}
            )
            if page.status_code != 200:
                return page
        return page

    def send(self, browser: Browser, **chosen: Any) -> TestResponse:
        """The whole way."""
        usual = {"office": CHILDREN, "purpose": "CHILD", "field": ["givenNames", "isMinor"]}
        page = self.way(browser, **{**usual, **chosen})
        assert page.status_code == 200
        return browser.post(f"/cases/{self.story.case}/refer", {**hidden(page), "do": "send"})


def hidden(page: TestResponse) -> dict[str, Any]:
    """What a page carries without showing it; a name that comes twice holds both values."""
    found: dict[str, Any] = {}
    for name, value in HIDDEN.findall(page.text.partition('class="t-form')[2]):
        found[name] = (
            [*found[name], unescape(value)]
            if isinstance(found.get(name), list)
            else [unescape(value)]
        )
    return found


def answer(browser: Browser, id_: str, do: str, **more: str) -> TestResponse:
    """Open a referral's page and press a button."""
    browser.get(f"/referrals/{id_}")
    return browser.post(f"/referrals/{id_}", {"_once": ulid(NOON), "do": do, **more})


@pytest.fixture
def desk(working: Town) -> Iterator[Desk]:
    """A case whose referral to the approver waits for a decision; its partner still owns it."""
    story = Story(working)
    program = working.program
    with program.database.transaction() as tx:
        for id_, name, kind, role, names in PLACES:
            closed = NOON - timedelta(days=1) if id_ == SHUT else None
            office = offices.Office(
                id_, name, kind, [], [], "sweden", "Europe/Stockholm", "sv", closed_at=closed
            )
            accounts.add_office(
                tx,
                program.services,
                office=office,
                address=f"{id_}@example.invalid",
                by=SEED,
                now=NOON,
            )
            for who in names:
                about: dict[str, Any] = {
                    "id_": f"p_{who}",
                    "sign_in": who,
                    "name": who.title(),
                    "office": id_,
                }
                accounts.add_person(
                    tx,
                    program.services,
                    **about,
                    roles=[role],
                    password=program.passwords.hash(PASSWORD),
                    language="en",
                    by=SEED,
                    now=NOON,
                )
    story.until("Task_DecideReferral", Task_SubmitReferral=NAMED)
    yield Desk(story, working)
    story.close()


def test_a_case_is_referred_step_by_step_and_the_receiver_sees_what_the_sender_saw(
    desk: Desk,
) -> None:
    sara = desk.town.browser("sara")
    assert f"/cases/{desk.story.case}/refer" in sara.get(f"/cases/{desk.story.case}").text
    page = desk.way(sara, office=CHILDREN, purpose="CHILD", field=["givenNames", "isMinor"])
    assert "This is what Barn will see" in page.text
    assert "KANARIE-FORNAMN" in page.text
    assert "KANARIE-NAMN" not in page.text
    assert desk.count() == 0
    answered = sara.post(
        f"/cases/{desk.story.case}/refer", {**hidden(page), "do": "send", "days": "5"}
    )
    row = desk.row()
    assert answered.status_code == 303
    assert answered.location == f"/referrals/{row.id}"
    assert (row.state, row.fields, row.to_role, row.consents) == (
        "sent",
        ["givenNames", "isMinor"],
        "ChildServices",
        [],
    )
    assert [(job.key, job.due) for job in desk.deadlines()] == [(row.job, row.due)]
    assert row.due is not None
    assert (row.due - desk.town.clock.now()).days == 7  # five working days, a weekend between
    berit = desk.town.browser("berit")
    assert f"/referrals/{row.id}" in berit.get("/inbox").text
    seen = berit.get(f"/referrals/{row.id}")
    assert seen.status_code == 200
    assert "KANARIE-FORNAMN" in seen.text
    assert "KANARIE-NAMN" not in seen.text
    assert desk.row().state == "opened"
    assert desk.kinds() == ["refer_sent", "grant", "refer_opened"]
    desk.story.settle()
    assert desk.letters_to(CHILDREN) == ["new_referral"]
    assert desk.faults() == []


def test_the_sender_does_not_receipt_her_own_referral(desk: Desk) -> None:
    sara = desk.town.browser("sara")
    desk.send(sara)
    assert "KANARIE-FORNAMN" in sara.get(f"/referrals/{desk.row().id}").text
    assert desk.row().state == "sent"


def test_each_look_at_a_packet_is_a_line_with_its_purpose_and_classes(desk: Desk) -> None:
    desk.send(desk.town.browser("sara"))
    desk.town.browser("berit").get(f"/referrals/{desk.row().id}")
    with desk.town.program.database.transaction(write=False) as tx:
        found = [
            (line.actor, json.loads(line.body))
            for line in ledger_entries.of_stream(tx, f"reads/{desk.story.case}")
        ]
    assert [(who, body["purpose"], body["classes"]) for who, body in found][-1] == (
        "p_berit",
        "referral",
        ["C0", "C1"],
    )
    assert ("p_sara", "referral") in [(who, body["purpose"]) for who, body in found]


def test_nobody_gets_more_than_the_packet_whatever_the_form_asks_for(desk: Desk) -> None:
    more = [
        "givenNames",
        "victimCategory",
        "safeContact",
        "noteToOffice",
        "urgentNeeds",
        "consentRefer",
        "nothing",
    ]
    desk.send(desk.town.browser("sara"), field=more)
    row = desk.row()
    assert row.fields == ["givenNames"]
    berit = desk.town.browser("berit")
    for path in (
        "",
        "/diagram",
        "/print",
        "/refer",
        *(f"?tab={tab}" for tab in ("history", "people", "papers", "letters")),
    ):
        assert berit.get(f"/cases/{desk.story.case}{path}").status_code == 404, path
    ref = desk.story.brief().ref
    assert ref not in berit.get("/cases").text
    assert f"/cases/{desk.story.case}" not in berit.get("/inbox?box=waiting").text
    assert ref not in berit.post("/find", {"q": ref}).text.replace(f'value="{ref}"', "")


def test_a_packet_is_what_was_sent_not_what_was_answered_later(desk: Desk) -> None:
    desk.send(desk.town.browser("sara"), field=["givenNames", "familyName"])
    desk.story.do(
        "omar",
        "Task_DecideReferral",
        referralDecision="RETURNED",
        reasonCode="INCOMPLETE",
        missingItems=["CONSENT"],
        decisionNote="Saknas.",
    )
    desk.story.do("sara", "Task_CompleteReferral", familyName="KANARIE-SENARE")
    page = desk.town.browser("berit").get(f"/referrals/{desk.row().id}").text
    assert "KANARIE-NAMN" in page
    assert "KANARIE-SENARE" not in page
    assert desk.faults() == []


@pytest.mark.parametrize("name", ["aino", "omar", "nora", "iva", "kim"])
def test_other_offices_do_not_know_of_it(desk: Desk, name: str) -> None:
    desk.send(desk.town.browser("sara"))
    browser = desk.town.browser(name)
    browser.get("/inbox")
    for do in ("accept", "refuse", "ask", "done", "reply", "revoke", "acknowledge"):
        assert (
            browser.post(
                f"/referrals/{desk.row().id}",
                {"_once": ulid(NOON), "do": do, "reason": "FULL", "text": "x"},
            ).status_code
            == 404
        )
    assert browser.get(f"/referrals/{desk.row().id}").status_code == 404
    assert desk.row().id not in browser.get("/inbox").text
    assert desk.row().state == "sent"


def test_a_colleague_of_the_receiver_without_the_role_does_not_know_of_it(desk: Desk) -> None:
    desk.send(desk.town.browser("sara"))
    with desk.town.program.database.transaction() as tx:
        people.set_roles(tx, "p_rolf", ["ReferringPartner"])
    assert desk.town.browser("rolf").get(f"/referrals/{desk.row().id}").status_code == 404


def test_the_sender_cannot_answer_and_the_receiver_cannot_revoke(desk: Desk) -> None:
    sara, berit = desk.town.browser("sara"), desk.town.browser("berit")
    desk.send(sara)
    assert answer(sara, desk.row().id, "accept").status_code == 404
    assert answer(berit, desk.row().id, "revoke").status_code == 404
    assert desk.row().state == "opened"


def test_revoking_ends_sight_at_once_also_after_it_was_accepted(desk: Desk) -> None:
    sara, berit = desk.town.browser("sara"), desk.town.browser("berit")
    desk.send(sara)
    id_ = desk.row().id
    assert answer(berit, id_, "accept").status_code == 303
    assert "KANARIE-FORNAMN" in berit.get(f"/referrals/{id_}").text
    assert desk.deadlines() == []
    assert answer(sara, id_, "revoke").status_code == 303
    page = berit.get(f"/referrals/{id_}")
    assert page.status_code == 200
    assert "KANARIE" not in page.text
    assert "The packet is not shown any more" in page.text
    assert "taken back after Barn had accepted it" in page.text
    assert answer(berit, id_, "ask", text="Why?").status_code == 409
    assert desk.kinds() == [
        "refer_sent",
        "grant",
        "refer_opened",
        "refer_accepted",
        "refer_revoked",
    ]
    assert desk.faults() == []


def test_revoking_one_that_waits_disarms_its_deadline(desk: Desk) -> None:
    sara = desk.town.browser("sara")
    desk.send(sara)
    assert answer(sara, desk.row().id, "revoke").status_code == 303
    assert desk.deadlines() == []
    assert desk.row().id not in desk.town.browser("berit").get("/inbox").text
    desk.story.later(days=20)
    desk.story.settle()
    assert desk.row().state == "revoked"


def test_the_receiver_is_done_and_sees_it_no_more(desk: Desk) -> None:
    desk.send(desk.town.browser("sara"))
    berit = desk.town.browser("berit")
    answer(berit, desk.row().id, "accept")
    assert answer(berit, desk.row().id, "done").status_code == 303
    assert "KANARIE" not in berit.get(f"/referrals/{desk.row().id}").text
    assert desk.row().state == "done"
    assert desk.faults() == []


def test_one_that_nobody_answers_comes_back_to_its_sender(desk: Desk) -> None:
    sara = desk.town.browser("sara")
    desk.send(sara)
    id_ = desk.row().id
    due = desk.row().due
    assert due is not None
    desk.town.clock.set(due - timedelta(seconds=1))
    desk.story.worker.step()
    assert desk.row().state == "sent"
    desk.town.clock.set(due)
    desk.story.settle()
    assert desk.row().state == "lapsed"
    assert desk.deadlines() == []
    assert "news" in desk.letters_to("social")
    sara.sign_in("sara")
    assert "Barn did not answer in time" in sara.get("/inbox").text
    page = desk.town.browser("berit").get(f"/referrals/{id_}")
    assert "KANARIE" not in page.text
    assert answer(sara, id_, "acknowledge").location == "/inbox"
    assert id_ not in sara.get("/inbox").text
    assert answer(sara, id_, "acknowledge").status_code == 409
    assert desk.kinds() == ["refer_sent", "grant", "refer_lapsed", "refer_noted"]
    assert desk.faults() == []


def test_a_refusal_comes_back_with_its_reason_and_its_words_are_sealed(desk: Desk) -> None:
    sara, berit = desk.town.browser("sara"), desk.town.browser("berit")
    desk.send(sara)
    id_ = desk.row().id
    assert answer(berit, id_, "refuse", reason="TOO_LITTLE", text="KANARIE-ORD").status_code == 303
    assert desk.row().state == "refused"
    assert desk.deadlines() == []
    assert "What we got is too little" in sara.get("/inbox").text
    page = sara.get(f"/referrals/{id_}").text
    assert "What we got is too little" in page
    assert "KANARIE-ORD" in page
    assert "KANARIE-ORD" not in sara.get(f"/cases/{desk.story.case}").text
    theirs = berit.get(f"/referrals/{id_}").text
    assert "KANARIE-ORD" in theirs  # one still sees what one wrote
    assert "KANARIE-FORNAMN" not in theirs
    with desk.town.program.database.transaction(write=False) as tx:
        assert "KANARIE" not in repr(
            [
                referrals.of_case(tx, desk.story.case),
                ledger_entries.of_stream(tx, f"case/{desk.story.case}"),
            ]
        )
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("reason", "words"), [("", "x"), ("NONSENSE", "x"), ("OTHER", " "), ("TOO_LITTLE", "")]
)
def test_a_refusal_needs_a_reason_and_some_reasons_need_words(
    desk: Desk, reason: str, words: str
) -> None:
    desk.send(desk.town.browser("sara"))
    page = answer(desk.town.browser("berit"), desk.row().id, "refuse", reason=reason, text=words)
    assert page.status_code == 422
    assert desk.row().state == "opened"


def test_of_two_who_answer_one_wins_and_the_other_is_told(desk: Desk) -> None:
    desk.send(desk.town.browser("sara"))
    id_ = desk.row().id
    berit, rolf = desk.town.browser("berit"), desk.town.browser("rolf")
    for browser in (berit, rolf):
        browser.get(f"/referrals/{id_}")
    assert berit.post(f"/referrals/{id_}", {"do": "accept"}).status_code == 303
    late = rolf.post(f"/referrals/{id_}", {"do": "refuse", "reason": "FULL", "text": ""})
    assert late.status_code == 409
    assert "Somebody was faster" in late.text
    assert desk.row().state == "accepted"
    assert desk.kinds() == ["refer_sent", "grant", "refer_opened", "refer_accepted"]


def test_an_answer_a_refusal_and_the_deadline_race_and_one_of_them_holds(desk: Desk) -> None:
    desk.send(desk.town.browser("sara"))
    row, services, url = (
        desk.row(),
        desk.town.program.services,
        desk.town.program.settings.database_url,
    )
    berit, rolf = (desk.town.person(name).viewer for name in ("berit", "rolf"))
    assert row.due is not None
    now, gate, told = row.due, threading.Barrier(3), list[str]()
    verbs: list[Callable[[Tx], None]] = [
        lambda tx: answers.accept(tx, services, by=berit, referral_id=row.id, now=now),
        lambda tx: answers.refuse(
            tx, services, by=rolf, referral_id=row.id, reason="FULL", text="", now=now
        ),
        lambda tx: answers.lapse(tx, services, row.job, now=now),
    ]

    def run(verb: Callable[[Tx], None]) -> None:
        mine = Database(url)
        gate.wait()
        try:
            unit_of_work.run(mine, services, verb, now=now)
        except (Stale, CaseMoved) as e:
            told.append(e.code)
        finally:
            mine.close()

    racers = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert (
        len(
            [
                kind
                for kind in desk.kinds()
                if kind in ("refer_accepted", "refer_refused", "refer_lapsed")
            ]
        )
        == 1
    )
    assert len(told) in (1, 2)  # the deadline that comes too late is silent
    assert desk.deadlines() == []
    assert desk.faults() == []


def test_a_double_click_has_one_effect(desk: Desk) -> None:
    sara, berit = desk.town.browser("sara"), desk.town.browser("berit")
    page = desk.way(sara, office=CHILDREN, purpose="CHILD", field=["givenNames"])
    sent = {**hidden(page), "do": "send"}
    first, second = (sara.post(f"/cases/{desk.story.case}/refer", sent) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert desk.count() == 1
    berit.get(f"/referrals/{desk.row().id}")
    pressed = {**berit.hidden(), "do": "accept"}
    assert [berit.post(f"/referrals/{desk.row().id}", pressed).status_code for _ in range(2)] == [
        303,
        303,
    ]
    assert desk.kinds().count("refer_accepted") == 1


def test_a_second_referral_to_the_same_office_for_the_same_purpose_waits_for_the_first(
    desk: Desk,
) -> None:
    sara = desk.town.browser("sara")
    desk.send(sara)
    page = desk.way(sara, office=CHILDREN, purpose="CHILD")
    assert page.status_code == 422
    assert "waits for an answer already" in page.text
    answer(sara, desk.row().id, "revoke")
    assert desk.way(sara, office=CHILDREN, purpose="CHILD").status_code == 200


@pytest.mark.parametrize(
    ("office", "why"),
    [
        (SHUT, "The office closed on 2026-03-01"),
        (SOFIA, "takes no referrals from you"),
        ("social", "Choose an office"),
        ("nowhere", "Choose an office"),
    ],
)
def test_an_office_that_may_not_get_it_is_told_in_the_first_step(
    desk: Desk, office: str, why: str
) -> None:
    sara = desk.town.browser("sara")
    page = desk.way(sara, office=office)
    assert page.status_code == 422
    assert why in page.text
    assert 'name="office"' in page.text
    chosen = {"office": office, "purpose": "CHILD", "rev": str(desk.story.brief().rev)}
    forged = sara.post(f"/cases/{desk.story.case}/refer", {**hidden(page), "do": "send", **chosen})
    assert forged.status_code == 422
    assert desk.count() == 0


def test_an_office_at_home_gets_only_cases_of_its_countries(desk: Desk) -> None:
    desk.story.do("omar", "Task_DecideReferral")
    aino = desk.town.browser("aino")
    assert 'value="iom-sofia"' in desk.way(aino).text
    with desk.town.program.database.transaction() as tx:
        office = offices.get(tx, SOFIA)
        assert office is not None
        offices.save(
            tx,
            offices.Office(
                **{
                    **{name: getattr(office, name) for name in office.__slots__},
                    "countries": ["RO"],
                }
            ),
        )
    page = desk.way(aino, office=SOFIA)
    assert page.status_code == 422
    assert "does not work in the country" in page.text


def test_a_missing_consent_stops_it_and_the_page_leads_to_where_it_is_given(working: Town) -> None:
    story = Story(working)
    try:
        with working.program.database.transaction() as tx:
            office = offices.Office(
                PARTNER, "Förening", "NGO", [], [], "sweden", "Europe/Stockholm", "sv"
            )
            accounts.add_office(
                tx, working.program.services, office=office, address="", by=SEED, now=NOON
            )
            about: dict[str, Any] = {
                "id_": "p_nora",
                "sign_in": "nora",
                "name": "Nora",
                "office": PARTNER,
            }
            accounts.add_person(
                tx,
                working.program.services,
                **about,
                roles=["ReferringPartner"],
                password=None,
                language="en",
                by=SEED,
                now=NOON,
            )
        key = story.until("Task_SubmitReferral")
        desk, sara = Desk(story, working), working.browser("sara")
        page = desk.way(sara, office=PARTNER, purpose="PARTNER")
        assert page.status_code == 409
        assert "Consent is missing" in page.text
        assert f"/tasks/{key}" in page.text
        forged = {
            **hidden(page),
            "do": "send",
            "office": PARTNER,
            "purpose": "PARTNER",
            "field": "interestInReturn",
            "ticked_for": f"{PARTNER}/PARTNER",
        }
        assert sara.post(f"/cases/{story.case}/refer", forged).status_code == 409
        assert desk.count() == 0
    finally:
        story.close()


def test_a_consent_that_is_taken_back_ends_sight_and_nobody_can_accept(desk: Desk) -> None:
    desk.send(desk.town.browser("sara"), office=PARTNER, purpose="PARTNER", field=["urgency"])
    nora, id_ = desk.town.browser("nora"), desk.row().id
    assert "How urgent" in nora.get(f"/referrals/{id_}").text
    with desk.town.program.database.transaction() as tx:
        consents.withdraw(
            tx,
            desk.story.case,
            ["REFER"],
            on=desk.town.clock.now().date(),
            rev=desk.story.brief().rev,
        )
    page = nora.get(f"/referrals/{id_}").text
    assert "How urgent" not in page
    assert "does not hold any more" in page
    assert nora.post(f"/referrals/{id_}", {"_once": ulid(NOON), "do": "accept"}).status_code == 409
    assert desk.row().state == "opened"


def test_a_question_waits_for_the_sender_until_it_is_answered(desk: Desk) -> None:
    sara, berit = desk.town.browser("sara"), desk.town.browser("berit")
    desk.send(sara)
    id_ = desk.row().id
    assert answer(berit, id_, "ask", text=" ").status_code == 422
    assert answer(berit, id_, "ask", text="KANARIE-FRAGA").status_code == 303
    assert "Barn asks something" in sara.get("/inbox").text
    assert "KANARIE-FRAGA" in sara.get(f"/referrals/{id_}").text
    assert answer(sara, id_, "reply", text="KANARIE-SVAR").status_code == 303
    assert id_ not in sara.get("/inbox").text
    assert "KANARIE-SVAR" in berit.get(f"/referrals/{id_}").text
    answer(sara, id_, "revoke")
    page = berit.get(f"/referrals/{id_}").text
    assert "KANARIE-SVAR" not in page
    assert "KANARIE-FRAGA" in page
    assert [kind for kind in desk.kinds() if kind in ("refer_asked", "refer_told")] == [
        "refer_asked",
        "refer_told",
    ]


def test_a_case_that_moved_since_the_last_page_sends_nothing_and_shows_it_again(desk: Desk) -> None:
    sara = desk.town.browser("sara")
    page = desk.way(sara, office=CHILDREN, purpose="CHILD", field=["givenNames"])
    desk.story.do(
        "omar",
        "Task_DecideReferral",
        referralDecision="RETURNED",
        reasonCode="INCOMPLETE",
        missingItems=["CONSENT"],
        decisionNote="Saknas.",
    )
    late = sara.post(f"/cases/{desk.story.case}/refer", {**hidden(page), "do": "send"})
    assert late.status_code == 409
    assert "Nothing was sent" in late.text
    assert desk.count() == 0
    assert (
        sara.post(f"/cases/{desk.story.case}/refer", {**hidden(late), "do": "send"}).status_code
        == 303
    )


def test_going_back_keeps_what_was_chosen_and_another_purpose_proposes_anew(desk: Desk) -> None:
    sara, path = desk.town.browser("sara"), f"/cases/{desk.story.case}/refer"
    page = desk.way(sara, office=CHILDREN, purpose="CHILD", field=["givenNames"])
    back = sara.post(path, {**hidden(page), "do": "back"})
    ticked = re.findall(r'name="field" value="(\w+)" checked', back.text)
    assert ticked == ["givenNames"]
    other = sara.post(
        path,
        {
            **hidden(back),
            "step": "why",
            "do": "next",
            "office": REGION,
            "purpose": "ADVICE",
            "field": "givenNames",
        },
    )
    assert set(re.findall(r'name="field" value="(\w+)" checked', other.text)) == {
        "urgency",
        "interestInReturn",
    }
    assert "givenNames" not in other.text


def test_nothing_ticked_is_said_at_its_step(desk: Desk) -> None:
    page = desk.way(desk.town.browser("sara"), office=CHILDREN, purpose="CHILD", field=[])
    assert page.status_code == 422
    assert "Choose at least one answer" in page.text


def test_a_party_that_does_not_own_the_case_sends_only_what_it_wrote_itself(desk: Desk) -> None:
    desk.story.do("omar", "Task_DecideReferral")
    mine = desk.way(desk.town.browser("sara"), office=REGION, purpose="ADVICE").text
    assert 'name="field" value="urgency"' in mine
    theirs = desk.way(desk.town.browser("omar"), office=REGION, purpose="ADVICE").text
    assert "Choose another purpose" in theirs
    assert 'name="field"' not in theirs
    owner = desk.way(desk.town.browser("aino"), office=REGION, purpose="ADVICE").text
    assert 'name="field" value="urgency"' in owner


def test_who_has_no_part_in_the_case_cannot_begin_one(desk: Desk) -> None:
    for name in ("kim", "nora", "mea", "greta"):
        assert desk.town.browser(name).get(f"/cases/{desk.story.case}/refer").status_code == 404


def test_who_has_nothing_to_do_in_the_case_says_first_why_she_opens_it(desk: Desk) -> None:
    desk.story.later(hours=9)
    sara, path = desk.town.browser("sara"), f"/cases/{desk.story.case}"
    assert sara.get(f"{path}/refer").location == path
    sara.get(path)
    sara.post(f"{path}/notes", {"what": "lookup", "reason": "PHONE", "word": ""})
    assert sara.get(f"{path}/refer").status_code == 200


def test_a_protected_person_is_told_of_on_the_way(desk: Desk) -> None:
    assert "message-box--warning" not in desk.way(desk.town.browser("sara")).text
    with desk.town.program.database.transaction() as tx:
        tx.conn.execute(
            as_system("schema", statement("UPDATE cases SET marking = 'SKYDDAD_FOLKBOKFORING'"))
        )
    assert "message-box--warning" in desk.way(desk.town.browser("sara")).text


def test_the_end_of_the_case_settles_what_waits_and_what_was_accepted(desk: Desk) -> None:
    sara = desk.town.browser("sara")
    desk.send(sara)
    first = desk.row().id
    answer(desk.town.browser("berit"), first, "accept")
    desk.send(sara, office=REGION, purpose="ADVICE", field=["urgency"])
    desk.story.do(
        "omar",
        "Task_DecideReferral",
        referralDecision="REJECTED",
        reasonCode="BUDGET",
        otherHelp=["NGO"],
        decisionNote="Nej.",
    )
    with desk.town.program.database.transaction(write=False) as tx:
        found = {
            r.purpose: r.state for r in referrals.of_case(tx, desk.story.case) if not r.element
        }
    assert desk.story.brief().status == "ended"
    assert found == {"CHILD": "done", "ADVICE": "revoked"}
    assert desk.deadlines() == []
    assert "KANARIE" not in desk.town.browser("berit").get(f"/referrals/{first}").text
    assert sara.get(f"/cases/{desk.story.case}/refer").status_code == 404
    assert desk.faults() == []


def test_a_letter_leads_the_receiver_to_the_referral(desk: Desk) -> None:
    desk.send(desk.town.browser("sara"))
    berit, id_ = desk.town.browser("berit"), desk.row().id
    assert berit.get(f"/go/{desk.story.case}").location == f"/referrals/{id_}"
    answer(berit, id_, "accept")
    assert berit.get(f"/go/{desk.story.case}").location == f"/referrals/{id_}"
    assert (
        desk.town.browser("aino").get(f"/go/{desk.story.case}").location
        == f"/cases/{desk.story.case}"
    )
    assert "/tasks/" in desk.town.browser("omar").get(f"/go/{desk.story.case}").location


CHANGES = {
    "DELETE FROM job WHERE kind = 'referral'": "expected a deadline at",
    "UPDATE job SET due = NULL WHERE kind = 'referral'": "found a deadline at None",
    "UPDATE job SET state = 'stopped' WHERE kind = 'referral'": "a deadline that stopped, and no incident",
    "UPDATE referral SET state = 'accepted' WHERE element = ''": "the state that its lines tell",
    "UPDATE referral SET fields = '[\"familyName\"]' WHERE element = ''": "the packet that its line binds",
    "UPDATE referral SET packet_sha256 = (SELECT packet_sha256 FROM referral WHERE element <> '') WHERE element = ''": "the packet that was sent",
    "UPDATE referral SET to_office = 'social' WHERE element = ''": "the packet that its line binds",
    "DELETE FROM referral WHERE element = ''": "the referral that the ledger tells of",
    "UPDATE task SET element = 'Task_Elsewhere' WHERE element = 'Task_DecideReferral'": "the receiver's task that answers it",
}


@pytest.mark.parametrize("change", CHANGES)
def test_verify_names_a_referral_that_is_not_what_it_was_or_that_nobody_watches(
    desk: Desk, change: str
) -> None:
    desk.send(desk.town.browser("sara"))
    assert desk.faults() == []
    with desk.town.program.database.transaction() as tx:
        assert tx.conn.execute(as_system("schema", statement(change))).rowcount == 1
    assert [fault for fault in desk.faults() if CHANGES[change] in fault]
