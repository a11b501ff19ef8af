"""No link leads nowhere: every person of the demo follows what her pages show her.

No page that she meets shows the capitals of the drawing.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from service.application.container import Tresteg
from service.demo import tour
from service.security.keyring import Keyring
from service.store.casefile import cases
from service.web.application import create_app
from tests.demo.conftest import DATABASE, SPRING, program_at
from tests.support.audits import MATTER
from tests.support.browser import Browser
from tests.support.scale import times

PEOPLE = (
    *("sara", "omar", "aino", "iva", "kim", "mirja", "berit", "maja", "nils", "greta", "tor"),
    "disa",
)
"""One of each role."""
LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"#]*)')
ID = re.compile(r"[0-9A-Z]{26}|[0-9a-f]{64}")
CAPITALS = re.compile(r"\b[A-ZÅÄÖ]{4,}(?: [A-ZÅÄÖ]{3,})* –")
"""A keyword of the leaflet as the drawing has it."""
DRAWN = re.compile(r"^/(drafts|releases)/")
"""Pages of the drawing itself, for who owns it."""
PART = re.compile(r"/(forms|rules|diagram|files|view)/[\w./-]+")
"""Which file, form or rule a page of the drawing is about."""
EACH = 4 if times() else 2
"""How many links of a kind are followed: those that differ in their ids alone."""


@pytest.fixture(scope="module")
def demo(spring_folder: Path, keyring: Keyring) -> Iterator[Tresteg]:
    program = program_at(spring_folder / DATABASE, keyring, SPRING)
    yield program
    program.database.close()


def browser_of(demo: Tresteg, name: str) -> Browser:
    """The browser of one of the demo's people, entered by her card."""
    app = create_app(demo)
    app.config.update(TRESTEG_WALK=tour.DemoTour(demo).play)
    made = Browser(app.test_client())
    made.get("/demo")
    entered = made.post("/demo/enter", {"who": name})
    assert entered.status_code == 303
    if made.get(entered.location).status_code == 303:  # an auditor states the matter first
        made.get("/audit/matter")
        made.post("/audit/matter", {"matter": MATTER})
    return made


def kind(address: str) -> str:
    """An address without what tells one case from another."""
    address = re.sub(r"(after|before|back|q|show)=[^&]*", r"\1=", address)
    if DRAWN.match(address):
        address = re.sub(r"=[^&]*", "=", PART.sub(r"/\1/PART", address))
    return ID.sub("ID", re.sub(r"(show=&)+(?=show=)", "", address))


def broken_links(browser: Browser) -> tuple[dict[str, str], int]:
    """Address to the page that shows it, of links that lead to no page; and how many were tried."""
    waiting, tried = deque([("/", "")]), Counter[str]()
    known, broken = {"/"}, {}
    while waiting:
        address, shown_on = waiting.popleft()
        tried[kind(address)] += 1
        if tried[kind(address)] > EACH:
            continue
        answer = browser.get(address, follow_redirects=True)
        if answer.status_code >= 400:
            broken[address] = f"{answer.status_code}, shown on {shown_on}"
            continue
        if answer.mimetype != "text/html":
            continue
        drawn = CAPITALS.search(answer.text) if not DRAWN.match(address) else None
        if drawn is not None:
            broken[address] = f"says {drawn[0]}"
        for found in map(unescape, LINK.findall(answer.text)):
            if found not in known:
                known.add(found)
                waiting.append((found, address))
    return broken, sum(min(EACH, count) for count in tried.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", PEOPLE)
def test_every_link_that_is_shown_leads_to_a_page(demo: Tresteg, name: str) -> None:
    broken, tried = broken_links(browser_of(demo, name))
    assert not broken, "\n".join(f"{address}: {why}" for address, why in broken.items())
    assert tried > len(PEOPLE)


@pytest.mark.slow
def test_what_was_erased_is_said_to_who_answers_for_it_and_to_who_wrote_it(demo: Tresteg) -> None:
    with demo.database.transaction(write=False) as tx:
        case = cases.find(tx, "ny-mane")
    assert case is not None
    disa, nora = browser_of(demo, "disa"), browser_of(demo, "nora")
    kept = disa.get("/retention").text
    assert "ny-mane" in kept
    assert "R3-NGO-END" in kept
    assert f"/cases/{case.id}" not in kept, "only the path is left, and it is for auditors"
    for browser in (disa, nora):
        answer = browser.get(f"/cases/{case.id}")
        assert answer.status_code == 410
        assert "R3-NGO-END" in answer.text
