"""The diagrams as text that a person has approved: every element with its type, place, words, role
and binding, its properties, every way out with its condition. A change of a diagram shows as a
difference of `drawn/`; `TRESTEG_APPROVE=1` writes it anew.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree

from tests.support.approved import approved

from .picture import NAMES, WORKFLOWS, Picture, element, local

ROLES = tomllib.loads((WORKFLOWS / "config" / "roles.toml").read_text(encoding="utf-8"))
PROCESSES = sorted(path.stem for path in WORKFLOWS.glob("*.bpmn"))
PICTURES = {process: Picture(process) for process in PROCESSES}
DRAWN = Path(__file__).with_name("drawn")
DRAWN_ONLY = frozenset(
    {"laneSet", "lane", "extensionElements", "sequenceFlow", "incoming", "outgoing"}
    | {"textAnnotation", "association"}
)


def is_step(node: etree._Element) -> bool:
    """Is it a flow node, and no flow, lane or part of one?"""
    parent = node.getparent()
    inside = parent is not None and local(parent) in {"process", "subProcess"}
    return inside and node.get("id") is not None and local(node) not in DRAWN_ONLY


def zeebe(node: etree._Element, name: str) -> Mapping[str, str]:
    """Attributes of the node's own zeebe setting of that name."""
    found = element(node, f"b:extensionElements/z:{name}")
    return {str(key): str(value) for key, value in found[0].attrib.items()} if found else {}


def properties(node: etree._Element) -> dict[str, str]:
    """The node's own named properties."""
    return {
        str(p.get("name")): str(p.get("value"))
        for p in element(node, "b:extensionElements/z:properties/z:property")
    }


def binding(node: etree._Element) -> str:
    """What a step does, in the words of the programme's tables."""
    rule = zeebe(node, "calledDecision")
    words = {
        "form": zeebe(node, "formDefinition").get("formId"),
        "topic": zeebe(node, "taskDefinition").get("type"),
        "rule": f"{rule['decisionId']} -> {rule['resultVariable']}" if rule else None,
        "calls": zeebe(node, "calledElement").get("processId"),
    }
    return "".join(f"{word} {name}" for word, name in words.items() if name)


def occasion(picture: Picture, node: etree._Element) -> str:
    """What an event waits for or reports."""
    for definition in element(node, "b:messageEventDefinition|b:errorEventDefinition"):
        kind = local(definition).removesuffix("EventDefinition")
        referred = picture.elements[str(definition.get(f"{kind}Ref"))]
        return f"{kind} {referred.get('errorCode') or referred.get('name')}"
    for timer in element(node, "b:timerEventDefinition/b:*"):
        return f"{local(timer).removeprefix('time').lower()} {timer.text}"
    return ""


def ways_out(picture: Picture, node: etree._Element) -> list[list[str]]:
    """Flows out in the order of the file: target, condition or `else`, label in both languages."""
    ways = []
    for flow in element(picture.root, f"//b:sequenceFlow[@sourceRef='{node.get('id')}']"):
        condition = "".join(str(text) for text in element_texts(flow, "b:conditionExpression"))
        asked = (
            "else" if node.get("default") == flow.get("id") else condition.removeprefix("=").strip()
        )
        ways.append(
            [
                str(flow.get("targetRef")),
                *(
                    [asked, f"{flow.get('name')} / {properties(flow).get('name.en')}"]
                    if asked
                    else []
                ),
            ]
        )
    return ways


def element_texts(node: etree._Element, path: str) -> list[str]:
    """Texts of the elements under a node."""
    return [one.text or "" for one in element(node, path)]


def role(picture: Picture, node: etree._Element) -> str:
    """The role of the lane that holds the step, else the role that the task names."""
    lanes = element(picture.root, f"//b:lane[b:flowNodeRef/text()='{node.get('id')}']")
    by_name = {row["sv"]: id_ for id_, row in ROLES.items()}
    return (
        by_name[str(lanes[0].get("name"))]
        if lanes
        else zeebe(node, "assignmentDefinition").get("candidateGroups", "")
    )


def steps(process: str) -> list[etree._Element]:
    """The flow nodes of a diagram, in the order of the file."""
    return [node for node in element(PICTURES[process].root, "//b:process//b:*") if is_step(node)]


