"""A pause holds what rests on a consent and goes to another office by hand, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.casework.letters import letter_mail
from service.store.casefile import cases
from service.store.work import letters
from tests.support.world import World
from tests.web.pages.referring import (
    CHILDREN,
    NAMED,
    PARTNER,
    REGION,
    Desk,
    answer,
    hidden,
    referring_offices,
)
from tests.web.program import Program, code_of

TO_PARTNER: dict[str, Any] = {"office": PARTNER, "purpose": "PARTNER", "field": ["urgency"]}
PAUSED = "The person has asked for a pause."
NEUTRAL = "Something waits in the case."


@pytest.fixture
def desk(shipped_world: World) -> Iterator[Desk]:
    with referring_offices(shipped_world) as made:
        yield made


def send_by_program(desk: Desk, name: str, **own: Any) -> Any:
    """What a program is answered that sends a referral."""
    body = {
        "case": desk.story.case,
        "office": PARTNER,
        "purpose": "PARTNER",
        "fields": ["urgency"],
        "rev": desk.story.brief().rev,
    }
    return Program(desk.world, name).post("/v1/referrals", {**body, **own})


def test_while_she_pauses_nothing_that_rests_on_a_consent_is_sent(desk: Desk) -> None:
    sara, path = desk.world.browser("sara"), f"/cases/{desk.story.case}/refer"
    composed = desk.way(sara, **TO_PARTNER)
    assert composed.status_code == 200
    desk.pause()
    moved = sara.post(path, {**hidden(composed), "do": "send"})
    assert moved.status_code == 422, "composed before the pause, and sent after it"
    again = sara.post(path, {**hidden(moved), "step": "why", "do": "next", "purpose": "PARTNER"})
    offered = desk.way(sara, office=PARTNER)
    for page in (moved, again):
        assert page.status_code == 422
        assert f'<a href="#answer">{PAUSED}' in page.text
    assert (offered.status_code, PAUSED in offered.text) == (200, True)
    forged = {**hidden(composed), "rev": str(desk.story.brief().rev), "do": "send"}
    assert sara.post(path, forged).status_code == 422
    refused = send_by_program(desk, "sara")
    assert code_of(refused) == (422, "answers_invalid")
    (finding,) = refused.get_json()["findings"]
    assert (finding["path"], PAUSED in finding["detail"]) == ("purpose", True)
    assert desk.count() == 0


def test_a_duty_in_law_and_advice_without_a_consent_do_not_wait(desk: Desk) -> None:
    desk.pause()
    sara = desk.world.browser("sara")
    for office, purpose, field in (
        (CHILDREN, "CHILD", "givenNames"),
        (REGION, "ADVICE", "urgency"),
    ):
        page = desk.way(sara, office=office)
        assert PAUSED not in page.text
        sent = desk.send(sara, office=office, purpose=purpose, field=[field])
        assert sent.status_code == 303, purpose
    assert desk.count() == 2


def test_who_does_not_own_the_case_reads_nothing_of_the_pause(desk: Desk) -> None:
    desk.pause()
    page = desk.way(desk.world.browser("omar"), office=PARTNER, purpose="PARTNER")
    assert page.status_code == 422
    assert NEUTRAL in page.text
    assert "pause" not in page.text.partition("<main")[2].lower()


def test_after_the_pause_it_goes(desk: Desk) -> None:
    desk.pause()
    desk.story.do("sara", "Task_PausePartner")
    sent = desk.send(desk.world.browser("sara"), **TO_PARTNER)
    assert sent.status_code == 303
    assert desk.row().consents == ["REFER"]
    assert desk.faults() == []


def test_what_nobody_has_opened_is_not_opened_while_she_pauses(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"), **TO_PARTNER)
    desk.pause()
    nora, path = desk.world.browser("nora"), f"/referrals/{desk.row().id}"
    seen = nora.get(path)
    assert NEUTRAL in seen.text
    assert "This is what you got" not in seen.text
    program, api = Program(desk.world, "nora"), f"/v1{path}"
    shown = program.get(api)
    assert (shown["packet"], shown["acts"]) == ([], ["refuse"])
    assert code_of(program.post(f"{api}/acceptance")) == (409, "sharing_waits")
    pressed = answer(nora, desk.row().id, "accept")
    assert pressed.status_code == 409
    assert "pause" not in (seen.text + pressed.text).partition("<main")[2].lower()
    assert (desk.row().state, desk.kinds()) == ("sent", ["refer_sent", "grant"])
    assert desk.world.browser("sara").get(path).status_code == 200
    desk.story.do("sara", "Task_PausePartner")
    assert program.get(api)["packet"]
    assert desk.row().state == "opened"
    assert program.post(f"{api}/acceptance").status_code == 200
    assert desk.faults() == []


def test_what_was_opened_before_the_pause_stays_open(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"), **TO_PARTNER)
    nora, path = Program(desk.world, "nora"), f"/v1/referrals/{desk.row().id}"
    before = nora.get(path)
    desk.pause()
    assert nora.get(path)["packet"] == before["packet"] != []
    assert nora.post(f"{path}/acceptance").status_code == 200


def test_a_duty_in_law_is_opened_while_she_pauses(desk: Desk) -> None:
    desk.send(desk.world.browser("sara"))
    desk.pause()
    berit = Program(desk.world, "berit")
    assert berit.get(f"/v1/referrals/{desk.row().id}")["packet"]
    assert desk.row().state == "opened"


def test_a_letter_that_was_queued_before_the_pause_holds_nothing_about_the_person(
    desk: Desk,
) -> None:
    desk.send(desk.world.browser("sara"), **TO_PARTNER)
    world = desk.world
    desk.pause()
    with world.database.transaction(write=False) as tx:
        case = cases.get(tx, desk.story.case)
        assert case is not None
        (letter,) = [one for one in letters.of_case(tx, case.id) if one.office_id == PARTNER]
        mail = letter_mail.compose_mail(tx, world.program.services, letter, "x@example.invalid")
    assert (letter.template, letter.params, letter.needs_consent) == ("new_referral", {}, "REFER")
    assert (mail.files, case.ref in mail.text) == ((), True)
    for answer_of_hers in NAMED.values():
        assert answer_of_hers not in mail.subject + mail.text
    assert "pause" not in (mail.subject + mail.text).lower()
