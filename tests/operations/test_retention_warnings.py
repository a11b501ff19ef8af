"""The operator is told whose rules of retention nobody has signed."""

from __future__ import annotations

from functools import partial

from service.operations.retention_warnings import retention_warnings
from service.release.bundle import Bundle
from service.release.programme.retention_rules import DESTROY, HOST, PRESERVE, SUMS
from tests.support.plans import FILE, ground, moment, record, rule, signed
from tests.support.small_desk import two_tasks
from tests.support.world import World

of_sums = partial(rule, "R1", record=["sums"], owner=[HOST], classes=["C0"])
HEAD = ground() + record("sums", product=SUMS)
PLAN = HEAD + of_sums(PRESERVE)


def with_plan(plan: str) -> Bundle:
    return two_tasks().with_file(FILE, plan.encode())


def test_the_rules_of_the_release_in_force_are_named_until_they_are_signed(desk: World) -> None:
    assert retention_warnings(desk.program) == [], "a release without a plan"
    desk.publish(with_plan(PLAN))
    (sentence,) = retention_warnings(desk.program)
    assert sentence.startswith("Nobody has signed the rules of house [")
    desk.publish(with_plan(signed(PLAN, HOST)))
    assert retention_warnings(desk.program) == []


def test_a_signed_rule_that_nothing_runs_is_named(desk: World) -> None:
    plan = HEAD + moment() + of_sums(DESTROY, "P5Y")
    desk.publish(with_plan(plan))
    assert not any("R1 (sums)" in sentence for sentence in retention_warnings(desk.program))
    desk.publish(with_plan(signed(plan, HOST)))
    (sentence,) = retention_warnings(desk.program)
    assert "run by nobody: R1 (sums)" in sentence
