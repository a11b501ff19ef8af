"""Signing in at a provider, and linking an identity there to an account."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.errors import IdentityTaken, NotFound
from service.operations.start_checks import refusals
from service.store.installation import credentials
from service.web.accounts.fresh_proof import FRESH
from tests.support.openid_provider import made_key, signed
from tests.support.provider_desk import BOARDS, FREJA, ProviderDesk, sent_to


def test_who_is_linked_signs_in_at_the_provider_of_her_office(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.link()
    browser = desk.world.browser()
    answer = desk.sign_in(browser, back="/inbox?box=mine")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox?box=mine")
    assert browser.get("/inbox").status_code == 200
    (entry,) = desk.entries("sign_in")
    assert (entry.actor, json.loads(entry.body)["way"]) == ("p_sara", "provider")
    with desk.world.database.transaction(write=False) as tx:
        (way,) = credentials.of_person(
            tx, "p_sara", now=desk.world.clock.now(), kinds=[credentials.PROVIDER]
        )
    assert way.used_at == desk.world.clock.now()


def test_each_provider_has_a_button_in_the_readers_language(provider_desk: ProviderDesk) -> None:
    browser = provider_desk.world.browser()
    swedish = browser.get("/sign-in", headers={"Accept-Language": "sv"}).text
    assert "Logga in med Freja på svenska" in swedish
    english = browser.get("/sign-in", headers={"Accept-Language": "en"}).text
    assert "Sign in with Freja<" in english
    assert "Sign in with Board<" in english


def test_the_cookie_of_a_handshake_is_its_own_and_short(provider_desk: ProviderDesk) -> None:
    browser = provider_desk.world.browser()
    browser.get("/sign-in")
    answer = browser.post(f"/sign-in/provider/{FREJA}", {})
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("tresteg_provider=")
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/"} <= set(cookie.split("; "))


def test_the_way_to_a_provider_is_a_page_since_no_form_may_lead_elsewhere(
    provider_desk: ProviderDesk,
) -> None:
    browser = provider_desk.world.browser()
    browser.get("/sign-in")
    answer = browser.post(f"/sign-in/provider/{FREJA}", {})
    assert sent_to(answer).startswith(f"{provider_desk.freja.issuer}/authorize?")
    assert "form-action 'self'" in answer.headers["Content-Security-Policy"]


def test_no_token_of_the_provider_reaches_the_browser(provider_desk: ProviderDesk) -> None:
    desk, made = provider_desk, list[str]()
    desk.link()

    def make_token(*parts: Any) -> str:
        made.append(signed(*parts))
        return made[-1]

    desk.freja.make_token = make_token
    browser = desk.world.browser()
    answer = desk.sign_in(browser)
    pages = [answer, browser.get("/settings"), browser.get("/inbox")]
    sent = "".join(f"{page.headers}{page.text}" for page in pages)
    (token,) = made
    assert answer.status_code == 303
    assert not any(part in sent for part in (*token.split("."), "opaque"))


def test_nobody_who_is_unknown_gets_an_account(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    browser = desk.world.browser()
    answer = desk.sign_in(browser)
    assert answer.status_code == 403
    assert "Inget konto är kopplat" in answer.text
    assert browser.get("/inbox").status_code == 303
    (entry,) = desk.entries("provider_unknown", "system")
    assert json.loads(entry.body)["provider"] == FREJA
    assert "anna" not in entry.body
    desk.sign_in(browser)
    assert len({e.body for e in desk.entries("provider_unknown", "system")}) == 1


@pytest.mark.parametrize(
    ("lang", "says"),
    [("sv", "Freja på svenska svarar inte just nu"), ("en", "Freja gives no answer just now")],
)
def test_a_provider_that_is_down_is_named_and_the_other_ways_remain(
    provider_desk: ProviderDesk, lang: str, says: str
) -> None:
    desk = provider_desk
    desk.freja.status = 500
    browser = desk.world.browser()
    browser.get(f"/sign-in?lang={lang}")
    browser.post("/language", {"language": lang})
    browser.get("/sign-in")
    answer = browser.post(f"/sign-in/provider/{FREJA}", {})
    assert answer.status_code == 503
    assert says in answer.text
    assert 'href="/sign-in"' in answer.text
    assert browser.sign_in("sara").status_code == 303


def test_a_provider_that_is_down_is_not_asked_again_at_once(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.freja.status = 500
    for _ in range(3):
        browser = desk.world.browser()
        browser.get("/sign-in")
        assert browser.post(f"/sign-in/provider/{FREJA}", {}).status_code == 503
    assert len(desk.freja.asked) == 1


def test_discovery_and_keys_are_fetched_once(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.link()
    for _ in range(2):
        assert desk.sign_in(desk.world.browser()).status_code == 303
    assert sorted(desk.freja.asked) == sorted(
        ["/.well-known/openid-configuration", "/jwks", "/token", "/token"]
    )


def test_a_new_key_of_the_provider_is_fetched_when_it_is_met(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.link()
    assert desk.sign_in(desk.world.browser()).status_code == 303
    desk.freja.key = made_key("two")
    assert desk.sign_in(desk.world.browser()).status_code == 303
    assert desk.freja.asked.count("/jwks") == 2


def test_a_person_links_herself_and_ends_it(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    browser = desk.world.browser("sara")
    assert "Link Freja" in browser.get("/settings").text
    address = sent_to(browser.post(f"/account/provider/{FREJA}", {}))
    answer = desk.come_back(browser, desk.freja.authorize(address))
    assert answer.headers["Location"] == "/settings?done=linked"
    assert "It is linked" in browser.get("/settings?done=linked").text
    (added,) = desk.entries("way_added")
    assert '"person":"p_sara"' in added.body
    assert '"way":"provider"' in added.body
    stranger = desk.world.browser()
    assert desk.sign_in(stranger).status_code == 303
    browser.get("/settings")
    answer = browser.post(f"/account/provider/{FREJA}/end", {})
    assert answer.headers["Location"] == "/settings?done=unlinked"
    assert len(desk.entries("way_ended")) == 1
    assert desk.sign_in(desk.world.browser()).status_code == 403


def test_an_identity_whose_link_has_ended_can_be_linked_to_another(
    provider_desk: ProviderDesk,
) -> None:
    desk = provider_desk
    desk.link("sara")
    with pytest.raises(IdentityTaken):
        desk.link("stina")
    browser = desk.world.browser("sara")
    browser.get("/settings")
    browser.post(f"/account/provider/{FREJA}/end", {})
    desk.link("stina")
    assert desk.sign_in(desk.world.browser()).status_code == 303
    assert desk.entries("sign_in")[0].actor == "p_stina"


def test_the_same_link_a_second_time_changes_nothing(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    assert desk.link() == desk.link()
    assert len(desk.entries("way_added")) == 1


def test_an_identity_of_somebody_else_is_not_linked(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.link("stina")
    browser = desk.world.browser("sara")
    browser.get("/settings")
    address = sent_to(browser.post(f"/account/provider/{FREJA}", {}))
    answer = desk.come_back(browser, desk.freja.authorize(address))
    assert answer.headers["Location"] == "/settings?refused=taken"
    assert "somebody else is linked" in browser.get("/settings?refused=taken").text


def test_nobody_is_linked_at_the_provider_of_another_office(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    with pytest.raises(IdentityTaken):
        desk.link("sara", provider=BOARDS)
    with pytest.raises(NotFound):
        desk.link("nobody")
    browser = desk.world.browser("sara")
    assert "Link Board" not in browser.get("/settings").text
    assert browser.post(f"/account/provider/{BOARDS}", {}).status_code == 404


def test_the_only_way_to_sign_in_stays(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.link()
    browser = desk.world.browser()
    desk.sign_in(browser)
    now = desk.world.clock.now()
    with desk.world.database.transaction() as tx:
        password = credentials.password_of(tx, "p_sara", now=now)
        assert password is not None
        credentials.end(tx, password, now, office="social")
    browser.get("/settings")
    answer = browser.post(f"/account/provider/{FREJA}/end", {})
    assert answer.headers["Location"] == "/settings?refused=last"
    assert "It is your only way" in browser.get("/settings?refused=last").text
    assert desk.sign_in(desk.world.browser()).status_code == 303


def test_an_unknown_provider_is_no_page(provider_desk: ProviderDesk) -> None:
    browser = provider_desk.world.browser()
    browser.get("/sign-in")
    assert browser.post("/sign-in/provider/nobody", {}).status_code == 404
    assert browser.get("/sign-in/provider/nobody/callback").status_code == 404


def test_the_line_of_a_request_holds_neither_code_nor_state(
    provider_desk: ProviderDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = provider_desk
    browser = desk.world.browser()
    answer = desk.freja.authorize(desk.begin(browser))
    desk.come_back(browser, answer)
    written = capsys.readouterr()
    assert "provider_sign_in.callback" in written.err
    for name, value in answer:
        assert name == "iss" or value not in written.err + written.out
    assert "anna" not in written.err + written.out


def test_an_office_that_is_not_there_stops_the_start(provider_desk: ProviderDesk) -> None:
    program = provider_desk.world.program
    client = program.providers[FREJA]
    assert not [line for line in refusals(program) if "office" in line]
    client.provider = replace(client.provider, office="nowhere")
    (line,) = [line for line in refusals(program) if "nowhere" in line]
    assert line.startswith("[freja] in ")


def test_who_is_known_there_shows_there_once_more_who_she_is(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.link()
    browser = desk.world.browser()
    desk.sign_in(browser)
    desk.world.clock.set(desk.world.clock.now() + FRESH + timedelta(seconds=1))
    browser.get("/settings")
    end = f"/account/provider/{FREJA}/end"
    assert browser.post(end, {}).headers["Location"] == "/prove"
    page = browser.get("/prove")
    assert f'action="/sign-in/provider/{FREJA}"' in page.text
    assert 'action="/sign-in/provider/other"' not in page.text
    address = sent_to(browser.post(f"/sign-in/provider/{FREJA}", {}))
    answer = desk.come_back(browser, desk.freja.authorize(address))
    assert answer.headers["Location"] == "/held", "what she sent is kept meanwhile"
    browser.get("/settings")
    assert not browser.post(end, {}).headers["Location"].startswith("/prove")
