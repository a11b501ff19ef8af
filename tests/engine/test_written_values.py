"""Values that FEEL gives to variables: of the declared type and not too large, or the case stops
with a sentence, whatever kind of step writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest

from service.engine.feel.types import DATE, NUMBER, STRING
from service.engine.types import Json, Start
from service.errors import EngineStopped
from tests.engine.lint.cases_activities import script
from tests.engine.walks import TYPES, Walk, definition
from tests.support.diagrams import (
    diagram,
    each,
    end,
    ext,
    mapping,
    node,
    nodes,
    rule,
    start,
    sub,
    xor,
)

KINDS = {**TYPES, "day": DATE, "low": STRING}
LONG = 'string join(for i in 1..900 return "abcdefghij", "")'
WAYS: list[Callable[[str, str], str]] = [
    lambda text, name: script("k", escape(text, {'"': "&quot;"}), name),
    lambda text, name: node("userTask", "k", ext(mapping({name: text}))),
]
RULE = """
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
  <decision id="size" name="Size">
    <decisionTable id="t" hitPolicy="FIRST">
      <input id="i">
        <inputExpression id="x" typeRef="number"><text>n</text></inputExpression>
      </input>
      <output id="o" name="size"/>
      <rule id="r1">
        <inputEntry id="a1"><text></text></inputEntry>
        <outputEntry id="b1"><text>{text}</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""


def run(body: str, way: str, given: dict[str, Json]) -> tuple[str, str, str] | None:
    """Walk to the end; how the case stopped, if it did."""
    drawn = definition(diagram(start() + body + end(), way), types=KINDS)
    try:
        walk = Walk(drawn, Start(given))
        while walk.open():
            walk.do(walk.open()[0])
    except EngineStopped as stop:
        return stop.kind, stop.element, stop.detail
    return None


@pytest.mark.parametrize("way", WAYS, ids=["script", "mapping"])
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("= list[1]", "n"),
        (f"= {LONG}", "text"),
        ("= for i in 1..1000 return i", "out"),
        ('= date("0001-01-01")', "day"),
        ("= 5", "day"),
    ],
)
def test_a_value_that_a_variable_cannot_hold_stops_there(
    way: Callable[[str, str], str], text: str, name: str
) -> None:
    stop = run(way(text, name), "s>k k>e", {"list": ["ten"]})
    large = f"{name} gets a value of another type, or a value that is too large"
    assert stop == ("expression", "k", large)


@pytest.mark.parametrize("way", WAYS, ids=["script", "mapping"])
def test_a_large_number_is_kept_as_a_number(way: Callable[[str, str], str]) -> None:
    body = way("= 9223372036854775807 * 4", "n") + xor() + nodes("userTask", "a") + end("e2")
    drawn = definition(
        diagram(start() + body + end(), "s>k k>x x>a[n > 36893488147419103227] x>e2* a>e")
    )
    walk = Walk(drawn)
    if walk.open() == ["k"]:
        walk.do("k")
    assert walk.open() == ["a"]


def test_an_output_element_that_is_too_large_stops_there() -> None:
    body = node("userTask", "q", each("list", "x", "out", LONG))
    assert run(body, "s>q q>e", {"list": [1, 2]}) == (
        "expression",
        "q",
        "a value that is too large",
    )


def test_results_of_a_repetition_fit_their_variable() -> None:
    body = node("userTask", "q", each("list", "x", "n", "x"))
    stop = run(body, "s>q q>e", {"list": [1]})
    assert stop is not None
    assert stop[:2] == ("expression", "q")


def test_items_that_a_repetition_makes_fit_their_variable() -> None:
    inside = start("is") + nodes("userTask", "a") + end("ie")
    body = sub("q", inside, "is>a a>ie", head=each("list", "n"))
    stop = run(body, "s>q q>e", {"list": ["ten"]})
    assert stop is not None
    assert stop[:2] == ("expression", "q")


def test_a_result_of_a_rule_fits_its_variable() -> None:
    drawn = definition(
        diagram(start() + rule("r", "size", "n") + nodes("userTask", "a") + end(), "s>r r>a a>e"),
        types={**KINDS, "n": NUMBER},
        rules={"size.dmn": RULE.format(text='"ten"').encode()},
    )
    with pytest.raises(EngineStopped) as stop:
        Walk(drawn, Start({"n": 1}))
    assert (stop.value.kind, stop.value.element) == ("expression", "r")
