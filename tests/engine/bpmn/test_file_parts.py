"""Whatever a file says stands under the element that says it; a drawing under what it draws."""

from __future__ import annotations

import pytest

from service.engine import file_parts
from service.errors import BadDiagram
from tests.support import diagrams as d
from tests.support.diagram_files import RULE

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="D"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">'
)


def test_parts_of_a_step_have_names() -> None:
    inner = d.ext('<zeebe:formDefinition formId="ask"/>' + d.props(stage="1"))
    content = d.diagram(d.start() + d.node("userTask", "a", inner, name="Ask") + d.end(), "s>a a>e")
    parts = file_parts(content, "a.bpmn").elements["a"]
    assert parts["kind"] == "userTask"
    assert parts["@name"] == "Ask"
    assert parts["formDefinition"] == "formId=ask"
    assert parts["property:stage"] == "1"


def test_an_event_is_a_part_of_its_step_whatever_its_id() -> None:
    timer = '<bpmn:timerEventDefinition id="{}"><bpmn:timeDuration>P2D</bpmn:timeDuration>'
    timer += "</bpmn:timerEventDefinition>"
    one, two = (
        file_parts(d.diagram(d.node("startEvent", "s", timer.format(id_)), ""), "a.bpmn").elements
        for id_ in ("T1", "T2")
    )
    assert one == two
    assert one["s"]["timerEventDefinition"] == "timeDuration(P2D)"


def test_a_drawing_stands_under_what_it_draws() -> None:
    shape = (
        '<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p"><bpmndi:BPMNShape bpmnElement="a">'
        '<dc:Bounds x="1" y="2"/></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    )
    found = file_parts(f"{HEAD}{shape}</bpmn:definitions>".encode(), "a.bpmn")
    assert found.drawing["a"] == "bpmnElement=a Bounds(x=1 y=2)"
    assert list(found.elements) == ["D"]


def test_rows_and_cells_of_a_rule_stand_for_themselves() -> None:
    found = file_parts(RULE, "pick.dmn").elements
    assert found["c1"] == {"kind": "inputEntry", "in": "r1", "text": '"YES"'}
    assert found["t"]["order"] == "i o r1 r2"


def test_an_id_that_is_there_twice_hides_nothing() -> None:
    note = '<bpmn:textAnnotation id="n"><bpmn:text>{}</bpmn:text></bpmn:textAnnotation>'
    content = f"{HEAD}{note.format('one')}{note.format('two')}</bpmn:definitions>"
    found = file_parts(content.encode(), "a.bpmn").elements
    assert [found["n"]["text"], found["n#2"]["text"]] == ["one", "two"]


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(BadDiagram):
        file_parts(b"<a>", "a.bpmn")
