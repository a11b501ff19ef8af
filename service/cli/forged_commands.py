"""Commands for forged entries of the ledger: what there is, and taking it out again."""

from __future__ import annotations

import sys

import click

from service.cli.acting import acting, who_acts
from service.cli.beginning import assembled_program, reading_program, reading_transaction
from service.cli.ending import FOUND, explain_errors
from service.operations import forged_entries
from service.operations.forged_entries import ForgedEntries
from service.operations.sequencer import sequence_all


@click.command("list")
@explain_errors
def list_forged() -> None:
    """Streams with such entries: their numbers, kinds and hashes. Changes nothing."""
    made = reading_program()
    with reading_transaction(made) as tx:
        found = forged_entries.load_forged(tx, made.services.vault.row_mac)
    for one in found:
        show(one)
    sys.exit(FOUND if found else 0)


@click.command("remove")
@click.argument("stream")
@click.option("--reason", required=True, help="Why; it stands in the ledger.")
@click.option("--yes", is_flag=True, help="Do it; without it, what would be removed is shown.")
@acting
@explain_errors
def remove_forged(stream: str, reason: str, *, yes: bool) -> None:
    """Take the forged entries at the end of a stream out of the ledger, for good.

    Keep a copy of the database first: they are traces of whoever wrote them. An entry says which
    they were, by their hashes. On PostgreSQL TRESTEG_OWNER_DATABASE_URL names the role that owns
    the tables.
    """
    made = assembled_program()
    made.database.check()
    if not yes:
        with reading_transaction(made) as tx:
            show(forged_entries.at_end(tx, made.services.vault.row_mac, stream))
        click.echo("Nothing was changed. Look at them, keep a copy, then say --yes.")
        sys.exit(FOUND)
    with made.database.as_owner() as tx:
        by, now = who_acts(tx, made), made.clock.now()
        services = made.services
        show(forged_entries.remove(tx, services, stream=stream, by=by, now=now, reason=reason))
    sequence_all(made)
    click.echo("They are gone; the stream `system` says so.")


def show(found: ForgedEntries) -> None:
    """Print the entries of a stream."""
    for entry in found.entries:
        click.echo(f"{found.stream} {entry.seq} {entry.kind} {entry.hash.hex()}")
    if not found.are_last:
        click.echo(
            f"{found.stream}: the program has written after these, and they cannot be removed; "
            "put the database back from a backup"
        )
