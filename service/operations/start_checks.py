"""The checks of a start: tables, the keyring it belongs to, a clock that is right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from service.application.container import Tresteg
from service.engine import ENGINE_NUMBER, engine_number
from service.errors import BadSettings
from service.operations import key_epochs
from service.operations.isolation_checks import isolation_refusals
from service.operations.outside_checkpoint import is_ahead, newest_document
from service.security.checkpoint_folder import CheckpointFolder
from service.store.casefile import cases
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.installation import checkpoints, offices
from service.store.installation import installation_values as kept
from service.store.transaction import Tx

KEYRING = "keyring"
"""Setting that says to which keyring the database belongs."""
BEHIND = timedelta(minutes=5)
"""So much may this machine's clock lie behind another's; a demo's clock can be moved, and is not
asked."""


def prepare_database(program: Tresteg) -> None:
    """Make the tables of an empty database, look, and bind a new database to its keyring.

    Older tables are brought up to date by a person, after a backup. On PostgreSQL the role that
    owns the tables makes them; the service runs as another.

    Raises:
        BadSettings: as `check_installation` does; before anything was made.
    """
    refuse_lost_database(program.database, program.checkpoint_folder)
    if program.database.is_empty():
        if program.database.postgres and not program.demo:
            raise BadSettings(
                "the database is empty: run `tresteg db upgrade` with TRESTEG_OWNER_DATABASE_URL"
            )
        program.database.upgrade()
    check_installation(program)
    with program.database.transaction(write=False) as tx:
        bound = kept.get(tx, KEYRING)
    if not bound:
        with program.database.transaction() as tx:
            kept.put(tx, KEYRING, program.services.vault.fingerprint())


def checkpoint_warning(program: Tresteg) -> str:
    """A sentence for operators when checkpoints outside are none, or know more; else empty."""
    folder = program.checkpoint_folder
    if folder is not None and not program.database.is_empty():
        note = newest_document(program)
        with program.database.transaction(write=False) as tx:
            if is_ahead(tx, note):
                return (
                    f"The newest checkpoint in {folder.path} is none of this database: it was put "
                    "back to an older state, or its history was changed. `tresteg verify` says "
                    "what is missing; no new checkpoint is made before that is settled"
                )
    if program.demo or folder is not None:
        return ""
    return (
        "TRESTEG_CHECKPOINTS_DIR names no folder: who can write into the database could cut off "
        "the end of its history, and `tresteg verify` would not notice"
    )


def _checkpoint_faults(program: Tresteg) -> Iterator[str]:
    """A sentence about a folder of checkpoints that is none, or that lies with the database.

    A demo may keep them where it likes.
    """
    folder, database = program.checkpoint_folder, program.database
    if folder is None:
        return
    apart = not database.postgres and not program.demo
    if wrong := folder.wrong(Path(database.url.database or "") if apart else None):
        yield f"the folder of checkpoints {folder.path} {wrong}"


def refuse_lost_database(database: Database, folder: CheckpointFolder | None) -> None:
    """Refuse an empty database where checkpoints are of a full one: nothing is made in its place.

    Raises:
        BadSettings: as `lost_database` says.
    """
    if sentence := lost_database(database, folder):
        raise BadSettings(sentence)


def lost_database(database: Database, folder: CheckpointFolder | None) -> str:
    """A sentence when the database has not one entry in its ledger, or is not there at all, and
    checkpoints outside count some: a disk that is not mounted, another address; else empty.
    """
    if folder is None or not folder.is_used() or _has_entries(database):
        return ""
    look = (
        "look whether TRESTEG_DATABASE_URL names the right one"
        if database.postgres
        else "look whether its disk is mounted"
    )
    return (
        f"{database} is empty or not there, and {folder.path} holds checkpoints of a full one, so "
        f"nothing is made in its place: {look}, or restore a backup with `tresteg restore`; only "
        f"where a new installation is wanted, move everything out of {folder.path} first"
    )


def _has_entries(database: Database) -> bool:
    """Whether the ledger of a database has an entry, with a place or without."""
    if database.is_empty():
        return False
    with database.within(WHOLE).transaction(write=False) as tx:
        return checkpoints.newest(tx) is not None or checkpoints.count_waiting(tx, limit=1) > 0


def check_installation(program: Tresteg) -> None:
    """Refuse what cannot keep its promises: what `refusals` names; then keys are wrapped by the
    epoch that the database names.

    Changes nothing.

    Raises:
        BadSettings: with one sentence that says what to do.
    """
    for sentence in refusals(program):
        raise BadSettings(sentence)
    if not program.database.is_empty():
        vault = program.services.vault
        with program.database.transaction(write=False) as tx:
            vault.wrap_by(key_epochs.wrapping_epoch(tx, vault))


def refusals(program: Tresteg) -> Iterator[str]:
    """Sentences about everything for which a start is refused: settings, a demo's keyring behind an
    https address, debugging with a real one, no way for letters, a lost database, wrong pragmas,
    older tables, a foreign keyring or one that lacks an epoch, a clock that is behind, and child
    processes that could read the keyring.

    Changes nothing.
    """
    yield from program.settings.unsafe()
    if program.demo and program.settings.production:
        yield "a demo keyring never runs behind an https address: make a real one"
    if program.settings.debug and not program.demo:
        yield (
            "TRESTEG_DEBUG=yes leaves the memory visible, and a real keyring is in it: take the "
            "setting out, or debug with a demo keyring"
        )
    if program.mail.way == "print" and not program.demo:
        yield "letters would not leave: set TRESTEG_MAIL_URL to a mail server"
    if program.settings.owner_database_url and not program.demo:
        yield (
            "TRESTEG_OWNER_DATABASE_URL is for `tresteg db upgrade` and `tresteg forged remove` "
            "alone: take it out of the service's environment"
        )
    yield from (faults := list(_checkpoint_faults(program)))
    yield from () if program.demo else isolation_refusals(program)
    if not faults and (lost := lost_database(program.database, program.checkpoint_folder)):
        yield lost
        return
    if program.database.is_empty():
        return
    wrong = program.database.wrong()
    yield from wrong
    if not wrong:
        yield from () if program.demo else program.database.role_faults()
        yield from _refused_by_rows(program)


def _refused_by_rows(program: Tresteg) -> Iterator[str]:
    """Sentences about what the rows of the database say."""
    with program.database.transaction(write=False) as tx:
        yield from _providers_of_nobody(tx, program)
        demo = kept.get(tx, "demo")
        last = cases.last_moved(tx)
        for look in (
            partial(refuse_foreign_keyring, tx, program),
            partial(key_epochs.refuse_wrong_epochs, tx, program.services.vault),
            partial(refuse_newer_engine, tx),
        ):
            try:
                look()
            except BadSettings as e:
                yield str(e)
    if demo == "yes" and not program.demo:
        yield (
            "the database holds the demo's invented people, "
            "and the keyring is no demo keyring: use an empty database"
        )
    if last is not None and last - program.clock.now() > BEHIND and not program.demo:
        yield (
            f"this machine's clock is behind the newest fact, of {last:%Y-%m-%d %H:%M} UTC: "
            "set the clock right, or find out who set it ahead before"
        )


def _providers_of_nobody(tx: Tx, program: Tresteg) -> Iterator[str]:
    """A sentence for each provider whose office is not in the directory.

    Before there is any office, the file may be written already.
    """
    known = offices.everyone(tx)
    for client in program.providers.values():
        one = client.provider
        if known and (one.office not in known or known[one.office].closed_at is not None):
            yield (
                f"[{one.id}] in {program.settings.providers_file} is for the office {one.office}, "
                "which is not in the directory: name the id of an office (`tresteg office list`)"
            )


def refuse_foreign_keyring(tx: Tx, program: Tresteg) -> None:
    """Refuse a keyring that cannot open what the database holds.

    Raises:
        BadSettings: the database was made with another one.
    """
    fingerprint = program.services.vault.fingerprint()
    if kept.get(tx, KEYRING, fingerprint) != fingerprint:
        raise BadSettings(
            "the keyring does not belong to this database: name the keyring that it was made with"
        )


def refuse_newer_engine(tx: Tx) -> None:
    """Refuse facts that mean what this program may not know.

    Raises:
        BadSettings: a newer program has moved a case.
    """
    newest = max(map(engine_number, cases.engines(tx)), default=0)
    if newest > ENGINE_NUMBER:
        raise BadSettings(
            f"facts of this database were made by engine {newest}, and this program has engine "
            f"{ENGINE_NUMBER}: install the newer program"
        )
