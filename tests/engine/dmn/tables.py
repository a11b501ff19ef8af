"""Small decision tables for tests, written as text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from service.engine.dmn.evaluator import Decided, Decision, decide
from service.engine.dmn.parser import SPACE
from service.engine.dmn.rule_files import read_rules
from service.engine.feel.types import ANY, Type
from service.errors import Finding

Column = tuple[str, str, str]
"""Expression or name, type, allowed values."""

AGE: Column = ("age", "number", "")
RISK: Column = ("risk", "string", '"LOW", "HIGH"')
FLAG: Column = ("flag", "boolean", "")
OUT: Column = ("out", "string", "")
NAMES = {
    "age": Type("number"),
    "risk": Type("string", ("LOW", "HIGH")),
    "flag": Type("boolean"),
    "free": ANY,
    "word": Type("string"),
}
D = Decimal


def table(
    rows: Sequence[str],
    *,
    inputs: Sequence[Column] = (AGE,),
    outputs: Sequence[Column] = (OUT,),
    policy: str = "UNIQUE",
    aggregation: str = "",
    default: str = "",
    id: str = "rule",
    requires: Sequence[str] = (),
    gives: str = "",
) -> str:
    """A decision; a row is cells and results, divided by `|`; `gives` is its declared type."""

    def values(tag: str, text: str) -> str:
        return f"<{tag}><text>{escape(text)}</text></{tag}>" if text else ""

    heads = [
        f"<input><inputExpression typeRef={quoteattr(kind)}><text>{escape(text)}</text>"
        f"</inputExpression>{values('inputValues', allowed)}</input>"
        for text, kind, allowed in inputs
    ]
    heads += [
        f"<output name={quoteattr(name)} typeRef={quoteattr(kind)}>"
        f"{values('outputValues', allowed)}{values('defaultOutputEntry', default)}</output>"
        for name, kind, allowed in outputs
    ]
    needs = "".join(
        f'<informationRequirement><requiredDecision href="#{id_}"/></informationRequirement>'
        for id_ in requires
    )
    how = f' aggregation="{aggregation}"' if aggregation else ""
    content = "".join((*heads, *(_rule(row, len(inputs)) for row in rows)))
    variable = f'<variable name="{id}" typeRef="{gives}"/>' if gives else ""
    head = f'<decision id="{id}" name="{id}">{variable}{needs}'
    head += f'<decisionTable hitPolicy="{policy}"{how}>'
    return f"{head}{content}</decisionTable></decision>"


def _rule(row: str, inputs: int) -> str:
    """A row of a table: so many of its cells are inputs."""
    cells = [escape(cell.strip()) for cell in row.split("|")]
    tests = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells[:inputs])
    results = "".join(f"<outputEntry><text>{cell}</text></outputEntry>" for cell in cells[inputs:])
    return f"<rule><description>a note</description>{tests}{results}</rule>"


def file(*decisions: str, space: str = SPACE) -> bytes:
    content = "".join(decisions)
    head = f'<definitions xmlns="{space}" id="d" name="d" namespace="n">'
    return f"{head}{content}</definitions>".encode()


def read(*decisions: str) -> tuple[dict[str, Decision], list[Finding]]:
    return read_rules({"a.dmn": file(*decisions)}, NAMES)


def ready(*decisions: str) -> dict[str, Decision]:
    found, findings = read(*decisions)
    assert [one.message for one in findings if one.severity == "E"] == []
    return found


def ask(drawn: str, **values: Any) -> Decided:
    return decide(
        ready(drawn),
        "rule",
        {name: D(value) if type(value) is int else value for name, value in values.items()},
    )


def codes(*decisions: str) -> list[str]:
    return [str(one.facts.get("sentence", one.code)) for one in read(*decisions)[1]]
