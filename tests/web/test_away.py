"""Nothing can be saved just now: what was typed is on the page that says so, and is saved when it
is sent again from there; the line of the log says why.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from functools import partial
from html.parser import HTMLParser
from io import StringIO
from itertools import count
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from service import logs
from service.errors import Busy, CaseMoved, NoDatabase
from service.records.ids import ulid
from service.store.transaction import Tx
from tests.support.world import NOON, World
from tests.web.pages.casework.task_forms import carried
from tests.web.story import Story

TYPED = 'Ögon <b>&</b> "rim"\r\nand a second line'


class Form(HTMLParser):
    """The fields of the form that sends again."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, dict[str, str]]] = {}
        self.path = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "form":
            self.path = str(facts.get("action"))
            self.found[self.path] = ("", {})
        if tag == "input" and self.path:
            self.found[self.path][1][str(facts["name"])] = str(facts.get("value") or "")


@contextmanager
def away(world: World, after: int) -> Iterator[None]:
    """The database is gone from its `after`-th transaction of the block on."""
    begun, real = count(), world.database.transaction

    @contextmanager
    def transaction(**how: bool) -> Iterator[Tx]:
        if next(begun) >= after:
            raise NoDatabase("gone", driver="OperationalError")
        with real(**how) as tx:
            yield tx

    with pytest.MonkeyPatch.context() as here:
        here.setattr(world.database, "transaction", transaction)
        yield


def lines(act: Callable[[], object]) -> list[dict[str, Any]]:
    """What is logged meanwhile."""
    out = StringIO()
    with redirect_stderr(out):
        logs.begin("info")
        act()
    logs.begin("info")
    return [json.loads(line) for line in out.getvalue().splitlines()]


def kept(answer: TestResponse, path: str, typed: Mapping[str, str]) -> dict[str, str]:
    """The fields of the form on a page that says that nothing was saved; all that was typed."""
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    _, fields = Form(answer.text).found[path]
    assert {name: fields.get(name) for name in typed} == dict(typed)
    return fields


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_task_is_sent_again_from_the_page_that_says_wait(
    shipped_world: World, after: int, lang: str
) -> None:
    story = Story(shipped_world)
    element = "Task_OfferReturnInformation"
    browser, path = shipped_world.browser("sara"), f"/tasks/{story.key(element)}"
    browser.headers["Accept-Language"] = lang
    browser.client.set_cookie("tresteg_lang", lang)
    browser.get(path)
    typed = {**story.typed(element, "sara"), **carried(browser), "send": "1"}
    texts = {name: value for name, value in typed.items() if isinstance(value, str)}
    with away(shipped_world, after):
        answer = browser.post(path, data=typed)
    fields = kept(answer, path, texts)
    if after == 0:  # then nobody knows whose form it is: the browser's own choice counts
        assert ("Skicka igen" if lang == "sv" else "Send again") in answer.text
    assert story.open() == [element]
    for _ in range(2):
        again = browser.client.post(path, data=fields, headers=browser.headers)
        assert again.status_code == 303
    assert element not in story.open()
    story.close()


def test_a_late_form_that_cannot_be_kept_is_sent_again(shipped_world: World) -> None:
    story = Story(shipped_world)
    element = "Task_OfferReturnInformation"
    browser, path = shipped_world.browser("sara"), f"/tasks/{story.key(element)}"
    browser.get(path)
    typed = {**carried(browser), "safeContact.hours": TYPED, "do": "keep"}
    story.later(minutes=16)
    with away(shipped_world, 1):
        answer = browser.post(path, data=typed)
    fields = kept(answer, path, typed)
    again = browser.client.post(path, data=fields, headers=browser.headers)
    assert str(again.location).startswith("/sign-in")
    assert browser.sign_in("sara").location == "/held"
    story.close()


@pytest.mark.parametrize("path", ["/cases/new", "/cases/{case}/notes", "/cases/{case}/messages/x"])
def test_what_was_typed_is_on_every_page_that_says_wait(shipped_world: World, path: str) -> None:
    story, typed = Story(shipped_world), {"note": TYPED, "another": "<script>"}
    browser, address = shipped_world.browser("sara"), path.format(case=story.case)
    browser.get("/inbox")
    with away(shipped_world, 0):
        answer = browser.post(address, data={**typed, "_once": ulid(NOON)})
    assert "<script>" not in answer.text
    kept(answer, address, {**typed, "note": TYPED})
    story.close()


