"""Commands for incidents: places where a case, or a part of the background, cannot go on."""

from __future__ import annotations

import click

from service.casework import clock_guard, incidents
from service.cli.acting import acting, who_acts
from service.cli.beginning import (
    assembled_program,
    reading_program,
    reading_transaction,
    working_program,
)
from service.cli.ending import explain_errors
from service.cli.language import OTHERWISE
from service.clock import wall_clock
from service.operations import background


@click.command("list")
@explain_errors
def incident_list() -> None:
    """What stands still in the background, and open incidents: id, case, element, reason."""
    made = reading_program()
    with reading_transaction(made) as tx:
        for stop in background.load_stops(tx, now=wall_clock(made.clock).now()):
            click.echo(stop.sentence(OTHERWISE))
        for row in incidents.open_incidents(tx):
            click.echo(
                f"{row.id} {row.opened_at:%Y-%m-%d %H:%M} {row.case_id or '-'} {row.element} "
                f"{row.kind}: {row.error}"
            )


@click.command("retry")
@click.argument("id_", metavar="ID")
@acting
@explain_errors
def incident_retry(id_: str) -> None:
    """Try the work of an incident again, with all its tries.

    A part of the background tries by itself; its failures are counted anew.
    """
    made = working_program()
    with made.database.transaction() as tx:
        incidents.retry_incident(tx, incident_id=id_, by=who_acts(tx, made), now=made.clock.now())


@click.command("clock")
@acting
@explain_errors
def incident_clock() -> None:
    """Confirm that the server's clock, which jumped, is right now: let timers fire again."""
    # not `working_program`: a clock that was set back is behind the newest fact, and no start is
    # allowed then
    made = assembled_program()
    made.database.check()
    with made.database.transaction() as tx:
        done = clock_guard.confirm_clock(tx, by=who_acts(tx, made), now=made.clock.now())
    click.echo("Timers fire again." if done else "Timers were not paused.")
