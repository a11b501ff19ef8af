"""What becomes of the tasks of a person whose roles, password or office change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.errors import Stale
from service.people import accounts, directory, sessions
from service.records.context import Actor
from service.security.keyring import Keyring
from service.store.casefile import cases
from service.store.installation import ledger_entries, offices, people
from service.store.tables import login_session
from service.store.transaction import Tx
from service.store.work import tasks
from tests.support.directory import OFFICE, ROLE, give_password
from tests.support.small import one, person
from tests.support.world import NOON, World, open_world

pytestmark = pytest.mark.every_python

LIMITS = sessions.SessionLimits(timedelta(minutes=15), timedelta(hours=8))


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """An office at work: Sara has claimed a task and is signed in."""
    made = open_world(database_url, keyring, one(person("a"), "s>a a>e"))
    made.start()
    with made.database.transaction() as tx:
        sara = accounts.load_viewer(tx, "p_sara")
        assert sara is not None
        sessions.begin_session(tx, by=sara, way="password", limits=LIMITS, now=NOON)
        assert tasks.claim(tx, task_of(tx).key, "p_sara", NOON)
    yield made
    made.database.close()


def task_of(tx: Tx) -> tasks.Task:
    (case,) = cases.listed(tx)
    (task,) = tasks.of_case(tx, case.id)
    return task


def signed_in(tx: Tx) -> int:
    return int(tx.value(select(func.count()).select_from(login_session)))


@dataclass(frozen=True)
class After:
    """What is left once an operator has acted."""

    claimed_by: str | None
    roles: frozenset[str]
    sessions: int
    office: list[str]
    case: list[str]


def after(desk: World, verb: Callable[[Tx], object]) -> After:
    with desk.database.transaction() as tx:
        verb(tx)
    with desk.database.transaction(write=False) as tx:
        task, known = task_of(tx), people.get(tx, "p_sara")
        assert known is not None
        told = [
            [row.kind for row in ledger_entries.of_stream(tx, stream)]
            for stream in (f"office/{OFFICE}", f"case/{task.case_id}")
        ]
        return After(task.claimed_by, known.roles, signed_in(tx), told[0][-2:], told[1][-1:])


BY = Actor("cli")


def test_who_loses_a_role_loses_its_tasks_and_is_signed_out(desk: World) -> None:
    found = after(
        desk,
        lambda tx: directory.set_roles(
            tx, desk.program.services, sign_in="sara", roles=["auditor"], by=BY, now=NOON
        ),
    )
    assert found == After(
        None, frozenset({"auditor"}), 0, ["role_given", "role_taken"], ["put_back"]
    )
    assert desk.faults() == []


def test_who_gets_a_role_more_keeps_her_tasks(desk: World) -> None:
    found = after(
        desk,
        lambda tx: directory.set_roles(
            tx, desk.program.services, sign_in="sara", roles=["auditor", ROLE], by=BY, now=NOON
        ),
    )
    assert (found.claimed_by, found.roles, found.sessions, found.office[-1]) == (
        "p_sara",
        frozenset({"auditor", ROLE}),
        0,
        "role_given",
    )


def test_who_is_closed_leaves_her_tasks_to_the_office(desk: World) -> None:
    found = after(
        desk,
        lambda tx: directory.close_person(
            tx, desk.program.services, sign_in="sara", by=BY, now=NOON
        ),
    )
    assert (found.claimed_by, found.sessions, found.office[-1], found.case) == (
        None,
        0,
        "person_closed",
        ["put_back"],
    )
    assert desk.faults() == []


def test_another_password_ends_what_was_open_under_the_old_one(desk: World) -> None:
    found = after(
        desk,
        lambda tx: give_password(
            tx, desk.program.services, sign_in="sara", password=b"hash", by=BY, now=NOON
        ),
    )
    assert (found.claimed_by, found.sessions, found.office[-1]) == ("p_sara", 0, "password_set")


def test_nobody_comes_into_an_office_that_is_closed(desk: World) -> None:
    with desk.database.transaction() as tx:
        kept = offices.get(tx, OFFICE)
        assert kept is not None
        offices.save(tx, replace(kept, closed_at=NOON))
    with (
        pytest.raises(Stale, match="the office social is closed"),
        desk.database.transaction(write=False) as tx,
    ):
        directory.check_new_person(
            tx,
            desk.program.services,
            sign_in="eva",
            name="Eva",
            office=OFFICE,
            roles=[ROLE],
            language="sv",
        )
