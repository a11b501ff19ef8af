"""Papers of a case: kept sealed, opened by those who may see their class, with a line that says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from service.actions import papers
from service.store import lines
from tests.web.conftest import Town
from tests.web.story import PAPER, Story


@pytest.fixture
def story(working: Town) -> Iterator[Story]:
    made = Story(working)
    yield made
    made.close()


def attached(story: Story, working: Town, *, field: str = "attachments", klass: str = "C1") -> str:
    """A paper of the partner's, in the referral."""
    key = story.until("Task_SubmitReferral")
    sent: dict[str, Any] = {
        "case_id": story.case,
        "task_key": key,
        "field": field,
        "klass": klass,
        "upload": papers.Upload("Anna Svensson.pdf", PAPER),
        "most_mb": 20,
    }
    with working.program.database.transaction() as tx:
        return papers.attach(tx, working.program.house, working.person("sara").viewer, **sent, now=working.clock.now())


def test_a_paper_comes_as_a_file_that_the_browser_only_saves(story: Story, working: Town) -> None:
    paper = attached(story, working)
    answer = working.browser("sara").get(f"/files/{paper}")
    assert answer.status_code == 200
    assert answer.data == PAPER
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "Svensson" not in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_opening_a_paper_is_a_line(story: Story, working: Town) -> None:
    paper = attached(story, working)
    working.browser("sara").get(f"/files/{paper}")
    with working.program.database.transaction(write=False) as tx:
        (line,) = lines.of_stream(tx, f"reads/{story.case}")
    assert (line.actor, json.loads(line.body)["document"], json.loads(line.body)["classes"]) == ("p_sara", paper, ["C1"])


def test_a_paper_does_not_exist_for_who_may_not_see_its_class(story: Story, working: Town) -> None:
    paper = attached(story, working, klass="C3")
    assert working.browser("omar").get(f"/files/{paper}").status_code == 404
    story.do("sara", "Task_SubmitReferral")
    assert working.browser("omar").get(f"/files/{paper}").status_code == 404
    assert working.browser("sara").get(f"/files/{paper}").status_code == 200


def test_a_paper_that_was_dropped_is_gone(story: Story, working: Town) -> None:
    paper = attached(story, working)
    with working.program.database.transaction() as tx:
        papers.drop(tx, working.person("sara").viewer, paper, now=working.clock.now())
    assert working.browser("sara").get(f"/files/{paper}").status_code == 404


def test_the_tab_of_papers_shows_neutral_names(story: Story, working: Town) -> None:
    attached(story, working)
    page = working.browser("sara").get(f"/cases/{story.case}?tab=papers").text
    assert "Svensson" not in page
    assert "paper 1" in page
