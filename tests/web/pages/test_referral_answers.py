"""Answers to a referral by hand: accepted, refused, asked about, or nobody answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from service.application import unit_of_work
from service.casework.referrals import referral_answers
from service.errors import CaseMoved, Stale
from service.records.ids import ulid
from service.store.casefile import referrals
from service.store.database import Database
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from tests.support import by_hand
from tests.support.by_hand import entry
from tests.support.waiting import LONGEST, join
from tests.support.world import NOON, World
from tests.web.pages.referring import (
    PARTNER,
    REGION,
    Desk,
    answer,
    referring_offices,
)


@pytest.fixture
def desk(shipped_world: World) -> Iterator[Desk]:
    with referring_offices(shipped_world) as made:
        yield made


def test_one_that_nobody_answers_comes_back_to_its_sender(desk: Desk) -> None:
    sara = desk.world.browser("sara")
    desk.send(sara)
    id_ = desk.row().id
    due = desk.row().due
    assert due is not None
    desk.world.clock.set(due - timedelta(seconds=1))
    desk.story.worker.step()
    assert desk.row().state == "sent"
    desk.world.clock.set(due)
    desk.story.settle()
    assert desk.row().state == "lapsed"
    assert desk.deadlines() == []
    assert "news" in desk.letters_to("social")
    sara.sign_in("sara")
    assert "Barn did not answer in time" in sara.get("/inbox").text
    page = desk.world.browser("berit").get(f"/referrals/{id_}")
    assert "KANARIE" not in page.text
    assert answer(sara, id_, "acknowledge").location == "/inbox"
    assert id_ not in sara.get("/inbox").text
    assert answer(sara, id_, "acknowledge").status_code == 409, "it waits for her no more"
    assert desk.kinds() == ["refer_sent", "grant", "refer_lapsed", "refer_noted"]
    assert desk.faults() == []


def test_a_refusal_comes_back_with_its_reason_sealed(desk: Desk) -> None:
    sara, berit = desk.world.browser("sara"), desk.world.browser("berit")
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
    with desk.world.program.database.transaction(write=False) as tx:
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
    desk.send(desk.world.browser("sara"))
    page = answer(desk.world.browser("berit"), desk.row().id, "refuse", reason=reason, text=words)
    assert page.status_code == 422
    assert desk.row().state == "opened"


def test_of_two_who_answer_one_wins_and_the_other_is_told(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"))
    id_ = desk.row().id
    berit, rolf = desk.world.browser("berit"), desk.world.browser("rolf")
    for browser in (berit, rolf):
        browser.get(f"/referrals/{id_}")
    assert berit.post(f"/referrals/{id_}", {"do": "accept"}).status_code == 303
    late = rolf.post(f"/referrals/{id_}", {"do": "refuse", "reason": "FULL", "text": ""})
    assert late.status_code == 409
    assert "Somebody was faster" in late.text
    assert desk.row().state == "accepted"
    assert desk.kinds() == ["refer_sent", "grant", "refer_opened", "refer_accepted"]


def test_of_answer_refusal_and_deadline_one_wins(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"))
    row, services, url = (
        desk.row(),
        desk.world.program.services,
        desk.world.program.settings.database_url,
    )
    berit, rolf = (desk.world.loaded_viewer(name) for name in ("berit", "rolf"))
    assert row.due is not None
    now, gate, told = row.due, threading.Barrier(3, timeout=LONGEST), list[str]()
    verbs: list[Callable[[Tx], None]] = [
        lambda tx: referral_answers.accept(tx, services, by=berit, referral_id=row.id, now=now),
        lambda tx: referral_answers.refuse(
            tx, services, by=rolf, referral_id=row.id, reason="FULL", text="", now=now
        ),
        lambda tx: referral_answers.lapse(tx, services, now, job_key=row.job),
    ]

    def run(verb: Callable[[Tx], None]) -> None:
        mine = Database(url)
        mine.row_mac = services.vault.row_mac
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
    join(*racers)
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


def test_a_withdrawn_consent_ends_sight_and_nobody_can_accept(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"), office=PARTNER, purpose="PARTNER", field=["urgency"])
    nora, id_ = desk.world.browser("nora"), desk.row().id
    assert "How urgent" in nora.get(f"/referrals/{id_}").text
    with desk.world.program.database.transaction() as tx:
        by_hand.withdraw(
            tx,
            desk.story.case,
            ["REFER"],
            on=desk.world.clock.now().date(),
            rev=desk.story.brief().rev,
        )
        entry(tx, f"case/{desk.story.case}")
    page = nora.get(f"/referrals/{id_}").text
    assert "How urgent" not in page
    assert "does not hold any more" in page
    assert nora.post(f"/referrals/{id_}", {"_once": ulid(NOON), "do": "accept"}).status_code == 409
    assert desk.row().state == "opened"


def test_a_question_waits_for_the_sender_until_it_is_answered(desk: Desk) -> None:
    sara, berit = desk.world.browser("sara"), desk.world.browser("berit")
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


def test_the_end_of_the_case_settles_open_referrals(desk: Desk) -> None:
    sara = desk.world.browser("sara")
    desk.send(sara)
    first = desk.row().id
    answer(desk.world.browser("berit"), first, "accept")
    desk.send(sara, office=REGION, purpose="ADVICE", field=["urgency"])
    desk.story.do(
        "omar",
        "Task_DecideReferral",
        referralDecision="REJECTED",
        reasonCode="BUDGET",
        otherHelp=["NGO"],
        decisionNote="Nej.",
    )
    desk.story.do("sara", "Task_TellPerson")
    with desk.world.program.database.transaction(write=False) as tx:
        found = {
            r.purpose: r.state for r in referrals.of_case(tx, desk.story.case) if not r.element
        }
    assert desk.story.brief().status == "ended"
    assert found == {"CHILD": "done", "ADVICE": "revoked"}
    assert desk.deadlines() == []
    assert "KANARIE" not in desk.world.browser("berit").get(f"/referrals/{first}").text
    assert sara.get(f"/cases/{desk.story.case}/refer").status_code == 404
    assert desk.faults() == []
