"""A sign-in from a browser that the account does not know is said to its person."""

from __future__ import annotations

from tests.support.world import World

SAID = "Somebody signed in as you from a browser that you had not used"


def test_the_first_browser_and_one_that_is_known_are_nothing_new(world: World) -> None:
    browser = world.browser("sara")
    assert SAID not in browser.get("/inbox").text
    browser.post("/sign-out", {})
    browser.sign_in("sara")
    assert SAID not in browser.get("/inbox").text


def test_another_browser_is_said_everywhere_but_in_its_own_session(world: World) -> None:
    own = world.browser("sara")
    stranger = world.browser("sara")
    others = world.browser("omar")
    assert SAID in own.get("/inbox").text
    assert SAID in own.get("/find").text
    assert SAID not in stranger.get("/inbox").text
    assert SAID not in others.get("/inbox").text


def test_who_signs_in_later_hears_of_it_until_it_was_no_stranger(world: World) -> None:
    own = world.browser("sara")
    own.post("/sign-out", {})
    world.browser("sara")
    own.sign_in("sara")
    assert "Was it you?" in own.get("/settings").text
    answer = own.post("/settings/browser", {})
    assert answer.headers["Location"] == "/settings?done=browser"
    assert "It is noted that it was you" in own.get("/settings?done=browser").text
    assert SAID not in own.get("/inbox").text
    assert own.post("/settings/browser", {}).status_code == 404


def test_the_sign_in_itself_cannot_say_that_it_was_no_stranger(world: World) -> None:
    own = world.browser("sara")
    stranger = world.browser("sara")
    stranger.get("/settings")
    assert stranger.post("/settings/browser", {}).status_code == 403
    assert SAID in own.get("/inbox").text


def test_a_stolen_session_says_it_with_fresh_proof_alone(world: World) -> None:
    own = world.browser("sara")
    world.browser("sara")
    own.get("/settings")
    world.later(minutes=6)
    assert own.post("/settings/browser", {}).headers["Location"].startswith("/prove")
    assert SAID in own.get("/inbox").text
