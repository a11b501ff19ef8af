"""Incidents: places where a case cannot go on without an operator."""

from __future__ import annotations

import click

from service.actions import incidents
from service.cli.beginning import OPERATOR, looking, program, reading
from service.cli.ending import told


@click.group()
def incident() -> None:
    """Places where a case cannot go on without an operator."""


@incident.command("list")
@told
def incident_list() -> None:
    """Open incidents: id, case, element, reason."""
    made = looking()
    with reading(made) as tx:
        for row in incidents.waiting(tx):
            click.echo(f"{row.id} {row.opened_at:%Y-%m-%d %H:%M} {row.case_id} {row.element} {row.kind}: {row.error}")


@incident.command("retry")
@click.argument("id_", metavar="ID")
@told
def incident_retry(id_: str) -> None:
    """Try the work of an incident again, with all its tries."""
    made = program()
    with made.database.transaction() as tx:
        incidents.again(tx, incident_id=id_, by=OPERATOR, now=made.clock.now())