def as_text(process: str, node: etree._Element) -> list[str]:
    """An element in lines: what it is and where, its words, what it does, its ways out."""
    picture, parent = PICTURES[process], node.getparent()
    unbroken = "cancelActivity" if local(node) == "boundaryEvent" else "isInterrupting"
    own = properties(node)
    place = [f"in {parent.get('id')}"] if parent is not None else []
    place += [f"on {node.get('attachedToRef')}"] if node.get("attachedToRef") else []
    place += [name] if (name := role(picture, node)) else []
    kind = local(node) + (", does not interrupt" if node.get(unbroken) == "false" else "")
    due = zeebe(node, "taskSchedule").get("dueDate", "")
    does = (binding(node), occasion(picture, node), f"due {due}" if due else "")
    words = {"sv": node.get("name", ""), "en": own.pop("name.en", "")}
    return [
        f"{node.get('id')}: {kind}; {', '.join(place)}",
        *(f"  {lang}: {text}" for lang, text in words.items() if text),
        *(f"  {one}" for one in does if one),
        *(f"  {name} = {value}" for name, value in sorted(own.items())),
        *(f"  -> {' | '.join(way)}" for way in ways_out(picture, node)),
        "",
    ]


@pytest.mark.parametrize("process", PROCESSES)
def test_a_diagram_is_drawn_as_somebody_approved(process: str) -> None:
    approved(
        DRAWN / f"{process}.txt",
        (line for node in steps(process) for line in as_text(process, node)),
    )


def test_each_approved_picture_has_its_diagram() -> None:
    assert sorted(path.stem for path in DRAWN.iterdir()) == PROCESSES


@pytest.mark.parametrize("process", PROCESSES)
def test_every_word_of_a_diagram_is_there_in_english_too(process: str) -> None:
    named = element(
        PICTURES[process].root,
        "//b:process[@name]|//b:process//b:*[@name]|//b:participant|//b:messageFlow"
        "|//b:textAnnotation",
    )
    assert [
        node.get("id")
        for node in named
        if local(node) != "lane" and not properties(node).get("name.en")
    ] == []


@pytest.mark.parametrize("process", PROCESSES)
def test_what_the_returnee_reads_is_plain_in_both_languages(process: str) -> None:
    stations = element(
        PICTURES[process].root,
        "//b:*[b:extensionElements/z:properties/z:property[@name='station']]",
    )
    assert [
        node.get("id") for node in stations if not {"plain.sv", "plain.en"} <= set(properties(node))
    ] == []


@pytest.mark.parametrize("process", PROCESSES)
def test_every_task_for_people_names_its_role_and_its_date(process: str) -> None:
    tasks = element(PICTURES[process].root, "//b:userTask")
    lacking = [
        t.get("id")
        for t in tasks
        if not zeebe(t, "assignmentDefinition").get("candidateGroups")
        or not zeebe(t, "taskSchedule").get("dueDate")
    ]
    assert lacking == []


def test_lanes_are_called_as_roles_are() -> None:
    lanes = {
        str(node.get("name"))
        for picture in PICTURES.values()
        for node in element(picture.root, "//b:lane")
    }
    assert lanes == {row["sv"] for row in ROLES.values() if not row.get("house")}


def test_called_processes_are_there_and_ids_are_used_once() -> None:
    called = {
        str(node.get("processId"))
        for picture in PICTURES.values()
        for node in element(picture.root, "//z:calledElement")
    }
    ids = [
        id_ for picture in PICTURES.values() for id_ in picture.elements if not id_.endswith("_di")
    ]
    assert called <= set(PROCESSES)
    assert len(ids) == len(set(ids))


def test_promises_name_elements_that_exist() -> None:
    known = {str(node.get("id")) for process in PROCESSES for node in steps(process)} | set(ROLES)
    said = [
        value
        for p in PICTURES.values()
        for node in element(p.root, "//b:process")
        for name, value in properties(node).items()
        if name.startswith("promise.")
    ]
    words = {word for promise in said for word in promise.split() if "_" in word or word in ROLES}
    assert said
    assert words <= known


@pytest.mark.parametrize("process", PROCESSES)
def test_a_diagram_can_be_read_as_text(process: str) -> None:
    lines = (WORKFLOWS / f"{process}.bpmn").read_text(encoding="utf-8").splitlines()
    assert len(lines) > len(steps(process)) * 4
    assert set(NAMES.values()) <= {str(name) for name in PICTURES[process].root.nsmap.values()}
