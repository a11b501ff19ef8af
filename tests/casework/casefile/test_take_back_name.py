"""Taking back that somebody is named: by whom, of whom, and what becomes of her tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.access import Viewer
from service.casework.casefile import read_log
from service.casework.casefile.protected_commands import take_back_name
from service.casework.cases import protection
from service.errors import InvalidAnswers, NotFound, NotNamed
from service.security.keyring import Keyring
from service.store.casefile import cases, named_persons
from service.store.casefile.named_persons import NamedPerson
from service.store.transaction import Tx
from service.store.work import tasks
from tests.support import small
from tests.support.world import NOON, World, open_world

STRANGER = Viewer("p_x", "elsewhere", frozenset())


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


@pytest.fixture
def case_id(desk: World) -> str:
    """A protected case for which Sara is named, and Stina, who has claimed its task; both have said
    why they open it.
    """
    id_ = desk.start().case_id
    services, now, why = (
        desk.program.services,
        desk.clock.now(),
        {"purpose": "PREPARE", "reason": ""},
    )
    with desk.database.transaction() as tx:
        cases.set_marking(tx, id_, desk.case(id_).rev, "SEKRETESSMARKERING")
        for name in ("sara", "stina"):
            named_persons.add(tx, NamedPerson(id_, f"p_{name}", "p_sara", NOON))
            by = desk.viewer(name)
            read_log.record_lookup_reason(tx, services, by=by, now=now, case_id=id_, **why)
        assert tasks.claim(tx, desk.key(id_, "t1"), "p_stina", NOON)
    return id_


def take_back(tx: Tx, desk: World, case_id: str, **own: Any) -> None:
    given: dict[str, Any] = {"by": desk.viewer("sara"), "person": "p_stina", "reason": "moved"}
    take_back_name(
        tx, desk.program.services, case_id=case_id, now=desk.clock.now(), **{**given, **own}
    )


def named(tx: Tx, case_id: str) -> frozenset[str] | None:
    case = cases.get(tx, case_id)
    assert case is not None
    return protection.load_named(tx, case)


def test_her_tasks_go_back_and_she_can_be_named_anew(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        take_back(tx, desk, case_id)
        assert named(tx, case_id) == frozenset({"p_sara"})
        assert [task.claimed_by for task in tasks.of_case(tx, case_id)] == [None]
        with pytest.raises(NotNamed):
            protection.require_named_now(
                tx, by=desk.viewer("stina"), now=desk.clock.now(), case_id=case_id
            )
        protection.name_with_task(
            tx, by=desk.viewer("sara"), now=desk.clock.now(), case_id=case_id, person="p_stina"
        )
        assert named(tx, case_id) == frozenset({"p_sara", "p_stina"})


def test_the_only_one_stays_named(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        take_back(tx, desk, case_id, person="p_sara")
        with pytest.raises(NotNamed):
            take_back(tx, desk, case_id)
        with pytest.raises(InvalidAnswers) as refused:
            take_back(tx, desk, case_id, by=desk.viewer("stina"), reason=" ")
    assert [fault.key for fault in refused.value.faults] == [
        "named.only_one",
        "form.reason_missing",
    ]


@pytest.mark.parametrize(("marking", "by"), [("NONE", None), ("SEKRETESSMARKERING", STRANGER)])
def test_where_nothing_is_hers_there_is_no_such_case(
    desk: World, case_id: str, marking: str, by: Viewer | None
) -> None:
    with desk.database.transaction() as tx:
        cases.set_marking(tx, case_id, desk.case(case_id).rev, marking)
        with pytest.raises(NotFound):
            take_back(tx, desk, case_id, **({"by": by} if by else {}))
