"""The compatibility kit of DMN, level 2: what is inside our subset must give its answers.

Everything else must be refused, by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from service.engine.dmn.evaluator import decide
from service.engine.dmn.parser import SPACE
from service.engine.dmn.rule_files import read_rules
from service.engine.feel import Expression, FeelError
from service.engine.feel.literals import moment
from service.engine.feel.types import ANY
from tests.support.machine import CORPORA, corpus

KIT = CORPORA / "dmn-tck/TestCases/compliance-level-2"
TEST = "{http://www.omg.org/spec/DMN/20160719/testcase}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
SPACES = re.compile(rb"https?://www\.omg\.org/spec/DMN/20\d+/(?:MODEL/|dmn\.xsd)")
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
NUMERALS = {"decimal", "double", "float", "int", "integer", "long"}
POLICIES = (
    "0004",
    "0005",
    "0006",
    "0007",
    "0010",
    "0108",
    "0109",
    "0111",
    "0112",
    "0114",
    "0115",
    "0116",
    "0117",
    "0118",
)
"""Folders of decision tables that run here as they are."""
REFUSED = {"0110": "R206", "0113": "R206", "0119": "R205"}
"""Output order does not run here; a list has one output only."""


@pytest.fixture(autouse=True)
def kit() -> Path:
    return corpus("dmn-tck/TestCases/compliance-level-2")


def read(folder: Path) -> etree._Element:
    """The first model of a folder."""
    return read_model(next(folder.glob("*.dmn")))


def read_model(file: Path) -> etree._Element:
    """The model in our name space, with names that FEEL can read: blanks and signs become
    underscores, in texts as well.
    """
    root = etree.fromstring(SPACES.sub(SPACE.encode(), file.read_bytes()))
    _strip_prefixes(root)
    for decision in root.iter(
        f"{{{SPACE}}}decision"
    ):  # a result is read by its id here, in the kit by its name
        known, named = decision.get("id", ""), joined(decision.get("name", ""))
        for element in root.iter(f"{{{SPACE}}}requiredDecision"):
            if element.get("href") == f"#{known}":
                element.set("href", f"#{named}")
        decision.set("id", named)
    names = sorted(
        {
            element.get("name", "")
            for element in root.iter("*")
            if re.search(r"\W", element.get("name", ""))
        },
        key=len,
    )
    for text in root.iter(f"{{{SPACE}}}text"):
        for name in reversed(names):
            text.text = (text.text or "").replace(name, joined(name))
    return root


def _strip_prefixes(root: etree._Element) -> None:
    """Types without a prefix: older models write feel:string."""
    for element in root.iter(etree.Element):
        if "typeRef" in element.attrib:
            element.set("typeRef", element.get("typeRef", "").rpartition(":")[2])
        if element.tag == f"{{{SPACE}}}typeRef":
            element.text = (element.text or "").rpartition(":")[2]


def joined(name: str) -> str:
    return re.sub(r"\W", "_", name)


class Unreadable(Exception):
    """A value of the kit that FEEL here cannot have, such as a time in a named zone."""


def value(node: etree._Element) -> Any:
    """A value of the kit: a context of components, a list of items, or one of XML Schema's.

    Raises:
        Unreadable: it has no counterpart here.
    """
    if components := node.findall(f"{TEST}component"):
        return {joined(part.get("name", "")): value(part) for part in components}
    if (listed := node.find(f"{TEST}list")) is not None:
        if listed.get(NIL) == "true":
            return None
        return [value(item) for item in listed.findall(f"{TEST}item")]
    found = node.find(f"{TEST}value")
    text = (found.text or "") if found is not None else None
    if found is None or text is None or found.get(NIL) == "true":
        return None
    kind = found.get(TYPE, "xsd:string").rpartition(":")[2]
    if kind in {"boolean", "string"}:
        return text == "true" if kind == "boolean" else text
    number = Decimal(text) if kind in NUMERALS else None
    read = moment(text) if number is None else number if number.is_finite() else None
    if read is None:
        raise Unreadable(text)
    return read


def cases(folder: Path) -> Iterator[tuple[dict[str, Any], str, Any]]:
    for file in sorted(folder.glob("*-test-*.xml")):
        for case in etree.fromstring(file.read_bytes()).iter(f"{TEST}testCase"):
            inputs = {
                joined(node.get("name", "")): value(node)
                for node in case.findall(f"{TEST}inputNode")
            }
            for result in case.findall(f"{TEST}resultNode"):
                expected = result.find(f"{TEST}expected")
                assert expected is not None
                yield inputs, joined(result.get("name", "")), value(expected)


def folder(number: str) -> Path:
    return next(KIT.glob(f"{number}-*"))


def same(found: Any, expected: Any) -> bool:
    """Equal, numbers up to what the kit prints; a field of a context is named as its output is."""
    if isinstance(found, Decimal) and isinstance(expected, Decimal):
        return abs(found - expected) < Decimal("0.00000001")
    if isinstance(found, dict) and isinstance(expected, dict):
        mine = {joined(key): one for key, one in found.items()}
        return mine.keys() == expected.keys() and all(
            same(mine[key], expected[key]) for key in mine
        )
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(
            same(one, other) for one, other in zip(found, expected, strict=True)
        )
    return bool(found == expected)


@pytest.mark.parametrize("number", POLICIES)
def test_the_tables_of_the_kit_give_its_answers(number: str) -> None:
    root, told = read(folder(number)), list(cases(folder(number)))
    names = {name: ANY for inputs, _, _ in told for name in inputs}
    decisions, findings = read_rules({"kit.dmn": etree.tostring(root, encoding="utf-8")}, names)
    assert [found.message for found in findings if found.severity == "E"] == []
    assert told
    for inputs, decision, expected in told:
        assert same(decide(decisions, decision, inputs).value, expected), (
            inputs,
            decision,
            expected,
        )


@pytest.mark.parametrize(("number", "code"), REFUSED.items())
def test_tables_outside_our_subset_are_refused_by_name(number: str, code: str) -> None:
    _, findings = read_rules(
        {"kit.dmn": etree.tostring(read(folder(number)), encoding="utf-8")},
        {"Age": ANY, "RiskCategory": ANY, "isAffordable": ANY},
    )
    assert code in {found.code for found in findings if found.severity == "E"}


def test_every_accepted_expression_of_the_kit_gives_its_answer() -> None:
    right, refused, wrong = 0, [], []
    for one in sorted(KIT.iterdir()):
        root = read(one)
        texts = {
            decision.get("id", ""): literal.findtext(f"{{{SPACE}}}text") or ""
            for decision in root.iter(f"{{{SPACE}}}decision")
            if (literal := decision.find(f"{{{SPACE}}}literalExpression")) is not None
        }
        for inputs, decision, expected in cases(one):
            if decision not in texts:
                continue
            try:
                found = Expression(texts[decision].strip(), list(inputs)).evaluate(inputs)
            except FeelError as error:
                refused.append((one.name, decision, error.code))
                continue
            right += same(found, expected)
            if not same(found, expected):
                wrong.append((one.name, decision, texts[decision], found, expected))
    assert wrong == []
    assert right >= len(refused)
