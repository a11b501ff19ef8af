"""Every page of process owners, in the order in which their addresses are looked for."""

from __future__ import annotations

from service.web.pages.processes import (
    comparison,
    draft_checks,
    draft_diagram,
    draft_files,
    draft_promises,
    draft_rules,
    drafts,
    dry_run,
    migrations,
    publication,
    releases,
)
from service.web.pages.processes.configuration import (
    draft_calendars,
    draft_configuration,
    draft_papers,
    draft_reminders,
    draft_roles,
    draft_texts,
    draft_visibility,
    draft_words,
)
from service.web.pages.processes.forms import draft_form, draft_form_layout, draft_forms
from service.web.pages.processes.records import dossier, file_states
from service.web.pages.processes.trials import trial

MODULES = (
    releases,
    drafts,
    draft_diagram,
    draft_checks,
    draft_files,
    file_states,
    draft_forms,
    draft_form,
    draft_form_layout,
    draft_configuration,
    draft_roles,
    draft_visibility,
    draft_reminders,
    draft_texts,
    draft_words,
    draft_calendars,
    draft_papers,
    draft_promises,
    draft_rules,
    comparison,
    trial,
    dry_run,
    publication,
    dossier,
    migrations,
)
