"""Cases of two tasks that wait some days each, for the open figures of the programme report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.access import Viewer
from service.audit.reporting.open_figures import MOST, OpenFigures, load_open_figures
from service.release.programme.report_rules import ReportRules
from tests.support import diagrams, small
from tests.support.directory import OFFICE
from tests.support.small_desk import START
from tests.support.world import World

AUDITOR = Viewer("p_greta", OFFICE, frozenset({"auditor"}), "en", "Europe/Stockholm")
Run = Callable[..., str]


@pytest.fixture
def reported(world: World) -> World:
    """An installation of two tasks; the open field `answer` says how a case ended."""
    begin = small.begin(id_=START)
    body = begin + small.person("a", "ask") + small.person("b") + diagrams.end()
    drawn = diagrams.process("return_case", body, f"{START}>a a>b b>e")
    world.publish(small.bundle(diagrams.document(drawn)))
    program = world.program
    rules = replace(program.services.programme, report=ReportRules(outcome="answer"))
    services = replace(program.services, programme=rules)
    return replace(world, program=replace(program, services=services))


@pytest.fixture
def run(reported: World) -> Run:
    """Begin a case; its first task waits some days, and the second one more."""

    def run(days: float, *, answer: str = "YES", ends: bool = True) -> str:
        case = reported.start(element=START).case_id
        reported.later(days=days)
        reported.do(case, "a", {"answer": [answer]})
        if ends:
            reported.later(days=1)
            reported.do(case, "b")
        return case

    return run


def figures(world: World, year: int = 2026, office: str = "", most: int = MOST) -> OpenFigures:
    """The open figures of a year."""
    with world.database.transaction(write=False) as tx:
        return load_open_figures(
            tx,
            world.program.services,
            start=datetime(year, 1, 1, tzinfo=UTC),
            until=datetime(year + 1, 1, 1, tzinfo=UTC),
            office=office,
            now=world.clock.now(),
            most=most,
        )
