"""New files of a draft from nothing: an empty decision table, an empty diagram."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from service.release.bundle import Bundle

ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""The id of a rule or process, which is the name of its file."""
POLICIES: Final = ("UNIQUE", "FIRST", "COLLECT")
"""How a new table answers: the one row that fits, the first, or all."""
RULE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="Definitions_{id}" name={name}
  namespace="https://tresteg.example/workflows">
  <decision id="{id}" name={name}>
    <variable id="{id}_variable" name="{id}"/>
    <decisionTable id="{id}_table" hitPolicy="{policy}">
      <input id="{id}_input_1">
        <inputExpression id="{id}_input_1_expression" typeRef="string">
          <text></text>
        </inputExpression>
      </input>
      <output id="{id}_output_1" name="result" typeRef="string"/>
    </decisionTable>
  </decision>
</definitions>
"""
DIAGRAM: Final = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  id="Definitions_{id}" targetNamespace="https://tresteg.example/workflows">
  <bpmn:process id="{id}" name={name} isExecutable="true">
    <bpmn:extensionElements>
      <zeebe:properties>
        <zeebe:property name="name.en" value={name_en}/>
      </zeebe:properties>
    </bpmn:extensionElements>
    <bpmn:startEvent id="Start_{id}">
      <bpmn:outgoing>F_{id}_1</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:endEvent id="End_{id}">
      <bpmn:incoming>F_{id}_1</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="F_{id}_1" sourceRef="Start_{id}" targetRef="End_{id}"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_{id}">
    <bpmndi:BPMNPlane id="Plane_{id}" bpmnElement="{id}">
      <bpmndi:BPMNShape id="Start_{id}_di" bpmnElement="Start_{id}">
        <dc:Bounds x="160" y="100" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="End_{id}_di" bpmnElement="End_{id}">
        <dc:Bounds x="420" y="100" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="F_{id}_1_di" bpmnElement="F_{id}_1">
        <di:waypoint x="196" y="118"/>
        <di:waypoint x="420" y="118"/>
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def empty_rule(
    bundle: Bundle, typed: Mapping[str, str]
) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """An empty decision table, or what is wrong with what was typed.

    Args:
        typed: `name`, `id` and `policy`.
    Returns:
        The new file by its name, and faults: name of a field to the end of a sentence's key.
    """
    id_, name, faults = _named(bundle, typed, ".dmn")
    policy = typed.get("policy", POLICIES[0])
    if policy not in POLICIES:
        faults["policy"] = "fault_policy"
    if faults:
        return {}, faults
    text = RULE.format(id=escape(id_), name=quoteattr(name), policy=policy)
    return {f"workflows/{id_}.dmn": text.encode()}, {}


def empty_diagram(
    bundle: Bundle, typed: Mapping[str, str]
) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """An empty diagram, or what is wrong with what was typed.

    Args:
        typed: `name`, `name_en` and `id`.
    Returns:
        The new file by its name, and faults: name of a field to the end of a sentence's key.
    """
    id_, name, faults = _named(bundle, typed, ".bpmn")
    if faults:
        return {}, faults
    english = typed.get("name_en", "").strip() or name
    text = DIAGRAM.format(id=escape(id_), name=quoteattr(name), name_en=quoteattr(english))
    return {f"workflows/{id_}.bpmn": text.encode()}, {}


def _named(
    bundle: Bundle, typed: Mapping[str, str], ending: str
) -> tuple[str, str, dict[str, str]]:
    """Id and name of a new file; the id is made of the name where none was typed."""
    name = typed.get("name", "").strip()
    id_ = typed.get("id", "").strip()
    plain = name.lower().translate(str.maketrans("åäöé", "aaoe"))
    id_ = id_ or re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40]
    faults = {} if name else {"name": "fault_name"}
    if name and not ID.fullmatch(id_):
        faults["id"] = "fault_id"
    elif f"workflows/{id_}{ending}" in bundle.files:
        faults["id"] = "fault_taken"
    return id_, name, faults
