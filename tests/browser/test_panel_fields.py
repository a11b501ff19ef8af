"""The panel has a field for every setting that the engine reads, in a page without a server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from lxml import etree
from playwright.sync_api import Browser, Page

from service.engine.bpmn.zeebe_dialect import HOSTS, ZEEBE_ATTRIBUTES
from service.engine.lint.rules_properties import is_known
from tests.browser.conftest import ROOT
from tests.support.waiting import PROGRAM

FRONTEND = ROOT / "service" / "web" / "frontend"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
MULTI = "multiInstanceLoopCharacteristics"
NOT_WRITTEN = {
    ("formDefinition", "formKey"): "refused, D604",
    ("formDefinition", "externalReference"): "refused, D604",
    ("assignmentDefinition", "assignee"): "refused, D605",
    ("assignmentDefinition", "candidateUsers"): "refused, D605",
    ("calledElement", "propagateAllChildVariables"): "does nothing, D352",
    ("calledElement", "propagateAllParentVariables"): "does nothing, D352",
    ("script", "expression"): "no script is drawn here, D320",
    ("script", "resultVariable"): "no script is drawn here, D320",
    **{(part, "bindingType"): "refused, D607" for part in ZEEBE_ATTRIBUTES},
    **{(part, "versionTag"): "refused, D607" for part in ZEEBE_ATTRIBUTES},
    ("userTaskForm", "id"): "refused, D604",
}
"""Settings that the linter reads and that nobody should write."""
PROPERTIES = (
    "allowed_when",
    "days",
    "milestone",
    "missed",
    "name.en",
    "not_same_person_as",
    "plain.en",
    "plain.sv",
    "priority",
    "roles",
    "sentence.en",
    "sentence.sv",
    "stage",
    "station",
    "var.probe",
    "zone",
)
"""Properties that mean something to the engine. `seen` is written when warnings are seen, and
promises have a page of their own."""
EVENTS = {
    "timer": "<bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle>"
    "</bpmn:timerEventDefinition>",
    "message": "<bpmn:messageEventDefinition/>",
    "error": "<bpmn:errorEventDefinition/>",
    "escalation": "<bpmn:escalationEventDefinition/>",
}
KINDS = [
    *("userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask"),
    *("callActivity", "subProcess", "startEvent"),
]


def drawing() -> str:
    """One element of each kind, and one event of each kind, each with its shape."""
    nodes = [(kind, f"<bpmn:{kind} id='n_{kind}'/>") for kind in KINDS]
    for what, inner in EVENTS.items():
        kind = "endEvent" if what in {"error", "escalation"} else "intermediateCatchEvent"
        nodes.append((what, f"<bpmn:{kind} id='n_{what}'>{inner}</bpmn:{kind}>"))
    thrown = "bpmn:intermediateThrowEvent"
    nodes.append(("thrown", f"<{thrown} id='n_thrown'>{EVENTS['message']}</{thrown}>"))
    shapes = "".join(
        f"<di:BPMNShape id='s_{name}' bpmnElement='n_{name}'>"
        f"<dc:Bounds x='{150 * at}' y='0' width='100' height='80'/></di:BPMNShape>"
        for at, (name, _) in enumerate(nodes)
    )
    return (
        f"<bpmn:definitions xmlns:bpmn='{BPMN}' xmlns:zeebe='http://camunda.org/schema/zeebe/1.0'"
        " xmlns:di='http://www.omg.org/spec/BPMN/20100524/DI'"
        " xmlns:dc='http://www.omg.org/spec/DD/20100524/DC' targetNamespace='t'>"
        f"<bpmn:process id='p'>{''.join(xml for _, xml in nodes)}</bpmn:process>"
        f"<di:BPMNDiagram><di:BPMNPlane bpmnElement='p'>{shapes}</di:BPMNPlane></di:BPMNDiagram>"
        "</bpmn:definitions>"
    )


@pytest.fixture(scope="module")
def blank(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """An empty page with the fields of the panel."""
    script = tmp_path_factory.mktemp("script") / "fields.js"
    bundler = str(FRONTEND / "node_modules" / ".bin" / "esbuild")
    options = ["--bundle", "--format=iife", f"--outfile={script}", "--log-level=warning"]
    subprocess.run(
        [bundler, "test/pages/fields.js", *options], cwd=FRONTEND, check=True, timeout=PROGRAM
    )
    page = chromium.new_page()
    page.add_script_tag(path=script)
    yield page
    page.close()


def test_what_other_programs_wrote_survives_each_field(blank: Page) -> None:
    others = (
        "<bpmn:extensionElements><acme:plan size='3'><acme:item>seven</acme:item></acme:plan>"
        "<zeebe:properties><zeebe:property name='theirs' value='kept'/></zeebe:properties>"
        "</bpmn:extensionElements>"
    )
    given = drawing().replace("<bpmn:definitions", "<bpmn:definitions xmlns:acme='http://acme'", 1)
    for kind in ("userTask", "serviceTask", "callActivity"):
        given = given.replace(
            f"<bpmn:{kind} id='n_{kind}'/>",
            f"<bpmn:{kind} id='n_{kind}' acme:colour='red'>{others}</bpmn:{kind}>",
        )
    saved = blank.evaluate("xml => window.fields(xml)", given)["saved"]
    for part in ('acme:colour="red"', 'size="3"', "<acme:item>seven<", 'value="kept"'):
        assert saved.count(part) == 3, part


def test_every_setting_of_the_dialect_can_be_written(blank: Page) -> None:
    found = blank.evaluate("xml => window.fields(xml)", drawing())
    assert found["faults"] == []
    written = etree.fromstring(found["saved"].encode())
    settings = {
        (etree.QName(element).localname, name)
        for element in written.iter(f"{ZEEBE}*")
        for name in element.attrib
    }
    wanted = {
        (setting, name)
        for setting, names in ZEEBE_ATTRIBUTES.items()
        if setting in HOSTS or setting in {"input", "output", "property", "header"}
        for name in names
    }
    allowed = NOT_WRITTEN.keys() - {("versionTag", "value")}
    assert sorted(wanted - settings - allowed) == []
    properties = {one.get("name") for one in written.iter(f"{ZEEBE}property")}
    assert sorted(set(PROPERTIES) - properties) == []
    assert [name for name in PROPERTIES if not is_known(name)] == []
    parts = {etree.QName(element).localname for element in written.iter(f"{{{BPMN}}}*")}
    assert {MULTI, "completionCondition", "documentation", "timeCycle", "error"} <= parts
    codes = [e.attrib for e in written.iter(f"{{{BPMN}}}error", f"{{{BPMN}}}escalation")]
    assert sorted(str(n) for one in codes for n in one if str(n).endswith("Code")) == [
        "errorCode",
        "escalationCode",
    ]
