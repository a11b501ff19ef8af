"""Which conditions of a gateway can be true together, and when that cannot be known."""

from __future__ import annotations

import pytest

from service.engine.bpmn.parser import read_trees
from service.engine.lint.analysis.gateway_outcomes import true_together, ways_taken
from service.engine.lint.context import build_context
from service.engine.types import Files
from tests.support.diagram_files import RULE, release
from tests.support.diagrams import diagram, each, end, node, rule, start, sub, task

TEN = "[" + ",".join("0123456789") + "]"
HEAVY = "".join(f"every {name} in {TEN} satisfies " for name in "uvwxy") + "safe"
"""A hundred thousand looks."""


def _sets(files: Files) -> tuple[list[frozenset[str]] | None, list[frozenset[str]] | None]:
    context = build_context(files, read_trees(files))
    view, node = next((view, node) for view, node in context.nodes() if node.id == "x")
    return true_together(context, view, node), ways_taken(context, view, node)


def _asked(*conditions: str, default: str = "*", rules: bytes = RULE) -> Files:
    ways = " ".join(
        f"x>e{n}[{condition.replace(']', '}')}]" for n, condition in enumerate(conditions)
    )
    body = (
        start()
        + task("a", "ask")
        + rule("r")
        + node("inclusiveGateway", "x")
        + "".join(end(f"e{n}") for n in range(len(conditions)))
        + end()
    )
    return release(
        diagram(body, f"s>a a>r r>x {ways} x>e{default}").replace(b"}", b"]"),
        rules={"pick.dmn": rules},
    )


def _names(sets: list[frozenset[str]] | None) -> set[str] | None:
    return (
        None
        if sets is None
        else {"+".join(sorted(flow.removeprefix("x_") for flow in way)) for way in sets}
    )


@pytest.mark.parametrize(
    ("conditions", "together"),
    [
        (['answer = "YES"', 'answer = "NO"'], {"", "e0", "e1"}),
        (['answer = "YES"', "safe"], {"", "e0", "e1", "e0+e1"}),
        (["safe", "not(safe)"], {"", "e0", "e1"}),
        (['answer in ("YES", "NO")'], {"", "e0"}),
        ([HEAVY], {""}),
    ],
)
def test_conditions_over_few_values_are_tried_with_all_of_them(
    conditions: list[str], together: set[str]
) -> None:
    assert _names(_sets(_asked(*conditions))[0]) == together


@pytest.mark.parametrize(
    "conditions",
    [["sent > 3"], ["day < today()"], ["safe", "today() > day"], ["safe and"], ['free = "x"']],
)
def test_conditions_over_many_values_or_times_cannot_be_listed(conditions: list[str]) -> None:
    assert _sets(_asked(*conditions)) == (None, None)


def test_where_no_condition_is_true_the_default_is_taken() -> None:
    assert _names(_sets(_asked('answer = "YES"'))[1]) == {"e0", "e"}
    assert _names(_sets(_asked('answer = "YES"', default=""))[1]) == {"e0"}


def test_fields_of_a_rules_result_are_listed_when_values_are_few() -> None:
    output = (
        b'<output id="o2" name="days" typeRef="number"/>'
        b'<output id="o3" name="level" typeRef="string"/><rule id="r1">'
    )
    more = (
        b'<outputEntry id="x"><text>1</text></outputEntry>'
        b'<outputEntry id="y"><text>"L"</text></outputEntry></rule>'
    )
    several = RULE.replace(b'<rule id="r1">', output).replace(b"</rule>", more)
    assert _names(_sets(_asked('picked.picked = "A"', 'picked.level = "L"', rules=several))[0]) == {
        "",
        "e0",
        "e1",
        "e0+e1",
    }
    assert _sets(_asked('picked.picked = "A"', "picked.days > 3", rules=several)) == (None, None)
    assert _sets(_asked("picked != null", rules=several)) == (None, None)


def test_the_item_of_a_repetition_can_be_anything() -> None:
    inner = start("s1") + node("inclusiveGateway", "x") + end("e0") + end("e1")
    body = (
        start()
        + task("b", "people")
        + sub("a", inner, "s1>x x>e0[person = 1] x>e1", head=each())
        + end()
    )
    assert _sets(release(diagram(body, "s>b b>a a>e"))) == (None, None)
