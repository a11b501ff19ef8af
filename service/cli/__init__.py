"""The command line: serve, work, verify, replay, lint, and look after an installation.

Words go to standard error, results to standard output.

One module a theme; each opens its transaction, runs one command and says what came of it. A module
is imported when a command of it runs (`service.cli.lazy_group`). `service.cli.ending` lists the
exit codes.
"""

from __future__ import annotations

from typing import Final

import click

from service import VERSION
from service.cli.lazy_group import FileOrVerb, LazyGroup
from service.sandbox.isolation.kernel import hide_memory

COMMANDS: Final = {
    "archive": "service.cli.archiving.archive",
    "backup": "service.cli.backup.backup",
    "demo": "service.cli.serving.demo",
    "diff": "service.cli.comparing.diff",
    "doctor": "service.cli.installation_commands.doctor",
    "dry-run": "service.cli.releasing.dry_run",
    "explain": "service.cli.diagram_commands.explain",
    "export": "service.cli.exporting.export",
    "impact-annex": "service.cli.register_commands.impact_annex",
    "lint": "service.cli.diagram_commands.lint",
    "log-review": "service.cli.log_review.log_review",
    "migrate": "service.cli.migrating.migrate",
    "publish": "service.cli.releasing.publish",
    "register": "service.cli.register_commands.register",
    "replay": "service.cli.history.replay_case",
    "report": "service.cli.reporting.report",
    "serve": "service.cli.serving.serve",
    "templates": "service.cli.diagram_commands.element_templates",
    "try": "service.cli.trying.try_draft",
    "verify": "service.cli.history.verify",
    "witness": "service.cli.witnesses.witness",
    "worker": "service.cli.serving.worker",
}
CONFIGURATION: Final = {
    "changes": "service.cli.installation_commands.configuration_changes",
    "note": "service.cli.installation_commands.configuration_note",
}
COUNTRY: Final = {
    "list": "service.cli.installation_commands.country_list",
    "set": "service.cli.installation_commands.country_set",
}
DB: Final = {
    "check": "service.cli.installation_commands.check",
    "upgrade": "service.cli.installation_commands.upgrade",
}
FORGED: Final = {
    "list": "service.cli.forged_commands.list_forged",
    "remove": "service.cli.forged_commands.remove_forged",
}
INCIDENT: Final = {
    "clock": "service.cli.incident_commands.incident_clock",
    "list": "service.cli.incident_commands.incident_list",
    "retry": "service.cli.incident_commands.incident_retry",
}
KEYS: Final = {
    "backup": "service.cli.backup.keys_backup",
    "new": "service.cli.installation_commands.keys_new",
    "retire": "service.cli.key_commands.keys_retire",
    "rotate": "service.cli.key_commands.keys_rotate",
    "status": "service.cli.key_commands.keys_status",
}
LANGUAGE: Final = {
    "export": "service.cli.translating.language_export",
    "import": "service.cli.translating.language_import",
    "list": "service.cli.translating.language_list",
    "sign": "service.cli.translating.language_sign",
}
OFFICE: Final = {
    "absences": "service.cli.people.office_absences",
    "add": "service.cli.people.office_add",
    "address": "service.cli.people.office_address",
    "contact": "service.cli.people.office_contact",
    "list": "service.cli.people.office_list",
}
PERSON: Final = {
    "add": "service.cli.people.person_add",
    "close": "service.cli.people.person_close",
    "invite": "service.cli.people.person_invite",
    "roles": "service.cli.people.person_roles",
}
PROGRAM: Final = {
    "add": "service.cli.program_commands.program_add",
    "end": "service.cli.program_commands.program_end",
    "list": "service.cli.program_commands.program_list",
}
RESTORE: Final = {
    "confirm": "service.cli.backup.restore_confirm",
    "from": "service.cli.backup.restore_from",
    "gap": "service.cli.backup.restore_gap",
    "letters": "service.cli.backup.restore_letters",
    "send": "service.cli.backup.restore_send",
}
RETENTION: Final = {
    "hold": "service.cli.retention_commands.retention_hold",
    "holds": "service.cli.retention_commands.retention_holds",
    "list": "service.cli.retention_commands.retention_list",
    "release": "service.cli.retention_commands.retention_release",
    "run": "service.cli.retention_commands.retention_run",
}
GROUPS: Final = (
    LazyGroup("configuration", CONFIGURATION),
    LazyGroup("country", COUNTRY),
    LazyGroup("db", DB),
    LazyGroup("forged", FORGED),
    LazyGroup("incident", INCIDENT),
    LazyGroup("keys", KEYS),
    LazyGroup("language", LANGUAGE),
    LazyGroup("office", OFFICE),
    LazyGroup("person", PERSON),
    LazyGroup("program", PROGRAM),
    FileOrVerb("restore", RESTORE),
    LazyGroup("retention", RETENTION),
)

main: Final = LazyGroup(
    "tresteg",
    COMMANDS,
    *GROUPS,
    # any command may hold the keyring; `begin_debugging` shows a demo's again
    callback=hide_memory,
    context_settings={"help_option_names": ["-h", "--help"]},
)
click.version_option(VERSION, prog_name="tresteg", message="%(prog)s %(version)s")(main)
