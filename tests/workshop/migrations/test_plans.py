"""A plan keeps what its owner chose; whoever chose after her is told."""

from __future__ import annotations

from functools import partial

import pytest

from service.errors import NotAllowed, NotFound, Stale
from service.store.installation import ledger_entries
from service.workshop.migrations.plans import (
    Choice,
    choose,
    load_plan,
    make_plan,
    plans,
    stored_plan,
)
from tests.support.world import SMALL
from tests.workshop.migrations.conftest import Moving, ask
from tests.workshop.migrations.processes import THREE, TWO


def test_a_plan_goes_to_the_current_release_and_is_told_of(moving: Moving) -> None:
    old, new = moving.published(TWO), moving.published(THREE)
    plan_id = moving.perform(partial(make_plan, source=old))
    with moving.database.transaction(write=False) as tx:
        plan = load_plan(tx, moving.viewer("nils"), plan_id)
        assert [one.id for one in plans(tx, new)] == [plan_id]
        told = ledger_entries.latest(tx, f"release/{SMALL}", kinds=["migration_planned"], limit=9)
    assert (plan.source, plan.target, plan.made_by) == (old, new, "p_maja")
    assert len(told) == 1


def test_only_the_owner_makes_a_plan(moving: Moving) -> None:
    moving.published(TWO)
    for who in ("nils", "sara"):
        with pytest.raises(NotAllowed):
            moving.perform(make_plan, who)


def test_there_is_no_plan_from_a_release_to_itself(moving: Moving) -> None:
    live = moving.published(TWO)
    with pytest.raises(NotAllowed):
        moving.perform(partial(make_plan, source=live))
    with pytest.raises(NotFound):
        moving.perform(partial(make_plan, source="0" * 64))


def test_a_choice_opens_what_was_sent_for_review_again(moving: Moving) -> None:
    moving.published(TWO)
    moving.start()
    moving.published(THREE)
    plan_id = moving.perform(make_plan)
    ask(moving, plan_id)
    with moving.database.transaction(write=False) as tx:
        sent = stored_plan(tx, plan_id)
    (key,) = sent.approved
    moving.perform(
        partial(choose, plan_id=plan_id, rev=sent.rev, choices={key: Choice(stays=True)})
    )
    with moving.database.transaction(write=False) as tx:
        plan = stored_plan(tx, plan_id)
    assert plan.choice(key) == Choice(stays=True)
    assert plan.approved == {}
    assert plan.digest != sent.digest


def test_who_chose_from_an_older_page_is_told(moving: Moving) -> None:
    moving.published(TWO)
    moving.published(THREE)
    plan_id = moving.perform(make_plan)
    moving.perform(partial(choose, plan_id=plan_id, rev=1, choices={"k": Choice(stays=True)}))
    with pytest.raises(Stale):
        moving.perform(partial(choose, plan_id=plan_id, rev=1, choices={}))
    with moving.database.transaction(write=False) as tx:
        assert stored_plan(tx, plan_id).choices == {"k": Choice(stays=True)}
