"""The installation before it serves: tables, the keyring it belongs to, a clock that is right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from service.actions.operations.sequencing import CheckpointAhead, require_contained
from service.application.container import Tresteg
from service.errors import BadSettings
from service.security.checkpoint import NoCheckpoint
from service.store.casefile import cases
from service.store.installation import checkpoints
from service.store.installation import installation_settings as kept

KEYRING = "keyring"
"""Setting that says to which keyring the database belongs."""
BEHIND = timedelta(minutes=5)
"""So much may this machine's clock lie behind another's; a demo's clock can be moved, and is not
asked."""


def prepare_database(program: Tresteg) -> None:
    """Make the tables of an empty database, look, and bind a new database to its keyring.

    Older tables are brought up to date by a person, after a backup.

    Raises:
        BadSettings: as `check_installation` does.
    """
    if program.database.is_empty():
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
        with program.database.transaction(write=False) as tx:
            try:
                require_contained(tx, checkpoints.newest(tx), folder.newest())
            except (CheckpointAhead, NoCheckpoint):
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


def _check_checkpoints(program: Tresteg) -> None:
    """Refuse a folder of checkpoints that is none, or that lies with the database.

    Raises:
        BadSettings: as it says. A demo may keep them where it likes.
    """
    folder, database = program.checkpoint_folder, program.database
    if folder is None:
        return
    apart = not database.postgres and not program.demo
    if wrong := folder.wrong(Path(database.url.database or "") if apart else None):
        raise BadSettings(f"the folder of checkpoints {folder.path} {wrong}")


def check_installation(program: Tresteg) -> None:
    """Refuse what cannot keep its promises: wrong pragmas, older tables, a foreign keyring, a clock
    that is behind, no way for letters.

    Changes nothing.

    Raises:
        BadSettings: with one sentence that says what to do.
    """
    if program.mail.way == "print" and not program.demo:
        raise BadSettings("letters would not leave: set TRESTEG_MAIL_URL to a mail server")
    _check_checkpoints(program)
    if program.database.is_empty():
        return
    program.database.check()
    fingerprint = program.services.vault.fingerprint()
    with program.database.transaction(write=False) as tx:
        if kept.get(tx, KEYRING, fingerprint) != fingerprint:
            raise BadSettings(
                "the keyring does not belong to this database: "
                "name the keyring that it was made with"
            )
        if kept.get(tx, "demo") == "yes" and not program.demo:
            raise BadSettings(
                "the database holds the demo's invented people, "
                "and the keyring is no demo keyring: use an empty database"
            )
        last = cases.last_moved(tx)
    if last is not None and last - program.clock.now() > BEHIND and not program.demo:
        raise BadSettings(
            f"this machine's clock is behind the newest fact, of {last:%Y-%m-%d %H:%M} UTC: "
            "set the clock right, or find out who set it ahead before"
        )
