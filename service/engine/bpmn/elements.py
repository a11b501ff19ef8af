"""BPMN elements as XML: their names, small readers of one of them, and `XmlElements`, which gathers
all elements of a release once.

lxml makes an object for an element each time that it is come across: where a dozen rules look at
all of them, that is most of their work. So `XmlElements` holds every one, with what the rules ask
of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class ForeignParts:
    """What a BPMN element holds of other makers, and its attributes that are not those of BPMN."""

    file: str
    element: etree._Element
    settings: tuple[etree._Element, ...]
    """Extension elements but those of Camunda 8."""
    attributes: tuple[str, ...]
    """Names with a namespace, those of Camunda 8 among them."""


class XmlElements:
    """All elements of a release, in the order of its files.

    Attributes:
        drawn: every BPMN element with its file and kind.
        settings: every zeebe element with its file.
        foreign: the BPMN elements that hold something of others.
    """

    def __init__(self, trees: Mapping[str, etree._Element]) -> None:
        self.drawn = tuple(
            (file, element, local(element))
            for file, root in trees.items()
            for element in root.iter(f"{BPMN}*")
        )
        self.settings = tuple(
            (file, element) for file, root in trees.items() for element in root.iter(f"{ZEEBE}*")
        )
        self.foreign = tuple(self._foreign())
        self._hosts: dict[etree._Element, str] = {}

    def host(self, setting: etree._Element) -> str:
        """The kind of the BPMN element that carries a setting; `message` stands before events that
        have one.
        """
        around = setting.getparent()
        assert around is not None  # noqa: S101 - the root of a diagram is no setting
        if around not in self._hosts:
            self._hosts[around] = _host(setting)
        return self._hosts[around]

    def _foreign(self) -> Iterator[ForeignParts]:
        inside: dict[etree._Element, list[etree._Element]] = {}
        for _, holder, kind in self.drawn:
            owner = holder.getparent() if kind == "extensionElements" else None
            if owner is not None:
                strangers = [part for part in holder if not str(part.tag).startswith(ZEEBE)]
                inside.setdefault(owner, []).extend(strangers)
        for file, element, _ in self.drawn:
            attributes = tuple(str(name) for name in element.attrib if str(name)[0] == "{")
            settings = tuple(inside.get(element, ()))
            if settings or attributes:
                yield ForeignParts(file, element, settings, attributes)


def _host(setting: etree._Element) -> str:
    holders = (a for a in setting.iterancestors() if local(a) not in {"", "extensionElements"})
    holder = next(holders)  # at last `definitions`
    if holder.find(f"{BPMN}messageEventDefinition") is not None:
        return f"message {local(holder)}"
    return local(holder)
