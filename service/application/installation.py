"""The installation before it serves: tables, the keyring it belongs to, a clock that is right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from service.application.container import Tresteg
from service.errors import BadSettings
from service.store.casefile import cases
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


def check_installation(program: Tresteg) -> None:
    """Refuse what cannot keep its promises: what `refusals` names.

    Changes nothing.

    Raises:
        BadSettings: with one sentence that says what to do.
    """
    for sentence in refusals(program):
        raise BadSettings(sentence)


def refusals(program: Tresteg) -> Iterator[str]:
    """Sentences about everything for which a start is refused: settings, a demo's keyring behind an
    https address, no way for letters, wrong pragmas, older tables, a foreign keyring, a clock that
    is behind.

    Changes nothing.
    """
    yield from program.settings.unsafe()
    if program.demo and program.settings.production:
        yield "a demo keyring never runs behind an https address: make a real one"
    if program.mail.way == "print" and not program.demo:
        yield "letters would not leave: set TRESTEG_MAIL_URL to a mail server"
    if program.database.is_empty():
        return
    wrong = program.database.wrong()
    yield from wrong
    if not wrong:
        yield from _refused_by_rows(program)


def _refused_by_rows(program: Tresteg) -> Iterator[str]:
    """Sentences about what the rows of the database say."""
    fingerprint = program.services.vault.fingerprint()
    with program.database.transaction(write=False) as tx:
        bound, demo = kept.get(tx, KEYRING, fingerprint), kept.get(tx, "demo")
        last = cases.last_moved(tx)
    if bound != fingerprint:
        yield (
            "the keyring does not belong to this database: name the keyring that it was made with"
        )
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
