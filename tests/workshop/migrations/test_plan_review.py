"""A reviewer approves exactly the rows that are moved, and none in which she chose herself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from service.access import Viewer
from service.errors import ApprovalNeeded, FourEyes, InvalidAnswers, NotAllowed, NotFound, Stale
from service.workshop.migrations import plans
from service.workshop.migrations.migration_runs import start_run
from service.workshop.migrations.plan_review import ask_review, decide_plan, load_plan_review
from service.workshop.migrations.plans import Choice, make_plan, save, stored_plan
from tests.workshop.migrations.conftest import Moving, approved, ask
from tests.workshop.migrations.processes import THREE, TWO, WITHOUT_A


def planned(moving: Moving) -> str:
    moving.published(TWO)
    moving.start()
    moving.published(THREE)
    return moving.perform(make_plan)


def may_decide(moving: Moving, plan_id: str, who: str) -> bool:
    with moving.database.transaction(write=False) as tx:
        services, now = moving.program.services, moving.clock.now()
        found = load_plan_review(tx, services, moving.viewer(who), now, plan_id)
    assert found is not None
    return found.may_decide


def test_the_reviewer_decides_and_the_owner_runs(moving: Moving) -> None:
    plan_id = planned(moving)
    with pytest.raises(ApprovalNeeded):
        moving.perform(partial(start_run, plan_id=plan_id))
    asked = ask(moving, plan_id)
    assert (may_decide(moving, plan_id, "nils"), may_decide(moving, plan_id, "maja")) == (
        True,
        False,
    )
    with pytest.raises(FourEyes):
        moving.perform(
            partial(decide_plan, request_id=asked, approve=True, plan_id=plan_id), "maja"
        )
    moving.perform(partial(decide_plan, request_id=asked, approve=True, plan_id=plan_id), "nils")
    moving.perform(partial(start_run, plan_id=plan_id))


def test_a_refused_plan_does_not_run(moving: Moving) -> None:
    plan_id = planned(moving)
    moving.perform(
        partial(decide_plan, request_id=ask(moving, plan_id), approve=False, plan_id=plan_id),
        "nils",
    )
    with pytest.raises(ApprovalNeeded):
        moving.perform(partial(start_run, plan_id=plan_id))


def test_a_plan_that_changed_needs_another_approval(moving: Moving) -> None:
    plan_id = planned(moving)
    approved(moving, plan_id)
    with moving.database.transaction(write=False) as tx:
        plan = stored_plan(tx, plan_id)
    moving.perform(
        partial(
            plans.choose, plan_id=plan_id, rev=plan.rev, choices={"elsewhere": Choice(stays=True)}
        )
    )
    with pytest.raises(ApprovalNeeded):
        moving.perform(partial(start_run, plan_id=plan_id))


def test_who_chose_in_a_plan_never_approves_it(moving: Moving) -> None:
    plan_id = planned(moving)
    asked = ask(moving, plan_id)
    with moving.database.transaction() as tx:
        plan = stored_plan(tx, plan_id)
        save(tx, replace(plan, editors=plan.editors | {"p_nils"}))
    assert not may_decide(moving, plan_id, "nils")
    with pytest.raises(FourEyes):
        moving.perform(
            partial(decide_plan, request_id=asked, approve=True, plan_id=plan_id), "nils"
        )


def test_what_would_move_nothing_is_not_sent(moving: Moving) -> None:
    plan_id = planned(moving)
    with moving.database.transaction(write=False) as tx:
        rev = stored_plan(tx, plan_id).rev
    with pytest.raises(InvalidAnswers):
        moving.perform(partial(ask_review, plan_id=plan_id, rev=rev, note=" "))
    with pytest.raises(Stale):
        moving.perform(partial(ask_review, plan_id=plan_id, rev=rev + 7, note="why"))
    ask(moving, plan_id)
    with moving.database.transaction(write=False) as tx:
        plan = stored_plan(tx, plan_id)
    stays = dict.fromkeys(plan.approved, Choice(stays=True))
    moving.perform(partial(plans.choose, plan_id=plan_id, rev=plan.rev, choices=stays))
    with pytest.raises(NotAllowed) as refused:
        moving.perform(partial(ask_review, plan_id=plan_id, rev=plan.rev + 1, note="why"))
    assert refused.value.facts["why"] == "nothing_moves"


def test_a_plan_to_a_release_of_yesterday_is_not_sent(moving: Moving) -> None:
    plan_id = planned(moving)
    moving.published(WITHOUT_A)
    with pytest.raises(NotAllowed) as refused:
        moving.perform(partial(ask_review, plan_id=plan_id, rev=1, note="why"))
    assert refused.value.facts["why"] == "other_current"


def test_another_request_is_none_of_a_plan(moving: Moving) -> None:
    plan_id, other = planned(moving), planned(moving)
    asked = ask(moving, plan_id)
    for request, about in (("no such", plan_id), (asked, other)):
        with pytest.raises(NotFound):
            moving.perform(
                partial(decide_plan, request_id=request, approve=True, plan_id=about), "nils"
            )
    nobody = Viewer("p_sara", "social", frozenset({"ReferringPartner"}))
    assert not nobody.roles & {"owner", "reviewer"}
