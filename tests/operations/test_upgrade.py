"""An upgrade folds a sample of the cases before it says that all is well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from service.application.container import Tresteg
from service.casework.cases import turn
from service.engine import ENGINE
from service.errors import BadSettings
from service.operations import row_macs
from service.operations import upgrade as upgrades
from service.operations.start_checks import prepare_database
from service.operations.upgrade import UpgradeReport, upgrade
from service.security.keyring import Keyring, make_keyring
from service.security.vault import Vault
from service.store.installation import installation_values
from service.store.migrations import schema_changes
from service.store.row_scope import as_system
from tests.support import small
from tests.support.world import World, open_world

OLDER = ENGINE.rpartition("tzdata")[0] + "tzdata 2020.1"


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def upgraded(desk: World, *, despite_faults: bool = False) -> UpgradeReport:
    return upgrade(desk.database, lambda: desk.program, despite_faults=despite_faults)


def altered(desk: World, statement: str) -> None:
    """Change the tables so that it shows whether they were rolled back."""
    with desk.database.transaction() as tx:
        tx.run(as_system("schema", text(statement)))


def damage(desk: World, case: str) -> None:
    """Let a fact tell of a state that its case never had, past the guards."""
    with desk.database.transaction() as tx:
        rows = as_system("schema", text("UPDATE fact SET state = :no WHERE case_id = :case"))
        off = "DISABLE TRIGGER ALL" if desk.database.postgres else ""
        if off:
            tx.run(as_system("schema", text(f"ALTER TABLE fact {off}")))
            tx.conn.execute(rows, {"no": bytes(16), "case": case})
            tx.run(as_system("schema", text("ALTER TABLE fact ENABLE TRIGGER ALL")))
            return
        (made,) = tx.conn.execute(
            as_system("schema", text("SELECT sql FROM sqlite_master WHERE name = 'fact_no_update'"))
        ).scalars()
        tx.run(as_system("schema", text("DROP TRIGGER fact_no_update")))
        tx.conn.execute(rows, {"no": bytes(16), "case": case})
        tx.run(as_system("schema", text(made)))


def test_an_upgrade_without_cases_needs_no_keyring(desk: World) -> None:
    def never() -> Tresteg:
        raise AssertionError

    assert upgrade(desk.database, never) == UpgradeReport(0, (), upgraded=True)


def test_the_newest_cases_are_folded_open_and_ended(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrades, "SAMPLE", 2)
    cases = [desk.start().case_id for _ in range(6)]
    for case in cases[:3]:
        desk.do(case, "t1")
    assert upgraded(desk) == UpgradeReport(4, (), upgraded=True)


def test_a_case_that_folds_to_something_else_stops_the_upgrade(desk: World) -> None:
    case = desk.start().case_id
    damage(desk, case)
    found = upgraded(desk)
    assert (found.folded, found.upgraded) == (1, False)
    assert any(f"{case} fact 1: I3: expected state 000000000000" in one for one in found.faults)
    assert not any("made with" in one for one in found.faults), "this program made it"
    despite = upgraded(desk, despite_faults=True)
    assert (despite.faults, despite.upgraded) == (found.faults, True)


def test_a_stopped_upgrade_is_rolled_back(desk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    migrated = as_system("schema", text("INSERT INTO setting VALUES ('migrated', 'yes')"))
    monkeypatch.setattr(schema_changes, "upgrade", lambda conn, _revision: conn.execute(migrated))
    damage(desk, desk.start().case_id)
    assert not upgraded(desk).upgraded
    assert setting(desk) == ""
    assert upgraded(desk, despite_faults=True).upgraded
    assert setting(desk) == "yes"


def setting(desk: World) -> str:
    with desk.database.transaction(write=False) as tx:
        return installation_values.get(tx, "migrated")


def test_cases_get_the_sums_of_their_rows(desk: World) -> None:
    """As an upgrade from tables without them does."""
    desk.start()
    altered(desk, "UPDATE cases SET sums = NULL")
    assert "the sums of its rows" in str(upgraded(desk).faults)
    with desk.database.transaction() as tx:
        assert list(row_macs.give_macs(tx, desk.program.services, desk.clock.now())) == []
    assert upgraded(desk).faults == ()


def test_what_has_changed_since_the_fact_was_made_is_said(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(turn, "ENGINE_TEXT", OLDER)
        case = desk.start().case_id
    assert upgraded(desk).faults == (), "another tzdata alone changes nothing"
    damage(desk, case)
    told = upgraded(desk).faults[-1]
    assert told.startswith("facts of these cases were made with tzdata 2020.1, now 20")


def test_facts_of_a_newer_engine_are_refused(desk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "ENGINE_TEXT", "engine 99, codec 1")
    desk.start()
    with pytest.raises(BadSettings, match="by engine 99"):
        upgraded(desk)


def test_tables_that_differ_are_not_called_upgraded(desk: World) -> None:
    altered(desk, "ALTER TABLE office ADD COLUMN colour TEXT")
    with pytest.raises(BadSettings, match=r"office\.colour is not one of this program"):
        upgraded(desk)


def test_a_foreign_keyring_is_not_taken_for_damage(desk: World) -> None:
    prepare_database(desk.program)
    desk.start()
    foreign = replace(desk.program.services, vault=Vault(make_keyring(demo=True)))
    desk.program = replace(desk.program, services=foreign)
    with pytest.raises(BadSettings, match="keyring does not belong to this database"):
        upgraded(desk)
