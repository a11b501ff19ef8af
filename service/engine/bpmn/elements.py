"""Names of BPMN elements, and the small readers of one XML element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"

EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "scriptTask",
        "callActivity",
    }
)
SUBS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
GATEWAYS = frozenset(
    {
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
    }
)
FLOW_NODES = EVENTS | TASKS | SUBS | GATEWAYS


def local(element: etree._Element) -> str:
    """The name of a BPMN element without its namespace; empty for elements of others."""
    return element.tag[len(BPMN) :] if element.tag.startswith(BPMN) else ""


def is_part(element: etree._Element) -> bool:
    """Whether an element is a part of a drawn one: an event definition, a loop marker, a setting.

    It may have an id, which the picture does not show.
    """
    name = local(element)
    return not name or name.endswith(("EventDefinition", "LoopCharacteristics", "Expression"))


def line_of(element: etree._Element) -> int:
    """Where the element begins in its file, from 1; 0 when it is not known."""
    return cast("int | None", element.sourceline) or 0


def extensions(element: etree._Element) -> Iterator[etree._Element]:
    """The zeebe elements directly under `extensionElements`."""
    for holder in element.iterchildren(f"{BPMN}extensionElements"):
        for child in holder:
            if child.tag.startswith(ZEEBE):
                yield child


def feel(text: str) -> str:
    """FEEL without the sign that Camunda puts in front of it."""
    return text.strip().removeprefix("=").strip()


def properties(element: etree._Element) -> dict[str, str]:
    """The `zeebe:property` pairs of an element."""
    return {
        pair.get("name", ""): pair.get("value", "")
        for holder in extensions(element)
        if holder.tag == f"{ZEEBE}properties"
        for pair in holder.iterchildren(f"{ZEEBE}property")
    }
