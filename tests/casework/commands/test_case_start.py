"""Starting a case: its number, its start event, and what had been typed for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import insert, text

from service.casework.commands.case_start import start_case, unsent_key
from service.casework.tasks import unsent_answers
from service.errors import NotAllowed, NotFound
from service.security.keyring import Keyring
from service.store.casefile import cases
from service.store.row_scope import as_system
from service.store.tables import case_number
from service.store.work import unsent_answers as rows
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def test_cases_of_a_year_are_numbered_one_after_the_other(desk: World) -> None:
    first, second = (desk.case(desk.start().case_id).number for _ in range(2))
    year, _, number = first.partition("-")
    assert year == str(desk.clock.now().year)
    assert second == f"{year}-{int(number) + 1:04d}"


def test_cases_begin_after_the_ten_thousandth_of_a_year(desk: World) -> None:
    year = desk.clock.now().year
    with desk.database.transaction() as tx:
        tx.run(insert(case_number), {"year": year, "last": 9_998})
    begun = [desk.case(desk.start().case_id) for _ in range(4)]
    assert [case.number for case in begun] == [
        f"{year}-{nth}" for nth in (9_999, 10_000, 10_001, 10_002)
    ]
    with desk.database.transaction(write=False) as tx:
        assert [cases.find(tx, case.number) for case in begun] == begun


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_waits_for_a_number_draws_another_pseudonym(desk: World) -> None:
    """Two starts at once, without a second try: the later sees what the earlier has drawn."""
    programme = replace(
        desk.program.services.programme, first_words=("blue",), second_words=("boat",)
    )
    services, now = replace(desk.program.services, programme=programme), desk.clock.now()

    def start() -> str:
        with desk.database.transaction() as tx:
            return start_case(tx, services, desk.viewer(), now, element="s", answers={}).ref

    with ThreadPoolExecutor(1) as other:
        with desk.database.transaction() as tx:
            first = start_case(tx, services, desk.viewer(), now, element="s", answers={}).ref
            later = other.submit(start)
            wait_until_one_waits(desk)
        assert first == "blue-boat"
        assert re.fullmatch(r"blue-boat-\d{3}", later.result(timeout=60))


def wait_until_one_waits(desk: World) -> None:
    """Until a transaction waits for another one of this database."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    never = Event()
    for _ in range(3_000):
        with desk.database.transaction(write=False) as tx:
            if tx.value(as_system("schema", waiting)):
                return
        never.wait(0.01)
    raise AssertionError("nobody waits")


def test_an_unknown_start_and_a_foreign_role_start_nothing(desk: World) -> None:
    services, now = desk.program.services, desk.clock.now()
    stranger = replace(desk.viewer(), roles=frozenset({"CaseApprover"}))
    with desk.database.transaction() as tx:
        with pytest.raises(NotFound):
            start_case(tx, services, desk.viewer(), now, element="elsewhere", answers={})
        with pytest.raises(NotAllowed):
            start_case(tx, services, stranger, now, element="s", answers={})


def test_starting_drops_what_its_own_person_had_typed(desk: World) -> None:
    key, services, now = unsent_key("s"), desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        for name in ("sara", "stina"):
            services.new_key(tx, f"person:p_{name}", stream="system") if services.key(
                tx, f"person:p_{name}"
            ) is None else None
            unsent_answers.save_unsent(
                tx,
                services,
                by=desk.viewer(name),
                now=now,
                key=key,
                case_id=None,
                raw={"note": ["ringer"]},
                base={},
                rev=0,
            )
    desk.start(by="sara")
    with desk.database.transaction(write=False) as tx:
        kept = [rows.get(tx, key, f"p_{name}") is not None for name in ("sara", "stina")]
    assert kept == [False, True]
