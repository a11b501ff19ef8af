"""The operator is told whose rules of retention nobody has signed."""

from __future__ import annotations

from service.operations.retention_warnings import retention_warnings
from service.release.programme.retention_rules import read_retention
from tests.support.small_desk import two_tasks
from tests.support.world import World

PLAN = """
[[ground]]
id = "AGREED"
sv = "Avtal"
en = "Agreement"
number = "1"
from = 2026-01-01
[[record]]
id = "sums"
sv = "Summor"
en = "Sums"
product = "statistics"
[[rule]]
id = "R1"
ground = "AGREED"
from = 2026-01-01
record = ["sums"]
owner = ["house"]
classes = ["C0"]
does = "preserve"
"""
FILE = "workflows/config/retention.toml"


def test_the_rules_of_the_release_in_force_are_named_until_they_are_signed(desk: World) -> None:
    assert retention_warnings(desk.program) == [], "a release without a plan"
    desk.publish(two_tasks().with_file(FILE, PLAN.encode()))
    (sentence,) = retention_warnings(desk.program)
    assert sentence.startswith("Nobody has signed the rules of house [")
    signature = f"Anna Ask, archivist, 2026-12-01 [{read_retention(PLAN).digest('house')}]"
    desk.publish(two_tasks().with_file(FILE, f'[signed]\nhouse = "{signature}"\n{PLAN}'.encode()))
    assert retention_warnings(desk.program) == []


def test_a_signed_rule_that_nothing_runs_is_named(desk: World) -> None:
    plan = PLAN.replace('does = "preserve"', 'does = "destroy"\nafter = "P5Y"\ncounted = "end"')
    plan += '[[moment]]\nid = "end"\nsv = "slut"\nen = "end"\nproduct = "case_end"\n'
    desk.publish(two_tasks().with_file(FILE, plan.encode()))
    assert not any("R1 (sums)" in sentence for sentence in retention_warnings(desk.program))
    signature = f"Anna Ask, archivist, 2026-12-01 [{read_retention(plan).digest('house')}]"
    desk.publish(two_tasks().with_file(FILE, f'[signed]\nhouse = "{signature}"\n{plan}'.encode()))
    (sentence,) = retention_warnings(desk.program)
    assert "run by nobody: R1 (sums)" in sentence
