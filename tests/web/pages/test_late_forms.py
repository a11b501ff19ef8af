"""A form that is sent after its session had ended: there again for the one who wrote it, for a
quarter of an hour, and for nobody else.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.work import tasks
from service.web.application import create_app
from tests.support.browser import Browser
from tests.support.world import World
from tests.web.story import Story

NAME = "KANARIE\nmed två rader & <tecken>"
FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def late(story: Story, browser: Browser, **more: str) -> TestResponse:
    """Fill in a form, be away for too long, and send it."""
    key = story.until("Task_SubmitReferral")
    page = browser.get(f"/tasks/{key}").text
    carried = dict(
        re.findall(r'<input type="hidden" name="(rev|fill_rev|case|step)" value="([^"]*)">', page)
    )
    sent = {
        **carried,
        **story.typed("Task_SubmitReferral", "sara"),
        "noteToOffice": NAME,
        "send": "1",
        **more,
    }
    story.later(minutes=16)
    return browser.post(f"/tasks/{key}", sent)


def goes_on(browser: Browser, page: TestResponse) -> TestResponse:
    """Press the only button of the page."""
    form = page.text.split("<main")[1]
    action = re.search(r'<form[^>]*action="([^"]*)"', form)
    assert action is not None
    sent: dict[str, list[str]] = {}
    for name, value in FIELD.findall(form):
        sent.setdefault(html.unescape(name), []).append(html.unescape(value))
    return browser.client.post(html.unescape(action[1]), data=sent, headers=browser.headers)


def open_steps(story: Story) -> list[str]:
    with story.world.program.database.transaction(write=False) as tx:
        return [t.element for t in tasks.of_case(tx, story.case)]


def test_what_was_sent_too_late_is_sent_after_signing_in(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("sara")
    answer = late(story, browser)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("tresteg_held="))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=900" in cookie
    assert "Din text är kvar" in browser.get("/sign-in").text
    assert open_steps(story) == ["Task_SubmitReferral"]
    came = browser.sign_in("sara")
    assert came.location == "/held"
    page = browser.get("/held")
    assert "Your text is here" in page.text
    done = goes_on(browser, page)
    assert (done.status_code, done.location) == (303, f"/inbox?sent={story.case}&rev=3")
    story.settle()
    assert open_steps(story) == ["Task_DecideReferral"]
    assert goes_on(browser, page).location == done.location, "sent twice, done once"
    kept = next(one for one in story.given("sara") if one.key == "noteToOffice")
    assert str(kept.value).splitlines() == NAME.splitlines()


def test_a_form_that_is_wrong_comes_back_with_everything_typed(
    story: Story, shipped_world: World
) -> None:
    browser = shipped_world.browser("sara")
    late(story, browser, municipality="", familyName="")
    browser.sign_in("sara")
    answer = goes_on(browser, browser.get("/held"))
    assert answer.status_code == 422
    assert "KANARIE" in answer.text


def lose_cookies(browser: Browser) -> None:
    """Let the browser forget everything, as after signing out in another tab."""
    browser.client = browser.client.application.test_client()


def marked(browser: Browser, key: str) -> dict[str, str]:
    """The form of a task with its page's mark, and a text."""
    page = browser.get(f"/tasks/{key}").text
    (mark,) = set(re.findall(r'name="_page" value="([^"]*)"', page))
    return {**browser.hidden(), "_page": mark, "noteToOffice": NAME, "do": "keep"}


