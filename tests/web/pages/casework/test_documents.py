"""Documents of a case: kept sealed, and opened by those who may see their class."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.casework.casefile import documents as case_documents
from service.records.ledger_append import digest_reason
from service.store.casefile import documents
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from service.web.application import create_app
from tests.support.browser import Browser
from tests.support.world import World
from tests.web.story import PAPER, Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def attached(
    story: Story, shipped_world: World, *, field: str = "attachments", klass: str = "C1"
) -> str:
    """A paper of the partner's that has been sent, while the referral waits."""
    if "Task_SubmitReferral" not in story.open():
        story.until("Task_SubmitReferral")
    sent: dict[str, Any] = {
        "case_id": story.case,
        "task_key": "",
        "field": field,
        "klass": klass,
        "clean": case_documents.CheckedFile("Anna Svensson.pdf", "pdf", PAPER),
    }
    with shipped_world.program.database.transaction() as tx:
        return case_documents.attach(
            tx,
            shipped_world.program.services,
            by=shipped_world.loaded_viewer("sara"),
            **sent,
            now=shipped_world.clock.now(),
        )


def test_a_paper_comes_as_a_file_that_the_browser_only_saves(
    story: Story, shipped_world: World
) -> None:
    paper = attached(story, shipped_world)
    answer = shipped_world.browser("sara").get(f"/files/{paper}")
    assert answer.status_code == 200
    assert answer.data == PAPER
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "Svensson" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def apart(shipped_world: World) -> Browser:
    """Sara's browser in an installation that has a host for papers."""
    browser = shipped_world.browser("sara")
    settings = replace(shipped_world.program.settings, files_host="papers.localhost")
    browser.client.application = create_app(replace(shipped_world.program, settings=settings))
    return browser


def test_a_paper_is_had_from_a_host_of_its_own_once(story: Story, shipped_world: World) -> None:
    paper, browser = attached(story, shipped_world), apart(shipped_world)
    answer = browser.get(f"/files/{paper}")
    place = answer.headers["Location"]
    assert answer.status_code == 303
    assert re.fullmatch(r"http://papers\.localhost/papers/[\w-]{43}", place)
    stranger = create_app(
        replace(
            shipped_world.program,
            settings=replace(shipped_world.program.settings, files_host="papers.localhost"),
        )
    ).test_client()
    had = stranger.get(
        place.removeprefix("http://papers.localhost"), base_url="http://papers.localhost"
    )
    assert (had.status_code, had.data) == (200, PAPER)
    assert had.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (
        stranger.get(
            place.removeprefix("http://papers.localhost"), base_url="http://papers.localhost"
        ).status_code
        == 404
    )
    with shipped_world.program.database.transaction(write=False) as tx:
        assert len(ledger_entries.of_stream(tx, f"reads/{story.case}")) == 1


def test_a_ticket_is_good_for_a_minute_and_on_that_host_alone(
    story: Story, shipped_world: World
) -> None:
    paper, browser = attached(story, shipped_world), apart(shipped_world)
    first, second = (
        browser.get(f"/files/{paper}").headers["Location"].removeprefix("http://papers.localhost")
        for _ in range(2)
    )
    assert browser.get(first).status_code == 404
    story.later(minutes=1)
    assert browser.client.get(second, base_url="http://papers.localhost").status_code == 404


def test_the_host_of_papers_has_no_page(story: Story, shipped_world: World) -> None:
    browser = apart(shipped_world)
    for page in ("/", "/sign-in", "/inbox", f"/files/{attached(story, shipped_world)}", "/healthz"):
        assert browser.client.get(page, base_url="http://papers.localhost").status_code == 404
    assert shipped_world.browser("sara").get("/papers/x").status_code == 404


def test_opening_a_paper_is_a_line(story: Story, shipped_world: World) -> None:
    paper = attached(story, shipped_world)
    shipped_world.browser("sara").get(f"/files/{paper}")
    with shipped_world.program.database.transaction(write=False) as tx:
        (line,) = ledger_entries.of_stream(tx, f"reads/{story.case}")
    assert (line.actor, json.loads(line.body)["document"], json.loads(line.body)["classes"]) == (
        "p_sara",
        paper,
        ["C1"],
    )


