"""The command line: serve, work, verify, replay, lint, and look after an installation.

Words go to standard error, results to standard output.

One module a theme; each opens its transaction, runs one command and says what came of it.
`service.cli.ending` lists the exit codes.
"""

from __future__ import annotations

import click

from service import VERSION
from service.cli.backup import backup, keys_backup, restore
from service.cli.comparing import diff
from service.cli.diagram_commands import element_templates, explain, lint
from service.cli.exporting import export
from service.cli.forged_commands import forged
from service.cli.history import replay_case, verify
from service.cli.incident_commands import incident
from service.cli.installation_commands import configuration, country, database, doctor, keys
from service.cli.log_review import log_review
from service.cli.migrating import migrate
from service.cli.people import office, person
from service.cli.releasing import dry_run, publish
from service.cli.reporting import report
from service.cli.serving import demo, serve, worker
from service.cli.trying import try_draft
from service.cli.witnesses import witness
from service.sandbox.isolation.kernel import hide_memory


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="tresteg", message="%(prog)s %(version)s")
def main() -> None:
    """Tresteg: the return programme as a diagram that runs."""
    hide_memory()  # any command may hold the keyring; `begin_debugging` shows a demo's again


keys.add_command(keys_backup)
for _command in (
    backup,
    configuration,
    country,
    database,
    demo,
    diff,
    doctor,
    dry_run,
    element_templates,
    explain,
    export,
    forged,
    incident,
    keys,
    lint,
    log_review,
    migrate,
    office,
    person,
    publish,
    replay_case,
    report,
    restore,
    serve,
    try_draft,
    verify,
    witness,
    worker,
):
    main.add_command(_command)
