"""The demo's history of releases: what earlier ones lacked, and what is wrong with the draft. Each is made from the shipped files by named patches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
CASE = "workflows/return_case.bpmn"
DEADLINES = "workflows/deadlines.dmn"
REFERENCES = tuple(f"{{{NAMES['bpmn']}}}{name}" for name in ("incoming", "outgoing", "flowNodeRef"))
BELOW = 40
"""How far below its gateway the added flow runs."""
Patch = Callable[[Bundle], Bundle]
Tree = etree._Element  # noqa: SLF001  # lxml gives the type of its elements no other name


def without_reflection(bundle: Bundle) -> Bundle:
    """Who is not sure is not asked again: the case ends."""
    tree = _tree(bundle)
    _remove(tree, "Task_Reflection", "F_Gw_Interested_Task_Reflection", "F_Task_Reflection_Gw_Interested")
    _by_id(tree, "Gw_Interested").set("default", "F_Gw_Interested_End_NotInterested")
    _rename(tree, "F_Gw_Interested_End_NotInterested", "Nej eller vet inte", "No or not sure")
    for condition in _by_id(tree, "F_Gw_Interested_End_NotInterested").findall("bpmn:conditionExpression", NAMES):
        _drop(condition)
    return _without_form(_put(bundle, tree), "reflection")


def decided_in_five_days(bundle: Bundle) -> Bundle:
    """The approver has five working days instead of three."""
    root = etree.fromstring(bundle.files[DEADLINES])
    _by_id(root, "deadlines_rule_1_output_1")[0].text = '"P5D"'
    return bundle.with_file(DEADLINES, _bytes(root))


def without_second_review(bundle: Bundle) -> Bundle:
    """Nobody looks a second time at a high risk: another way is chosen."""
    tree = _tree(bundle)
    flows = ("F_Gw_RiskLevel_Task_SecondReview", "F_Task_SecondReview_Gw_Reviewed", "F_Gw_Reviewed_Call_HomeJourney", "F_Gw_Reviewed_Task_IdentifyRisks")
    _remove(tree, "Task_SecondReview", "Gw_Reviewed", *flows)
    _rename(tree, "F_Gw_RiskLevel_Task_ChooseWay", "Hög eller oacceptabel", "High or unacceptable")
    return _without_form(_put(bundle, tree), "second_review")


def past_the_signature(bundle: Bundle) -> Bundle:
    """The draft's one fault: a partner who asks for more time lets the case go on without a signed application."""
    tree = _tree(bundle)
    flow = etree.Element(
        f"{{{NAMES['bpmn']}}}sequenceFlow", id="F_Gw_GoOn_Task_AssessNeeds", name="Fortsätt", sourceRef="Gw_GoOn", targetRef="Task_AssessNeeds"
    )
    properties = etree.SubElement(_child(flow, "bpmn:extensionElements"), f"{{{NAMES['zeebe']}}}properties")
    etree.SubElement(properties, f"{{{NAMES['zeebe']}}}property", name="name.en", value="Go on")
    condition = _child(flow, "bpmn:conditionExpression")
    condition.set(f"{{{NAMES['xsi']}}}type", "bpmn:tFormalExpression")
    condition.text = '= goOn = "ASK_AGAIN"'
    _by_id(tree, "F_Gw_GoOn_Task_SignApplication").addnext(flow)
    _refer(tree, "Gw_GoOn", "outgoing", flow)
    _refer(tree, "Task_AssessNeeds", "incoming", flow)
    _draw(tree, flow)
    return _put(bundle, tree)


EDITIONS: Mapping[str, tuple[Patch, ...]] = {
    "v1": (without_reflection, decided_in_five_days, without_second_review),
    "v2": (without_reflection, decided_in_five_days),
    "v3": (),
}
NOTES: Mapping[str, str] = {
    "v1": "Den första utgåvan",
    "v2": "Hög risk granskas av en andra person",
    "v3": "Betänketid, och beslut inom tre arbetsdagar",
}


def edition(bundle: Bundle, name: str) -> Bundle:
    """The shipped files as they were in an earlier release."""
    for patch in EDITIONS[name]:
        bundle = patch(bundle)
    return bundle


def _tree(bundle: Bundle) -> Tree:
    return etree.fromstring(bundle.files[CASE])


def _put(bundle: Bundle, tree: Tree) -> Bundle:
    return bundle.with_file(CASE, _bytes(tree))


def _bytes(tree: Tree) -> bytes:
    etree.indent(tree)
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


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


def _rename(tree: Tree, id_: str, swedish: str, english: str) -> None:
    element = _by_id(tree, id_)
    element.set("name", swedish)
    for name in element.findall(".//zeebe:property[@name='name.en']", NAMES):
        name.set("value", english)


def _without_form(bundle: Bundle, form: str) -> Bundle:
    return Bundle({name: content for name, content in bundle.files.items() if name != f"forms/{form}.form"})


def _refer(tree: Tree, node: str, direction: str, flow: Tree) -> None:
    """Name a new flow in the node that it leaves or enters, behind those that are named there."""
    named = _by_id(tree, node).findall(f"bpmn:{direction}", NAMES)
    reference = etree.Element(f"{{{NAMES['bpmn']}}}{direction}")
    reference.text = flow.get("id")
    named[-1].addnext(reference)


def _draw(tree: Tree, flow: Tree) -> None:
    """Draw a new flow from the foot of its source to the foot of its target, below both."""
    (x1, y1), (x2, y2) = (_foot(tree, flow.get(end, "")) for end in ("sourceRef", "targetRef"))
    low = max(y1, y2) + BELOW
    edge = etree.Element(f"{{{NAMES['bpmndi']}}}BPMNEdge", id=f"{flow.get('id')}_di", bpmnElement=flow.get("id", ""))
    for x, y in ((x1, y1), (x1, low), (x2, low), (x2, y2)):
        etree.SubElement(edge, f"{{{NAMES['di']}}}waypoint", x=str(x), y=str(y))
    _by_id(tree, "F_Gw_GoOn_Task_SignApplication_di").addnext(edge)


def _foot(tree: Tree, node: str) -> tuple[int, int]:
    shape = _by_id(tree, f"{node}_di").find("dc:Bounds", NAMES)
    x, y, width, height = (round(float(shape.get(key, "0") if shape is not None else "0")) for key in ("x", "y", "width", "height"))
    return x + width // 2, y + height
