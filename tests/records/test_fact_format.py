"""The digest that an entry binds covers everything that a fact shows."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from service.records.fact_format import fact_hash
from service.store.casefile.facts import Fact, Turn
from tests.support.world import NOON, World


def changed(fact: Fact, name: str) -> Fact:
    """The fact with another value in one column."""
    others: dict[type, Any] = {str: "another", int: 99, Turn: replace(fact.turn, steps=[])}
    value = getattr(fact, name)
    other = NOON + timedelta(days=1) if name == "at" else others[type(value)]
    change: dict[str, Any] = {name: other}
    return replace(fact, **change)


def test_every_open_column_counts(desk: World, case_id: str) -> None:
    fact = desk.facts(case_id)[0]
    whole = fact_hash(fact)
    assert [f.name for f in fields(fact) if fact_hash(changed(fact, f.name)) == whole] == []


@pytest.mark.parametrize("part", ["stimulus", "steps", "open"])
def test_every_part_of_a_turn_counts(desk: World, case_id: str, part: str) -> None:
    fact = desk.facts(case_id)[0]
    other: dict[str, Any] = {part: {"kind": "due"} if part == "stimulus" else [["another"]]}
    assert fact_hash(replace(fact, turn=replace(fact.turn, **other))) != fact_hash(fact)
