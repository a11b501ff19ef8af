"""The tour of the auditor is walked by its pages, and ends with a bundle checked outside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.demo import state
from service.operations.sequencer import Sequencer
from service.store.installation import installation_values
from service.worker.batches import run_portion
from tests.support.browser import Browser
from tests.support.waiting import PROGRAM
from tests.support.world import World

STRIP = re.compile(r'class="t-tour".*?</section>', re.DOTALL)


@dataclass
class Visitor:
    """Somebody on the tour."""

    world: World
    browser: Browser
    case: str

    def strip(self) -> str:
        """What the strip says now, on a page that everybody has."""
        found = STRIP.search(self.browser.get("/help").text)
        return found[0] if found else ""

    def goes_on(self) -> str:
        """Where its button leads."""
        return self.browser.get("/demo/audit").headers["Location"]


@pytest.fixture
def visitor(shipped_world: World) -> Visitor:
    with shipped_world.database.transaction() as tx:
        installation_values.put(tx, state.PEOPLE, json.dumps({"greta": "p_greta"}))
    case = shipped_world.start_case().case_id
    browser = shipped_world.browser()
    assert "Visa mig granskningen" in browser.get("/demo").text
    assert browser.post("/demo/audit", {"do": "start"}).location.startswith("/audit/matter")
    return Visitor(shipped_world, browser, case)


def test_the_tour_ends_with_a_proof_checked_without_us(visitor: Visitor, tmp_path: Path) -> None:
    browser, world = visitor.browser, visitor.world
    assert "Steg 1 av 6" in visitor.strip()
    browser.get(visitor.goes_on())
    browser.post("/audit/matter", {"matter": "2026-17", "back": "/audit"})
    assert "Steg 2 av 6" in visitor.strip()
    assert visitor.goes_on() == "/audit"
    world.later(minutes=1)
    browser.get("/audit?late=1&kind=start")
    assert "Steg 3 av 6" in visitor.strip()
    assert visitor.goes_on() == f"/audit/cases/{visitor.case}/replay"
    world.later(minutes=1)
    browser.get(visitor.goes_on())
    assert "Steg 4 av 6" in visitor.strip()
    assert visitor.goes_on() == "/audit/verify"
    world.later(minutes=1)
    browser.get("/audit/verify")
    browser.post("/audit/verify", {"do": "begin"})
    while run_portion(world.worker()):
        pass
    assert "Historien är hel." in browser.get("/audit/verify").text
    assert "Steg 5 av 6" in visitor.strip()
    page = f"/audit/cases/{visitor.case}/proof"
    assert visitor.goes_on() == page
    world.later(minutes=1)
    Sequencer(world.database, world.program.services, world.clock).run()
    browser.get(page)
    bundle = browser.post(page, {"reason": "The tour"})
    assert bundle.status_code == 200
    assert "Steg 6 av 6" in visitor.strip()
    assert "Klart" in visitor.strip()
    file = tmp_path / "case.proof.zip"
    file.write_bytes(bundle.data)
    subprocess.run(["unzip", "-q", file.name], cwd=tmp_path, check=True, timeout=PROGRAM)
    checked = subprocess.run(
        [sys.executable, "verify.py", "."],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=PROGRAM,
    )
    assert checked.returncode == 0, checked.stdout
    browser.post("/demo/audit", {"do": "leave"})
    assert visitor.strip() == ""


def test_somebody_else_is_offered_to_go_on_as_the_auditor(visitor: Visitor) -> None:
    visitor.browser.get("/demo")
    visitor.browser.post("/sign-out", {})
    strip = STRIP.search(visitor.browser.get("/demo").text)
    assert strip is not None
    assert 'value="greta"' in strip[0]


def test_nobody_on_the_tour_is_led_to_the_cards(shipped_world: World) -> None:
    assert shipped_world.browser().get("/demo/audit").headers["Location"] == "/demo"
