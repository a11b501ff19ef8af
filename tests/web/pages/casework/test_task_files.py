"""Files of a task's form as its page sends them: kept, unticked, refused for their size."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from service.sandbox.media_types import MIB
from service.store.casefile import documents
from service.web.application import create_app
from service.web.body_sizes import largest_body
from tests.support.browser import Browser
from tests.support.world import World
from tests.web.pages.casework.task_forms import carried
from tests.web.story import PAPER, Story

STEP = "Task_SubmitReferral"
MULTIPART = "multipart/form-data"


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def sara_at(story: Story) -> tuple[Browser, str]:
    """Sara's browser with the form of the referral open, and its address."""
    browser, here = story.world.browser("sara"), f"/tasks/{story.until(STEP)}"
    browser.get(here)
    return browser, here


def kept(story: Story) -> list[str]:
    with story.world.database.transaction(write=False) as tx:
        return [row.id for row in documents.of_case(tx, story.case)]


def body(story: Story, browser: Browser, **more: object) -> dict[str, object]:
    return {**story.typed(STEP, "sara"), **carried(browser), **more}


def attach(story: Story, browser: Browser, here: str) -> str:
    """Attach a file and save, as the page does without script."""
    file = (io.BytesIO(PAPER), "fel.pdf")
    sent = body(story, browser, do="keep", attachments=file)
    assert browser.post(here, sent, content_type=MULTIPART).status_code == 303
    (id_,) = kept(story)
    return id_


def test_a_file_that_was_unticked_is_in_no_case(story: Story, shipped_world: World) -> None:
    browser, here = sara_at(story)
    wrong = attach(story, browser, here)
    page = browser.get(here).text
    assert f'value="{wrong}"' in page
    assert "Untick a file to remove it" in page
    assert "document 1" not in browser.get(f"/cases/{story.case}?tab=papers").text
    assert shipped_world.browser("stina").get(f"/files/{wrong}").status_code == 404
    browser.get(here)
    assert browser.post(here, body(story, browser, do="keep")).status_code == 303
    assert kept(story) == []
    assert browser.get(f"/files/{wrong}").status_code == 404
    browser.get(here)
    assert browser.post(here, body(story, browser, send="1")).status_code == 303
    assert shipped_world.browser("omar").get(f"/files/{wrong}").status_code == 404
    history = browser.get(f"/cases/{story.case}?tab=history").text
    assert "A file that had not been sent was deleted" in history
    assert shipped_world.faults() == []


def test_a_ticked_file_is_sent_and_stays(story: Story, shipped_world: World) -> None:
    browser, here = sara_at(story)
    right = attach(story, browser, here)
    browser.get(here)
    sent = body(story, browser, send="1", attachments=right)
    assert browser.post(here, sent).status_code == 303
    assert kept(story) == [right]
    assert shipped_world.browser("omar").get(f"/files/{right}").status_code == 200
    assert shipped_world.faults() == []


def test_script_hears_which_file_is_gone(story: Story) -> None:
    browser, here = sara_at(story)
    wrong = attach(story, browser, here)
    browser.get(here)
    sent = body(story, browser)
    said = browser.post(f"{here}/unsent", sent).json
    assert said is not None
    assert said["gone"] == [wrong]
    assert kept(story) == []


def test_a_file_of_a_refused_form_is_there_afterwards(story: Story) -> None:
    browser, here = sara_at(story)
    file = (io.BytesIO(PAPER), "x.pdf")
    sent = body(story, browser, send="1", countryOfReturn="", attachments=file)
    assert browser.post(here, sent, content_type=MULTIPART).status_code == 422
    (id_,) = kept(story)
    assert f'value="{id_}"' in browser.get(here).text


def with_smaller_files(browser: Browser, world: World) -> int:
    """Let the browser ask an installation that takes files of 1 MB; gives the largest body."""
    settings = replace(world.program.settings, upload_max_mb=1)
    browser.client.application = create_app(replace(world.program, settings=settings))
    return largest_body(settings)


def posted(browser: Browser, here: str, fields: Mapping[str, object], **more: Any) -> TestResponse:
    """Send a form whose body is made in memory, whatever its size."""
    boundary, data = encode_multipart({"send": "1", **browser.hidden(), **fields})
    kind = f"{MULTIPART}; boundary={boundary}"
    return browser.client.post(here, data=data, headers=browser.headers, content_type=kind, **more)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"%PDF" + bytes(2 * MIB), "The file is too large. 1 MB at most."),
    ],
    ids=["empty", "large"],
)
def test_a_file_that_is_not_taken_leaves_the_text(
    story: Story, shipped_world: World, content: bytes, says: str
) -> None:
    browser, here = sara_at(story)
    with_smaller_files(browser, shipped_world)
    assert "1 MB at most" in browser.get(here).text
    file = FileStorage(io.BytesIO(content), "x.pdf")
    answer = posted(browser, here, body(story, browser, attachments=file, familyName="TYPED"))
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="TYPED"' in answer.text
    assert kept(story) == []


def test_a_body_that_is_never_read_leads_back_to_its_form(
    story: Story, shipped_world: World
) -> None:
    browser, here = sara_at(story)
    most = with_smaller_files(browser, shipped_world)
    answer = posted(
        browser, here, body(story, browser), environ_overrides={"CONTENT_LENGTH": str(most + 1)}
    )
    assert answer.status_code == 413
    assert f'href="{here}"' in answer.text
    assert "Back to the form" in answer.text


def test_a_case_that_ends_takes_its_unsent_files_along(story: Story, shipped_world: World) -> None:
    browser, here = sara_at(story)
    wrong = attach(story, browser, here)
    withdraw = f"/cases/{story.case}/messages/withdraw"
    browser.get(withdraw)
    said = {"stopReason": "DECLINES", "saidBy": "SELF", "saidOn": "@today", "saidHow": "MEETING"}
    sent = {**story.answers("withdraw", "sara", **said), **carried(browser), "do": "send"}
    assert browser.post(withdraw, sent).status_code == 303
    assert kept(story) == []
    assert browser.get(f"/files/{wrong}").status_code == 404
    late = browser.get(here)
    assert late.status_code == 200, "the page of a task that is over"
    assert "paper" not in late.text.partition("<main")[2].partition("</main")[0]
    assert shipped_world.faults() == []
