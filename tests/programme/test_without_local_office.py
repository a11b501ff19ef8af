"""Every step of the local office has a way on without it, drawn once around what it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from lxml import etree

from .picture import WORKFLOWS, element

BY_MESSAGE = "//b:boundaryEvent[b:messageEventDefinition]"
ENDS = ("local_closed", "local_contact_closed")
"""Messages that end what the local office does."""
HELD_BY_OTHERS = {
    "Task_LocalContact": "before any consent; a no goes to IOM Helsinki",
    "Task_ReceiveCase": "asks the next office; IOM Helsinki chooses again",
    "Task_TakeLocal": "an alarm: every office that can help has the task",
    "Task_WorkLocal": "an alarm: others are rung when it is silent",
    "Task_SecondLocal": "an alarm: another person after twelve hours",
    "Task_HandleEscalation": "IOM Helsinki acts too when the office is silent",
    "Task_PauseLocal": "a pause on the way: IOM Helsinki speaks with the person too",
    "Task_HelpAfterEnd": "a call after the end, a case of its own",
}
"""Steps of the local office without a way on of their own, and who has them instead."""


@pytest.fixture(scope="module")
def diagrams() -> dict[str, etree._Element]:
    return {file.stem: etree.parse(file).getroot() for file in sorted(WORKFLOWS.glob("*.bpmn"))}


def with_a_way_on(tree: etree._Element) -> set[str]:
    """Steps and frames that the office's end leaves by a border event."""
    named = {m.get("id") for m in element(tree, "//b:message") if m.get("name") in ENDS}
    return {
        str(border.get("attachedToRef"))
        for border in element(tree, BY_MESSAGE)
        for ref in element(border, "b:messageEventDefinition")
        if ref.get("messageRef") in named
    }


def callers(
    diagrams: Mapping[str, etree._Element], process: str
) -> Iterator[tuple[str, etree._Element]]:
    for name, tree in diagrams.items():
        path = f"//b:callActivity[.//z:calledElement[@processId='{process}']]"
        yield from ((name, call) for call in element(tree, path) if name != process)


def leaves(diagrams: Mapping[str, etree._Element], process: str, step: etree._Element) -> bool:
    """Whether the step, a frame around it, or every call of its process has a way on."""
    ways = with_a_way_on(diagrams[process])
    if any(around.get("id") in ways for around in (step, *step.iterancestors())):
        return True
    calls = list(callers(diagrams, process))
    return bool(calls) and all(leaves(diagrams, name, call) for name, call in calls)


def test_every_step_of_the_local_office_goes_on_without_it(
    diagrams: dict[str, etree._Element],
) -> None:
    role = "//b:userTask[.//z:assignmentDefinition[@candidateGroups='IomLocal']]"
    steps = [(name, step) for name, tree in diagrams.items() for step in element(tree, role)]
    without = {str(s.get("id")) for name, s in steps if not leaves(diagrams, name, s)}
    assert without == set(HELD_BY_OTHERS)


def test_one_way_on_stands_around_all_that_the_office_does_together(
    diagrams: dict[str, etree._Element],
) -> None:
    """Two ways on of one scope that lead to the same step would be one around both."""
    for name, tree in diagrams.items():
        ways = with_a_way_on(tree)
        leads = [
            (next(border.iterancestors()).get("id"), flow.get("targetRef"))
            for border in element(tree, BY_MESSAGE)
            if border.get("attachedToRef") in ways
            for flow in element(tree, f"//b:sequenceFlow[@sourceRef='{border.get('id')}']")
        ]
        assert len(leads) == len(set(leads)), name
