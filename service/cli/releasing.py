"""The command that publishes a release."""

from __future__ import annotations

import click

from service.actions.publishing import publish as publishing
from service.application.shipped_files import shipped_bundle
from service.cli.acting import acting, who_acts
from service.cli.beginning import reading_transaction, working_program
from service.cli.ending import explain_errors


@click.command()
@click.option("--note", default="", help="What changed, for those who work in the process.")
@acting
@explain_errors
def publish(note: str) -> None:
    """Publish the files of the two folders as the next release. Open cases stay on theirs."""
    made = working_program()
    with reading_transaction(made) as tx:
        who_acts(tx, made, "publish")
    prepared = publishing.prepare_shipped(made.services, shipped_bundle(made.settings))
    with made.database.transaction() as tx:
        done = publishing.publish_bundle(
            tx,
            made.services,
            by=who_acts(tx, made, "publish"),
            now=made.clock.now(),
            prepared=prepared,
            note=note,
        )
    click.echo(f"v{done.number} {done.id}")
    if not done.new:
        click.echo(f"These files are v{done.number} already; nothing was published.", err=True)
