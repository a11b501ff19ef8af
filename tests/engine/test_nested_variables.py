"""Numbers with decimals and times inside lists steer a case as what they are."""

from __future__ import annotations

import pytest

from service.engine import limits
from service.engine.feel.types import ANY, LIST, STRING
from service.engine.types import Json, Start
from service.errors import EngineStopped
from tests.engine.walks import TYPES, Walk, definition, small
from tests.support.diagrams import (
    diagram,
    each,
    end,
    ext,
    job,
    mapping,
    node,
    nodes,
    rule,
    start,
    xor,
)

COLLECT = """
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
  <decision id="fees" name="Fees">
    <decisionTable id="t" hitPolicy="COLLECT">
      <input id="i"><inputExpression id="x"><text>n</text></inputExpression></input>
      <output id="o" name="fees"/>
      <rule id="r1"><inputEntry id="a1"><text>-</text></inputEntry>
        <outputEntry id="b1"><text>0.5</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="a2"><text>&lt; 9</text></inputEntry>
        <outputEntry id="b2"><text>n / 2</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>
"""


def test_the_sum_of_collected_outputs_of_instances_is_a_number() -> None:
    walk = Walk(
        small(
            node("userTask", "a", each("list", "x", "out", "n / 2"))
            + xor("g")
            + nodes("userTask", "right no"),
            "s>a a>g g>right[sum(out) = 2] g>no* right>e no>e",
        ),
        Start({"list": [1, 2]}),
    )
    walk.do("a", n=1)
    walk.do("a", n=3)
    assert walk.turn.variables["out"] == [{"@": "0.5"}, {"@": "1.5"}]
    assert walk.open() == ["right"]


def test_the_results_of_a_rule_that_collects_are_numbers() -> None:
    data = diagram(
        start() + rule("r", "fees", "out") + xor("g") + nodes("userTask", "right no") + end(),
        "s>r r>g g>right[sum(out) = 2] g>no* right>e no>e",
    )
    drawn = definition(data, types=TYPES, rules={"fees.dmn": COLLECT.encode()})
    assert Walk(drawn, Start({"n": 3})).open() == ["right"]


def test_the_item_of_an_instance_is_what_the_list_holds() -> None:
    walk = Walk(
        small(
            node("userTask", "a", each("[0.5, 2, date(2026, 3, 1)]", "x", "out", "x"))
            + xor("g")
            + nodes("userTask", "right no"),
            "s>a a>g g>right[list contains(out, 0.5) and list contains(out, date(2026, 3, 1))] "
            "g>no* right>e no>e",
        )
    )
    assert [work.item for work in walk.turn.open] == ["0.5", 2, "2026-03-01"]
    for _ in range(3):
        walk.do("a")
    assert walk.open() == ["right"]


@pytest.mark.parametrize(
    ("given", "holds"),
    [(["0.5"], False), ([{"@": "0.5"}], True), ([1, {"@": "0.5"}], True), ([1], False)],
)
def test_a_text_that_looks_like_a_number_stays_a_text(given: list[Json], holds: bool) -> None:  # noqa: FBT001 - a row of the table
    walk = Walk(
        small(
            node("userTask", "a") + xor("g") + nodes("userTask", "right no"),
            "s>a a>g g>right[list contains(list, 0.5)] g>no* right>e no>e",
        )
    )
    walk.do("a", list=given)
    assert walk.open() == ["right" if holds else "no"]


def test_a_mapping_writes_what_the_declared_type_can_read_back() -> None:
    asks = node("userTask", "a", ext(mapping({"text": "= 0.5", "free": "= 0.5"})))
    drawn = definition(
        diagram(
            start() + asks + nodes("userTask", "b") + end(),
            "s>a a>b b>e",
        ),
        types={"text": STRING, "free": ANY},
    )
    walk = Walk(drawn)
    walk.do("a")
    assert walk.turn.variables == {"text": "0.5", "free": {"@": "0.5"}}


def test_a_handler_gets_bare_texts() -> None:
    call = job("j", extra=mapping(inputs={"fees": "= [0.5, 1]"}))
    walk = Walk(small(call, "s>j j>e"))
    assert walk.one("j").inputs == {"fees": ["0.5", 1]}


def test_a_value_that_grows_deeper_each_round_stops_by_name() -> None:
    asks = node("userTask", "a", ext(mapping({"out": "= [out]"})))
    walk = Walk(
        small(
            xor("m") + asks + xor("g"),
            "s>m m>a a>g g>e[yes] g>m*",
        )
    )
    for _ in range(limits.DEPTH):
        walk.do("a")
    with pytest.raises(EngineStopped) as stopped:
        walk.do("a")
    assert stopped.value.kind == "expression"


def test_a_list_of_lists_is_kept_too() -> None:
    drawn = definition(
        diagram(
            start()
            + node("userTask", "a", ext(mapping({"out": "= [[0.5], [1, [date(2026, 1, 1)]]]"})))
            + xor("g")
            + nodes("userTask", "right no")
            + end(),
            "s>a a>g g>right[list contains(flatten(out), 0.5) and "
            "list contains(flatten(out), date(2026, 1, 1))] g>no* right>e no>e",
        ),
        types={"out": LIST},
    )
    walk = Walk(drawn)
    walk.do("a")
    assert walk.open() == ["right"]


def test_the_result_of_a_script_is_what_it_gives() -> None:
    script = node(
        "scriptTask", "c", ext('<zeebe:script expression="= [0.5]" resultVariable="out"/>')
    )
    walk = Walk(
        small(
            script + xor("g") + nodes("userTask", "right no"),
            "s>c c>g g>right[sum(out) = 0.5] g>no* right>e no>e",
        )
    )
    assert walk.open() == ["right"]
