"""Files that are sent: cleaned, or refused with a reason."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PIL import Image

from service.application.container import Tresteg
from service.store.casefile import documents
from service.text import say
from tests.support.browser import Browser
from tests.support.documents import CANARY, PDFS, photo
from tests.support.world import World
from tests.web.story import PAPER, Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def carried(browser: Browser) -> dict[str, str]:
    """What the page of a task carries beside its answers."""
    assert browser.page is not None
    return {
        **browser.hidden(),
        **dict(
            re.findall(
                r'<input type="hidden" name="(rev|fill_rev|case|step)" value="([^"]*)">',
                browser.page.text,
            )
        ),
    }


def test_twenty_photos_come_back_without_their_place(story: Story, shipped_world: World) -> None:
    key = story.until("Task_SubmitReferral")
    browser = shipped_world.browser("sara")
    sent = [photo("JPEG" if n % 2 else "PNG", (40 + n, 30), turned=1 + n % 8) for n in range(20)]
    assert all(CANARY in one for one in sent)
    browser.get(f"/tasks/{key}")
    many = [
        (io.BytesIO(one), f"Anna {n}.{'jpg' if n % 2 else 'png'}") for n, one in enumerate(sent)
    ]
    assert (
        browser.post(
            f"/tasks/{key}", {**carried(browser), "do": "keep", "attachments": many}
        ).status_code
        == 303
    )
    with shipped_world.program.database.transaction(write=False) as tx:
        kept = documents.of_case(tx, story.case)
    assert len(kept) == len(sent)
    for row in kept:
        got = browser.get(f"/files/{row.id}").data
        assert CANARY not in got
        with Image.open(io.BytesIO(got)) as picture:
            assert not picture.getexif()
            assert picture.width * picture.height >= 40 * 30
    browser.get(f"/tasks/{key}")
    more = browser.post(
        f"/tasks/{key}",
        {**carried(browser), "do": "keep", "attachments": (io.BytesIO(sent[0]), "x.png")},
    )
    assert "The case has 20 documents already." in more.text


@pytest.mark.parametrize(
    "what",
    [
        "a password",
        "a script as it opens",
        "a file inside",
        "a link to a page of the web",
        "a start of a program",
    ],
)
def test_a_refused_document_says_why_and_keeps_what_was_typed(
    story: Story, shipped_world: World, what: str
) -> None:
    key = story.until("Task_SubmitReferral")
    content, reason = PDFS[what]
    browser = shipped_world.browser("sara")
    browser.get(f"/tasks/{key}")
    answer = browser.post(
        f"/tasks/{key}",
        {
            **carried(browser),
            "familyName": "KANARIE",
            "send": "1",
            "attachments": (io.BytesIO(content), "x.pdf"),
        },
    )
    assert answer.status_code == 422
    assert say(f"form.file_{reason}", "en") in answer.text
    assert 'value="KANARIE"' in answer.text
    with shipped_world.program.database.transaction(write=False) as tx:
        assert documents.of_case(tx, story.case) == []


def test_a_file_that_is_too_large_says_how_large_it_may_be(
    program: Tresteg, shipped_world: World
) -> None:
    small = replace(program, settings=replace(program.settings, upload_max_mb=1))
    world = replace(shipped_world, program=small)
    story = Story(world)
    key = story.until("Task_SubmitReferral")
    browser = world.browser("sara")
    page = browser.get(f"/tasks/{key}")
    assert "1 MB at most" in page.text
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**carried(browser), "do": "keep"}.items()
    )
    head = (
        parts
        + '--x\r\nContent-Disposition: form-data; name="attachments"; filename="x.pdf"\r\n'
        + "Content-Type: application/pdf\r\n\r\n"
    )
    body = head.encode() + PAPER + bytes(2**20) + b"\r\n--x--\r\n"
    answer = browser.client.post(
        f"/tasks/{key}",
        data=body,
        content_type="multipart/form-data; boundary=x",
        headers=browser.headers,
    )
    story.close()
    assert answer.status_code == 422
    assert "The file is too large. 1 MB at most." in answer.text
