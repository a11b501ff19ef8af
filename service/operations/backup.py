"""A backup of the installation: copied at one moment, tested, encrypted, and read back.

The copy is opened and verified as a database of its own before anything is encrypted, and what was
encrypted is read back from the disk while the content key is at hand. The keyring is not in it.
Source: decisions/0027.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import SystemRandom
from typing import BinaryIO

from service import VERSION
from service.application import unit_of_work
from service.application.container import Tresteg
from service.audit import verify as verification
from service.errors import BadSettings, UnusableFile
from service.operations.backup_file import (
    PIECE,
    BackupManifest,
    check_written,
    private_file,
    write_backup,
)
from service.operations.health import LAST_BACKUP
from service.operations.outside_checkpoint import newest_document
from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.backup_cipher import PublicKey, read_public_key
from service.store import dump
from service.store.database import Database
from service.store.installation import installation_values, ledger_entries
from service.store.transaction import Tx

WITH_FAULTS = ".with-faults"
"""End of the name of a backup whose self-test found faults."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was made."""

    file: Path
    size: int
    manifest: BackupManifest
    verified: verification.VerifyReport
    faults: tuple[str, ...]
    """Faults that the self-test found; empty for a good backup."""


def backup_key(program: Tresteg) -> PublicKey:
    """The public key that backups are made for.

    Raises:
        BadSettings: none is named.   UnusableFile: the file holds none.
    """
    name = program.settings.backup_key
    if not name:
        raise BadSettings(
            "backups are made for a public key: make a pair with `tresteg keys backup` on another "
            "machine, and name the file of the public one in TRESTEG_BACKUP_KEY"
        )
    with naming(Path(name)):
        return read_public_key(Path(name).read_bytes())


def make_backup(
    program: Tresteg, target: Path, *, by: Actor, now: datetime, sample: int | None = None
) -> BackupReport:
    """Make a backup of the whole installation, with its self-test.

    Args:
        target: a file that is not there yet, or a folder.
        sample: how many cases, drawn at random, are folded from their facts; all without it. Chains
            of the ledger are always walked.
    Raises:
        BadSettings: no public key is named.   UnusableFile: the file is there, or was not written.
    """
    public = backup_key(program)
    file = target / f"tresteg-{now:%Y%m%dT%H%M%SZ}.backup" if target.is_dir() else target
    if file.exists():
        raise UnusableFile(f"{file} is there already; a backup is never written over")
    with tempfile.TemporaryDirectory(prefix=".tresteg-backup-", dir=file.parent) as place:
        copy = Path(place) / "copy.db"
        sealed = Path(place) / "sealed"
        with program.database.transaction(write=False) as tx:
            before = dict(stream_ends(tx))
        _copied(program, copy)
        copied_at = program.clock.now()
        verified, faults = _tested(program, copy, before, now, sample)
        manifest = _manifest(program, copy, copied_at)
        with private_file(sealed) as out, naming(file):
            writer = write_backup(out, manifest, copy, public, program.services.vault)
            out.flush()
            os.fsync(out.fileno())
        with sealed.open("rb") as back, naming(file):
            check_written(back, writer, manifest)
        if faults:
            file = file.with_name(file.name + WITH_FAULTS)
        size, digest = _put(sealed, file)
    if not faults:
        _note(program, by=by, now=now, size=size, digest=digest)
    return BackupReport(file, size, manifest, verified, faults)


def _copied(program: Tresteg, copy: Path) -> None:
    """Copy the database at one moment into a file of its own."""
    private_file(copy).close()
    with opened(program, copy) as target, _source(program) as source:
        dump.dump(source, target)


@contextmanager
def _source(program: Tresteg) -> Iterator[Database]:
    """The database as the role that makes backups reaches it, where the settings name one."""
    address = program.settings.backup_database_url
    if not address or not program.database.postgres:
        yield program.database
        return
    database = Database(address)
    try:
        yield database
    finally:
        database.close()


