"""The state of countries on the command line."""

from __future__ import annotations

import click

from service.actions import country_states
from service.cli.acting import acting, who_acts
from service.cli.beginning import reading_program, reading_transaction, working_program
from service.cli.ending import explain_errors


@click.group()
def country() -> None:
    """Say which countries journeys may go to."""


@country.command("set")
@click.argument("code", metavar="COUNTRY")
@click.argument("status", metavar="OPEN|RESTRICTED|SUSPENDED")
@click.option("--reason", required=True, help="Why; it is kept with the state.")
@acting
@explain_errors
def country_set(code: str, status: str, reason: str) -> None:
    """Change the state of a country.

    New risk assessments show it from now on; nothing that was answered changes.
    """
    made = working_program()
    with made.database.transaction() as tx:
        by, now, services = who_acts(tx, made), made.clock.now(), made.services
        about = {"country": code.upper(), "status": status.upper(), "reason": reason}
        was = country_states.set_country_state(tx, services, by=by, now=now, **about)
    click.echo(f"{code.upper()} was {was.status}, and is {status.upper()} now.", err=True)


@country.command("list")
@explain_errors
def country_list() -> None:
    """Every country with a state: code, state, since when, why."""
    made = reading_program()
    with reading_transaction(made) as tx:
        states = country_states.country_states(tx, made.services)
    for code, state in sorted(states.items()):
        click.echo(f"{code}\t{state.status}\t{state.since}\t{state.reason}".rstrip())
