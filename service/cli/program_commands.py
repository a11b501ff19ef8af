"""Commands for programs that sign in with a token of their own."""

from __future__ import annotations

import click

from service.cli.acting import acting, who_acts
from service.cli.beginning import reading_program, reading_transaction, working_program
from service.cli.ending import explain_errors
from service.cli.people import LANGUAGE
from service.clock import wall_clock
from service.people import programs
from service.web.api.v1 import OPERATIONS


@click.command("add")
@click.argument("name")
@click.option("--office", required=True, help="Id of the office that it works for.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    help="A role that it holds there; may be given several times. roles.toml marks those that a "
    "program may hold with `programs = true`.",
)
@click.option(
    "--operation",
    "operations",
    multiple=True,
    required=True,
    help="Id of an operation of /v1 that it may use, as /openapi.json names them; may be given "
    "several times.",
)
@click.option(
    "--days",
    type=click.IntRange(1, programs.LONGEST_DAYS),
    required=True,
    help="For how many days its token is good.",
)
@LANGUAGE
@acting
@explain_errors
def program_add(
    name: str,
    office: str,
    roles: tuple[str, ...],
    operations: tuple[str, ...],
    days: int,
    language: str,
) -> None:
    """Let a program use the interface under NAME. Prints its token, this once.

    It has the rights of a person with these roles in this office, for the operations named alone,
    and is never the second person that something needs.
    """
    made = working_program()
    with made.database.transaction() as tx:
        added = programs.add_program(
            tx,
            made.services,
            by=who_acts(tx, made),
            now=wall_clock(made.clock).now(),
            name=name,
            office=office,
            roles=roles,
            operations=operations,
            known=[one.name for one in OPERATIONS],
            days=days,
            language=language,
        )
    click.echo(f"{added.id}: keep the token where the program alone reads it.", err=True)
    click.echo(added.token)


@click.command("list")
@explain_errors
def program_list() -> None:
    """Programs: id, office, end, last use, roles, operations, name. Never a token."""
    made = reading_program()
    with reading_transaction(made) as tx:
        rows = programs.list_programs(tx, made.services)
    for row in rows:
        ended = f"ended {row.ended_at:%Y-%m-%d}" if row.ended_at is not None else ""
        ends = ended or f"until {row.ends_at:%Y-%m-%d}"
        used = f"used {row.used_at:%Y-%m-%d}" if row.used_at is not None else "never used"
        roles, operations = ",".join(row.roles), ",".join(row.operations)
        click.echo(f"{row.id} {row.office} {ends}, {used} {roles} {operations} {row.name}")


@click.command("end")
@click.argument("id_", metavar="ID")
@acting
@explain_errors
def program_end(id_: str) -> None:
    """End the program ID: its token is refused from then on, and its tasks go back to the office.

    What it did stays under its name.
    """
    made = working_program()
    with made.database.transaction() as tx:
        programs.end_program(tx, by=who_acts(tx, made), now=made.clock.now(), id_=id_)
