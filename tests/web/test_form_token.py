"""The token of forms: another text in each answer, and the same check as ever."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from statistics import mean

import pytest
from flask_wtf.csrf import generate_csrf

from service.web.form_token import mask, unmask
from tests.support.browser import TOKEN
from tests.support.world import World

SIGNED = "ImFiY2RlZmFiY2RlZmFiY2RlZiI.aXbYcZ.q1w2e3r4t5y6u7i8o9p0a1s2d3f"


def test_a_masked_token_is_another_each_time_and_comes_back() -> None:
    masked = {mask(SIGNED) for _ in range(50)}
    assert len(masked) == 50
    assert {unmask(one) for one in masked} == {SIGNED}


def test_what_was_not_masked_comes_back_as_it_is() -> None:
    for sent in (SIGNED, "forged", "", "åäö", "AAA", "A" * 5000, mask(SIGNED)[:-4] + "%%%%"):
        assert unmask(sent) == sent or "\0" in unmask(sent)


def test_a_token_differs_in_each_answer_and_not_within_one(world: World) -> None:
    browser = world.browser("sara")
    pages = [browser.get("/settings").text for _ in range(5)]
    tokens = [set(TOKEN.findall(page)) for page in pages]
    assert [len(found) for found in tokens] == [1] * 5
    assert len(set().union(*tokens)) == 5


def test_no_part_of_the_token_stands_in_two_answers(world: World) -> None:
    """Neither its secret nor its signature, nor any eight characters of it."""
    browser = world.browser("sara")
    one, other = (TOKEN.findall(browser.get("/settings").text)[0] for _ in range(2))
    parts = {one[at : at + 8] for at in range(len(one) - 7)}
    assert not {other[at : at + 8] for at in range(len(other) - 7)} & parts


def test_every_token_of_the_session_is_taken(world: World) -> None:
    browser = world.browser("sara")
    tokens = [TOKEN.findall(browser.get("/settings").text)[0] for _ in range(2)]
    for token, theme in zip(tokens, ("dark", "light"), strict=True):
        assert browser.post("/settings", {"theme": theme, "csrf_token": token}).status_code == 303
    assert world.person("sara").settings["theme"] == "light"


def test_a_token_of_another_sign_in_or_too_old_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, other = world.browser("sara"), world.browser("stina")
    own, theirs = (TOKEN.findall(each.get("/settings").text)[0] for each in (browser, other))
    body, _, signature = unmask(own).rpartition(".")
    changed = f"{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    for token in (theirs, changed, body, signature):
        sent = browser.post("/settings", {"theme": "dark", "csrf_token": token})
        assert sent.status_code >= 400, token
    monkeypatch.setitem(world.app.config, "WTF_CSRF_TIME_LIMIT", -1)
    assert browser.post("/settings", {"theme": "dark", "csrf_token": own}).status_code >= 400
    monkeypatch.undo()
    assert browser.post("/settings", {"theme": "dark", "csrf_token": own}).status_code == 303


def test_the_unmasked_token_of_an_open_page_is_still_taken(world: World) -> None:
    """Of a page that was open when the program was renewed."""
    browser = world.browser("sara")
    token = unmask(TOKEN.findall(browser.get("/settings").text)[0])
    assert "." in token
    assert browser.post("/settings", {"theme": "dark", "csrf_token": token}).status_code == 303


def test_a_token_that_was_changed_is_refused(world: World) -> None:
    browser = world.browser("sara")
    token = TOKEN.findall(browser.get("/settings").text)[0]
    for wrong in (token[4:], token[::-1], token[:-4] + "AAAA", mask("forged")):
        assert browser.post("/settings", {"theme": "dark", "csrf_token": wrong}).status_code == 403
    assert "theme" not in world.person("sara").settings


def test_the_length_of_a_page_tells_nothing_of_the_token(world: World) -> None:
    """A right guess beside the token makes the page no shorter than a wrong one.

    Every page shows the address that it was asked for. The last lines show what a token without a
    mask would tell.
    """
    browser = world.browser("sara")
    signed = unmask(TOKEN.findall(browser.get("/settings").text)[0])
    right, wrong = signed[1:41], signed[40:0:-1]
    pages = {
        guess: [browser.get(f"/cases?x={guess}").text for _ in range(20)]
        for guess in (right, wrong)
    }
    assert all(guess in page for guess, drawn in pages.items() for page in drawn)
    assert abs(length(pages[right]) - length(pages[wrong])) < TOLD / 2
    bare = {
        guess: [TOKEN.sub(f'name="csrf_token" value="{signed}"', page) for page in drawn]
        for guess, drawn in pages.items()
    }
    assert length(bare[right]) + TOLD < length(bare[wrong])


TOLD = 12
"""Bytes by which a right guess would be shorter."""


def length(pages: Sequence[str]) -> float:
    """Length as it is sent, on average; without what pads it."""
    return mean(len(zlib.compress(page.encode(), 5)) for page in pages)


def test_programs_get_a_token_with_each_answer(world: World) -> None:
    with world.app.test_request_context():
        assert unmask(mask(generate_csrf())) == generate_csrf()
