"""Forms that mean harm: each is refused or has findings, at once, and nothing is kept half."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from service.release.bundle import unpack
from service.store.installation import releases
from tests.support.browser import Browser
from tests.support.world import World, shipped

NAME = "take_alarm.form"
FORM = json.loads(shipped().files[f"forms/{NAME}"])
LONGEST = 30


def a_form(*components: object) -> bytes:
    return json.dumps({**FORM, "components": components}).encode()


def asked(key: str, **more: object) -> dict[str, object]:
    return {"type": "textfield", "key": key, "label": key, "properties": {"class": "C0"}, **more}


CIRCLE = a_form(
    *(
        asked(f"k{n}", conditional={"hide": f"=k{(n + 1) % 300} = null"}, id=f"F{n}")
        for n in range(300)
    )
)
DEEP = json.dumps(FORM)[:-1].encode() + b', "x": ' + b"[" * 5000 + b"]" * 5000 + b"}"
HOSTILE = {
    "circle": (CIRCLE, "new"),
    "large": (b'{"a": "' + b"x" * 20 * 2**20 + b'"}', "large"),
    "deep": (DEEP, "unreadable"),
    "not json": (b"\x00\xff{", "unreadable"),
    "twice": (b'{"id": "a", "id": "b", "components": []}', "new"),
    "no list": (json.dumps({**FORM, "components": {"a": 1}}).encode(), "new"),
    "script": (a_form({"type": "html", "content": "<script>alert(1)</script>", "id": "H"}), "new"),
    "odd": (a_form({"type": 7, "label": ["x"], "properties": 3, "values": 5, "id": 1}), "new"),
}


def begun(browser: Browser) -> str:
    browser.get("/processes")
    return browser.post("/drafts", {}).headers["Location"].split("/")[2]


def bring(browser: Browser, draft: str, content: bytes) -> Any:
    """Send a file as a browser does; the body is built here, so that no file is put aside."""
    page = browser.get(f"/drafts/{draft}/files").text
    found = re.search(r'name="rev" value="(\d+)"', page)
    assert found
    head = 'Content-Disposition: form-data; name="{}"'
    fields = {**browser.hidden(), "rev": found[1]}
    parts = [f"--x\r\n{head.format(k)}\r\n\r\n{v}\r\n".encode() for k, v in fields.items()]
    file = f'--x\r\n{head.format("files")}; filename="{NAME}"\r\n\r\n'.encode()
    body = b"".join([*parts, file, content, b"\r\n--x--\r\n"])
    return browser.client.post(
        f"/drafts/{draft}/files",
        data=body,
        headers={**browser.headers, "Content-Type": "multipart/form-data; boundary=x"},
    )


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_form_is_told_and_never_hangs(shipped_world: World, case: str) -> None:
    content, fate = HOSTILE[case]
    browser = shipped_world.browser("maja")
    draft = begun(browser)
    begin = time.monotonic()
    assert bring(browser, draft, content).status_code in (200, 413, 422)
    page = browser.get(f"/drafts/{draft}/forms/take_alarm")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert browser.get(f"/drafts/{draft}/forms").status_code == 200
    assert time.monotonic() - begin < LONGEST
    with shipped_world.program.database.transaction(write=False) as tx:
        row = releases.get_draft(tx, draft)
    assert row is not None
    kept = unpack(row.files).files[f"forms/{NAME}"]
    assert kept == (content if fate == "new" else shipped().files[f"forms/{NAME}"])
    if case == "circle":
        assert "read each other in a circle" in page.text
        at = "F0"
        sent = {"at": at, "do": "save", "label.sv": "Ny", "rev": str(row.rev)}
        browser.get(f"/drafts/{draft}/forms/take_alarm?at={at}")
        assert browser.post(f"/drafts/{draft}/forms/take_alarm", sent).status_code == 303
