"""The form of a task as it is printed: questions, and answers or lines to write on."""

from __future__ import annotations

from collections.abc import Iterable

from service.actions.casefile.answer_text import Pair
from service.actions.releases.labels import element_name
from service.actions.tasks.form_session import FormSession, FormTarget
from service.forms import Raw, Widget


def printed_form(
    session: FormSession[FormTarget], *, filled: bool, raw: Raw
) -> list[tuple[str, tuple[Pair, ...]]]:
    """Title of each section to its questions and answers.

    Args:
        filled: whether the texts of `raw` are printed; an answer "" leaves a line to write on.
    """
    step = element_name(session.target.element, session.viewer.lang)
    return [
        (section.label or step, tuple(_printed(section.widgets, blank=not filled)))
        for section in session.draw(raw if filled else {})
        if not section.hidden
    ]


def _printed(widgets: Iterable[Widget], *, blank: bool, consent: bool = False) -> Iterable[Pair]:
    """Questions with their answers; of a consent on an empty form those after a Yes too."""
    for widget in widgets:
        if (widget.hidden and not (blank and consent)) or widget.shape == "paragraph":
            continue
        inner = (*widget.fields, *(field for row in widget.rows for field in row.fields))
        if inner:
            of_consent = widget.shape in ("consent", "consents")
            parts = _printed(inner, blank=blank, consent=of_consent)
            yield from ((f"{widget.label}: {label}", text) for label, text in parts)
        elif widget.options:
            yield widget.label, ", ".join(o.label for o in widget.options if o.chosen)
        else:
            yield widget.label, widget.value
