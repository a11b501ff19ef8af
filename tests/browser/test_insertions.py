"""A step put anywhere into a shipped diagram spoils nothing: every place, several kinds, in a page
of its own that holds the editor's modules and no server.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from service.application.shipped_files import shipped_bundle
from service.release.bundle import Bundle
from service.release.prepared import findings_of
from service.sandbox.handlers import declared
from service.settings import Settings
from tests.browser.conftest import ROOT
from tests.support import scale
from tests.support.waiting import PROGRAM

FRONTEND = ROOT / "service" / "web" / "frontend"
DRAWINGS = sorted((ROOT / "workflows").glob("*.bpmn"))
KINDS = ["bpmn:UserTask", "bpmn:ExclusiveGateway", "bpmn:EndEvent"]
WAITS_FOR_WORDS = {"D401", "D402", "D450", "D807", "D821"}
"""A new way out of a gateway has no condition yet: it may lead past the tasks of a loop."""


@pytest.fixture(scope="module")
def blank(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """An empty page with the editor's modules."""
    script = tmp_path_factory.mktemp("script") / "insertions.js"
    subprocess.run(
        [
            str(FRONTEND / "node_modules" / ".bin" / "esbuild"),
            "test/pages/insertions.js",
            "--bundle",
            "--format=iife",
            f"--outfile={script}",
            "--log-level=warning",
        ],
        cwd=FRONTEND,
        check=True,
        timeout=PROGRAM,
    )
    page = chromium.new_page()
    page.add_script_tag(path=script)
    yield page
    page.close()


def inserted(page: Page, drawing: Path) -> dict[str, Any]:
    """Put a step at each place, and take it back: the kinds in turn, or each in a long run."""
    found: dict[str, Any] = page.evaluate(
        "([xml, kinds, inTurn]) => window.insertions(xml, kinds, inTurn)",
        [drawing.read_text("utf-8"), KINDS, not scale.times()],
    )
    return found


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_a_step_put_anywhere_lies_on_nothing(blank: Page, drawing: Path) -> None:
    found = inserted(blank, drawing)
    assert found["count"] > 1
    assert found["faults"] == []


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_frames_grow_around_what_is_dropped_at_their_border(blank: Page, drawing: Path) -> None:
    found = blank.evaluate("xml => window.drops(xml)", drawing.read_text("utf-8"))
    assert found["count"] >= 4
    assert found["faults"] == []


@pytest.mark.parametrize("name", ["alarm", "consultation", "follow_up"])
def test_the_linter_complains_of_the_new_step_alone(blank: Page, name: str) -> None:
    bundle, topics = shipped_bundle(Settings()), declared()
    file = f"workflows/{name}.bpmn"
    before = {(f.code, f.file, f.element) for f in findings_of(bundle, topics)}
    old = set(re.findall(r'\bid="([^"]+)"', bundle.files[file].decode()))
    drawings = inserted(blank, ROOT / file)["drawings"]
    for what, xml in drawings[:: max(1, len(drawings) // 8)]:
        new = set(re.findall(r'\bid="([^"]+)"', xml)) - old
        changed = Bundle({**bundle.files, file: xml.encode()})
        others = [
            f"{what}: {f.message}"
            for f in findings_of(changed, topics)
            if (f.code, f.file, f.element) not in before
            and f.element not in new
            and f.code not in WAITS_FOR_WORDS
        ]
        assert others == []
