"""Names that forms read and that nothing in their release gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from service.binding import Declaration
from service.engine import names_set
from service.errors import Finding
from service.forms import Form, form_finding
from service.release.bundle import Bundle
from service.release.release_configuration import reading_context

FORM_OF_STEP: Final = re.compile(rb'formId="([A-Za-z0-9_]+)"')
OPEN_ALERTS: Final = "openAlerts"
"""Routing name under which a form reads the number of open alerts; the product gives it."""


def holder_name(role: str) -> str:
    """Name under which a form reads the office that holds a role in its case; the product gives
    it.
    """
    return f"holderOf{role}"


def check_names_read(
    bundle: Bundle, forms: Mapping[str, Form], topics: Mapping[str, Declaration]
) -> Iterator[Finding]:
    """A finding for each name that a form of a step reads (`x-uses`), and that no form asks for and
    neither a step, a rule nor a handler gives. What no diagram uses may belong to one that is not
    here.
    """
    given = {OPEN_ALERTS, *(field.key for form in forms.values() for field in form.fields)}
    given |= {holder_name(role) for role in reading_context(bundle).roles}
    used = set[str]()
    for content in bundle.under("workflows", ".bpmn").values():
        given |= names_set(content)
        used |= {found.decode() for found in FORM_OF_STEP.findall(content)}
    given |= {answer for topic in topics.values() for answer in topic.answers}
    for form in forms.values():
        for key in form.uses:
            if key not in given and form.id in used:
                yield form_finding("F124", f"forms/{form.id}.form", "", {"key": key})
