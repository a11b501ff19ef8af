"""An upgrade gives rows of turns their MAC only in cases whose replay finds no fault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import null, update

from service.operations import row_macs
from service.security.keyring import Keyring
from service.store.checked_rows import FORMS
from service.store.read_models import whole_rows
from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.transaction import Tx
from tests.support.world import NOON, World, open_world
from tests.worker.world import WAITS

CHANGES = [
    *(("job", name, value) for name, value in [("element", "late"), ("topic", "x"), ("nth", 9)]),
    *(("task", name, value) for name, value in [("element", "late"), ("role", "x"), ("nth", 9)]),
    ("task", "hidden_until", NOON),
]


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, WAITS)
    yield made
    made.database.close()


def without_macs(tx: Tx) -> None:
    """Take every MAC away, as an older program left the rows."""
    for name in FORMS:
        table = metadata.tables[name]
        empty = null() if table.c.mac.nullable else b""
        tx.run(as_system("schema", update(table).values(mac=empty)))


@pytest.mark.parametrize(("table", "name", "value"), CHANGES)
def test_a_row_that_is_not_of_a_turn_gets_no_mac(
    desk: World, table: str, name: str, value: object
) -> None:
    whole, changed = (desk.start().case_id for _ in range(2))
    with desk.database.transaction() as tx:
        without_macs(tx)
        rows = metadata.tables[table]
        one = update(rows).where(rows.c.case_id == changed).values({name: value})
        tx.run(as_system("schema", one))
        said = [*row_macs.give_macs(tx, desk.program.services, desk.clock.now())]
        given = {row["case_id"]: bool(row["mac"]) for row in whole_rows.stored(tx, table)}
        assert given == {whole: True, changed: False}
        assert all(changed in sentence for sentence in said)
        assert any(sentence.startswith(f"{table} ") for sentence in said)


def test_rows_of_whole_cases_all_get_theirs(desk: World) -> None:
    case = desk.start().case_id
    with desk.database.transaction() as tx:
        before = {name: whole_rows.stored(tx, name) for name in FORMS}
        without_macs(tx)
        assert [*row_macs.give_macs(tx, desk.program.services, desk.clock.now())] == []
        assert {name: whole_rows.stored(tx, name) for name in FORMS} == before
    assert [task.element for task in desk.tasks(case)] == ["a"]
    assert desk.faults() == []
