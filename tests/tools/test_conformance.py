"""The count of the kit reads cases of level 3: lists, contexts, required decisions, and others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools import conformance

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20180521/MODEL/" name="m" id="m">
  <itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>
  <itemDefinition name="tPerson">
    <itemComponent name="name"><typeRef>string</typeRef></itemComponent>
    <itemComponent name="ages"><typeRef>tNumbers</typeRef></itemComponent>
  </itemDefinition>
  <inputData name="A List" id="l"><variable name="A List" typeRef="tNumbers"/></inputData>
  <inputData name="person" id="p"><variable name="person" typeRef="tPerson"/></inputData>
  {decisions}
  <decision name="boxed" id="boxed"><variable name="boxed"/><context/></decision>
  <decision name="served" id="served"><variable name="served"/>
    <invocation><literalExpression><text>f</text></literalExpression></invocation></decision>
</definitions>"""


def decision(name: str, text: str, kind: str = "Any", requires: str = "") -> str:
    """A literal expression; ids and names differ, as they do in the kit."""
    needs = (
        f'<informationRequirement><requiredDecision href="#_{requires}"/></informationRequirement>'
        if requires
        else ""
    )
    return (
        f'<decision name="{name}" id="_{name}"><variable name="{name}" typeRef="{kind}"/>{needs}'
        f"<literalExpression><text>{text}</text></literalExpression></decision>"
    )


DECISIONS = (
    decision("total", "sum(A List)", "number"),
    decision("twice", "total * 2", "number", requires="total"),
    decision("ages", "for a in person.ages return a + 1", "tNumbers"),
    decision("changed", "{name: person.name, ages: [1]}", "tPerson"),
    decision("wrapped", "3", "tNumbers"),
    decision("first", "[person.name]", "string"),
    decision("wrong kind", "person.name", "number").replace("_wrong kind", "_w"),
    decision("power", "2 ** 3", "number"),
    decision("different", "1 + 1", "number"),
    decision("later", "at", "time"),
)

TESTS = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>0001-invented.dmn</modelName>
  <testCase id="1">
    <inputNode name="A List"><list>
      <item><value xsi:type="xsd:decimal">1.5</value></item>
      <item><value xsi:type="xsd:double">2E0</value></item>
    </list></inputNode>
    <inputNode name="person">
      <component name="name"><value xsi:type="xsd:string">Ann</value></component>
      <component name="ages"><list>
        <item><value xsi:type="xsd:decimal">1</value></item></list></component>
    </inputNode>
    {results}
  </testCase>
  <testCase id="2">
    <inputNode name="at"><value xsi:type="xsd:time">10:00:00@Europe/Paris</value></inputNode>
    <resultNode name="later" type="decision">
      <expected><value xsi:nil="true"/></expected></resultNode>
  </testCase>
  <testCase id="3" type="decisionService" invocableName="service">
    <resultNode name="service"><expected><value xsi:nil="true"/></expected></resultNode>
  </testCase>
</testCases>"""


def number(text: str) -> str:
    """A number of the kit."""
    return f'<value xsi:type="xsd:decimal">{text}</value>'


def result(name: str, inside: str) -> str:
    """An expected result."""
    return f'<resultNode name="{name}" type="decision"><expected>{inside}</expected></resultNode>'


RESULTS = (
    result("total", number("3.5")),
    result("twice", number("7")),
    result("ages", f"<list><item>{number('2')}</item></list>"),
    result(
        "changed",
        '<component name="name"><value xsi:type="xsd:string">Ann</value></component>'
        f'<component name="ages"><list><item>{number("1")}</item></list></component>',
    ),
    result("wrapped", f"<list><item>{number('3')}</item></list>"),
    result("first", '<value xsi:type="xsd:string">Ann</value>'),
    result("wrong kind", '<value xsi:nil="true"/>'),
    result("power", number("8")),
    result("boxed", number("8")),
    result("served", number("8")),
    result("different", number("3")),
)


@pytest.fixture
def level(tmp_path: Path) -> Path:
    """An invented folder in the shape of level 3."""
    folder = tmp_path / "compliance-level-3" / "0001-invented"
    folder.mkdir(parents=True)
    model = MODEL.format(decisions="".join(DECISIONS))
    (folder / "0001-invented.dmn").write_text(model, "utf-8")
    cases = TESTS.format(results="".join(RESULTS))
    (folder / "0001-invented-test-01.xml").write_text(cases, "utf-8")
    return folder.parent


def test_each_case_of_a_level_3_folder_has_its_verdict(level: Path) -> None:
    found = [(case.decision, case.verdict) for case in conformance.run(level)]
    assert found == [
        *((name, "pass") for name in ("total", "twice", "ages", "changed", "wrapped", "first")),
        ("wrong_kind", "pass"),
        ("power", "D904"),
        ("boxed", "R102"),
        ("served", "R102"),
        ("different", "differ"),
        ("later", "value"),
        ("", "R102"),
    ]


def test_models_of_the_first_dmn_are_read_too(level: Path) -> None:
    model = level / "0001-invented" / "0001-invented.dmn"
    old = model.read_text("utf-8").replace(
        "https://www.omg.org/spec/DMN/20180521/MODEL/",
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    )
    model.write_text(old.replace("<typeRef>number", "<typeRef>feel:number"), "utf-8")
    assert "| all | 13 | 7 | 1 D904, 3 R102, 1 value | 1 |" in conformance.table(
        conformance.run(level)
    )


def test_one_folder_may_be_named_and_the_table_counts_it(level: Path) -> None:
    table = conformance.table(conformance.run(level / "0001-invented"))
    assert "| all | 13 | 7 | 1 D904, 3 R102, 1 value | 1 |" in table


def test_the_command_prints_the_folders_that_are_named(
    level: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["conformance", str(level)])
    assert conformance.main() == 0
    printed = capsys.readouterr().out
    assert printed.startswith("`compliance-level-3`:")
    assert printed.endswith("differs: 0001-invented different\n")
