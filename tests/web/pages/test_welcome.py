"""The first entry by an invitation, through the pages."""

from __future__ import annotations

from datetime import timedelta

from service.people import invitations
from tests.support.browser import PASSWORD, TICKET, code_at
from tests.support.world import SEED, World


def invite(world: World) -> str:
    with world.database.transaction() as tx:
        return invitations.invite(
            tx, world.program.services, by=SEED, now=world.clock.now(), sign_in="sara"
        )


def test_an_invited_person_comes_in_and_again_with_a_code(world: World) -> None:
    token = invite(world)
    browser = world.browser()
    for _ in range(3):  # a program that looks through mail uses nothing up
        assert browser.get("/welcome").status_code == 200
        assert browser.post("/welcome", {"token": token}).status_code == 200
    secret = browser.enter(token, "sara", "staple battery horse correct", world.clock.now())
    assert browser.get("/inbox").status_code == 200
    assert world.browser().sign_in("sara", PASSWORD).status_code == 422, "the old one has ended"
    again = world.browser()
    step = again.sign_in("sara", "staple battery horse correct")
    assert "Ett steg till" in step.text
    assert again.get("/inbox").status_code == 303, "a password alone signs nobody in"
    again.sign_in("sara", "staple battery horse correct")
    assert again.type_code("sara", "000000").status_code == 422
    later = world.clock.now() + timedelta(seconds=30)
    assert again.type_code("sara", code_at(secret, later)).status_code == 303
    assert again.get("/inbox").status_code == 200


def test_no_button_leads_away_from_what_is_shown_once(world: World) -> None:
    token, browser = invite(world), world.browser()
    assert 'action="/language"' in browser.get("/welcome").text
    page = browser.post("/welcome", {"token": token})
    assert 'action="/language"' not in page.text, "the invitation would be typed anew"
    browser.enter(token, "sara", "staple battery horse correct", world.clock.now())
    codes = browser.page
    assert codes is not None
    assert codes.text.count('<li><code class="t-mono">') == 10
    assert 'action="/language"' not in codes.text, "the codes would be gone"


def test_what_is_wrong_is_said_and_uses_nothing_up(world: World) -> None:
    token, browser = invite(world), world.browser()
    browser.get("/welcome")
    assert browser.post("/welcome", {"token": "none"}).status_code == 422
    page = browser.post("/welcome", {"token": token})
    ticket = TICKET.search(page.text)
    assert ticket is not None
    right = {"token": token, "user": "sara", "ticket": ticket[1], "code": "000000"}
    right |= {"password": "staple battery horse correct", "again": "staple battery horse correct"}
    for change, said in (
        ({"again": "another"}, "inte lika"),
        ({"user": "stina"}, "inte användarnamnet"),
        ({"password": "short", "again": "short"}, "15 till 128"),
        ({}, "Koden stämmer inte"),
    ):
        answer = browser.post("/welcome/password", {**right, **change})
        assert (answer.status_code, said in answer.text) == (422, True), said
        assert ticket[1] in answer.text, "the app that was set up stays"
    assert browser.post("/welcome", {"token": token}).status_code == 200
