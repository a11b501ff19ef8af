"""The page of a referral by hand: what the receiver sees and how long."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text as statement

from service.records.ids import ulid
from service.store.installation import ledger_entries, people
from service.store.row_scope import as_system
from tests.support.world import NOON, World
from tests.web.pages.referring import (
    Desk,
    answer,
    referring_offices,
)


@pytest.fixture
def desk(shipped_world: World) -> Iterator[Desk]:
    with referring_offices(shipped_world) as made:
        yield made


def test_the_sender_does_not_receipt_her_own_referral(desk: Desk) -> None:
    sara = desk.world.browser("sara")
    desk.send(sara)
    assert "KANARIE-FORNAMN" in sara.get(f"/referrals/{desk.row().id}").text
    assert desk.row().state == "sent"


def test_each_look_at_a_packet_is_recorded_with_its_classes(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"))
    desk.world.browser("berit").get(f"/referrals/{desk.row().id}")
    with desk.world.program.database.transaction(write=False) as tx:
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


def test_nobody_gets_more_than_the_packet(desk: Desk) -> None:
    more = [
        "givenNames",
        "victimCategory",
        "safeContact",
        "noteToOffice",
        "urgentNeeds",
        "consentRefer",
        "nothing",
    ]
    desk.send(desk.world.browser("sara"), field=more)
    row = desk.row()
    assert row.fields == ["givenNames"]
    berit = desk.world.browser("berit")
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
    desk.send(desk.world.browser("sara"), field=["givenNames", "familyName"])
    desk.story.do(
        "omar",
        "Task_DecideReferral",
        referralDecision="RETURNED",
        reasonCode="INCOMPLETE",
        missingItems=["CONSENT"],
        decisionNote="Saknas.",
    )
    desk.story.do("sara", "Task_CompleteReferral", familyName="KANARIE-SENARE")
    page = desk.world.browser("berit").get(f"/referrals/{desk.row().id}").text
    assert "KANARIE-NAMN" in page
    assert "KANARIE-SENARE" not in page
    assert desk.faults() == []


@pytest.mark.parametrize("name", ["aino", "omar", "nora", "iva", "kim"])
def test_other_offices_do_not_know_of_it(desk: Desk, name: str) -> None:
    desk.send(desk.world.browser("sara"))
    browser = desk.world.browser(name)
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


def test_a_colleague_without_the_role_does_not_know_of_it(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"))
    with desk.world.program.database.transaction() as tx:
        rolf = people.get(tx, "p_rolf")
        assert rolf is not None
        people.set_roles(tx, rolf, ["ReferringPartner"])
    assert desk.world.browser("rolf").get(f"/referrals/{desk.row().id}").status_code == 404


def test_the_sender_cannot_answer_and_the_receiver_cannot_revoke(desk: Desk) -> None:
    sara, berit = desk.world.browser("sara"), desk.world.browser("berit")
    desk.send(sara)
    assert answer(sara, desk.row().id, "accept").status_code == 404
    assert answer(berit, desk.row().id, "revoke").status_code == 404
    assert desk.row().state == "opened"


def test_revoking_ends_sight_at_once_also_after_it_was_accepted(desk: Desk) -> None:
    sara, berit = desk.world.browser("sara"), desk.world.browser("berit")
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
    sara = desk.world.browser("sara")
    desk.send(sara)
    assert answer(sara, desk.row().id, "revoke").status_code == 303
    assert desk.deadlines() == []
    assert desk.row().id not in desk.world.browser("berit").get("/inbox").text
    desk.story.later(days=20)
    desk.story.settle()
    assert desk.row().state == "revoked"


def test_the_receiver_is_done_and_sees_it_no_more(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"))
    berit = desk.world.browser("berit")
    answer(berit, desk.row().id, "accept")
    assert answer(berit, desk.row().id, "done").status_code == 303
    assert "KANARIE" not in berit.get(f"/referrals/{desk.row().id}").text
    assert desk.row().state == "done"
    assert desk.faults() == []


def test_a_letter_leads_the_receiver_to_the_referral(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"))
    berit, id_ = desk.world.browser("berit"), desk.row().id
    assert berit.get(f"/go/{desk.story.case}").location == f"/referrals/{id_}"
    answer(berit, id_, "accept")
    assert berit.get(f"/go/{desk.story.case}").location == f"/referrals/{id_}"
    assert (
        desk.world.browser("aino").get(f"/go/{desk.story.case}").location
        == f"/cases/{desk.story.case}"
    )
    assert "/tasks/" in desk.world.browser("omar").get(f"/go/{desk.story.case}").location


CHANGES = {
    "DELETE FROM job WHERE kind = 'referral'": "expected a deadline at",
    "UPDATE job SET due = NULL WHERE kind = 'referral'": "found a deadline at None",
    "UPDATE job SET state = 'stopped' WHERE kind = 'referral'": (
        "a deadline that stopped, and no incident"
    ),
    "UPDATE referral SET state = 'accepted' WHERE element = ''": "the state that its lines tell",
    "UPDATE referral SET fields = '[\"familyName\"]' WHERE element = ''": (
        "the packet that its line binds"
    ),
    "UPDATE referral SET packet_sha256 = (SELECT packet_sha256 FROM referral WHERE element <> '')"
    " WHERE element = ''": "the packet that was sent",
    "UPDATE referral SET to_office = 'social' WHERE element = ''": "the packet that its line binds",
    "DELETE FROM referral WHERE element = ''": "the referral that the ledger tells of",
    "UPDATE task SET element = 'Task_Elsewhere' WHERE element = 'Task_DecideReferral'": (
        "the receiver's task that answers it"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_verify_names_a_referral_that_was_changed(desk: Desk, change: str) -> None:
    desk.send(desk.world.browser("sara"))
    assert desk.faults() == []
    with desk.world.program.database.transaction() as tx:
        assert tx.conn.execute(as_system("schema", statement(change))).rowcount == 1
    assert [fault for fault in desk.faults() if CHANGES[change] in fault]
