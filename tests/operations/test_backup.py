"""A backup holds everything of one moment, is tested, and says so only then."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.application.container import Tresteg
from service.audit import verify
from service.demo.scenarios import read_scenarios
from service.errors import BadSettings, Busy, UnusableFile
from service.operations.backup import WITH_FAULTS, make_backup
from service.operations.health import LAST_BACKUP
from service.security.keyring import Keyring
from service.store import dump
from service.store.database import Database
from service.store.installation import installation_values, ledger_entries
from tests.support.backups import OPERATOR, BackupFiles, backup_files
from tests.support.played_cases import SCENARIOS, Played, play
from tests.support.waiting import join
from tests.support.world import World, open_world
from tests.worker.world import CALLS

FEW = ("walk", "no-show", "child-stays")
"""So few that verifying them takes no second."""


@pytest.fixture
def files(tmp_path: Path) -> BackupFiles:
    return backup_files(tmp_path / "backups")


@pytest.fixture
def installation(played: Played, database: Database, database_url: str) -> Tresteg:
    """The stories of the demo in a database of either kind."""
    dump.load(played.program.database, database)
    settings = replace(played.program.settings, database_url=database_url)
    return replace(played.program, database=database, settings=settings)


@pytest.fixture(scope="module")
def few_stories(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> Iterator[Tresteg]:
    """Three stories: a backup is verified, which takes as long as its cases were played."""
    file = tmp_path_factory.mktemp("few") / "few.db"
    shutil.copyfile(empty_sqlite, file)
    told = [one for one in read_scenarios(SCENARIOS) if one.name in FEW]
    program = play(f"sqlite:///{file}", keyring, told).program
    yield program
    program.database.close()


@pytest.fixture
def small_installation(few_stories: Tresteg, database: Database, database_url: str) -> Tresteg:
    """The same in a database of either kind."""
    dump.load(few_stories.database, database)
    settings = replace(few_stories.settings, database_url=database_url)
    return replace(few_stories, database=database, settings=settings)


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'elsewhere.db'}"


def content(database: Database, *, without: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Every row of every table."""
    with dump.reading_everything(database) as conn:
        return {
            table.name: sorted(map(repr, conn.execute(table.select())))
            for table in dump.TABLES
            if table.name not in without
        }


CHANGED = frozenset({"line", "log_waiting", "login_session", "setting"})
"""What a restore itself changes: it ends sessions, and says that it holds."""


@pytest.mark.both_kinds
def test_everything_comes_back_from_either_database(
    installation: Tresteg, files: BackupFiles, elsewhere: str
) -> None:
    before = content(installation.database, without=CHANGED)
    assert len(before["fact"]) > 500
    done = files.backup(installation)
    assert (done.faults, done.verified.cases) == ((), len(before["cases"]))
    restored = files.restore(installation, elsewhere)
    assert content(restored.database, without=CHANGED) == before
    with restored.database.transaction(write=False) as tx:
        report = verify.verify_all(tx, restored.services, now=restored.clock.now())
    assert report.faults == ()
    assert restored.database.wrong() == []
    restored.database.close()


def test_a_backup_moves_between_kinds_of_database(
    played: Played, files: BackupFiles, database_url: str, tmp_path: Path
) -> None:
    source = replace(played.program, database=Database(f"sqlite:///{tmp_path / 'own.db'}"))
    dump.load(played.program.database, source.database)
    before = content(source.database, without=CHANGED)
    files.backup(source)
    moved = files.restore(source, database_url)
    assert content(moved.database, without=CHANGED) == before
    with moved.database.transaction(write=False) as tx:
        assert verify.verify_all(tx, moved.services, now=moved.clock.now()).faults == ()
    moved.database.close()
    source.database.close()


