"""Restoring a backup into an empty database, and noticing an older copy that was put back by hand.

The copy is made ready as a file of its own: it holds what would leave or fire, and its sessions are
ended, before a single row of it is in the place where the installation works. So a restore that
is cut short leaves an empty database, never one that acts.
Source: decisions/0027.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from service.application import unit_of_work
from service.application.container import Tresteg
from service.casework import restored_copy
from service.casework.restored_copy import OutsideHeads, RestoreGap
from service.errors import UnusableFile
from service.operations import key_epochs, row_macs
from service.operations.backup import naming, opened
from service.operations.backup_file import BackupManifest, read_backup
from service.operations.erased_again import erase_listed
from service.operations.outside_checkpoint import is_ahead, newest_document, newest_heads, set_aside
from service.operations.start_checks import KEYRING
from service.records.context import Actor
from service.security.backup_cipher import read_private_key
from service.store import dump
from service.store.casefile import cases
from service.store.installation import installation_values
from service.store.transaction import Tx

log = structlog.get_logger("start")
COMPANIONS = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps next to a database, and that belong to it alone."""


def restore_backup(
    program: Tresteg, file: Path, private: Path, *, by: Actor, now: datetime
) -> BackupManifest:
    """Put a backup into the empty database of the installation, where it waits to be confirmed.

    Raises:
        UnusableFile: the database is not empty, or has no tables and no owner was named who makes
            them (PostgreSQL), or the file is damaged, for another key, of another installation, or
            its keys are under an epoch that the keyring does not have.
    """
    refuse_unless_empty(program)
    with naming(private):
        key = read_private_key(private.read_bytes())
    with _room(program) as place:
        copy = place / "copy.db"
        with naming(file), file.open("rb") as sealed:
            manifest = read_backup(sealed, key, program.services.vault, copy)
        with opened(program, copy) as database:
            database.upgrade()
            with naming(file), database.transaction() as tx:
                bound = installation_values.get(tx, KEYRING)
                if bound and bound != program.services.vault.fingerprint():
                    raise UnusableFile("belongs to another keyring")
                if lacks := key_epochs.lacks_for_backup(tx, program.services.vault):
                    raise UnusableFile(lacks)
                if row_macs.is_older(manifest.schema):  # `verify` names the rows that get none
                    deque(row_macs.give_macs(tx, program.services, program.clock.now()), maxlen=0)
                restored_copy.hold(
                    tx,
                    by=by,
                    now=now,
                    copied_at=manifest.moment,
                    outside=newest_heads(program),
                    found="restore",
                )
            with naming(file):
                _refuse_other_rows(dump.counts(database), manifest)
            erase_listed(database, program.services, by=by, now=now, is_copy=True)
            refuse_unless_empty(program)
            dump.load(database, program.database)
    program.database.check()
    return manifest


def refuse_unless_empty(program: Tresteg) -> None:
    """Refuse to restore over anything.

    Raises:
        UnusableFile: with a sentence that says what to do.
    """
    database = program.database
    if not database.postgres and database.url.database:
        file = Path(database.url.database)
        companions = [Path(f"{file}{end}") for end in COMPANIONS]
        if left := [path.name for path in companions if path.exists() and not file.exists()]:
            raise UnusableFile(
                f"{', '.join(left)} of another database lies next to {file}: move it away first, "
                "SQLite would mix it in"
            )
    if dump.holds_rows(database):
        what = (
            "restore into an empty PostgreSQL database, and name it in TRESTEG_DATABASE_URL"
            if database.postgres
            else f"stop everything, move {database.url.database} away together with its -wal and "
            "-shm, and restore again"
        )
        raise UnusableFile(f"{database} is not empty, and nothing is restored over it: {what}")
    if (
        database.postgres
        and database.is_empty()
        and not (program.demo or program.settings.owner_database_url)
    ):
        raise UnusableFile(
            f"{database} has no tables, and the service's role makes none: name the role that owns "
            "them in TRESTEG_OWNER_DATABASE_URL for this command"
        )


def confirm_copy(
    tx: Tx,
    program: Tresteg,
    *,
    by: Actor,
    now: datetime,
    outside: OutsideHeads | None,
    who: str = "",
    lost_at: datetime | None = None,
    last_number: str = "",
) -> RestoreGap:
    """Let a restored copy work; once that is committed, the checkpoints of before are put aside.

    Raises:
        As `restored_copy.confirm`, whose arguments these are.
    """
    gap = restored_copy.confirm(
        tx, by=by, now=now, outside=outside, who=who, lost_at=lost_at, last_number=last_number
    )
    if outside is not None:
        tx.after_commit(partial(_set_aside, program, outside))
    return gap


def _set_aside(program: Tresteg, outside: OutsideHeads) -> None:
    """Put the checkpoints of before aside; what cannot be moved now is at the next start, and until
    then the sequencer is a part that fails.
    """
    try:
        set_aside(program, outside)
    except OSError as e:
        log.warning("checkpoints_not_set_aside", error=str(e.strerror))


def hold_older_database(program: Tresteg, *, by: Actor, now: datetime) -> bool:
    """Hold the database when a checkpoint outside is ahead of it: an older copy was put back.

    The folder is read before the snapshot of the database: whatever it counts was committed before,
    so only a database that lacks some of it is older. Before anything is held both are looked at
    once more, under the lock of those who make checkpoints.

    What was erased since is erased again, before anything opens.

    Gives whether it is held now.
    """
    held = _hold_if_older(program, by=by, now=now)
    erase_listed(program.database, program.services, by=by, now=now, is_copy=held)
    return held


def _hold_if_older(program: Tresteg, *, by: Actor, now: datetime) -> bool:
    note = newest_document(program)
    with program.database.transaction(write=False) as tx:
        if restored_copy.is_held(tx):
            return True
        if not is_ahead(tx, note):
            return False
        confirmed = installation_values.get(tx, restored_copy.CONFIRMED)
    outside = newest_heads(program)
    if outside is None:  # another process has set it aside
        return False
    if outside.digest == confirmed:
        set_aside(program, outside)
        return False
    hold = partial(_hold_older, outside=outside, by=by, now=now)
    return unit_of_work.run(program.database, program.services, hold, now=now)


def _hold_older(tx: Tx, *, outside: OutsideHeads, by: Actor, now: datetime) -> bool:
    """Hold the database if it is older than a checkpoint; gives whether it is held now."""
    ahead = is_ahead(tx, outside.note, lists=outside, lock=True)
    if restored_copy.is_held(tx):  # another process that starts was faster
        return True
    if ahead:
        copied_at = cases.last_moved(tx) or now
        restored_copy.hold(tx, by=by, now=now, copied_at=copied_at, outside=outside, found="start")
    return ahead


def _refuse_other_rows(found: dict[str, int], manifest: BackupManifest) -> None:
    """Refuse a copy that holds other numbers of rows than its manifest names."""
    # by `hold`; the counter of a year is new where all its cases came after the copy
    changed = {"case_number", "line", "log_waiting", "login_session", "setting", "stream"}
    wrong = [
        name
        for name, rows in manifest.rows.items()
        if name not in changed and found.get(name) != rows
    ]
    if wrong:
        raise UnusableFile(f"holds other rows than its manifest names: {', '.join(wrong)}")


@contextmanager
def _room(program: Tresteg) -> Iterator[Path]:
    """A folder for the opened copy: next to a SQLite database, which needs the same room."""
    file = None if program.database.postgres else program.database.url.database
    folder = Path(file).parent if file else None
    with tempfile.TemporaryDirectory(prefix=".tresteg-restore-", dir=folder) as made:
        yield Path(made)
