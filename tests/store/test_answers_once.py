"""An equal question is asked once in a transaction, until something is changed or locked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import bindparam, select, update

from service.store import transaction
from service.store.database import Database
from service.store.installation import heartbeats, installation_values, ledger_entries, people
from service.store.prepared import PreparedStatement
from service.store.tables import setting
from service.store.transaction import Tx
from tests.store.sample_rows import NOON, SampleRows

COLOUR = setting.c.name == "colour"
SET = PreparedStatement(update(setting).where(COLOUR).values(value=bindparam("b_value")))
SET_AND_TELL = PreparedStatement(
    update(setting).where(COLOUR).values(value=bindparam("b_value")).returning(setting.c.value)
)
CHANGES: dict[str, Callable[[Tx], object]] = {
    "prepared": lambda tx: tx.run(SET, {"b_value": "red"}),
    "later": lambda tx: tx.later(SET, {"b_value": "red"}),
    "prepared that answers": lambda tx: tx.value(SET_AND_TELL, {"b_value": "red"}),
    "ordinary": lambda tx: tx.run(update(setting).where(COLOUR).values(value="red")),
    "ordinary that answers": lambda tx: tx.value(
        update(setting).where(COLOUR).values(value="red").returning(setting.c.value)
    ),
    "by a function of the store": lambda tx: installation_values.put(tx, "colour", "red"),
}


@pytest.fixture
def blue(database: Database) -> Database:
    with database.transaction() as tx:
        installation_values.put(tx, "colour", "blue")
    return database


def asked(statements: list[str]) -> int:
    """How often settings were asked for."""
    return sum(text.startswith("SELECT setting") for text in statements)


def colour(tx: Tx) -> str:
    return installation_values.get(tx, "colour")


def test_an_equal_question_is_asked_once(blue: Database, statements: list[str]) -> None:
    with blue.transaction(write=False) as tx:
        assert [colour(tx), colour(tx)] == ["blue", "blue"]
        assert installation_values.get(tx, "other", "none") == "none"
        assert installation_values.get(tx, "other", "none") == "none"
    assert asked(statements) == 2


def test_the_next_transaction_asks_anew(blue: Database, statements: list[str]) -> None:
    for _ in range(2):
        with blue.transaction(write=False) as tx:
            colour(tx)
    assert asked(statements) == 2


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_read_anew(blue: Database, change: str) -> None:
    with blue.transaction() as tx:
        assert colour(tx) == "blue"
        CHANGES[change](tx)
        assert colour(tx) == "red"


def test_a_change_of_another_table_is_a_change(blue: Database, statements: list[str]) -> None:
    with blue.transaction() as tx:
        colour(tx)
        heartbeats.put(tx, heartbeats.Heartbeat("w", NOON))
        colour(tx)
    assert asked(statements) == 2


def test_who_holds_a_lock_reads_what_others_wrote(blue: Database, samples: SampleRows) -> None:
    """On PostgreSQL another may have written until the lock was taken; on SQLite nobody can."""
    with blue.transaction() as tx:
        samples.found(tx)
    locks: tuple[Callable[[Tx], object], ...] = (
        lambda tx: people.lock(tx, "p"),
        lambda tx: ledger_entries.end(tx, "system"),
    )
    for nth, lock in enumerate(locks):
        with blue.transaction() as tx:
            before = colour(tx)
            if blue.postgres:
                with blue.transaction() as other:
                    installation_values.put(other, "colour", f"green {nth}")
                assert colour(tx) == before
            lock(tx)
            assert colour(tx) == (f"green {nth}" if blue.postgres else before)


def test_a_transaction_keeps_few_answers(blue: Database) -> None:
    with blue.transaction(write=False) as tx:
        for nth in range(3 * transaction.MOST_ANSWERS):
            installation_values.get(tx, f"name {nth}")
        assert len(tx._answers) <= transaction.MOST_ANSWERS


def test_an_ordinary_question_is_asked_each_time(blue: Database, statements: list[str]) -> None:
    with blue.transaction(write=False) as tx:
        for _ in range(2):
            tx.value(select(setting.c.value).where(COLOUR))
    assert asked(statements) == 2
