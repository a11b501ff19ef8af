"""Damaged diagrams: the linter refuses with a sentence that names a place, or the thing builds and
runs fifty random steps.

Never anything else.
"""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from service.application.shipped_files import read_bundle
from service.engine.audit_guard import guarded
from service.engine.bpmn.elements import BPMN, ZEEBE
from service.engine.bpmn.parser import read_trees
from service.engine.definition import Definition, define
from service.engine.lint import judge
from service.engine.types import (
    Advance,
    Answer,
    Complete,
    Due,
    Files,
    FormFacts,
    Json,
    Message,
    Open,
    RoleFacts,
    Start,
    Stimulus,
    TopicFacts,
)
from service.errors import BadVariables, DueFirst, EngineStopped, NotWaiting, SeveralWait
from service.release.prepared import files_of
from service.sandbox import handlers
from tests.engine.generated.block_drawing import draw
from tests.engine.generated.blocks import Blocks
from tests.engine.generated.test_random import TYPES
from tests.engine.walks import MONDAY
from tests.support.scale import figure, seeded

ROOT = Path(__file__).parents[3]
FORM = FormFacts("all", TYPES, frozenset(TYPES))
MANY, GROUPS, STEPS = figure("mutations"), 6, 50
HARMLESS_STOPS = {
    "expression",
    "list",
    "instances",
    "steps",
    "no_path",
    "rule_unique",
    "rule_any",
    "rule_input",
    "fuel",
    "uncaught",
    "tasks",
    "state_size",
}
"""A damaged diagram may stop for what the linter cannot know; it may not break the engine."""


@cache
def shipped() -> Files:
    files, _, _ = files_of(read_bundle(ROOT / "workflows", ROOT / "forms"), handlers.declared())
    return files


def original(seed: int) -> Files:
    """Every third one is the shipped release, the others are random diagrams, made so that the
    linter takes them.
    """
    if seed % 3 == 0:
        return shipped()
    root = etree.fromstring(draw(Blocks(seed).whole()))
    for task in (*root.iter(f"{BPMN}userTask"), *root.iter(f"{BPMN}manualTask")):
        etree.SubElement(_held(task), f"{ZEEBE}assignmentDefinition").set("candidateGroups", "Doer")
    for begin in root.iterfind(f"{BPMN}process/{BPMN}startEvent"):
        etree.SubElement(_held(begin), f"{ZEEBE}formDefinition").set("formId", "all")
    sends = {"letters.send": TopicFacts("letters.send", answers=tuple(TYPES), errors=("E", "F"))}
    return Files(
        {"p.bpmn": etree.tostring(root)},
        types=TYPES,
        roles={"Doer": RoleFacts("Doer", {"sv": "Doer"})},
        topics=sends,
        forms={"all": FORM},
    )


def _held(element: etree._Element) -> etree._Element:
    found = element.find(f"{BPMN}extensionElements")
    if found is None:
        found = etree.Element(f"{BPMN}extensionElements")
        element.insert(0, found)
    return found


def damaged(files: Files, dice: random.Random) -> Files:
    """One diagram of the release with one to three faults."""
    file = dice.choice(sorted(files.diagrams))
    root = etree.fromstring(files.diagrams[file])
    for _ in range(dice.randrange(1, 4)):
        dice.choice(
            (
                _delete_attribute,
                _swap_references,
                _rename_id,
                _cut_flow,
                _duplicate,
                _delete,
                _empty,
            )
        )(root, dice)
    return replace(files, diagrams={**files.diagrams, file: etree.tostring(root)})


def _some(root: etree._Element, dice: random.Random) -> etree._Element:
    """An element of a process; the picture does not run."""
    inside = [
        e
        for process in root.iter(f"{BPMN}process")
        for e in process.iter(etree.Element)
        if e is not process
    ]
    return dice.choice(inside or [root])


def _delete_attribute(root: etree._Element, dice: random.Random) -> None:
    element = _some(root, dice)
    if element.attrib:
        del element.attrib[dice.choice(sorted(map(str, element.attrib)))]


def _swap_references(root: etree._Element, dice: random.Random) -> None:
    name = dice.choice(
        (
            "sourceRef",
            "targetRef",
            "attachedToRef",
            "messageRef",
            "errorRef",
            "default",
            "formId",
            "type",
            "decisionId",
            "processId",
        )
    )
    holders = [e for e in root.iter(etree.Element) if e.get(name)]
    if len(holders) > 1:
        one, other = dice.sample(holders, 2)
        first, second = str(one.get(name)), str(other.get(name))
        one.set(name, second)
        other.set(name, first)


