"""Every page of process owners, in the order in which their addresses are looked for."""

from __future__ import annotations

from service.web.pages.processes import (
    comparison,
    draft_checks,
    draft_diagram,
    draft_files,
    draft_promises,
    draft_rules,
    dry_run,
    migrations,
    publication,
    releases,
)
from service.web.pages.processes.configuration import (
    calendars,
    index,
    papers,
    reminders,
    roles,
    texts,
    visibility,
    words,
)
from service.web.pages.processes.forms import draft_form, draft_form_layout, draft_forms
from service.web.pages.processes.records import dossier, file_states
from service.web.pages.processes.trials import trial

MODULES = (
    releases,
    draft_diagram,
    draft_checks,
    draft_files,
    file_states,
    draft_forms,
    draft_form,
    draft_form_layout,
    index,
    roles,
    visibility,
    reminders,
    texts,
    words,
    calendars,
    papers,
    draft_promises,
    draft_rules,
    comparison,
    trial,
    dry_run,
    publication,
    dossier,
    migrations,
)