def test_a_paper_does_not_exist_for_who_may_not_see_its_class(
    story: Story, shipped_world: World
) -> None:
    paper = attached(story, shipped_world, klass="C3")
    assert shipped_world.browser("omar").get(f"/files/{paper}").status_code == 404
    story.do("sara", "Task_SubmitReferral")
    assert shipped_world.browser("omar").get(f"/files/{paper}").status_code == 404
    assert shipped_world.browser("sara").get(f"/files/{paper}").status_code == 200


def test_the_tab_of_papers_shows_neutral_names(story: Story, shipped_world: World) -> None:
    attached(story, shipped_world)
    page = shipped_world.browser("sara").get(f"/cases/{story.case}?tab=papers").text
    assert "Svensson" not in page
    assert "document 1" in page


def drop(browser: Browser, case: str, paper: str, **sent: str) -> TestResponse:
    """Drop a paper, from its page."""
    here = f"/cases/{case}/papers/{paper}/drop"
    assert browser.get(here).status_code == 200
    return browser.post(here, sent)


def test_an_office_drops_its_own_paper_with_a_reason(story: Story, shipped_world: World) -> None:
    first = attached(story, shipped_world)
    story.later(seconds=1)
    second = attached(story, shipped_world)
    browser = shipped_world.browser("sara")
    tab = browser.get(f"/cases/{story.case}?tab=papers").text
    assert f'href="/cases/{story.case}/papers/{first}/drop"' in tab
    page = browser.get(f"/cases/{story.case}/papers/{first}/drop").text
    assert "document 1, PDF" in page
    assert "The content is deleted and cannot be brought back." in page
    wrong = drop(browser, story.case, first, why="  ")
    assert wrong.status_code == 422
    assert "Write a reason." in wrong.text
    assert browser.get(f"/files/{first}").status_code == 200
    done = drop(browser, story.case, first, why="KANARIE: fel person")
    assert done.status_code == 303
    tab = browser.get(done.location).text
    assert "The document is removed." in tab
    assert "document 1" not in tab
    assert "document 2" in tab
    assert browser.get(f"/files/{first}").status_code == 404
    assert browser.get(f"/files/{second}").status_code == 200
    assert "Sara removed a document" in browser.get(f"/cases/{story.case}?tab=history").text
    with shipped_world.program.database.transaction(write=False) as tx:
        assert papers_of(tx, first) == []
        key = shipped_world.program.services.key(tx, f"case:{story.case}")
        (line,) = [
            line
            for line in ledger_entries.of_stream(tx, f"case/{story.case}")
            if line.kind == "detach"
        ]
    told = json.loads(line.body)
    assert (told["document"], told["why"]) == (first, digest_reason(key, "KANARIE: fel person"))
    assert "KANARIE" not in line.body
    assert told["word"]


def papers_of(tx: Tx, paper: str) -> list[bytes]:
    return documents.content(tx, paper)


def test_a_paper_is_dropped_once_and_by_nobody_else(story: Story, shipped_world: World) -> None:
    paper = attached(story, shipped_world)
    story.do("sara", "Task_SubmitReferral")
    here = f"/cases/{story.case}/papers/{paper}/drop"
    for name, status in (("omar", {403, 404}), ("aino", {404})):
        browser = shipped_world.browser(name)
        assert browser.get(here).status_code in status
        browser.get("/settings")
        assert browser.post(here, {"why": "x"}).status_code in status
    browser = shipped_world.browser("sara")
    assert browser.get(here.replace(paper, "01ARZ3NDEKTSV4RRFFQ69G5FAV")).status_code == 404
    assert drop(browser, story.case, paper, why="Fel person.").status_code == 303
    assert browser.get(here).status_code == 404
    browser.get("/settings")
    assert browser.post(here, {"why": "Igen."}).status_code == 404


def test_a_dropped_paper_answers_no_form(story: Story, shipped_world: World) -> None:
    paper = attached(story, shipped_world)
    key = story.key("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    assert drop(browser, story.case, paper, why="Fel person.").status_code == 303
    browser.get(f"/tasks/{key}")
    answer = browser.post(
        f"/tasks/{key}",
        {**story.typed("Task_SubmitReferral", "sara"), "send": "1", "attachments": paper},
    )
    assert answer.status_code == 422
    assert "The file is not in the case. Choose it again." in answer.text
