"""Names that forms read and that nothing in their release gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from service.actions.releases.bundle import Bundle
from service.binding import Declaration
from service.engine import names_set
from service.errors import Finding
from service.forms import Form, form_finding

OPEN_ALERTS: Final = "openAlerts"
"""Routing name under which a form reads the number of open alerts; the product gives it."""


def check_names_read(
    bundle: Bundle, forms: Mapping[str, Form], topics: Mapping[str, Declaration]
) -> Iterator[Finding]:
    """A finding for each name that a form reads (`x-uses`), and that no form asks for and neither a
    step, a rule nor a handler gives.
    """
    given = {OPEN_ALERTS, *(field.key for form in forms.values() for field in form.fields)}
    for content in bundle.under("workflows", ".bpmn").values():
        given |= names_set(content)
    given |= {answer for topic in topics.values() for answer in topic.answers}
    for form in forms.values():
        for key in form.uses:
            if key not in given:
                yield form_finding("F124", f"forms/{form.id}.form", "", {"key": key})
