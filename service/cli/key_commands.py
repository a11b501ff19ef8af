"""Commands that turn the keys of an installation: the next epoch, its use, and the end of the one
before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from service import fault_points
from service.app import settings_keyring
from service.application.container import Tresteg
from service.cli.acting import acting, who_acts
from service.cli.beginning import reading_program, reading_transaction, working_program
from service.cli.ending import FOUND, explain_errors
from service.cli.language import OTHERWISE
from service.errors import UnusableFile, UnusableWord
from service.operations import key_epochs
from service.records.context import Actor
from service.security.keyring import Keyring, with_next_epoch, without_epochs, write_keyring
from service.security.vault import Vault

TO = click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    help="A new file for the keyring, where its own cannot be replaced from here; put it in its "
    "place yourself.",
)
NEXT = (
    "Nothing is wrapped by it yet. Keep a copy of {file} apart from database and backups, start "
    "every `tresteg serve` and `tresteg worker` anew, then run `tresteg keys rotate`."
)


@click.command("rotate")
@click.option(
    "--begin",
    is_flag=True,
    help="Add the next epoch to the keyring. Nothing is wrapped by it before the command is run "
    "without this.",
)
@TO
@acting
@explain_errors
def keys_rotate(*, begin: bool, target: Path | None) -> None:
    """Wrap every key of the database by the next epoch of the keyring.

    First with --begin; then, after a copy of the keyring was kept and every process has begun anew,
    without. Others go on working. A run that was stopped is gone on with by the next one.
    """
    if target is not None and not begin:
        raise UnusableWord("--to is for --begin, which writes the keyring")
    made = working_program()
    by = acting_operator(made)
    if begin:
        _begin(made, by, target)
        return
    done = key_epochs.rotate(made, by=by, tell=show_progress)
    if done is None:
        click.echo(
            f"Every key is wrapped by epoch {made.services.vault.epoch}, the newest of the "
            "keyring: `tresteg keys rotate --begin` adds the next."
        )
        return
    for owner in done.unopened:
        click.echo(f"The key of {owner} does not open, and was left: `tresteg verify` says more.")
    _show_status(made)
    click.echo(f"{done.wrapped} keys were wrapped by epoch {made.services.vault.epoch}.", err=True)
    if done.unopened:
        sys.exit(FOUND)


def _begin(made: Tresteg, by: Actor, target: Path | None) -> None:
    """Write the keyring with its next epoch, unless it has one that waits."""
    keyring = settings_keyring(made.settings)
    file = target or named_file(made)
    if keyring.epoch > made.services.vault.epoch:
        click.echo(f"Epoch {keyring.epoch} is in the keyring already. {NEXT.format(file='it')}")
        return
    write = writing(file, new=target is not None)
    following = with_next_epoch(keyring)
    key_epochs.announce_epoch(made, Vault(following), by=by)
    fault_points.hit("r1")
    write(following)
    click.echo(f"Epoch {following.epoch} is in the keyring {file}. {NEXT.format(file=file)}")


@click.command("retire")
@TO
@acting
@explain_errors
def keys_retire(target: Path | None) -> None:
    """Take epochs out of the keyring that wrap nothing any more and that no kept backup needs.

    Backups from before open no more, and so nobody opens in them what was erased since. Destroy the
    copies of the keyring that still hold such an epoch.
    """
    made = working_program()
    by = acting_operator(made)
    keyring = settings_keyring(made.settings)
    file = target or named_file(made)
    write = writing(file, new=target is not None)
    record = key_epochs.retire(made, by=by)
    opens_from = record.ended.isoformat() if record.ended else ""
    write(without_epochs(keyring, record.epoch, opens_from=opens_from))
    click.echo(
        f"The keyring {file} has no epoch before {record.epoch} any more: backups that were begun "
        f"before {record.ended:%Y-%m-%d %H:%M} UTC do not open. Keep a copy of it, destroy the "
        "copies of before, and start every `tresteg serve` and `tresteg worker` anew."
    )


@click.command("status")
@explain_errors
def keys_status() -> None:
    """Say which epoch wraps, how old it is, and what is to be done. Changes nothing."""
    _show_status(reading_program())


def epoch_sentences(made: Tresteg) -> list[str]:
    """How the epochs are, in sentences."""
    now = made.clock.now()
    with reading_transaction(made) as tx:
        status = key_epochs.load_status(tx, made, now=now)
    return [*key_epochs.status_sentences(status, OTHERWISE, now=now)]


def _show_status(made: Tresteg) -> None:
    for sentence in epoch_sentences(made):
        click.echo(sentence)


def acting_operator(made: Tresteg) -> Actor:
    """The operator who turns keys."""
    with reading_transaction(made) as tx:
        return who_acts(tx, made)


def named_file(made: Tresteg) -> Path:
    """The file of the keyring, behind links.

    Raises:
        UnusableWord: the keyring comes from the environment.
    """
    if not made.settings.keys_file:
        raise UnusableWord(
            "the keyring comes from TRESTEG_KEYS, which no command can change: name a new file "
            "with --to, and set TRESTEG_KEYS to its content in base64"
        )
    return Path(made.settings.keys_file).resolve()


def writing(file: Path, *, new: bool) -> Callable[[Keyring], None]:
    """What writes a keyring to a file; refused before anything is changed.

    Args:
        new: whether the file must not be there yet.
    Raises:
        UnusableFile: it is there, or its folder cannot be written.
    """
    folder = file.absolute().parent
    if new and file.exists():
        raise UnusableFile(f"{file} is there already; a keyring is never written over")
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise UnusableFile(
            f"the folder {folder} cannot be written by this user, so the keyring is not replaced "
            "there: name a new file with --to, and put that in its place"
        )

    def write(keyring: Keyring) -> None:
        try:
            write_keyring(keyring, file)
        except OSError as e:
            raise UnusableFile(f"{file} cannot be written: {e.strerror}") from e

    return write


def show_progress(done: int, keys: int) -> None:
    """On a terminal: how far a rotation is, on one line that is written again and again."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K  key {done} of {keys}", nl=done >= keys, err=True)
