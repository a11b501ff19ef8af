"""Coming in, staying, going out; the demo's cards; what a person chooses."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask

from service.application.container import Tresteg
from service.clock import SetClock, ShiftedClock
from service.people import rate_limits as limits
from service.people import sessions
from service.security.passwords import IN_LINE
from service.store.installation import ledger_entries
from service.web.accounts.sign_in_source import TURNED_AWAY
from service.web.application import create_app
from tests.support.browser import PASSWORD, Browser
from tests.support.programs import WokenOnly
from tests.support.world import World


def kinds(world: World, stream: str) -> list[str]:
    with world.program.database.transaction(write=False) as tx:
        return [line.kind for line in ledger_entries.of_stream(tx, stream)]


def test_the_right_password_opens_the_inbox(world: World) -> None:
    browser = world.browser()
    assert browser.get("/inbox").headers["Location"] == "/sign-in?back=/inbox"
    browser.get("/sign-in?back=/inbox")
    answer = browser.post(
        "/sign-in", {"user": "sara", "password": PASSWORD, "back": "/inbox?box=mine"}
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/inbox?box=mine"
    assert browser.get("/inbox").status_code == 200
    assert "sign_in" in kinds(world, "office/social")


def test_the_cookie_of_a_demo_is_strict_and_closed_to_scripts(world: World) -> None:
    browser = world.browser()
    cookie = browser.sign_in("sara").headers.getlist("Set-Cookie")[0]
    assert cookie.startswith("tresteg_demo=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Expires" not in cookie


def test_on_https_the_cookie_belongs_to_this_host_alone(program: Tresteg) -> None:
    secure = Tresteg(
        **{
            **vars(program),
            "settings": type(program.settings)(
                **{**vars(program.settings), "base_url": "https://tresteg.example"}
            ),
        }
    )
    browser = Browser(
        create_app(secure).test_client(),
        headers={"Sec-Fetch-Site": "same-origin", "Host": "tresteg.example"},
    )
    browser.get("/sign-in", headers={"Host": "tresteg.example"})
    cookies = browser.page.headers.getlist("Set-Cookie") if browser.page else []
    assert cookies[0].startswith("__Host-form=")
    assert "Secure" in cookies[0]
    assert "Domain" not in cookies[0]


WRONG = "wrong password, long enough"


def test_unknown_wrong_and_limited_tries_look_the_same(world: World) -> None:
    browser, answers = world.browser(), []
    answers += [browser.sign_in("nobody", WRONG), browser.sign_in("sara", WRONG)]
    for _ in range(limits.ACCOUNT_WRONG):
        answers.append(browser.sign_in("sara", WRONG))
    answers.append(browser.sign_in("sara", PASSWORD))
    pages = {answer.text.split("<main")[1].split("<form")[0] for answer in answers}
    assert len(pages) == 1
    assert "Namnet eller lösenordet stämmer inte" in pages.pop()
    assert {answer.status_code for answer in answers} == {422}
    assert {answer.text.count("<title>Fel: ") for answer in answers} == {1}
    assert len({frozenset(name for name, _ in answer.headers) for answer in answers}) == 1
    assert kinds(world, "system").count("sign_in_failed") == 1 + limits.ACCOUNT_WRONG


def test_an_unknown_name_costs_a_hash_and_a_wait_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, checks = world.browser(), []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, *words: str) -> bool:
        checks.append(words)
        return verify(self, *words)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in ("nobody", "sara"):
        checks.clear()
        for _ in range(2 * limits.ACCOUNT_WRONG):
            assert browser.sign_in(name, WRONG).status_code == 422
        assert len(checks) == limits.ACCOUNT_WRONG


@pytest.mark.parametrize(
    ("lang", "says"),
    [("sv", "Just nu är det många som loggar in"), ("en", "Many are signing in just now")],
)
def test_one_too_many_at_a_time_counts_for_nothing(world: World, lang: str, says: str) -> None:
    browser, passwords = world.browser(), world.program.passwords
    browser.get("/sign-in", headers={"Accept-Language": lang})
    form = {"user": "sara", "password": PASSWORD}
    with ExitStack() as places:
        for _ in range(IN_LINE):
            places.enter_context(passwords.place())
        for _ in range(limits.ACCOUNT_WRONG + 1):
            answer = browser.client.post(
                "/sign-in",
                data={**browser.hidden(), **form},
                headers={**browser.headers, "Accept-Language": lang},
            )
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
            assert says in answer.text
            assert 'value="sara"' in answer.text, "the name is not typed again"
            assert PASSWORD not in answer.text
    assert browser.sign_in("sara").status_code == 303
    assert "sign_in_failed" not in kinds(world, "system")


def test_who_was_turned_away_is_told_the_same(world: World) -> None:
    browser = world.browser()
    browser.get("/sign-in")
    answer = browser.post(
        "/sign-in",
        {"user": "sara", "password": PASSWORD},
        environ_overrides={TURNED_AWAY: True},
    )
    assert answer.status_code == 503
    assert "många som loggar in" in answer.text
    assert browser.sign_in("sara").status_code == 303


def test_a_password_is_not_changed_while_too_many_are_checked(world: World) -> None:
    browser, passwords = world.browser("sara"), world.program.passwords
    browser.get("/settings")
    new = "staple battery horse correct"
    form = {"old": PASSWORD, "new": new, "again": new}
    with ExitStack() as places:
        for _ in range(IN_LINE):
            places.enter_context(passwords.place())
        answer = browser.post("/settings/password", form)
    assert answer.status_code == 503
    assert "Many are signing in just now" in answer.text
    assert browser.post("/settings/password", form).status_code == 303


def test_after_five_wrong_tries_one_waits_longer_each_time(world: World, clock: SetClock) -> None:
    browser = world.browser()
    for _ in range(5):
        assert browser.sign_in("sara", WRONG).status_code == 422
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        clock.set(clock.now() + timedelta(minutes=minutes, seconds=-1))
        assert browser.sign_in("sara").status_code == 422, "the right one waits too"
        clock.set(clock.now() + timedelta(seconds=2))
        assert browser.sign_in("sara", WRONG).status_code == 422
    assert browser.sign_in("omar").status_code == 303, "another account has nothing to wait for"
    clock.set(clock.now() + timedelta(minutes=61))
    assert world.browser().sign_in("sara").status_code == 303


def test_who_was_here_before_comes_in_while_strangers_wait(world: World) -> None:
    known, stranger = world.browser("sara"), world.browser()
    known.get("/inbox")
    known.post("/sign-out", {})
    stranger.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    for _ in range(30):
        assert stranger.sign_in("sara", WRONG).status_code == 422
    assert stranger.sign_in("sara").status_code == 422
    assert known.sign_in("sara").status_code == 303
    cookie = known.client.get_cookie("tresteg_known")
    assert cookie is not None
    assert "sara" not in cookie.value
    taken = world.browser()
    taken.client.set_cookie("tresteg_known", cookie.value)
    assert taken.get("/inbox").status_code == 303, "the cookie signs nobody in"


def test_the_cookie_of_a_known_browser_is_strict_and_lasts(world: World) -> None:
    cookies = world.browser().sign_in("sara").headers.getlist("Set-Cookie")
    (cookie,) = [text for text in cookies if text.startswith("tresteg_known=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=15552000" in cookie
    assert not any("tresteg_known" in text for text in _refused_cookies(world))


def _refused_cookies(world: World) -> list[str]:
    return world.browser().sign_in("sara", WRONG).headers.getlist("Set-Cookie")


def test_who_leaves_off_for_a_while_begins_anew(world: World, clock: SetClock) -> None:
    browser = world.browser()
    for _ in range(6):
        browser.sign_in("sara", WRONG)
        clock.set(clock.now() + timedelta(minutes=1, seconds=1))
    clock.set(clock.now() + timedelta(minutes=20))
    for _ in range(4):
        assert browser.sign_in("sara", WRONG).status_code == 422
    assert browser.sign_in("sara").status_code == 303


@pytest.mark.parametrize(
    ("near", "next_to_it", "far"),
    [
        ("198.51.100.1", "198.51.100.200", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ("::ffff:198.51.100.1", "198.51.100.200", "::ffff:192.0.2.7"),
    ],
)
def test_a_network_waits_after_a_hundred_wrong_tries(
    world: World, clock: SetClock, near: str, next_to_it: str, far: str
) -> None:
    browser = world.browser()
    for n in range(limits.NETWORK_WRONG):
        browser.client.environ_base["REMOTE_ADDR"] = near if n % 2 else next_to_it
        assert browser.sign_in(f"nobody-{n}", WRONG).status_code == 422
    assert browser.sign_in("sara").status_code == 422
    browser.client.environ_base["REMOTE_ADDR"] = far
    assert browser.sign_in("omar").status_code == 303
    browser.client.delete_cookie("tresteg_demo")
    browser.client.environ_base["REMOTE_ADDR"] = near
    clock.set(clock.now() + timedelta(minutes=1, seconds=1))
    assert browser.sign_in("sara").status_code == 303


def test_twenty_who_mistype_keep_nobody_out(world: World) -> None:
    browser = world.browser()
    for n in range(20):
        assert browser.sign_in(f"nobody-{n}", WRONG).status_code == 422
    assert world.browser().sign_in("sara").status_code == 303
    assert world.browser().sign_in("omar").status_code == 303


def test_two_hundred_wrong_tries_alarm_and_double_every_wait(
    world: World, clock: SetClock, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong(n: int) -> None:
        browser = world.browser()
        browser.client.environ_base["REMOTE_ADDR"] = f"192.0.{n // 10}.1"
        assert browser.sign_in(f"nobody-{n}", WRONG).status_code == 422

    for n in range(199):
        wrong(n)
    assert "sign_in_alarm" not in kinds(world, "system")
    for n in range(199, 210):
        wrong(n)
    assert kinds(world, "system").count("sign_in_alarm") == 1
    assert capsys.readouterr().err.count('"event": "sign_in_alarm"') == 1
    assert waits(world, clock, "sara") == 2
    clock.set(clock.now() + timedelta(hours=1))
    assert waits(world, clock, "omar") == 1, "after a quiet hour waits are as they were"


def waits(world: World, clock: SetClock, name: str) -> int:
    """Minutes that an account waits after five wrong tries."""
    browser, minutes = world.browser(), 0
    for _ in range(5):
        browser.sign_in(name, WRONG)
    while browser.sign_in(name).status_code == 422:
        minutes += 1
        clock.set(clock.now() + timedelta(minutes=1))
    return minutes


def test_an_idle_session_ends(world: World, clock: SetClock) -> None:
    browser = world.browser("sara")
    clock.set(clock.now() + timedelta(minutes=14))
    assert browser.get("/inbox").status_code == 200
    clock.set(clock.now() + timedelta(minutes=14))
    assert browser.get("/inbox").status_code == 200
    clock.set(clock.now() + timedelta(minutes=16))
    assert browser.get("/inbox").status_code == 303


def test_a_page_that_asks_by_itself_keeps_no_session_alive(world: World, clock: SetClock) -> None:
    browser = world.browser("sara")
    clock.set(clock.now() + timedelta(minutes=14))
    assert browser.client.get("/inbox/changes?since=0").status_code == 204
    clock.set(clock.now() + timedelta(minutes=2))
    assert browser.get("/inbox").status_code == 303


def test_no_session_lives_longer_than_a_working_day(world: World, clock: SetClock) -> None:
    browser = world.browser("sara")
    for _ in range(48):
        clock.set(clock.now() + timedelta(minutes=10))
        last = browser.get("/inbox").status_code
    assert last == 303


def test_no_password_grows_too_old(world: World, clock: SetClock) -> None:
    clock.set(clock.now() + timedelta(days=3650))
    assert world.browser().sign_in("sara", PASSWORD).status_code == 303


def test_signing_in_gives_a_new_token_each_time(world: World) -> None:
    browser, tokens = world.browser(), set()
    browser.client.set_cookie("tresteg_demo", "a token that somebody put here")
    for _ in range(3):
        assert browser.sign_in("sara", PASSWORD).status_code == 303
        token = browser.client.get_cookie("tresteg_demo")
        assert token is not None
        tokens.add(token.value)
        browser.get("/inbox")
        browser.post("/sign-out", {})
    assert len(tokens) == 3


def test_signing_out_ends_the_session_and_clears_the_browser(world: World) -> None:
    browser = world.browser("sara")
    browser.get("/inbox")
    token = browser.client.get_cookie("tresteg_demo")
    answer = browser.post("/sign-out", {})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert token is not None
    with world.program.database.transaction(write=False) as tx:
        life = sessions.SessionLimits(timedelta(minutes=15), timedelta(hours=8))
        assert (
            sessions.find_session(
                tx, world.program.services, token.value, limits=life, now=world.clock.now()
            )
            is None
        )
    assert browser.get("/inbox").status_code == 303
    assert "sign_out" in kinds(world, "office/social")


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb"]
)
def test_one_never_goes_on_to_another_site(world: World, back: str) -> None:
    browser = world.browser()
    browser.get("/sign-in")
    assert (
        browser.post("/sign-in", {"user": "sara", "password": PASSWORD, "back": back}).headers[
            "Location"
        ]
        == "/"
    )


def test_the_language_is_the_persons_the_cookies_the_browsers(world: World) -> None:
    browser = world.browser()
    assert '<html lang="sv"' in browser.get("/sign-in").text
    assert (
        '<html lang="en"'
        in browser.get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    )
    assert (
        browser.post("/language", {"language": "en", "back": "/help"}).headers["Location"]
        == "/help"
    )
    assert '<html lang="en"' in browser.get("/sign-in").text
    browser.sign_in("sara")
    browser.get("/inbox")
    browser.post("/language", {"language": "sv", "back": "/inbox"})
    assert '<html lang="sv"' in browser.get("/inbox").text
    assert world.person("sara").language == "sv"


def test_a_card_of_the_demo_signs_in(world: World) -> None:
    browser = world.browser()
    page = browser.get("/demo")
    assert "Sara" in page.text
    assert browser.post("/demo/enter", {"who": "sara"}).status_code == 303
    assert "Social" in browser.get("/inbox").text
    assert browser.post("/demo/enter", {"who": "nobody"}).status_code == 404


def test_outside_a_demo_there_is_no_demo(program: Tresteg) -> None:
    real = Tresteg(**{**vars(program), "demo": False})
    app: Flask = create_app(real)
    assert app.test_client().get("/demo").status_code == 404
    assert "/demo" not in app.test_client().get("/sign-in").text


def test_the_demos_clock_moves_and_keeps_people_signed_in(
    program: Tresteg, clock: SetClock
) -> None:
    shifted = Tresteg(**{**vars(program), "clock": ShiftedClock(clock)})
    woken: list[str] = []
    app = create_app(shifted, WokenOnly(lambda: woken.append("worker")))
    browser = Browser(app.test_client())
    browser.sign_in("sara")
    browser.get("/demo")
    woken.clear()
    moved = browser.post("/demo/clock", {"days": "30"})
    assert moved.status_code == 303
    moved.close()
    assert woken == ["worker"]
    assert browser.get("/inbox").status_code == 200
    assert shifted.clock.now() - clock.now() == timedelta(days=30)
    assert "2026-04-01" in browser.get("/demo").text


def test_the_demo_begins_anew(world: World) -> None:
    asked: list[str] = []
    world.app.config["TRESTEG_RESET"] = lambda: asked.append("reset")
    browser = world.browser()
    browser.get("/demo")
    assert browser.post("/demo/reset", {}).headers["Location"] == "/demo?done=1"
    assert asked == ["reset"]