def _rename_id(root: etree._Element, dice: random.Random) -> None:
    _some(root, dice).set("id", dice.choice(("x", "Start", "a b", "", "Root", "s")))


def _cut_flow(root: etree._Element, dice: random.Random) -> None:
    flows = list(root.iter(f"{BPMN}sequenceFlow"))
    if flows:
        _remove(dice.choice(flows))


def _duplicate(root: etree._Element, dice: random.Random) -> None:
    element = _some(root, dice)
    twin = deepcopy(element)
    if dice.random() < 0.5 and twin.get("id"):
        twin.set("id", f"{twin.get('id')}_twin")
    element.addnext(twin)


def _delete(root: etree._Element, dice: random.Random) -> None:
    _remove(_some(root, dice))


def _empty(root: etree._Element, dice: random.Random) -> None:
    element = _some(root, dice)
    for child in list(element):
        element.remove(child)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


# ---- the walk


def value(kind: str, values: tuple[str, ...], dice: random.Random) -> Json:
    given: dict[str, Json] = {
        "boolean": dice.random() < 0.5,
        "string": dice.choice(values) if values else "x",
        "number": dice.randrange(4),
        "date": "2026-02-01",
        "date and time": "2026-02-01T09:00:00+00:00",
        "duration": "P1D",
        "list": list(values[:2]) if values else [1, 2],
    }
    return given.get(kind)


def act(
    drawn: Definition, files: Files, turn: Advance, dice: random.Random
) -> tuple[Open, Stimulus] | None:
    """Something that is open, at random."""
    can = [one for one in turn.open if one.kind != "join" and (one.kind != "timer" or one.due)]
    if not can:
        return None
    chosen = dice.choice(can)
    element = drawn.elements[chosen.element]
    if chosen.kind == "task":
        form = files.forms.get(element.form)
        return chosen, Complete(
            chosen.id,
            {name: value(t.kind, t.values, dice) for name, t in form.routing.items()}
            if form
            else {},
        )
    if chosen.kind == "job":
        topic = files.topics.get(element.topic)
        return chosen, Answer(
            chosen.id,
            {
                n: value(drawn.types[n].kind, drawn.types[n].values, dice)
                for n in topic.answers
                if n in drawn.types
            }
            if topic
            else {},
        )
    return chosen, Due(chosen.id) if chosen.kind == "timer" else Message(
        chosen.what, {}, chosen.element
    )


def walk(drawn: Definition, files: Files, dice: random.Random) -> None:
    """Up to fifty steps of one process; a stop must be one that a diagram can earn."""
    begin = Start(
        {name: value(t.kind, t.values, dice) for name, t in drawn.types.items() if name in TYPES},
        None if drawn.plain_start else drawn.starts[0],
    )
    now, turn = MONDAY, None
    try:
        turn = guarded(drawn, b"", begin, now=now, seed="0", seconds=60)
        for number in range(1, STEPS):
            following = None if turn.finished else act(drawn, files, turn, dice)
            if following is None:
                return
            chosen, stimulus = following
            now = max(now, chosen.due or now) if chosen.kind == "timer" else now
            try:
                turn = guarded(drawn, turn.state, stimulus, now=now, seed=str(number), seconds=60)
            except (DueFirst, SeveralWait, NotWaiting, BadVariables):
                continue
    except EngineStopped as stop:
        assert stop.kind in HARMLESS_STOPS, stop  # noqa: PT017 - the stop itself is what is looked at


def is_taken_and_runs(seed: int) -> bool:
    """Whether the linter takes a damaged release; then it must run, and else its sentences must
    name a place.
    """
    dice = random.Random(seed)  # noqa: S311 - a test wants the same damage again
    files = damaged(original(seed), dice)
    reading = read_trees(files)
    errors = [found for found in judge(files, reading) if found.severity == "E"]
    assert all(found.message and (found.element or found.file) for found in errors)
    for drawn in () if errors else define(files, reading.model).values():
        walk(drawn, files, dice)
    return not errors


@pytest.mark.slow
@pytest.mark.parametrize("group", range(GROUPS))
def test_a_damaged_diagram_is_refused_or_builds_and_runs(group: int) -> None:
    refused = ran = 0
    for seed in range(group * MANY // GROUPS, (group + 1) * MANY // GROUPS):
        with seeded(seed):
            taken = is_taken_and_runs(seed)
        ran, refused = ran + taken, refused + (not taken)
    assert refused
    assert ran
