"""The demo's history of releases: what earlier ones lacked, and what is wrong with the draft.

Each is the shipped files with the changes that `demo.toml` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from service.actions.bundle import Bundle

NAMES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
}
REFERENCES = tuple(f"{{{NAMES['bpmn']}}}{name}" for name in ("incoming", "outgoing", "flowNodeRef"))
BELOW = 40
"""How far below its gateway the added flow runs."""
Tree = etree._Element  # noqa: SLF001  # lxml gives the type of its elements no other name


@dataclass(frozen=True, slots=True)
class Edition:
    """One release of the demo's past."""

    name: str
    days: int
    """How long before the seed it was published."""
    note: str
    bundle: Bundle


def editions(told: Mapping[str, Any], shipped: Bundle) -> list[Edition]:
    """The releases of the demo's past, oldest first.

    Args:
        told: what `demo.toml` says.
        shipped: the files as they are now.
    """
    return [Edition(row["name"], row["days"], row["note"], _changed(told, row["changes"], shipped)) for row in told["release"]]


def draft(told: Mapping[str, Any], shipped: Bundle) -> Mapping[str, bytes]:
    """The files of the owner's draft that differ from the shipped ones."""
    found = _changed(told, told["draft"]["changes"], shipped)
    return {name: content for name, content in found.files.items() if content != shipped.files.get(name)}


def _changed(told: Mapping[str, Any], names: Iterable[str], bundle: Bundle) -> Bundle:
    for name in names:
        bundle = _change(told["change"][name], bundle)
    return bundle


def _change(change: Mapping[str, Any], bundle: Bundle) -> Bundle:
    """One change: elements out, names, default flows, texts of a table, and flows in."""
    tree = etree.fromstring(bundle.files[change["file"]])
    _remove(tree, *change.get("remove", ()))
    for id_, flow in change.get("default", {}).items():
        _by_id(tree, id_).set("default", flow)
        for condition in _by_id(tree, flow).findall("bpmn:conditionExpression", NAMES):
            _drop(condition)
    for id_, words in change.get("name", {}).items():
        _rename(tree, id_, words)
    for id_, text in change.get("text", {}).items():
        _by_id(tree, id_)[0].text = text
    for flow in change.get("flow", ()):
        _connect(tree, flow)
    etree.indent(tree)
    bundle = bundle.with_file(change["file"], etree.tostring(tree, xml_declaration=True, encoding="UTF-8"))
    gone = {f"forms/{form}.form" for form in change.get("forms", ())}
    return Bundle({name: content for name, content in bundle.files.items() if name not in gone})


def _connect(tree: Tree, told: Mapping[str, str]) -> None:
    """Put a flow in, behind the one that it is told to follow, with its place in the drawing."""
    flow = etree.Element(f"{{{NAMES['bpmn']}}}sequenceFlow", id=told["id"], name=told["sv"], sourceRef=told["from"], targetRef=told["to"])
    properties = etree.SubElement(_child(flow, "bpmn:extensionElements"), f"{{{NAMES['zeebe']}}}properties")
    etree.SubElement(properties, f"{{{NAMES['zeebe']}}}property", name="name.en", value=told["en"])
    condition = _child(flow, "bpmn:conditionExpression")
    condition.set(f"{{{NAMES['xsi']}}}type", "bpmn:tFormalExpression")
    condition.text = told["condition"]
    _by_id(tree, told["after"]).addnext(flow)
    _refer(tree, told["from"], "outgoing", flow)
    _refer(tree, told["to"], "incoming", flow)
    _by_id(tree, f"{told['after']}_di").addnext(_drawn(tree, flow))


def _by_id(tree: Tree, id_: str) -> Tree:
    return next(element for element in tree.iter() if element.get("id") == id_)


def _child(parent: Tree, name: str) -> Tree:
    prefix, _, local = name.partition(":")
    return etree.SubElement(parent, f"{{{NAMES[prefix]}}}{local}")


def _drop(element: Tree) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _remove(tree: Tree, *ids: str) -> None:
    """Take elements out, with everything that names them and their place in the drawing."""
    for element in list(tree.iter()):
        named = element.text if element.tag in REFERENCES else None
        if {element.get("id"), element.get("bpmnElement"), named} & set(ids):
            _drop(element)


def _rename(tree: Tree, id_: str, words: Mapping[str, str]) -> None:
    element = _by_id(tree, id_)
    element.set("name", words["sv"])
    for name in element.findall(".//zeebe:property[@name='name.en']", NAMES):
        name.set("value", words["en"])


def _refer(tree: Tree, node: str, direction: str, flow: Tree) -> None:
    """Name a new flow in the node that it leaves or enters, behind those that are named there."""
    named = _by_id(tree, node).findall(f"bpmn:{direction}", NAMES)
    reference = etree.Element(f"{{{NAMES['bpmn']}}}{direction}")
    reference.text = flow.get("id")
    named[-1].addnext(reference)


def _drawn(tree: Tree, flow: Tree) -> Tree:
    """A new flow's line from the foot of its source to the foot of its target, below both."""
    (x1, y1), (x2, y2) = (_foot(tree, flow.get(end, "")) for end in ("sourceRef", "targetRef"))
    low = max(y1, y2) + BELOW
    edge = etree.Element(f"{{{NAMES['bpmndi']}}}BPMNEdge", id=f"{flow.get('id')}_di", bpmnElement=flow.get("id", ""))
    for x, y in ((x1, y1), (x1, low), (x2, low), (x2, y2)):
        etree.SubElement(edge, f"{{{NAMES['di']}}}waypoint", x=str(x), y=str(y))
    return edge


def _foot(tree: Tree, node: str) -> tuple[int, int]:
    shape = _by_id(tree, f"{node}_di").find("dc:Bounds", NAMES)
    x, y, width, height = (round(float(shape.get(key, "0") if shape is not None else "0")) for key in ("x", "y", "width", "height"))
    return x + width // 2, y + height
