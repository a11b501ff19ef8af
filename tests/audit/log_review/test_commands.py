"""An auditor judges looks and finishes the steps; nobody judges her own."""

from __future__ import annotations

import json

import pytest

from service.audit.log_review.review import FOLLOW, JUDGE, JUDGE_OWN
from service.errors import FourEyes, InvalidAnswers, NotFound, TaskClosed
from service.records.context import actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.installation import ledger_entries
from tests.support import log_reviews as made
from tests.support.directory import BOARD
from tests.support.world import World


@pytest.fixture
def case(shipped_world: World) -> str:
    """A case that Sara opened without a task, and a review that lists it as its only line."""
    case_id = shipped_world.start_case().case_id
    made.look_without_task(shipped_world, "sara", case_id)
    return case_id


@pytest.fixture
def own(shipped_world: World, case: str) -> World:
    """A review that also lists a look of the auditor herself; there is a second one."""
    made.look(shipped_world, "greta", case)
    made.add_person(shipped_world, "gun", "auditor", BOARD)
    made.begin(shipped_world)
    return shipped_world


def number(world: World, who: str) -> int:
    return next(one.number for one in made.review(world).looks if one.person == f"p_{who}")


def waits(world: World) -> str:
    task = made.review(world).task
    return task.element if task is not None else ""


def test_a_review_ends_when_every_look_is_explained(shipped_world: World, case: str) -> None:
    made.begin(shipped_world)
    made.judge(shipped_world, "greta", 1)
    made.sign(shipped_world, "greta")
    assert waits(shipped_world) == ""
    assert shipped_world.faults() == []
    with shipped_world.database.transaction(write=False) as tx:
        looks = ledger_entries.latest(tx, f"reads/{case}", kinds=["read"])
    assert [json.loads(one.body)["purpose"] for one in looks] == ["log_review"]


@pytest.mark.usefixtures("case")
def test_a_reason_is_sealed(shipped_world: World) -> None:
    made.begin(shipped_world)
    made.judge(shipped_world, "greta", 1, reason="kanariefagel")
    with shipped_world.database.transaction(write=False) as tx:
        entries = ledger_entries.of_stream(tx, "log-review/2026-03")
    assert not any("kanariefagel" in one.body for one in entries)


@pytest.mark.usefixtures("case")
def test_looks_that_are_left_keep_the_step_open(shipped_world: World) -> None:
    made.begin(shipped_world)
    with pytest.raises(InvalidAnswers):
        made.sign(shipped_world, "greta")
    assert waits(shipped_world) == JUDGE


@pytest.mark.usefixtures("case")
def test_a_look_to_be_followed_up_opens_a_step(shipped_world: World) -> None:
    made.begin(shipped_world)
    made.judge(shipped_world, "greta", 1, "follow_up")
    made.sign(shipped_world, "greta")
    assert waits(shipped_world) == FOLLOW
    with pytest.raises(InvalidAnswers):
        made.sign(shipped_world, "greta", FOLLOW)
    with pytest.raises(InvalidAnswers):
        made.judge(shipped_world, "greta", 1, "follow_up")
    made.judge(shipped_world, "greta", 1, "incident")
    made.sign(shipped_world, "greta", FOLLOW)
    assert waits(shipped_world) == ""


def test_nobody_judges_her_own_look(own: World) -> None:
    with pytest.raises(FourEyes):
        made.judge(own, "greta", number(own, "greta"))


def test_own_looks_are_left_to_another_auditor(own: World) -> None:
    made.judge(own, "greta", number(own, "sara"))
    made.sign(own, "greta")
    assert waits(own) == JUDGE_OWN
    with pytest.raises(FourEyes):
        made.sign(own, "greta", JUDGE_OWN)
    made.judge(own, "gun", number(own, "greta"))
    made.sign(own, "gun", JUDGE_OWN)
    assert waits(own) == ""


def test_own_looks_that_another_has_judged_are_no_step(own: World) -> None:
    made.judge(own, "gun", number(own, "greta"))
    made.judge(own, "greta", number(own, "sara"))
    made.sign(own, "greta")
    assert waits(own) == ""


def test_a_step_is_finished_once(own: World) -> None:
    made.judge(own, "gun", number(own, "greta"))
    made.judge(own, "gun", number(own, "sara"))
    made.sign(own, "gun")
    with pytest.raises(TaskClosed):
        made.sign(own, "greta")
    with pytest.raises(TaskClosed):
        made.judge(own, "greta", number(own, "sara"))


@pytest.mark.parametrize(
    ("verdict", "reason", "fields"),
    [
        ("", "", ["verdict", "reason"]),
        ("nonsense", "asked", ["verdict"]),
        ("explained", " ", ["reason"]),
        ("explained", "x" * 501, ["reason"]),
    ],
)
def test_a_judgement_needs_a_verdict_and_a_reason(
    own: World, verdict: str, reason: str, fields: list[str]
) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        made.judge(own, "greta", number(own, "sara"), verdict, reason)
    assert [fault.path for fault in refused.value.faults] == fields


@pytest.mark.usefixtures("case")
def test_verification_finds_a_step_that_the_process_refuses(shipped_world: World) -> None:
    made.begin(shipped_world)
    made.judge(shipped_world, "greta", 1)
    made.sign(shipped_world, "greta")
    greta, now = shipped_world.loaded_viewer("greta"), shipped_world.clock.now()
    with shipped_world.database.transaction() as tx:
        body: dict[str, ledger_lines.Canonical] = {"element": JUDGE, "own": False, "follow": False}
        kind, stream = "log_review_signed", "log-review/2026-03"
        append_entry(tx, stream, kind, by=actor(greta), now=now, body=body)
    (fault,) = shipped_world.faults()
    assert "log-review/2026-03" in fault


def test_only_auditors_judge(own: World) -> None:
    for who in ("sara", "maja", "nils"):
        with pytest.raises(NotFound):
            made.judge(own, who, 1)
        with pytest.raises(NotFound):
            made.sign(own, who)
    with pytest.raises(NotFound):
        made.judge(own, "greta", 99)
