"""The hash of a fact covers each of its open columns, and the fact before it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from service.actions.cases.fact_hash import fact_hash
from service.store.casefile.facts import Fact
from tests.support.world import NOON, World


def changed(fact: Fact, name: str) -> Fact:
    """The fact with another value in one column."""
    others: dict[type, Any] = {
        str: "another",
        int: 99,
        dict: {"kind": "another"},
        list: [["another"]],
    }
    value = getattr(fact, name)
    other = NOON + timedelta(days=1) if name == "at" else others[type(value)]
    change: dict[str, Any] = {name: other}
    return replace(fact, **change)


def test_every_open_column_counts(desk: World, case_id: str) -> None:
    fact = desk.facts(case_id)[0]
    assert fact_hash(fact) == fact.hash
    columns = {field.name for field in fields(fact)} - {"hash"}
    assert {name for name in columns if fact_hash(changed(fact, name)) == fact.hash} == set()


def test_facts_of_a_case_are_a_chain(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"]})
    first, second = desk.facts(case_id)
    assert (first.prev_hash, second.prev_hash) == ("", first.hash)
