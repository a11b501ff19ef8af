"""Script tasks: one FEEL expression, asked at once, whose result goes to a variable."""

from __future__ import annotations

import pytest

from service.engine.advance import advance
from service.engine.definition import read
from service.engine.types import Json, Start
from service.errors import EngineStopped
from tests.engine.lint.cases_activities import script
from tests.engine.lint.reports import keys
from tests.engine.walks import Walk, small
from tests.support.diagram_files import release
from tests.support.diagrams import diagram, each, end, line, nodes, start, sub, task, xor


def test_the_result_of_a_script_decides_a_gateway() -> None:
    body = script("r", "= n * 2", "n") + xor() + nodes("userTask", "a b")
    drawn = small(body, "s>r r>x x>a[n = 6] x>b* a>e b>e")
    assert Walk(drawn, Start({"n": 3})).open() == ["a"]
    assert Walk(drawn, Start({"n": 4})).open() == ["b"]


def test_a_script_that_reads_nothing_gives_an_empty_result() -> None:
    walk = Walk(small(script("r", "= n + 1", "out") + nodes("userTask", "a"), "s>r r>a a>e"))
    assert walk.turn.variables == {"out": None}
    assert walk.steps_of("set") == [("r", ("out",))]


def test_a_script_inside_an_instance_writes_for_that_instance() -> None:
    inside = start("is") + script("r", "= x + 1", "n") + nodes("userTask", "a") + end("ie")
    body = sub("m", inside, "is>r r>a a>ie", head=each("list", "x", "out", "n"))
    walk = Walk(small(body, "s>m m>e"), Start({"list": [1, 5]}))
    walk.do("a")
    walk.do("a")
    assert walk.turn.variables["out"] == [2, 6]
    assert "n" not in walk.turn.variables


def test_a_script_that_costs_too_much_stops_the_case() -> None:
    numbers: list[Json] = [*range(100)]
    text = "= count(list[some a in list satisfies some b in list satisfies a + b = -1])"
    drawn = small(script("r", text, "n") + nodes("userTask", "a"), "s>r r>a a>e")
    with pytest.raises(EngineStopped) as stop:
        Walk(drawn, Start({"list": numbers}))
    assert stop.value.kind == "fuel"


def test_the_type_of_a_script_is_known_where_its_result_is_read() -> None:
    body = script("r", "= 1 + 1", "made") + xor() + task("a") + end("e2")
    ways = "s>r r>x x>a[made = &quot;x&quot;] x>e2* a>e".replace("&quot;", '"')
    assert keys(release(line(body, ways))) == ["D905"]


def test_a_script_with_unknown_names_is_refused() -> None:
    assert (
        keys(release(line(script("a", "= gone", "sent") + task("b", "reader"), "s>a a>b b>e")))[0]
        == "D902"
    )


def test_a_release_with_a_script_is_built_and_runs() -> None:
    body = start() + task("a", "count") + script("r", "= n + 1", "more") + xor() + task("b") + end()
    data = diagram(body + end("e2"), "s>a a>r r>x x>b[more > 5] x>e2* b>e")
    assert keys(release(data)) == []
    definition = read(release(data))["p"]
    turn = advance(definition, b"", Start(), now=Walk(small("", "s>e")).now, seed="1")
    assert [o.element for o in turn.open] == ["a"]


def test_another_script_makes_another_digest() -> None:
    one, other = (
        small(script("r", text, "n") + nodes("userTask", "a"), "s>r r>a a>e").digest
        for text in ("= 1", "= 2")
    )
    assert one != other
