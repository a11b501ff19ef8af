"""Referrals by hand through the interface: what a page does, a program may do too, and no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.records.ids import ulid
from tests.support import by_hand
from tests.support.by_hand import entry
from tests.support.world import NOON, settle
from tests.web.api.v1.desk import CHILDREN, PARTNER, Desk
from tests.web.program import Program, code_of


def test_a_referral_is_sent_seen_by_its_two_offices_and_accepted(desk: Desk) -> None:
    sara, berit, once = Program(desk.world, "sara"), Program(desk.world, "berit"), ulid(NOON)
    first, second = desk.send(sara, once), desk.send(sara, once)
    assert first.status_code == 201, first.text
    assert first.get_json() == second.get_json()
    path = f"/v1/referrals/{desk.row().id}"
    assert first.get_json() == {"id": desk.row().id, "location": path}
    seen = berit.get(path)
    assert "KANARIE-FORNAMN" in [pair["text"] for pair in seen["packet"]]
    assert "KANARIE-NAMN" not in str(seen)
    assert (seen["case"], seen["sent_to"], set(seen["acts"])) == (
        None,
        "Barn",
        {"accept", "ask", "refuse"},
    )
    assert desk.row().state == "opened"
    assert sara.get(path)["case"] == desk.story.case
    assert berit.post(f"{path}/acceptance").status_code == 200
    assert "accepted" in desk.world.browser("sara").get(f"/referrals/{desk.row().id}").text.lower()
    assert code_of(berit.post(f"{path}/acceptance")) == (409, "stale")
    assert desk.row().state == "accepted"


def test_a_handlers_answer_makes_no_referral_stale(desk: Desk) -> None:
    desk.story.do("omar", "Task_DecideReferral")
    settle(desk.world.worker())
    by_people = [fact.rev for fact in desk.story.facts() if fact.kind == "complete"]
    assert desk.story.brief().rev > by_people[-1], "a handler has answered since"
    sara = Program(desk.world, "sara")
    assert code_of(desk.send(sara, rev=by_people[-1] - 1)) == (409, "stale")
    assert desk.send(sara, rev=by_people[-1]).status_code == 201


def test_a_referral_is_refused_with_a_reason(desk: Desk) -> None:
    desk.send(Program(desk.world, "sara"))
    berit, path = Program(desk.world, "berit"), f"/v1/referrals/{desk.row().id}/refusal"
    assert {"OTHER", "TOO_LITTLE"} <= {
        pair["text"] for pair in berit.get(f"/v1/referrals/{desk.row().id}")["refusals"]
    }
    wrong = berit.post(path, {"reason": "NONSENSE"})
    assert code_of(wrong) == (422, "answers_invalid")
    assert [one["path"] for one in wrong.get_json()["findings"]] == ["reason"]
    assert code_of(berit.post(path, {"reason": "OTHER"})) == (422, "answers_invalid")
    assert code_of(berit.post(path, {})) == (400, "bad_request")
    assert berit.post(path, {"reason": "OTHER", "text": "KANARIE-ORD"}).status_code == 200
    assert desk.row().state == "refused"
    assert "KANARIE-ORD" in str(
        Program(desk.world, "sara").get(f"/v1/referrals/{desk.row().id}")["talk"]
    )


def test_revoking_ends_sight_at_once(desk: Desk) -> None:
    sara, berit = Program(desk.world, "sara"), Program(desk.world, "berit")
    desk.send(sara)
    path = f"/v1/referrals/{desk.row().id}"
    assert code_of(berit.post(f"{path}/revocation")) == (404, "not_found")
    assert sara.post(f"{path}/revocation").status_code == 200
    seen = berit.get(path)
    assert (seen["packet"], bool(seen["gone"]), seen["hidden"]) == ([], True, 2)
    assert "KANARIE" not in str(seen)


@pytest.mark.parametrize("name", ["nora", "omar", "iva"])
def test_other_offices_do_not_know_of_it(desk: Desk, name: str) -> None:
    desk.send(Program(desk.world, "sara"))
    other, path = Program(desk.world, name), f"/v1/referrals/{desk.row().id}"
    assert code_of(other.ask("GET", path)) == (404, "not_found")
    for act, body in (
        ("acceptance", {}),
        ("refusal", {"reason": "OTHER", "text": "x"}),
        ("revocation", {}),
    ):
        assert code_of(other.post(f"{path}/{act}", body)) == (404, "not_found")
    assert other.get("/v1/referrals")["items"] == []
    assert desk.row().state == "sent"


def test_who_may_not_open_the_case_refers_nothing_of_it(desk: Desk) -> None:
    assert code_of(desk.send(Program(desk.world, "nora"))) == (404, "not_found")
    stina = Program(desk.world, "stina")
    body = {"case": desk.story.case, "office": CHILDREN, "purpose": "CHILD", "rev": 1}
    asked = stina.post("/v1/referrals", body)
    assert code_of(asked) == (403, "reason_needed")


def test_what_is_wrong_with_a_referral_is_told_by_its_field(desk: Desk) -> None:
    sara = Program(desk.world, "sara")
    for own, path in (
        ({"office": "nowhere"}, "office"),
        ({"purpose": "NONSENSE"}, "purpose"),
        ({"fields": []}, "field"),
    ):
        answer = desk.send(sara, **own)
        assert code_of(answer) == (422, "answers_invalid")
        assert [one["path"] for one in answer.get_json()["findings"]] == [path]
    assert code_of(desk.send(sara, rev=0)) == (409, "stale")
    assert code_of(desk.send(sara, days="five")) == (400, "bad_request")


def test_a_consent_that_is_missing_stops_it_before_and_after(desk: Desk) -> None:
    sara, nora = Program(desk.world, "sara"), Program(desk.world, "nora")
    asked: dict[str, Any] = {"office": PARTNER, "purpose": "PARTNER", "fields": ["urgency"]}
    path = desk.send(sara, **asked).get_json()["location"]
    assert nora.get(path)["packet"]
    with desk.world.program.database.transaction() as tx:
        by_hand.withdraw(
            tx,
            desk.story.case,
            ["REFER"],
            on=desk.world.clock.now().date(),
            rev=desk.story.brief().rev,
        )
        entry(tx, f"case/{desk.story.case}")
    assert code_of(nora.post(f"{path}/acceptance")) == (409, "consent_missing")
    assert (nora.get(path)["packet"], desk.row().state) == ([], "opened")
    sara.post(f"{path}/revocation")
    assert code_of(desk.send(sara, **asked)) == (409, "consent_missing")


def test_the_list_shows_sent_and_received_from_its_cursor(desk: Desk) -> None:
    sara, berit = Program(desk.world, "sara"), Program(desk.world, "berit")
    desk.send(sara)
    first = desk.row().id
    sara.post(f"/v1/referrals/{first}/revocation")
    desk.world.clock.set(desk.world.clock.now() + timedelta(minutes=1))
    second = desk.send(sara).get_json()["id"]
    for program, box in ((sara, "sent"), (berit, "got")):
        page = program.get(f"/v1/referrals?limit=1&box={box}")
        assert [row["id"] for row in page["items"]] == [second]
        rest = program.get(f"/v1/referrals?limit=1&box={box}&after={page['next']}")
        assert ([(row["id"], row["state"]) for row in rest["items"]], rest["next"]) == (
            [(first, "revoked")],
            None,
        )
    assert sara.get("/v1/referrals?box=got")["items"] == []
    assert [row["id"] for row in berit.get("/v1/referrals?state=revoked")["items"]] == [first]
    (row,) = berit.get("/v1/referrals?state=sent")["items"]
    assert (row["ref"], row["sent_by"], row["sent_to"]) == (
        desk.story.brief().ref,
        "Social",
        "Barn",
    )
    assert "KANARIE" not in str(row)