def test_a_form_is_there_again_although_the_cookie_is_gone(
    story: Story, shipped_world: World
) -> None:
    key = story.until("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    sent = marked(browser, key)
    lose_cookies(browser)
    answer = browser.client.post(f"/tasks/{key}", data=sent, headers=browser.headers)
    assert answer.location == "/sign-in?lang=en"
    assert browser.sign_in("sara").location == "/held"
    assert goes_on(browser, browser.get("/held")).status_code == 303
    assert "KANARIE" in browser.get(f"/tasks/{key}").text


def test_a_form_from_before_she_signed_in_anew_is_kept(story: Story, shipped_world: World) -> None:
    key = story.until("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    sent = marked(browser, key)
    browser.get("/settings")
    browser.post("/sign-out", {})
    browser.sign_in("sara")
    answer = browser.client.post(f"/tasks/{key}", data=sent, headers=browser.headers)
    assert (answer.status_code, answer.location) == (303, "/held")
    assert goes_on(browser, browser.get("/held")).status_code == 303
    assert "KANARIE" in browser.get(f"/tasks/{key}").text
    browser.post("/sign-out", {})
    browser.sign_in("omar")
    refused = browser.client.post(f"/tasks/{key}", data=sent, headers=browser.headers)
    assert refused.status_code == 403
    assert "KANARIE" not in refused.text


def test_a_restart_ends_no_open_form(story: Story, shipped_world: World) -> None:
    key = story.until("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    program = shipped_world.program
    program = replace(program, settings=replace(program.settings, secret_key=""))
    browser.client.application = create_app(program)
    sent = marked(browser, key)
    browser.client.application = create_app(program)
    answer = browser.client.post(f"/tasks/{key}", data=sent, headers=browser.headers)
    assert (answer.status_code, answer.location) == (303, f"/tasks/{key}")


def test_a_form_without_cookie_is_no_other_persons(story: Story, shipped_world: World) -> None:
    key = story.until("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    sent = marked(browser, key)
    for mark in (sent["_page"], sent["_page"].replace("p_sara", "p_omar"), "sv.p_omar.", "x"):
        lose_cookies(browser)
        data = {**sent, "_page": mark}
        answer = browser.client.post(f"/tasks/{key}", data=data, headers=browser.headers)
        assert answer.status_code == 303
        assert browser.sign_in("omar").location == "/"
        assert browser.get("/held").status_code == 404


def test_who_loses_a_form_reads_why_and_finds_back(story: Story, shipped_world: World) -> None:
    key = story.until("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    sent = {**marked(browser, key), "_page": "sv.p_sara.wrong"}
    lose_cookies(browser)
    answer = browser.client.post(f"/tasks/{key}", data=sent, headers=browser.headers)
    place = str(answer.location)
    assert f"back=/tasks/{key}" in place
    page = browser.get(place).text
    assert '<html lang="sv"' in page
    assert "Det som sparades innan finns kvar i formuläret" in page
    assert f'name="back" value="/tasks/{key}"' in page


def test_another_person_at_the_same_screen_gets_nothing(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    late(story, browser)
    assert browser.sign_in("omar").location == "/"
    page = browser.get("/held")
    assert page.status_code == 404
    assert "KANARIE" not in page.text
    browser.get("/settings")
    assert browser.post("/sign-out", {}).status_code == 303
    assert browser.sign_in("sara").location == "/held"
    assert browser.get("/held").status_code == 200


def test_the_same_person_at_another_screen_gets_nothing(story: Story, shipped_world: World) -> None:
    late(story, shipped_world.browser("sara"))
    other = shipped_world.browser("sara")
    assert other.get("/held").status_code == 404


def test_after_a_quarter_of_an_hour_it_is_gone(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    late(story, browser)
    story.later(minutes=15)
    assert browser.sign_in("sara").location == "/"
    assert browser.get("/held").status_code == 404


def test_who_signs_out_leaves_nothing_behind(story: Story, shipped_world: World) -> None:
    browser = shipped_world.browser("sara")
    late(story, browser)
    browser.sign_in("sara")
    browser.get("/held")
    assert browser.post("/sign-out", {}).status_code == 303
    assert browser.sign_in("sara").location == "/"
    with shipped_world.program.database.engine.connect() as conn:
        assert conn.execute(as_system("schema", select(metadata.tables["held"]))).all() == []


def test_the_text_opens_in_no_table_and_stands_in_no_address(
    story: Story, shipped_world: World
) -> None:
    answer = late(story, shipped_world.browser("sara"))
    assert "KANARIE" not in quote(str(answer.location))
    with shipped_world.program.database.engine.connect() as conn:
        for table in metadata.sorted_tables:
            for row in conn.execute(as_system("schema", select(table))):
                assert all(
                    b"KANARIE" not in (cell if isinstance(cell, bytes) else str(cell).encode())
                    for cell in row
                ), table.name


def test_of_a_stranger_and_of_who_has_signed_out_nothing_is_kept(
    story: Story, shipped_world: World
) -> None:
    key = story.until("Task_SubmitReferral")
    stranger, gone = shipped_world.browser(), shipped_world.browser("sara")
    gone.get("/settings")
    gone.post("/sign-out", {})
    for browser in (stranger, gone):
        browser.get("/sign-in")
        answer = browser.post(f"/tasks/{key}", {"familyName": "KANARIE"})
        assert answer.status_code == 303
        assert not [
            c for c in answer.headers.getlist("Set-Cookie") if c.startswith("tresteg_held=")
        ]
    with shipped_world.program.database.engine.connect() as conn:
        assert conn.execute(as_system("schema", select(metadata.tables["held"]))).all() == []


def test_a_script_is_told_and_its_text_is_kept_by_the_page(
    story: Story, shipped_world: World
) -> None:
    key = story.until("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    browser.get(f"/tasks/{key}")
    story.later(minutes=16)
    answer = browser.client.post(
        f"/tasks/{key}/unsent",
        data={**browser.hidden(), "familyName": "x"},
        headers={**browser.headers, "Accept": "application/json"},
    )
    assert answer.status_code == 401
    assert answer.json is not None
