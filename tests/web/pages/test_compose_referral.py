"""Composing a referral by hand: who may send what to whom, step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from service.people import accounts
from service.store.casefile import cases
from service.store.installation import offices
from tests.support.world import NOON, SEED, World
from tests.web.pages.referring import (
    CHILDREN,
    PARTNER,
    REGION,
    SHUT,
    Desk,
    answer,
    hidden,
    referring_offices,
)
from tests.web.story import SOFIA, Story


@pytest.fixture
def desk(shipped_world: World) -> Iterator[Desk]:
    with referring_offices(shipped_world) as made:
        yield made


def test_the_receiver_sees_what_the_sender_saw_at_the_last_step(
    desk: Desk,
) -> None:
    sara = desk.world.browser("sara")
    assert f"/cases/{desk.story.case}/refer" in sara.get(f"/cases/{desk.story.case}").text
    page = desk.way(sara, office=CHILDREN, purpose="CHILD", field=["givenNames", "languages"])
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
        ["givenNames", "languages"],
        "ChildServices",
        [],
    )
    assert [(job.key, job.due) for job in desk.deadlines()] == [(row.job, row.due)]
    assert row.due is not None
    assert (row.due - desk.world.clock.now()).days == 7  # five working days, a weekend between
    berit = desk.world.browser("berit")
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


def test_a_double_click_has_one_effect(desk: Desk) -> None:
    sara, berit = desk.world.browser("sara"), desk.world.browser("berit")
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


def test_a_second_referral_for_the_same_waits_for_the_first(
    desk: Desk,
) -> None:
    sara = desk.world.browser("sara")
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
    sara = desk.world.browser("sara")
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
    aino = desk.world.browser("aino")
    assert 'value="iom-sofia"' in desk.way(aino).text
    with desk.world.program.database.transaction() as tx:
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


def test_a_missing_consent_stops_it_and_links_to_its_task(
    shipped_world: World,
) -> None:
    story = Story(shipped_world)
    try:
        with shipped_world.program.database.transaction() as tx:
            office = offices.Office(
                PARTNER, "Förening", "NGO", [], [], "sweden", "Europe/Stockholm", "sv"
            )
            accounts.add_office(
                tx, shipped_world.program.services, office=office, address="", by=SEED, now=NOON
            )
            about: dict[str, Any] = {
                "id_": "p_nora",
                "sign_in": "nora",
                "name": "Nora",
                "office": PARTNER,
            }
            accounts.add_person(
                tx,
                shipped_world.program.services,
                **about,
                roles=["ReferringPartner"],
                password=None,
                language="en",
                by=SEED,
                now=NOON,
            )
        key = story.until("Task_SubmitReferral")
        desk, sara = Desk(story, shipped_world), shipped_world.browser("sara")
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


def test_a_case_that_moved_meanwhile_sends_nothing(desk: Desk) -> None:
    sara = desk.world.browser("sara")
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


def test_going_back_keeps_the_choice_until_the_purpose_changes(desk: Desk) -> None:
    sara, path = desk.world.browser("sara"), f"/cases/{desk.story.case}/refer"
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
    page = desk.way(desk.world.browser("sara"), office=CHILDREN, purpose="CHILD", field=[])
    assert page.status_code == 422
    assert "Choose at least one answer" in page.text


def test_a_party_that_is_no_owner_sends_only_its_own_answers(desk: Desk) -> None:
    desk.story.do("omar", "Task_DecideReferral")
    mine = desk.way(desk.world.browser("sara"), office=REGION, purpose="ADVICE").text
    assert 'name="field" value="urgency"' in mine
    theirs = desk.way(desk.world.browser("omar"), office=REGION, purpose="ADVICE").text
    assert "Choose another purpose" in theirs
    assert 'name="field"' not in theirs
    owner = desk.way(desk.world.browser("aino"), office=REGION, purpose="ADVICE").text
    assert 'name="field" value="urgency"' in owner


def test_who_has_no_part_in_the_case_cannot_begin_one(desk: Desk) -> None:
    for name in ("kim", "nora", "mea", "greta"):
        assert desk.world.browser(name).get(f"/cases/{desk.story.case}/refer").status_code == 404


def test_who_has_no_task_in_the_case_says_first_why_she_opens_it(desk: Desk) -> None:
    desk.story.later(hours=9)
    stina, path = desk.world.browser("stina"), f"/cases/{desk.story.case}"
    assert stina.get(f"{path}/refer").location == f"{path}?back={path}/refer"
    stina.get(path)
    stina.post(f"{path}/notes", {"what": "lookup", "reason": "PHONE", "word": ""})
    assert stina.get(f"{path}/refer").status_code == 200


def test_a_protected_person_is_told_of_on_the_way(desk: Desk) -> None:
    assert "message-box--warning" not in desk.way(desk.world.browser("sara")).text
    with desk.world.program.database.transaction() as tx:
        case = cases.get(tx, desk.story.case)
        assert case is not None
        cases.set_marking(tx, case.id, case.rev, "SKYDDAD_FOLKBOKFORING")
        tx.changes.bound.clear()  # no entry of a person tells of it
    sara = desk.world.browser("sara")
    sara.get(f"/cases/{desk.story.case}")
    sara.post(f"/cases/{desk.story.case}/notes", {"what": "lookup", "reason": "PHONE"})
    assert "message-box--warning" in desk.way(sara).text


def test_a_step_of_the_diagram_that_refers_is_pointed_to(shipped_world: World) -> None:
    story = Story(shipped_world)
    step = story.until("Task_SubmitReferral")
    page = shipped_world.browser("sara").get(f"/cases/{story.case}/refer")
    story.close()
    assert "Ask another office for help" in page.text
    assert f'href="/tasks/{step}"' in page.text
