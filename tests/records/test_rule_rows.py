"""Numbers of rule rows: sealed with a fact, and read again by who has the key."""

from __future__ import annotations

from dataclasses import replace

from service.engine import Step
from service.records import fact_format, rule_rows
from service.store.casefile import facts
from tests.support.world import World

STEPS = (
    Step("entered", "Rule", 1, ("1.1",)),
    Step("decided", "Rule", 1, ("risk", 2, 5)),
    Step("decided", "Rule", 1, ("again",)),
)


def test_of_a_decision_its_name_alone_lies_open() -> None:
    assert rule_rows.open_steps(STEPS) == [
        ["entered", "Rule", 1, ["1.1"]],
        ["decided", "Rule", 1, ["risk"]],
        ["decided", "Rule", 1, ["again"]],
    ]


def test_the_numbers_go_into_the_payload() -> None:
    assert rule_rows.sealed_rows(STEPS) == {"rows": [[2, 5], []]}
    assert rule_rows.sealed_rows(STEPS[:1]) == {}


def test_who_has_the_key_reads_the_rows_of_a_fact(shipped_world: World) -> None:
    desk = shipped_world
    fact = desk.facts(desk.start_case().case_id)[0]
    fact = replace(fact, turn=replace(fact.turn, steps=rule_rows.open_steps(STEPS)))
    where = fact_format.place(fact.case_id, 7, "routing")
    with desk.database.transaction() as tx:
        key = desk.program.services.key(tx, f"case:{fact.case_id}")
        assert key is not None
        box = key.seal_committed("routing", b'{"rows":[[2,5],[]]}', **where).sealed
        moved = replace(fact, rev=7)
        facts.add(tx, moved, facts.FactPayload(fact.case_id, 7, routing=box))
        (read,) = rule_rows.with_rows(tx, key, [moved])
        assert [detail for *_, detail in read.steps] == [["1.1"], ["risk", 2, 5], ["again"]]
        assert rule_rows.with_rows(tx, None, [moved]) == [moved]
        assert rule_rows.with_rows(tx, key, [replace(moved, rev=8)]) == [replace(moved, rev=8)]
