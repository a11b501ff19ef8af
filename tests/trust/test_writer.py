"""Whoever writes the database without a key is noticed: verification names each changed row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.audit.verify import verify_all
from service.security.keyring import Keyring
from service.store.guarded_rows import GUARDED, UNBOUND_SETTINGS
from service.store.read_models import whole_rows
from service.store.tables import metadata
from tests.support.scale import SEED, figure
from tests.trust.filled import FilledInstallation, filled
from tests.trust.writer import COLUMNS_OF_NOTHING, TABLES_OF_NOTHING, Writer

PARTS = 10


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> Iterator[FilledInstallation]:
    made = filled(tmp_path_factory.mktemp("filled"), keyring)
    yield made
    made.program.database.close()


def test_untouched_it_is_unbroken(installation: FilledInstallation) -> None:
    services, now = installation.program.services, installation.now
    with installation.program.database.transaction(write=False) as tx:
        assert verify_all(tx, services, now=now).faults == ()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_single_change_is_named(installation: FilledInstallation, part: int) -> None:
    writer, missed = Writer(installation, f"writer {part}"), list[str]()
    for change, sentences in writer.tries(figure("changes") // PARTS):
        if writer.unnamed(change, sentences):
            missed.append(f"{change}: {sentences}")
    assert missed == [], f"{SEED}writer {part}"


def test_what_nothing_rests_on_is_declared_and_exists() -> None:
    tables = metadata.tables
    assert set(TABLES_OF_NOTHING) <= set(tables)
    assert all(name in tables[table].c for table, name in COLUMNS_OF_NOTHING)
    assert all((*TABLES_OF_NOTHING.values(), *COLUMNS_OF_NOTHING.values()))
    assert all(UNBOUND_SETTINGS.values())
    for guard in GUARDED.values():
        assert guard.exempt.keys() <= {column.name for column in guard.table.columns}
        assert all(guard.exempt.values())


def test_every_table_has_rows_to_change(installation: FilledInstallation) -> None:
    with installation.program.database.transaction(write=False) as tx:
        empty = [name for name in metadata.tables if not whole_rows.stored(tx, name)]
    assert set(empty) <= {"log_waiting", "batch", "batch_case", "draft_state", "release_dossier"}
