"""The tour of the workshop is walked by its pages, from the fault in the draft to a moved case."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest

from service.demo import state
from service.demo.past_releases import DRAFT, overlay
from service.store.installation import installation_values, releases
from service.workshop import drafts
from tests.support.browser import Browser
from tests.support.dry_runs import dry_run, finish_batches
from tests.support.world import World, shipped
from tests.web.pages.test_migrations import do, planned

pytestmark = pytest.mark.slow  # the shipped release is linted and built for each change
MAIN, FIRST = "workflows/return_case.bpmn", "Task_OfferReturnInformation"
STRIP = re.compile(r'class="t-tour".*?</section>', re.DOTALL)


def with_a_task() -> dict[str, bytes]:
    """The shipped diagram with one task more, after the first."""
    text = shipped().text(MAIN)
    node = f"<bpmn:flowNodeRef>{FIRST}</bpmn:flowNodeRef>"
    flow = re.search(
        rf'<bpmn:sequenceFlow id="\w+" sourceRef="{FIRST}" targetRef="(\w+)" ?/>', text
    )
    assert flow
    assert node in text
    added = (
        f'{flow[0].replace(flow[1], "Task_New")}<bpmn:userTask id="Task_New" name="Ring upp" />'
        f'<bpmn:sequenceFlow id="F_New" sourceRef="Task_New" targetRef="{flow[1]}" />'
    )
    text = text.replace(flow[0], added, 1)
    return {MAIN: text.replace(node, node + node.replace(FIRST, "Task_New"), 1).encode()}


@dataclass
class Visitor:
    """Somebody on the tour, who changes places by the strip."""

    world: World
    browser: Browser

    def strip(self) -> str:
        """What the strip says now, on a page that everybody has."""
        found = STRIP.search(self.browser.get("/help").text)
        return found[0] if found else ""

    def goes_on(self) -> str:
        """Where its button leads."""
        self.browser.get("/help")
        return self.browser.get("/demo/workshop").headers["Location"]

    def becomes(self, who: str) -> None:
        assert f'value="{who}"' in self.strip()
        self.browser.post("/demo/enter", {"who": who, "back": "/demo/workshop"})
        assert f'value="{who}"' not in self.strip()

    def draft(self) -> releases.Draft:
        with self.world.program.database.transaction(write=False) as tx:
            return releases.drafts(tx)[0]

    def saves(self, changed: dict[str, bytes]) -> None:
        """Change the draft, as its pages do."""
        program, row = self.world.program, self.draft()
        with program.database.transaction() as tx:
            drafts.save_files(
                tx,
                program.services,
                by=self.world.viewer("maja"),
                draft_id=row.id,
                changed=changed,
                found=(),
                rev=row.rev,
                now=program.clock.now(),
            )


@pytest.fixture
def visitor(shipped_world: World) -> Visitor:
    with shipped_world.database.transaction() as tx:
        names = {name: f"p_{name}" for name in ("sara", "maja", "nils")}
        installation_values.put(tx, state.PEOPLE, json.dumps(names))
    shipped_world.start_case()
    browser = shipped_world.browser()
    assert "Visa mig verkstaden" in browser.get("/demo").text
    assert browser.post("/demo/workshop", {"do": "start"}).location == "/processes"
    return Visitor(shipped_world, browser)


def test_the_tour_is_walked_to_a_moved_case(visitor: Visitor) -> None:
    browser, program = visitor.browser, visitor.world.program
    assert "Steg 1 av 9" in visitor.strip()
    assert visitor.goes_on() == "/processes"
    browser.get("/processes")
    browser.post("/drafts", {"process": program.services.programme.process})
    visitor.saves(dict(overlay(DRAFT)))
    assert "bryter ett löfte" in visitor.strip()
    assert visitor.goes_on().endswith("/informed_decision.bpmn")
    back = {name: shipped().files[name] for name in overlay(DRAFT)}
    visitor.saves(back)
    assert "Steg 2 av 9" in visitor.strip()
    assert visitor.goes_on().endswith("/return_case.bpmn")
    visitor.saves({MAIN: shipped().files[MAIN].replace(b'"P5D"', b'"=nobody"', 1)})
    assert "Något i utkastet går inte att köra" in visitor.strip()
    visitor.saves(with_a_task())
    assert "Steg 3 av 9" in visitor.strip()
    assert visitor.goes_on().endswith("/dry-run")
    dry_run(program, visitor.draft().id, visitor.world.viewer("maja"))
    publishes(visitor)
    moves(visitor)
    assert "Klart" in visitor.strip()
    assert visitor.world.faults() == []
    visitor.becomes("sara")
    assert visitor.goes_on() == "/inbox"
    browser.get("/help")
    browser.post("/demo/workshop", {"do": "leave"})
    assert visitor.strip() == ""


def publishes(visitor: Visitor) -> None:
    """From the review to the release, as two people."""
    browser, page = visitor.browser, visitor.goes_on()
    assert "Steg 4 av 9" in visitor.strip()
    warnings = re.findall(r'name="seen" value="([^"]+)"', browser.get(page).text)
    assert len(warnings) == 1, "the new task has no form"
    asked = {"why": "Ny uppgift", "seen": warnings[0]}
    assert do(browser, page, do="ask", **asked) == 303
    visitor.becomes("nils")
    assert "Steg 5 av 9" in visitor.strip()
    request = re.search(r"/review/(\w+)", browser.get(page).text)
    assert request
    answer = {"do": "approve"}
    assert browser.post(f"{page.removesuffix('publish')}review/{request[1]}", answer).location
    assert "Steg 6 av 9" in visitor.strip()
    visitor.becomes("maja")
    assert visitor.goes_on() == page
    assert do(browser, page, do="publish", **asked) == 303


def moves(visitor: Visitor) -> None:
    """From the plan to the moved case, as two people."""
    browser = visitor.browser
    assert "Steg 7 av 9" in visitor.strip()
    assert visitor.goes_on() == "/migrations"
    plan = planned(browser)
    assert "Läs raderna" in visitor.strip()
    assert do(browser, plan, do="ask", why="Alla ska ringas upp") == 303
    visitor.becomes("nils")
    assert visitor.goes_on().startswith(plan)
    request = re.search(r'name="request" value="([^"]+)"', browser.get(plan).text)
    assert request
    assert do(browser, plan, do="approve", request=request[1]) == 303
    visitor.becomes("maja")
    assert "Steg 9 av 9" in visitor.strip()
    assert do(browser, plan, do="run") == 303
    finish_batches(visitor.world.program)


def test_who_leaves_loses_nothing_and_can_begin_anew(visitor: Visitor) -> None:
    browser = visitor.browser
    browser.get("/processes")
    process = visitor.world.program.services.programme.process
    browser.post("/drafts", {"process": process})
    browser.get("/help")
    browser.post("/demo/workshop", {"do": "leave"})
    assert visitor.strip() == ""
    assert visitor.draft().process == process
    browser.get("/demo")
    assert "location" in browser.post("/demo/workshop", {"do": "start"}).headers
    assert "Steg 2 av 9" in visitor.strip()


def test_the_other_tour_takes_its_place(visitor: Visitor) -> None:
    app, browser = visitor.world.app, visitor.browser
    moved = visitor.world.start_case()
    app.config["TRESTEG_WALK"] = lambda _step, case: ("sara", case or moved.case_id, "1")
    browser.get("/demo")
    assert browser.post("/demo/walk", {"do": "start"}).status_code == 303
    assert "Steg 1 av 5" in visitor.strip()