def test_no_password_and_no_foreign_form_is_put_on_a_page(world: World) -> None:
    browser = world.browser()
    browser.get("/sign-in")
    with away(world, 0):
        secret = browser.post("/sign-in", data={"user": "sara", "password": "a secret of mine"})
        browser.headers["Sec-Fetch-Site"] = "cross-site"
        foreign = browser.post("/cases/new", data={"note": "foreign words"})
    assert "a secret of mine" not in secret.text
    assert "foreign words" not in foreign.text


def test_a_program_is_told_and_keeps_its_own_words(world: World) -> None:
    browser = world.browser("sara")
    with away(world, 0):
        answer = browser.client.get("/v1/cases")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "no_database")


def test_a_line_says_why_nothing_could_be_saved(shipped_world: World) -> None:
    story = Story(shipped_world)
    browser = shipped_world.browser("sara")
    browser.get(f"/cases/{story.case}")
    with away(shipped_world, 1):
        (line,) = lines(lambda: browser.get(f"/cases/{story.case}"))
    assert (line["event"], line["level"], line["status"]) == ("request", "error", 503)
    assert (line["error"], line["driver"], line["fault"]) == (
        "no_database",
        "OperationalError",
        "NoDatabase",
    )
    assert line["route"] == "cases.page" or line["route"].startswith("cases.")
    assert (line["method"], line["case"], line["person"]) == ("read", story.case, "p_sara")
    assert line["office"] == shipped_world.viewer("sara").office
    assert line["ms"] >= 0
    story.close()


def test_a_full_disk_keeps_the_words_and_is_named_in_the_log(shipped_world: World) -> None:
    if shipped_world.database.postgres:
        return  # tests/store/test_driver_errors.py
    story, typed = Story(shipped_world), {"text": token_hex(750)}
    browser, path = shipped_world.browser("sara"), f"/cases/{story.case}/notes"
    said = list[dict[str, Any]]()
    for _ in range(40):  # until there is no room left in the pages that there are
        with on_new_connections(shipped_world, roomy):
            browser.get(f"/cases/{story.case}")  # it writes down who reads
        with on_new_connections(shipped_world, full):
            said = lines(partial(browser.post, path, data=typed))
        if said[-1]["status"] == 503:
            break
    assert browser.page is not None
    assert typed["text"] in browser.page.text
    assert [(one["status"], one["error"], one["driver"]) for one in said] == [
        (503, "busy", "SQLITE_FULL")
    ]
    story.close()


@contextmanager
def on_new_connections(
    world: World, done: Callable[[sqlite3.Connection], object]
) -> Iterator[None]:
    """Do something on each connection meanwhile, all of which are new."""
    engine = world.database.engine

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        done(connection)

    world.database.close()
    event.listen(engine, "connect", connected)
    try:
        yield
    finally:
        event.remove(engine, "connect", connected)


def full(connection: sqlite3.Connection) -> None:
    """Let a database have no page more than there are."""
    connection.execute("PRAGMA max_page_count=1")


def roomy(connection: sqlite3.Connection) -> None:
    """Let it grow again."""
    connection.execute(f"PRAGMA max_page_count={2**30}")


def test_a_line_says_where_our_fault_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **_given: object) -> None:
        raise KeyError("a name of somebody")

    monkeypatch.setattr("service.web.pages.help.render_template", broken)
    fault, line = lines(lambda: world.browser().get("/help"))
    assert (fault["event"], line["event"], line["status"]) == ("fault", "request", 500)
    for one in (fault, line):
        assert (one["error"], one["fault"]) == ("error", "KeyError")
        module, function, number = one["where"].split(":")
        assert (module, function) == ("service.web.pages.help", "page")
        assert int(number) > 0
        assert fault["request"] == one["request"]
    assert "somebody" not in str([fault, line])


def test_a_line_says_why_somebody_was_too_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object, **_given: object) -> None:
        raise CaseMoved

    monkeypatch.setattr("service.web.pages.help.render_template", late)
    (line,) = lines(lambda: world.browser().get("/help"))
    assert (line["status"], line["level"], line["error"]) == (409, "warning", "case_moved")


def test_a_page_that_must_wait_leads_back_to_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(*_: object, **_given: object) -> None:
        raise Busy

    monkeypatch.setattr("service.web.pages.help.render_template", waits)
    answer = world.browser().get("/help?page=2")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert '<a href="/help?page=2">Försök igen</a>' in answer.text
    assert '<a href="/">Till startsidan</a>' in answer.text


def test_words_typed_into_an_address_are_in_no_line(world: World) -> None:
    browser = world.browser("sara")
    (line,) = lines(lambda: browser.get("/cases/Anna-Andersson"))
    assert "Anna" not in str(line)
    assert "case" not in line