def test_a_good_backup_is_noted_and_holds_no_key(
    small_installation: Tresteg, files: BackupFiles
) -> None:
    done = files.backup(small_installation)
    with small_installation.database.transaction(write=False) as tx:
        noted = installation_values.get(tx, LAST_BACKUP)
        entry = ledger_entries.latest(tx, "system", limit=1)[0]
    assert noted == small_installation.clock.now().isoformat()
    assert (entry.kind, str(done.size) in entry.body) == ("backup_made", True)
    assert done.file.stat().st_mode & 0o777 == 0o600
    assert done.manifest.rows["cases"] == done.verified.cases
    assert sorted(path.name for path in files.folder.iterdir()) == [
        "one.backup",
        "private.pem",
        "public.pem",
    ], "no plain copy is left behind"


def test_a_database_with_faults_is_kept_and_not_called_good(
    small_installation: Tresteg, files: BackupFiles
) -> None:
    with small_installation.database.transaction() as tx:
        tx.conn.execution_options(tresteg_scope="a test").exec_driver_sql(
            "UPDATE cases SET snapshot = NULL"
        )
    done = files.backup(small_installation)
    assert done.faults
    assert done.file.name == f"one.backup{WITH_FAULTS}"
    with small_installation.database.transaction(write=False) as tx:
        assert installation_values.get(tx, LAST_BACKUP) == ""


def test_a_sample_folds_some_and_walks_every_chain(
    small_installation: Tresteg, files: BackupFiles
) -> None:
    whole = files.backup(small_installation)
    now, target = small_installation.clock.now(), files.folder / "sample.backup"
    some = make_backup(files.keyed(small_installation), target, by=OPERATOR, now=now, sample=2)
    assert (some.verified.cases, some.faults) == (2, ())
    assert some.verified.lines == whole.verified.lines + 1, "that of the first backup"


def test_nothing_is_written_over_and_a_key_is_needed(
    small_installation: Tresteg, files: BackupFiles
) -> None:
    files.backup(small_installation)
    before = (files.folder / "one.backup").read_bytes()
    with pytest.raises(UnusableFile, match="is there already"):
        files.backup(small_installation)
    assert (files.folder / "one.backup").read_bytes() == before
    with pytest.raises(BadSettings, match="TRESTEG_BACKUP_KEY"):
        make_backup(
            small_installation,
            files.folder,
            by=OPERATOR,
            now=small_installation.clock.now(),
            sample=1,
        )
    private = replace(small_installation.settings, backup_key=str(files.private))
    with pytest.raises(UnusableFile, match="must not lie on this machine"):
        make_backup(
            replace(small_installation, settings=private),
            files.folder,
            by=OPERATOR,
            now=small_installation.clock.now(),
        )


@pytest.fixture
def desk(database_url: str, keyring: object) -> Iterator[World]:
    made = open_world(database_url, keyring, CALLS)  # type: ignore[arg-type]  # the keyring of the session
    yield made
    made.database.close()


def test_a_backup_under_writes_is_of_one_moment(
    desk: World, files: BackupFiles, tmp_path: Path
) -> None:
    stop, started = threading.Event(), threading.Event()
    faults: list[Exception] = []

    def work() -> None:
        own = desk.again()
        while not stop.is_set():
            try:
                own.start()
            except Busy:
                continue
            except Exception as fault:  # noqa: BLE001 - told below
                faults.append(fault)
            started.set()
        own.database.close()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        assert started.wait(30)
        done = [files.backup(desk.program, f"{n}.backup") for n in range(3)]
    finally:
        stop.set()
        join(writer)
    assert faults == []
    assert [one.faults for one in done] == [(), (), ()]
    seen = [one.manifest.rows["cases"] for one in done]
    assert seen == sorted(seen)
    for n, one in enumerate(done):
        url = f"sqlite:///{tmp_path / f'{n}.db'}"
        restored = files.restore(desk.program, url, one.file)
        with restored.database.transaction(write=False) as tx:
            report = verify.verify_all(tx, restored.services, now=restored.clock.now())
        assert (report.faults, report.cases) == ((), seen[n])
        restored.database.close()
