"""Business rules inside a turn: decided at once, and the rows that fired are named."""

from __future__ import annotations

import pytest

from service.engine.feel.types import NUMBER
from service.engine.types import Start
from service.errors import EngineStopped
from tests.engine.walks import TYPES, Walk, definition
from tests.support.diagrams import diagram, end, nodes, rule, start

TABLE = """
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
  <decision id="size" name="Size">
    <decisionTable id="t" hitPolicy="{policy}">
      <input id="i">
        <inputExpression id="x" typeRef="number"><text>n</text></inputExpression>
      </input>
      <output id="o" name="size" typeRef="string"/>
      <rule id="r1">
        <inputEntry id="a1"><text>&lt; 3</text></inputEntry>
        <outputEntry id="b1"><text>"small"</text></outputEntry>
      </rule>
      <rule id="r2">
        <inputEntry id="a2"><text>&lt; 9</text></inputEntry>
        <outputEntry id="b2"><text>"large"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""


def ruled(policy: str, n: int) -> Walk:
    decided = rule("r", "size", "text")
    data = diagram(
        start() + decided + nodes("userTask", "a") + end(),
        "s>r r>a a>e",
    )
    drawn = definition(
        data, types={**TYPES, "n": NUMBER}, rules={"size.dmn": TABLE.format(policy=policy).encode()}
    )
    return Walk(drawn, Start({"n": n}))


def test_a_rule_writes_its_result_and_names_the_rows() -> None:
    walk = ruled("FIRST", 5)
    assert walk.turn.variables == {"n": 5, "text": "large"}
    assert walk.turn.decided == (("r", "size", (2,)),)
    assert walk.steps_of("decided") == [("r", ("size", 2))]
    assert walk.steps_of("set")[-1] == ("r", ("text",))


def test_no_row_that_fits_gives_an_empty_value() -> None:
    assert ruled("FIRST", 50).turn.variables["text"] is None


def test_two_rows_where_one_may_fit_stop_the_case_at_the_task() -> None:
    with pytest.raises(EngineStopped) as stopped:
        ruled("UNIQUE", 1)
    assert (stopped.value.kind, stopped.value.element) == ("rule_unique", "r")
