"""Commands for backups: make one, restore one, see what is missing since, and confirm."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from service.casework import restored_copy
from service.cli.acting import INSTALLER, acting, is_named, who_acts, who_answers
from service.cli.beginning import (
    assembled_program,
    reading_program,
    reading_transaction,
    working_program,
)
from service.cli.ending import FOUND, explain_errors
from service.cli.language import OTHERWISE
from service.engine import self_test
from service.errors import UnusableFile
from service.operations.backup import make_backup
from service.operations.erased_again import erased_again
from service.operations.outside_checkpoint import newest_heads
from service.operations.restore import confirm_copy, restore_backup
from service.operations.sequencer import sequence_all
from service.security.backup_cipher import make_backup_keys
from service.store.casefile import cases
from service.store.transaction import Tx
from service.store.work.letters import Letter

MIB = 1024 * 1024
FILE = click.Path(path_type=Path)
MOMENT = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])


@click.command()
@click.option(
    "--to",
    "target",
    type=FILE,
    default=Path(),
    help="File to write, or the folder for it; without it, the folder where you are.",
)
@click.option(
    "--sample",
    type=click.IntRange(1),
    help="Fold so many cases, drawn at random, in the self-test; without it, all.",
)
@acting
@explain_errors
def backup(target: Path, sample: int | None) -> None:
    """Make a backup of everything but the keyring, encrypted for TRESTEG_BACKUP_KEY.

    The copy is verified before it is encrypted, and the file is read back. Others go on working.
    Without a name it is one that the clock makes, and the histories say that Tresteg made it.
    """
    made = reading_program()
    begun = made.clock.now()
    with reading_transaction(made) as tx:
        by = who_acts(tx, made) if is_named() else INSTALLER
    done = make_backup(made, target, by=by, now=begun, sample=sample)
    sequence_all(made)
    took = (made.clock.now() - begun).total_seconds()
    size = f"{done.size / MIB:.1f} MiB in {took:.0f} s"
    if done.faults:
        for fault in done.faults:
            click.echo(fault)
        click.echo(
            f"The backup is not good: its self-test found {len(done.faults)} faults, which the "
            f"database has too. It is kept as {done.file}, {size}.",
            err=True,
        )
        sys.exit(FOUND)
    click.echo(
        f"Backup good at {done.manifest.moment:%Y-%m-%d %H:%M} UTC: {done.file}, {size}; "
        f"{done.verified.facts} facts of {done.verified.cases} cases verified."
    )


@click.command("backup")
@click.argument("private", type=FILE)
@click.argument("public", type=FILE)
@explain_errors
def keys_backup(private: Path, public: Path) -> None:
    """Make a pair of keys for backups, and write them to the files PRIVATE and PUBLIC.

    Do it on another machine than the server: backups open with the private key, and it must not lie
    where they are made. There is no other copy of it.
    """
    secret, open_ = make_backup_keys()
    _write_key(private, secret, 0o400)
    _write_key(public, open_, 0o444)


def _write_key(file: Path, pem: str, mode: int) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise UnusableFile(f"{file} is there already; a key is never written over") from None
    except OSError as e:
        raise UnusableFile(f"{file} cannot be written: {e.strerror}") from e
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(pem)


@click.command("from")
@click.argument("file", type=FILE)
@click.option("--key", "private", type=FILE, required=True, help="File of the private key.")
@explain_errors
def restore_from(file: Path, private: Path) -> None:
    """Put the backup FILE into the empty database that the settings name."""
    made = assembled_program()
    self_test()
    manifest = restore_backup(made, file, private, by=INSTALLER, now=made.clock.now())
    click.echo(
        f"{made.database} holds the backup of {manifest.moment:%Y-%m-%d %H:%M} UTC: "
        f"{manifest.rows['cases']} cases, {manifest.rows['fact']} facts. Everybody is signed out; "
        "letters, timers and calls wait. Next: `tresteg verify`, then `tresteg restore gap`, then "
        "`tresteg restore confirm`."
    )
    with made.database.transaction(write=False) as tx:
        _show(erased_again_lines(tx))


@click.command("gap")
@explain_errors
def restore_gap() -> None:
    """List what is missing since the copy was made, and what may have happened already."""
    made = reading_program()
    outside = newest_heads(made)
    with reading_transaction(made) as tx:
        gap = restored_copy.find_gap(tx, now=made.clock.now(), outside=outside)
        _show(gap_lines(tx, gap))
        _show(erased_again_lines(tx))


def erased_again_lines(tx: Tx) -> Iterator[str]:
    """What was erased again in a restored copy, in sentences."""
    return (f"{line}." for line in erased_again(tx).lines(OTHERWISE))


def gap_lines(tx: Tx, gap: restored_copy.RestoreGap) -> Iterable[str]:
    """A gap in sentences, the sum first."""
    yield f"The copy is of {gap.copied_at:%Y-%m-%d %H:%M} UTC, restored {gap.restored_at:%H:%M}."
    if gap.checkpoint is None:
        yield (
            "There is no checkpoint outside the database to compare with: what happened after the "
            "copy is not known."
        )
    else:
        yield (
            f"The newest checkpoint, of {gap.checkpoint:%Y-%m-%d %H:%M} UTC, names "
            f"{gap.entries} entries that are missing here; {gap.lost_cases} cases are lost."
        )
    for one in gap.streams:
        yield f"  {one.stream}: entries {one.copied + 1} to {one.named} are missing"
    yield f"{len(gap.letters)} letters were due, and may have left already:"
    yield from letter_lines(tx, gap.letters)
    yield f"{len(gap.jobs)} timers, calls and deadlines are due, and may have been done already:"
    for job in gap.jobs:
        yield f"  {_ref(tx, job.case_id)} {job.kind} {job.element or job.topic}"


def letter_lines(tx: Tx, listed: Iterable[Letter]) -> Iterable[str]:
    """Letters in words: case, kind, office, when it was made, id."""
    for letter in listed:
        yield (
            f"  {_ref(tx, letter.case_id)} {letter.template} to {letter.office_id}, made "
            f"{letter.made_at:%Y-%m-%d %H:%M}, {letter.key}"
        )


@click.command("confirm")
@click.option(
    "--lost-at",
    type=MOMENT,
    default=None,
    metavar="MOMENT",
    help='When the installation of before stopped, in UTC, such as "2026-03-02 14:30": letters '
    "that fell due later go at once. Without it, when the copy was restored.",
)
@click.option(
    "--last-number",
    default="",
    metavar="YEAR-NUMBER",
    help="Highest case number that was given, where no checkpoint tells.",
)
@acting
@explain_errors
def restore_confirm(lost_at: datetime | None, last_number: str) -> None:
    """Let the restored copy work: timers fire, handlers are called, letters leave.

    Letters that may have left already are held; `restore send` sends those that you pick.
    """
    made = reading_program()
    outside = newest_heads(made)
    with made.database.transaction() as tx:
        by, who = who_answers(tx, made)
        again = [*erased_again_lines(tx)]
        gap = confirm_copy(
            tx,
            made,
            by=by,
            who=who,
            now=made.clock.now(),
            outside=outside,
            lost_at=lost_at.replace(tzinfo=UTC) if lost_at else None,
            last_number=last_number,
        )
    sequence_all(made)
    held = (
        f" {len(gap.letters)} letters may have left already and are held: `tresteg restore "
        "letters` lists them, `tresteg restore send` sends those that you pick."
    )
    click.echo(
        f"The copy of {gap.copied_at:%Y-%m-%d %H:%M} UTC works from now on."
        f"{held if gap.letters else ''}"
    )
    _show(again)


@click.command("letters")
@explain_errors
def restore_letters() -> None:
    """List the letters that are held because they may have left before the restore."""
    made = reading_program()
    with reading_transaction(made) as tx:
        held = restored_copy.held_letters(tx)
        click.echo(f"{len(held)} letters may have left before the restore, and are held:")
        _show(letter_lines(tx, held))


@click.command("send")
@click.argument("keys", metavar="[LETTER]...", nargs=-1)
@click.option(
    "--kind", "templates", metavar="KIND", multiple=True, help="All of a kind; may be repeated."
)
@acting
@explain_errors
def restore_send(keys: tuple[str, ...], templates: tuple[str, ...]) -> None:
    """Send letters that are held since a restore: those named by id, and those of a kind.

    Whoever got one before gets it once more, with the Message-ID that it had.
    """
    made = working_program()
    with made.database.transaction() as tx:
        by = who_acts(tx, made)
        now = made.clock.now()
        picked = restored_copy.pick_letters(tx, keys=keys, templates=templates, by=by, now=now)
    click.echo(f"{len(picked)} letters leave now.")


def _ref(tx: Tx, case_id: str) -> str:
    case = cases.get(tx, case_id)
    return case.ref if case else case_id


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
