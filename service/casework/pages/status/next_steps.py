"""The named steps that follow an element of a diagram, behind gateways, events and frames."""

from __future__ import annotations

from collections.abc import Mapping

from service.casework.casefile.diagram_state import frames_around
from service.engine import Definition, Element, Flow
from service.release.labels import localized_name

STEPS = frozenset({"userTask", "serviceTask", "callActivity", "subProcess", "endEvent"})
"""Kinds of elements that count as a next step."""


def next_steps(definition: Definition, element: str, lang: str) -> dict[str, str]:
    """The named steps that follow an element, to the name of the first flow on the way to each that
    has one, after the question of its gateway; "" where none has.

    Gateways, events and the rules before a step are passed; so is the end of a frame or a call that
    has no name: the case goes on behind it.
    """
    elements, frames = definition.elements, frames_around(definition)
    steps: dict[str, str] = {}
    ways, passed = [(element, "")], set[str]()
    while ways:
        at, label = ways.pop(0)
        if at in passed:
            continue
        passed.add(at)
        for id_ in elements[at].outgoing if at in elements else ():
            flow = definition.flows.get(id_)
            target = elements.get(flow.target) if flow is not None else None
            if flow is None or target is None:
                continue
            words = label or _answer(elements[at], flow, lang)
            if is_step(target):
                steps.setdefault(target.id, words)
            else:
                ways.append((_behind(target, frames), words))
    return steps


def _answer(element: Element, flow: Flow, lang: str) -> str:
    """The name of a flow, after the question that its gateway asks."""
    answer = localized_name(flow.names, lang)
    question = localized_name(element.names, lang) if element.kind.endswith("Gateway") else ""
    return f"{question} {answer}" if question and answer else answer


def is_step(element: Element) -> bool:
    """Whether an element is a step that people know by a name."""
    return element.kind in STEPS and bool(element.names.get("sv"))


def _behind(element: Element, frames: Mapping[str, str]) -> str:
    """Where the way goes on from an element that is no step."""
    return frames.get(element.id, "") if element.kind == "endEvent" else element.id
