"""A small process whose answers are corrected: two tasks, a gateway, a due date, a timer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial

import pytest

from service.access import Viewer
from service.application import submit
from service.casework.casefile import read_log
from service.casework.corrections.correct_answer import Corrected, correct_answer
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.store.casefile import parties
from service.store.installation import offices
from tests.support import diagrams as d
from tests.support import small
from tests.support.by_hand import entry
from tests.support.directory import (
    BOARD,
    ROLE,
    Directory,
    OfficePlan,
    PersonPlan,
    add_directory,
)
from tests.support.world import SEED, World, open_world

START = "Start_PersonIdentified"
TYPES = '[day]\ntype = "date"\nclass = "C1"\n[correctionFor]\ntype = "string"\nclass = "C0"\n'
DAY = {
    **small.field("day", "textfield", "C1", validate={"required": True}),
    "properties": {"class": "C1", "routing": "yes", "as": "date"},
}
BY_MAIL = "board@example.invalid"
BY_DAY = '<zeebe:taskSchedule dueDate="= day"/>'


def process() -> Bundle:
    """Start, `a` asks for a day and an answer, a gateway, `b` is due on that day, `c` is not for
    who did `b`, then a decision; `w` weighs a correction.
    """
    corrected = '<bpmn:message id="Msg_answer_corrected" name="answer_corrected"/>'
    event = '<bpmn:messageEventDefinition messageRef="Msg_answer_corrected"/>'
    weigh = d.node(
        "subProcess",
        "weigh",
        d.start("ws", event, isInterrupting="false")
        + small.person("w")
        + d.end("we")
        + d.flows("ws>w w>we"),
        name="WEIGH",
        triggeredByEvent="true",
    )
    body = (
        small.begin(id_=START)
        + small.person("a", "answered")
        + d.xor("x")
        + d.task("b", "plain", BY_DAY, group=ROLE)
        + d.border("late", "b", d.timer("Date", "= day"), interrupting=False)
        + d.task("c", "plain", d.props(not_same_person_as="b"), group=ROLE)
        + small.person("Task_GoNoGo")
        + weigh
        + d.end()
        + d.end("l")
    )
    way = f'{START}>a a>x x>b[answer = "YES"] x>c* b>c c>Task_GoNoGo Task_GoNoGo>e late>l'
    drawn = d.document(d.process("p", body, way), references=d.REFERENCES + corrected)
    answered = small.form("answered", small.CHOICE, DAY, *small.TEXTS)
    made = small.bundle(drawn)
    types = (small.TYPES + TYPES).encode()
    files = {"forms/answered.form": answered, "workflows/config/types.toml": types}
    return Bundle({**made.files, **files})


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, process())
    yield made
    made.database.close()


ANSWERED: Mapping[str, list[str]] = {
    "answer": ["YES"],
    "day": ["2026-04-01"],
    "note": ["She said so"],
    "contact": ["0700"],
}


@pytest.fixture
def case_id(desk: World) -> str:
    """A case in which Sara has answered `a`; `b` waits."""
    case = desk.start({"note": ["first words"]}, element=START).case_id
    desk.do(case, "a", ANSWERED)
    return case


def hear(desk: World, case: str, *, classes: Collection[str], address: str = BY_MAIL) -> None:
    """Omar of the board, which approves the case from now on, reads answers of these classes."""
    services, now = desk.program.services, desk.clock.now()
    board = Directory(
        (OfficePlan(BOARD, "Board", "MYNDIGHET", address=address),),
        (PersonPlan("omar", BOARD, ("CaseApprover",)),),
    )
    with desk.database.transaction() as tx:
        if BOARD not in offices.everyone(tx):
            add_directory(tx, services, board, by=SEED, now=now)
            parties.bind(tx, case, {"CaseApprover": BOARD}, parties.of_case(tx, case))
            entry(tx, f"case/{case}")
        omar = Viewer("p_omar", BOARD, frozenset({"CaseApprover"}))
        read_log.record_read(tx, by=omar, now=now, case_id=case, purpose="case", classes=classes)


def fact_of(desk: World, case: str, element: str) -> int:
    """Number of the fact that answered a step."""
    kinds = ("complete", "start")
    return next(f.rev for f in desk.facts(case) if f.element == element and f.kind in kinds)


def correct(
    desk: World,
    case: str,
    changed: Mapping[str, list[str]],
    *,
    element: str = "a",
    why: str = "She was misheard",
    by: str = "sara",
    rev: int | None = None,
) -> Corrected:
    """Correct some fields of what was answered at a step."""
    answers = {**changed, "correction.why": [why]}
    command = partial(
        correct_answer,
        case_id=case,
        fact=fact_of(desk, case, element),
        answers=answers,
        rev=rev,
        only_named=True,
    )
    return submit.submit(
        desk.database, desk.program.services, command, by=desk.viewer(by), now=desk.clock.now()
    )
