"""Read the zeebe settings of a flow node and of a multi-instance marker."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from service.engine.bpmn.elements import BPMN, ZEEBE, extensions, feel
from service.engine.bpmn.model import Repeat

if TYPE_CHECKING:
    from lxml import etree


def settings_of(element: etree._Element) -> dict[str, Any]:
    """Fields of `Node` that the zeebe settings of an element give.

    `Any`, because each field has a type of its own.
    """
    fields: dict[str, Any] = {}
    for setting in extensions(element):
        read = _READERS.get(setting.tag[len(ZEEBE) :])
        if read is not None:
            fields |= read(setting)
    return fields


def _mapping(setting: etree._Element) -> dict[str, Any]:
    """The pairs (target, source) of an `ioMapping`, inputs and outputs."""
    return {
        field_: tuple(
            (pair.get("target", ""), pair.get("source", ""))
            for pair in setting.iterchildren(f"{ZEEBE}{name}")
        )
        for field_, name in (("inputs", "input"), ("outputs", "output"))
    }


_READERS: dict[str, Callable[[etree._Element], dict[str, Any]]] = {
    "taskDefinition": lambda e: {"topic": e.get("type", ""), "retries": e.get("retries", "")},
    "taskHeaders": lambda e: {
        "headers": {h.get("key", ""): h.get("value", "") for h in e.iterchildren(f"{ZEEBE}header")}
    },
    "ioMapping": _mapping,
    "formDefinition": lambda e: {"form": e.get("formId", "")},
    "assignmentDefinition": lambda e: {
        "groups": tuple(g.strip() for g in e.get("candidateGroups", "").split(",") if g.strip())
    },
    "taskSchedule": lambda e: {"due": e.get("dueDate", ""), "follow_up": e.get("followUpDate", "")},
    "priorityDefinition": lambda e: {"priority": e.get("priority", "")},
    "calledDecision": lambda e: {
        "decision": e.get("decisionId", ""),
        "result": e.get("resultVariable", ""),
    },
    "script": lambda e: {
        "script": feel(e.get("expression", "")),
        "result": e.get("resultVariable", ""),
    },
    "calledElement": lambda e: {"calls": e.get("processId", "")},
}


def repeat_of(loop: etree._Element) -> Repeat:
    """Read a multi-instance marker."""
    zeebe = next((e for e in extensions(loop) if e.tag == f"{ZEEBE}loopCharacteristics"), None)
    given = {} if zeebe is None else {str(k): str(v) for k, v in zeebe.attrib.items()}
    return Repeat(
        sequential=loop.get("isSequential") == "true",
        collection=feel(given.get("inputCollection", "")),
        item=given.get("inputElement", ""),
        into=given.get("outputCollection", ""),
        output=feel(given.get("outputElement", "")),
        until=feel(loop.findtext(f"{BPMN}completionCondition") or ""),
        count=(loop.findtext(f"{BPMN}loopCardinality") or "").strip(),
    )