def _tested(
    program: Tresteg,
    copy: Path,
    before: dict[str, tuple[int, str]],
    now: datetime,
    sample: int | None,
) -> tuple[verification.VerifyReport, tuple[str, ...]]:
    """Open the copy as a database of its own, and verify it; gives what is wrong with it."""
    with opened(program, copy) as database:
        wrong = [*database.wrong(), *database.damage()]
        with database.transaction(write=False) as tx:
            report = _verified(tx, program, now, sample)
            wrong += [
                f"the copy lacks entry {seq} of the stream {stream}"
                for stream, (seq, digest) in before.items()
                if not _holds(tx, stream, seq, digest)
            ]
    return report, (*wrong, *map(str, report.faults))


def _verified(
    tx: Tx, program: Tresteg, now: datetime, sample: int | None
) -> verification.VerifyReport:
    if sample is None:
        return verification.verify_all(tx, program.services, now=now)
    every = verification.case_ids(tx)
    drawn = frozenset(SystemRandom().sample(every, min(sample, len(every))))
    return verification.verify_all(tx, program.services, now=now, folded=drawn)


def _holds(tx: Tx, stream: str, seq: int, digest: str) -> bool:
    """Whether the entry of that number has that hash."""
    own = ledger_entries.of_stream(tx, stream, after=seq - 1, limit=1)
    return bool(own) and (own[0].seq, own[0].hash) == (seq, digest)


def _manifest(program: Tresteg, copy: Path, at: datetime) -> BackupManifest:
    """What the copy holds."""
    with opened(program, copy) as database:
        rows = dump.counts(database)
        schema = dump.revision(database)
        ledger, streams = sha256(), 0
        with database.transaction(write=False) as tx:
            for stream, (seq, digest) in stream_ends(tx):
                ledger.update(f"{stream} {seq} {digest}\n".encode())
                streams += 1
    if leftover := [path.name for path in copy.parent.glob("copy.db-*")]:
        raise UnusableFile(f"{copy} is not whole: {', '.join(leftover)} was left next to it")
    with copy.open("rb") as part:
        size, digest = _digest(part)
    return BackupManifest(
        made_at=at.astimezone(UTC).isoformat(),
        program=VERSION,
        schema=schema,
        database="postgresql" if program.database.postgres else "sqlite",
        keyring=program.services.vault.fingerprint(),
        size=size,
        sha256=digest,
        rows=rows,
        streams=streams,
        ledger=ledger.hexdigest(),
        checkpoint=newest_document(program),
    )


def stream_ends(tx: Tx) -> Iterator[tuple[str, tuple[int, str]]]:
    """The name of every stream, and the number and hash of its last entry."""
    after = ""
    while page := ledger_entries.streams(tx, after=after):
        for stream, _ in page:
            yield stream, ledger_entries.end(tx, stream)
        after = page[-1][0]


def _put(sealed: Path, file: Path) -> tuple[int, str]:
    """Give the finished file its name, for good; gives its size and digest."""
    with sealed.open("rb") as whole:
        size, digest = _digest(whole)
    try:
        os.link(sealed, file)  # fails where a file has that name, which `rename` would replace
    except FileExistsError:
        raise UnusableFile(f"{file} is there already; a backup is never written over") from None
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return size, digest


def _digest(part: BinaryIO) -> tuple[int, str]:
    digest, size = sha256(), 0
    while piece := part.read(PIECE):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def _note(program: Tresteg, *, by: Actor, now: datetime, size: int, digest: str) -> None:
    """Note a good backup in the installation, so that its age can be shown."""
    at = now.astimezone(UTC).isoformat()
    body: dict[str, ledger_lines.Canonical] = {"sha256": digest, "size": size, "copied": at}

    def note(tx: Tx) -> None:
        installation_values.put(tx, LAST_BACKUP, at)
        append_entry(tx, "system", "backup_made", by=by, now=now, body=body)

    unit_of_work.run(program.database, program.services, note, now=now)


@contextmanager
def opened(program: Tresteg, file: Path) -> Iterator[Database]:
    """A SQLite file as a database of the program's keyring; closed, and in one piece, when the
    block ends.
    """
    database = Database(f"sqlite:///{file}")
    database.row_mac = program.services.vault.row_mac
    try:
        yield database
    finally:
        database.close()


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Put the name of a file before what is wrong with it."""
    try:
        yield
    except UnusableFile as fault:
        raise UnusableFile(f"{file} {fault}") from fault
    except OSError as fault:
        raise UnusableFile(f"{file} cannot be read or written: {fault.strerror}") from fault
