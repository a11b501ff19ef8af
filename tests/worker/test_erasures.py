"""After an erasure no live file holds what went, and the list outside says what became of it."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.operations import background
from service.operations.erased_again import erasure_warnings
from service.security.erasure_list import BEGUN, DONE, UNDONE
from service.security.keyring import Keyring
from service.store import live_files, row_scope
from service.store.casefile import retention_acts
from service.store.casefile.retention_acts import RetentionAct
from service.store.database import Database
from service.store.installation import keys, ledger_entries
from service.store.tables import note
from service.worker.erasures import (
    ErasureNotConfirmed,
    _Looked,
    look_after_erasures,
    settle_list,
)
from tests.support.erasures import again, erase_in_child, list_of, listed, open_with_list
from tests.support.filled_case import TWO, erased, fill_case
from tests.support.kinds import KINDS, SQLITE
from tests.support.roles import run, two_roles
from tests.support.world import World, open_world

ONLY_POSTGRES = pytest.mark.parametrize("database_url", KINDS[1:], indirect=True)
ONLY_SQLITE = pytest.mark.parametrize("database_url", [SQLITE], indirect=True)


@pytest.fixture
def desk(database_url: str, keyring: Keyring, tmp_path: Path) -> Iterator[World]:
    with open_with_list(database_url, keyring, TWO, tmp_path / "outside") as made:
        yield made


def look(desk: World) -> int:
    return look_after_erasures(desk.worker(), desk.clock.now())


def confirmed(desk: World, case: str) -> list[datetime | None]:
    with desk.database.transaction(write=False) as tx:
        return [act.confirmed_at for act in retention_acts.of_case(tx, case)]


def wanted(act: RetentionAct) -> set[bytes]:
    return {bytes.fromhex(key) for key in act.keys}


def found(desk: World, act: RetentionAct) -> frozenset[bytes]:
    return live_files.found_in_files(desk.database.file, wanted(act))


def test_an_erasure_is_confirmed_in_the_history_of_its_case(desk: World) -> None:
    case = fill_case(desk)
    act = erased(desk, case)
    assert look(desk) == 1
    assert confirmed(desk, case) == [desk.clock.now()]
    with desk.database.transaction(write=False) as tx:
        (entry,) = ledger_entries.latest(tx, f"case/{case}", kinds=["erasure_confirmed"])
    files = "written anew" if desk.database.postgres else "searched"
    assert json.loads(entry.body) | {"rows": None} == {
        "act": act.id,
        "to": act.office_id,
        "files": files,
        "rows": None,
    }
    assert look(desk) == 0
    assert desk.faults() == []


@ONLY_SQLITE
def test_no_file_holds_a_key_or_a_sealed_value_that_went(desk: World) -> None:
    case = fill_case(desk)
    with desk.database.transaction(write=False) as tx:
        sealed = tx.value(
            note.select().with_only_columns(note.c.sealed).where(note.c.case_id == case)
        )
    mark = bytes(sealed)[:64]
    act = erased(desk, case)
    assert found(desk, act) == wanted(act), "the log of the file holds them still"
    assert live_files.found_in_files(desk.database.file, {mark})
    assert look(desk) == 1
    assert found(desk, act) == frozenset()
    assert not live_files.found_in_files(desk.database.file, {mark})
    assert Path(f"{desk.database.file}-wal").stat().st_size < 100_000


@ONLY_SQLITE
def test_who_reads_for_long_delays_the_confirmation_and_no_writer(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.worker.erasures.PATIENCE", 0.1)
    case = fill_case(desk)
    with closing(sqlite3.connect(desk.database.file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM vault_key").fetchone()
        act = erased(desk, case)
        assert look(desk) == 0
        assert confirmed(desk, case) == [None]
        assert found(desk, act)
        other = fill_case(desk)
        desk.later(days=1)
        with pytest.raises(ErasureNotConfirmed):
            look(desk)
        reader.execute("COMMIT")
    assert look(desk) == 1
    assert confirmed(desk, case) == [desk.clock.now()]
    assert found(desk, act) == frozenset()
    assert confirmed(desk, other) == []
    assert desk.faults() == []


@ONLY_SQLITE
def test_the_log_is_looked_at_again_soon_after_somebody_read(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.worker.erasures.PATIENCE", 0.1)
    case, worker = fill_case(desk), desk.worker()
    with closing(sqlite3.connect(desk.database.file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM vault_key").fetchone()
        erased(desk, case)
        assert look_after_erasures(worker, desk.clock.now()) == 0
        reader.execute("COMMIT")
    assert look_after_erasures(worker, desk.clock.now()) == 0, "not at each look"
    assert look_after_erasures(worker, desk.later(minutes=1)) == 1
    assert confirmed(desk, case) == [desk.clock.now()]


@ONLY_SQLITE
def test_what_a_copy_erases_again_is_late_a_day_after_that(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.worker.erasures.PATIENCE", 0.1)
    case = fill_case(desk)
    with closing(sqlite3.connect(desk.database.file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM vault_key").fetchone()
        erase_of_earlier(desk, case)
        assert look(desk) == 0
        desk.later(hours=23)
        assert look(desk) == 0
        desk.later(hours=1)
        with pytest.raises(ErasureNotConfirmed):
            look(desk)
        reader.execute("COMMIT")
    assert look(desk) == 1


def erase_of_earlier(desk: World, case: str) -> None:
    """Do an act again that was done ten days ago, as in a copy of before it."""
    erasure, earlier = listed(desk, case), desk.clock.now() - timedelta(days=10)
    assert again(desk, replace(erasure, at=earlier.isoformat(), keys=()))


def keys_left_in_free_parts(desk: World, seed: int) -> frozenset[bytes]:
    """Add many keys and delete half of them; gives the ids that a page holds all the same."""
    vault, chance = desk.program.services.vault, random.Random(seed)  # noqa: S311 - of a test
    made = []
    for _ in range(400):
        about = chance.randbytes(8).hex()
        with desk.database.transaction() as tx:
            new = [vault.new_key(f"person:{about}:{nth}") for nth in range(9)]
            keys.add(tx, *new, stream="system")
            tx.changes.bound.clear()
        made += new
    gone = chance.sample(made, 1800)
    with desk.database.transaction() as tx:
        for key in gone:
            keys.drop(tx, key.owner, stream="system")
        tx.changes.bound.clear()
    assert live_files.empty_log(desk.database, 5.0)
    ids = {bytes.fromhex(key.key_id) for key in gone}
    return live_files.found_in_files(desk.database.file, ids)


@ONLY_SQLITE
def test_bytes_of_a_moved_row_are_written_over(desk: World) -> None:
    """SQLite leaves them in the free part of a page that was split."""
    case = fill_case(desk)
    left: frozenset[bytes] = frozenset()
    for seed in range(10):  # one key in some hundreds leaves its bytes
        left = left or keys_left_in_free_parts(desk, seed)
    assert left, "otherwise this test shows nothing"
    act = erased(desk, case)
    with desk.database.transaction() as tx:
        (stored,) = retention_acts.of_case(tx, case)
        row = replace(stored, keys=[*stored.keys, *(one.hex() for one in left)])
        retention_acts.ROWS.change(tx, stored, row, stream=f"case/{case}")
        tx.changes.bound.clear()
    assert look(desk) == 1
    assert live_files.found_in_files(desk.database.file, left | wanted(act)) == frozenset()


def test_a_key_that_is_there_again_is_not_confirmed(desk: World) -> None:
    case = fill_case(desk)
    with desk.database.transaction(write=False) as tx:
        before = keys.of_case(tx, case)
    erased(desk, case)
    with desk.database.transaction() as tx:
        keys.add(tx, before[0], stream=f"case/{case}")
        tx.changes.bound.clear()
    assert look(desk) == 0
    assert confirmed(desk, case) == [None]
    desk.later(days=1)
    with pytest.raises(ErasureNotConfirmed):
        look(desk)


def test_what_is_late_stops_nothing_else_and_is_a_part_that_fails(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = fill_case(desk)
    erased(desk, fill)
    monkeypatch.setattr(
        "service.worker.erasures._clear",
        lambda _, acts: _Looked(frozenset(act.id for act in acts)),
    )
    desk.later(days=1)
    worker = desk.worker()
    worker.runs = True
    for _ in range(background.FAILURES):
        desk.later(minutes=2)
        worker.step()
    worker._write_failures()
    with desk.database.transaction(write=False) as tx:
        assert background.is_open(tx, background.ERASURES)


@pytest.mark.parametrize(
    ("place", "became"), [("e1", UNDONE), ("w7", UNDONE), ("w8", DONE), ("e2", DONE)]
)
def test_the_worker_says_what_became_of_what_was_begun(
    desk: World, place: str, became: str
) -> None:
    case = fill_case(desk)
    erase_in_child(desk, case, place)
    assert [*list_of(desk).read().states.values()] == [BEGUN]
    settle_list(desk.worker(), desk.clock.now())
    assert [*list_of(desk).read().states.values()] == [became]
    assert bool(confirmed(desk, case)) == (became == DONE)


def test_of_a_case_that_the_database_lacks_nothing_is_said(desk: World) -> None:
    act = erased(desk, fill_case(desk))
    kept = list_of(desk)
    listed = replace(kept.read().erasures[act.id], id="other", case_id="of a later copy")
    kept.begin(listed)
    settle_list(desk.worker(), desk.clock.now())
    assert kept.read().unsettled == [listed]


def test_acts_that_the_list_lacks_are_named_again(desk: World) -> None:
    acts = [erased(desk, fill_case(desk)) for _ in range(2)]
    whole = list_of(desk).read()
    list_of(desk).file.unlink()
    settle_list(desk.worker(), desk.clock.now())
    assert list_of(desk).read() == whole
    assert [*whole.erasures] == [act.id for act in acts]


def test_without_a_list_an_erasure_is_confirmed_all_the_same(desk: World) -> None:
    services = replace(desk.program.services, erasures=None)
    plain = replace(desk, program=replace(desk.program, services=services))
    case = fill_case(plain)
    erased(plain, case)
    assert look(plain) == 1
    assert confirmed(plain, case) == [plain.clock.now()]


@ONLY_POSTGRES
def test_a_role_that_may_not_vacuum_waits_for_the_owner(
    database_url: str, keyring: Keyring
) -> None:
    addresses = two_roles(database_url)
    owner = Database(addresses.service, owner=addresses.owner)
    owner.upgrade()
    owner.close()
    desk = open_world(addresses.service, keyring, TWO)
    _, may_not, no_switch, _ = erasure_warnings(desk.program)
    assert may_not.startswith("The service's role may not VACUUM")
    assert no_switch.startswith("The service's role may not call pg_switch_wal")
    case = fill_case(desk)
    erased(desk, case)
    assert look(desk) == 0
    desk.later(days=1)
    with pytest.raises(ErasureNotConfirmed):
        look(desk)
    run(addresses.owner, may_not[may_not.index("VACUUM ", may_not.index("tables: ")) :])
    assert look(desk) == 1
    with desk.database.transaction(write=False) as tx:
        (entry,) = ledger_entries.latest(tx, f"case/{case}", kinds=["erasure_confirmed"])
    assert json.loads(entry.body)["files"] == "not searched"
    assert confirmed(desk, case) == [desk.clock.now()]
    assert desk.faults() == []
    desk.database.close()


@ONLY_POSTGRES
def test_a_table_that_was_cleared_before_a_copy_erased_again_holds_it_still(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = fill_case(desk)
    erase_of_earlier(desk, case)
    cleared = live_files.Vacuumed(0, desk.clock.now() - timedelta(days=1))
    monkeypatch.setattr(live_files, "vacuumed", lambda *_: cleared)
    assert look(desk) == 0
    assert confirmed(desk, case) == [None]
    monkeypatch.undo()
    assert look(desk) == 1


def files_with(desk: World, wanted: set[bytes]) -> set[str]:
    """Folders of the server's files in which one of some byte strings lies: `base` or `pg_wal`."""
    with desk.database.engine.connect() as connection:
        conn = row_scope.as_system("schema", connection).execution_options(
            isolation_level="AUTOCOMMIT"
        )
        conn.exec_driver_sql("CHECKPOINT")
        folder = Path(conn.exec_driver_sql("SHOW data_directory").scalar_one())
    return {
        place
        for place in ("base", "pg_wal")
        for file in (folder / place).rglob("*")
        if file.is_file() and live_files.found_in_files(str(file), wanted)
    }


@ONLY_POSTGRES
def test_no_file_of_a_table_holds_a_key_that_went(desk: World) -> None:
    act = erased(desk, fill_case(desk))
    assert "base" in files_with(desk, wanted(act)), "deleted rows stay in their pages"
    assert look(desk) == 1
    assert "base" not in files_with(desk, wanted(act))


@ONLY_POSTGRES
def test_a_table_that_others_hold_is_left_as_it_is(desk: World) -> None:
    with desk.database.engine.connect() as connection:
        held = row_scope.as_system("schema", connection)
        held.exec_driver_sql("LOCK TABLE vault_key IN ROW EXCLUSIVE MODE")
        assert not live_files.write_anew(desk.database, "vault_key", 0.1)
        held.rollback()
    assert live_files.write_anew(desk.database, "vault_key", 0.1)


@ONLY_POSTGRES
def test_what_the_role_may_do_on_postgresql_is_said(desk: World) -> None:
    *lacking, searched = erasure_warnings(desk.program)
    assert lacking == [], "a superuser may do all"
    assert searched.startswith("The files of PostgreSQL are not searched")
