"""The commands of a protected identity, for a case that is none: there is nothing to do."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from service.casework.casefile.protected_commands import ask_approval, decide_approval, name_person
from service.casework.cases import protection
from service.errors import NotFound, NotNamed, ReasonNeeded
from service.store.casefile import cases, named_persons
from tests.support.world import World


def perform(desk: World, command: Any, by: str = "sara") -> Any:
    with desk.database.transaction() as tx:
        services, now = desk.program.services, desk.clock.now()
        return command(tx, services, desk.viewer(by), now)


def test_an_ordinary_case_has_nothing_to_name_or_approve(desk: World, case_id: str) -> None:
    for command in (
        partial(name_person, case_id=case_id, person="p_stina", reason="why"),
        partial(ask_approval, case_id=case_id, kind="print_case", subject="", reason="why"),
        partial(decide_approval, approval="none", approve=True),
    ):
        with pytest.raises(NotFound):
            perform(desk, command)


def test_a_protected_case_is_opened_with_a_reason_by_the_named(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        cases.set_marking(tx, case_id, desk.case(case_id).rev, "SEKRETESSMARKERING")
    with pytest.raises(ReasonNeeded):
        perform(desk, partial(name_person, case_id=case_id, person="p_stina", reason="why"))
    with desk.database.transaction() as tx:
        protection.require_named_now(tx, by=desk.viewer(), now=desk.clock.now(), case_id=case_id)
        stina = desk.viewer("stina")
        with pytest.raises(NotNamed):
            protection.require_named_now(tx, by=stina, now=desk.clock.now(), case_id=case_id)
        named = [row.person_id for row in named_persons.of_case(tx, case_id)]
    assert named == ["p_sara"]
