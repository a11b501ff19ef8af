"""A browser is known to the account of whoever has signed in there, in whatever way."""

from __future__ import annotations

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from service.people import passkeys, rate_limits
from service.people.rate_limits import TryLane
from service.security.passkey_answers import PasskeySite
from service.web.accounts.sign_in_source import SignInSources
from service.web.networks import network_of
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser
from tests.support.provider_desk import ProviderDesk
from tests.support.world import World

SITE = PasskeySite("localhost", "http://localhost")


@pytest.fixture
def key(world: World) -> Authenticator:
    """Sara's authenticator, which holds a passkey of hers."""
    made, services, now = Authenticator(SITE), world.program.services, world.clock.now()
    sara = world.loaded_viewer("sara")
    with world.database.transaction() as tx:
        asked = passkeys.begin_adding(
            tx, services, SITE, person=sara.person, bound_to="here", name="Sara", now=now
        )
        answer = made.make(asked.options)
        passkeys.add_passkey(
            tx,
            services,
            SITE,
            by=sara,
            bound_to="here",
            ticket=asked.ticket,
            answer=answer,
            name="phone",
            now=now,
        )
    return made


def show(browser: Browser, key: Authenticator) -> TestResponse:
    """Sign in with a passkey."""
    page = browser.get("/sign-in").text
    form = page.split('data-passkey="get"')[1]
    options = re.search(r'data-options="([^"]*)"', form)
    ticket = re.search(r'name="challenge" value="([^"]*)"', form)
    assert options is not None
    assert ticket is not None
    answer = key.show(unescape(options[1]))
    return browser.post("/sign-in/passkey", {"challenge": ticket[1], "answer": answer})


def knows(world: World, browser: Browser, name: str) -> bool:
    """Whether the account of a name knows a browser."""
    cookie = browser.client.get_cookie("tresteg_known")
    kept = cookie.value if cookie is not None else ""
    headers = {"HTTP_COOKIE": f"tresteg_known={kept}"}
    body = f"user={name}".encode()
    return SignInSources(world.app).find(address="192.0.2.7", headers=headers, body=body).known


def test_who_shows_a_passkey_is_known_there_and_others_still_are(
    world: World, key: Authenticator
) -> None:
    browser = world.browser("omar")
    browser.get("/inbox")
    browser.post("/sign-out", {})
    assert show(browser, key).headers["Location"] == "/"
    assert [knows(world, browser, name) for name in ("sara", "omar", "stina")] == [
        True,
        True,
        False,
    ]


def test_a_passkey_that_is_refused_makes_no_browser_known(world: World, key: Authenticator) -> None:
    key.renew_key()
    browser = world.browser()
    assert "passkey=refused" in show(browser, key).headers["Location"]
    assert not knows(world, browser, "sara")


def test_strangers_of_a_network_do_not_keep_out_who_has_a_passkey(
    world: World, key: Authenticator
) -> None:
    services, now = world.program.services, world.clock.now()
    near = network_of("127.0.0.1")
    with world.database.transaction() as tx:
        for n in range(rate_limits.NETWORK_WRONG):
            rate_limits.count_try(tx, services, lane=TryLane(f"n{n}", near), now=now)
    browser = world.browser()
    assert browser.sign_in("sara").status_code == 422
    assert show(browser, key).headers["Location"] == "/"


def test_who_comes_from_a_provider_is_known_there(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.link()
    browser = desk.world.browser()
    assert not knows(desk.world, browser, "sara")
    assert desk.sign_in(browser).status_code == 303
    assert knows(desk.world, browser, "sara")
    assert not knows(desk.world, browser, "omar")
