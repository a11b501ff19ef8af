"""Hostile files at the doors of the workshop: sentences, in bounded time, nothing stored half."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from service.release.bundle import unpack
from service.workshop import uploads
from tests.support.browser import Browser
from tests.support.world import World, shipped
from tests.trust.hostile import files
from tests.web.pages.test_draft_rules import kept
from tests.web.pages.test_releases import begun

pytestmark = pytest.mark.slow
SECONDS = 40
"""Longest time of one answer on a busy machine; a child process computes for ten at most."""
MAIN = "workflows/return_case.bpmn"
FORM = "forms/take_alarm.form"
MANY = [
    (f"{number}{file[1:]}", data)
    for number, (_, file, data) in enumerate(files())
    if len(data) <= 2**20
]
"""The corpus, each file under a name of its own; the largest come by themselves."""
UNCLOSED = "ignore::pytest.PytestUnraisableExceptionWarning"
"""The library that reads uploads leaves the file of a body that is refused midway to the collector.
"""
LARGE = [(name, file, data) for name, file, data in files() if len(data) > 2**20]


@pytest.fixture
def browser(shipped_world: World) -> Browser:
    return shipped_world.browser("maja")


@pytest.fixture
def draft(shipped_world: World, browser: Browser) -> str:
    return begun(shipped_world, browser)


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """Nothing hangs."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS * 10


def brought(browser: Browser, draft: str, given: Mapping[str, bytes], rev: int = 1) -> Any:
    """Bring files on the page of files."""
    browser.get(f"/drafts/{draft}/files")
    fields: list[tuple[str, Any]] = list({**browser.hidden(), "rev": str(rev)}.items())
    fields += [("files", FileStorage(io.BytesIO(data), name)) for name, data in given.items()]
    # as bytes: of a large form the client would leave a file open
    boundary, body = encode_multipart(MultiDict(fields))
    kind = f'multipart/form-data; boundary="{boundary}"'
    address = f"/drafts/{draft}/files"
    return browser.client.post(address, data=body, content_type=kind, headers=browser.headers)


def put(browser: Browser, draft: str, content: bytes, way: str = "put") -> Any:
    """Save the main diagram, or have it looked at, as the editor does."""
    address = f"/drafts/{draft}/diagram/return_case.bpmn"
    browser.get(f"/drafts/{draft}/files")
    token = browser.hidden()["csrf_token"]
    sent = {**browser.headers, "X-CSRF-Token": token, "Accept": "application/json"}
    if way == "lint":
        return browser.client.post(address.replace("diagram", "lint"), data=content, headers=sent)
    return browser.client.put(address, data=content, headers={**sent, "If-Match": '"r1"'})


def test_the_corpus_is_refused_file_by_file(
    shipped_world: World, browser: Browser, draft: str
) -> None:
    page = brought(browser, draft, dict(MANY[: uploads.MOST]))
    assert page.status_code in (200, 422)
    row = kept(shipped_world, draft)
    now, before = unpack(row.files), shipped()
    for name, content in before.files.items():
        assert now.files[name] == content, name
    whole = {data for _, data in MANY}
    assert all(now.files[name] in whole for name in now.files.keys() - before.files.keys())
    assert [name for name, _ in MANY if name not in page.text] == []
    for part in ("files", "forms", "rules", "publish"):
        assert browser.get(f"/drafts/{draft}/{part}").status_code == 200


@pytest.mark.filterwarnings(UNCLOSED)
@pytest.mark.parametrize("name", [name for name, _, _ in LARGE])
def test_a_file_of_many_megabytes_is_refused(
    shipped_world: World, browser: Browser, draft: str, name: str
) -> None:
    file, data = next((file, data) for one, file, data in LARGE if one == name)
    page = brought(browser, draft, {file: data})
    assert page.status_code in (413, 422)
    assert kept(shipped_world, draft).rev == 1


@pytest.mark.parametrize("way", ["put", "lint"])
def test_a_diagram_of_20_mb_is_not_looked_at(
    shipped_world: World, browser: Browser, draft: str, way: str
) -> None:
    large = shipped().files[MAIN] + b" " * 20_000_000
    answer = put(browser, draft, large, way)
    assert answer.status_code == 422
    assert answer.json["detail"]
    row = kept(shipped_world, draft)
    assert (row.rev, unpack(row.files).files[MAIN]) == (1, shipped().files[MAIN])


def test_what_is_no_diagram_any_more_is_not_saved(
    shipped_world: World, browser: Browser, draft: str
) -> None:
    for broken in (b"", b"<a>", shipped().files[MAIN][:5000]):
        answer = put(browser, draft, broken)
        assert answer.status_code == 422, broken
        assert kept(shipped_world, draft).rev == 1


def test_a_form_with_a_circle_of_conditions_is_named(browser: Browser, draft: str) -> None:
    form = json.loads(shipped().text(FORM))
    one, other = (
        {
            "type": "textfield",
            "id": f"Field_{key}",
            "key": key,
            "label": key,
            "properties": {"class": "C0"},
            "conditional": {"hide": f"={asked} = null"},
        }
        for key, asked in (("oneOfTwo", "otherOfTwo"), ("otherOfTwo", "oneOfTwo"))
    )
    form["components"] += [one, other]
    page = brought(browser, draft, {"take_alarm.form": json.dumps(form).encode()})
    assert page.status_code == 200
    shown = browser.get(f"/drafts/{draft}/forms/take_alarm")
    assert "oneOfTwo, otherOfTwo" in shown.text
    assert "oneOfTwo, otherOfTwo" in browser.get(f"/drafts/{draft}/publish").text


def test_a_rule_whose_rows_fit_at_once_stops_publishing(browser: Browser, draft: str) -> None:
    rule = shipped().files["workflows/eligibility.dmn"]
    unique = rule.replace(b'hitPolicy="FIRST"', b'hitPolicy="UNIQUE"')
    assert brought(browser, draft, {"eligibility.dmn": unique}).status_code == 200
    page = browser.get(f"/drafts/{draft}/publish")
    assert "R203" in page.text
    assert 'value="ask"' not in page.text
