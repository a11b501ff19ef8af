"""Promises are written into a diagram's own text; nothing else of it changes."""

from __future__ import annotations

import re

import pytest

from service.errors import UnusableFile
from service.workshop.promises.diagram_text import set_promises
from tests.support.world import shipped

MAIN = shipped().files["workflows/return_case.bpmn"]
ONE = {"1": "never B before A"}
ROOT = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">{0}</definitions>'
)


def kept(content: bytes) -> dict[str, str]:
    """Number to sentence of every promise in the text."""
    text = content.decode()
    return dict(re.findall(r'property name="promise\.(\d+)" value="([^"]*)"', text))


def test_the_promises_that_are_there_leave_every_byte() -> None:
    there = kept(MAIN)
    assert len(there) == 9
    assert sorted(set_promises(MAIN, "return_case", there).splitlines()) == sorted(
        MAIN.splitlines()
    )


def test_one_more_is_one_line_more() -> None:
    there = kept(MAIN)
    made = set_promises(
        MAIN, "return_case", {**there, "21": "never End_Step3 before Task_MakePlan"}
    )
    more = set(made.splitlines()) - set(MAIN.splitlines())
    assert [line.strip() for line in more] == [
        b'<zeebe:property name="promise.21" value="never End_Step3 before Task_MakePlan"/>'
    ]
    assert set_promises(made, "return_case", there).splitlines() == (
        set_promises(MAIN, "return_case", there).splitlines()
    )


START = '<startEvent id="s"/>'
EMPTY = "<extensionElements></extensionElements>"
VERSION = '<extensionElements><zeebe:versionTag value="1"/></extensionElements>'
OF_A_STEP = "<extensionElements><zeebe:properties></zeebe:properties></extensionElements>"


@pytest.mark.parametrize(
    "inside",
    [
        START,
        f"<documentation>A word</documentation>{START}",
        f"{EMPTY}{START}",
        VERSION,
        f'<startEvent id="s">{OF_A_STEP}</startEvent>',
    ],
)
def test_a_process_without_properties_gets_them(inside: str) -> None:
    before = ROOT.format(f'<process id="p">{inside}</process>').encode()
    made = set_promises(before, "p", ONE)
    assert made.count(b'name="promise.1" value="never B before A"') == 1
    head = made[: made.index(b"promise.1")]
    assert b"startEvent" not in head, "it is the process that promises"
    assert b"promise" not in set_promises(made, "p", {})


@pytest.mark.parametrize(
    "diagram",
    [
        '<definitions><process id="p"><startEvent id="s"/></process></definitions>',
        ROOT.format('<process id="other"><startEvent id="s"/></process>'),
        ROOT.format('<process id="p"/>'),
    ],
)
def test_a_diagram_that_cannot_be_written_is_refused(diagram: str) -> None:
    with pytest.raises(UnusableFile):
        set_promises(diagram.encode(), "p", ONE)
