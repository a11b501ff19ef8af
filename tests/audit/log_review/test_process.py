"""The diagram of the log review: without findings, and every way through it leads to its end."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from service.audit.log_review import review_process
from service.audit.log_review.review import ANSWER, FOLLOW, JUDGE, JUDGE_OWN
from service.engine import Complete, Start, advance
from service.errors import NotFound

NOW = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)


def test_the_diagram_is_drawn_for_auditors_alone() -> None:
    definition = review_process.definition(review_process.VERSION)
    waiting = [one for one in definition.elements.values() if one.kind == "userTask"]
    assert {one.id for one in waiting} == {JUDGE, JUDGE_OWN, FOLLOW, ANSWER}
    assert {one.roles for one in waiting if one.id != ANSWER} == {("auditor",)}
    assert definition.elements[ANSWER].roles == ("looked",)
    assert all(set(one.names) == {"sv", "en"} for one in waiting)


@pytest.mark.parametrize(("own", "follow_up"), list(product((False, True), repeat=2)))
def test_every_way_ends(*, own: bool, follow_up: bool) -> None:
    definition = review_process.definition(review_process.VERSION)
    outcome = advance(definition, b"", Start(), now=NOW, seed="1")
    visited = []
    while outcome.open:
        (task,) = outcome.open
        visited.append(task.element)
        done = Complete(task.id, {"ownLooksLeft": own, "toFollowUp": follow_up})
        seed = str(len(visited) + 1)
        outcome = advance(definition, outcome.state, done, now=NOW, seed=seed)
    steps = [JUDGE_OWN] * own + [FOLLOW] * follow_up
    assert visited == [JUDGE, *steps]
    assert outcome.ends == ("End_Reviewed",)


def test_a_version_that_this_program_does_not_have() -> None:
    with pytest.raises(NotFound):
        review_process.definition(review_process.VERSION + 1)
