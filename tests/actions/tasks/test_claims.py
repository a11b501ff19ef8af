"""Claims: one person has a task, and a colleague takes it over only with a reason."""

from __future__ import annotations

import pytest

from service.actions.tasks import claims
from service.errors import NotAllowed, TaskTaken
from service.store.installation import ledger_entries
from tests.support.world import World


def entries(desk: World, case: str) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        return [entry.kind for entry in ledger_entries.of_stream(tx, f"case/{case}")]


def test_a_claimed_task_is_refused_to_a_colleague(desk: World, case: str) -> None:
    key, now = desk.key(case, "a"), desk.clock.now()
    with desk.database.transaction() as tx:
        assert claims.claim(tx, by=desk.viewer(), now=now, task_key=key)
        assert not claims.claim(tx, by=desk.viewer(), now=now, task_key=key)
        with pytest.raises(TaskTaken):
            claims.claim(tx, by=desk.viewer("stina"), now=now, task_key=key)
    assert entries(desk, case).count("claim") == 1


def test_a_task_is_taken_over_and_put_back(desk: World, case: str) -> None:
    key, now, services = desk.key(case, "a"), desk.clock.now(), desk.program.services
    with desk.database.transaction() as tx:
        claims.claim(tx, by=desk.viewer(), now=now, task_key=key)
        claims.take_over(tx, services, by=desk.viewer("stina"), now=now, task_key=key, reason="ill")
        with pytest.raises(TaskTaken):
            claims.release_task(tx, services, by=desk.viewer(), now=now, task_key=key)
        claims.release_task(tx, services, by=desk.viewer("stina"), now=now, task_key=key)
    assert desk.tasks(case)[0].claimed_by is None
    assert entries(desk, case)[-2:] == ["take_over", "put_back"]


def test_a_task_is_handed_only_to_who_has_its_role(desk: World, case: str) -> None:
    key, now = desk.key(case, "a"), desk.clock.now()
    with desk.database.transaction() as tx:
        claims.hand_over(tx, by=desk.viewer(), now=now, task_key=key, to_person="p_stina")
        with pytest.raises(NotAllowed):
            claims.hand_over(
                tx, by=desk.viewer("stina"), now=now, task_key=key, to_person="p_stranger"
            )
    assert desk.tasks(case)[0].claimed_by == "p_stina"
