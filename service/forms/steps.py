"""The steps of a long form: its sections, one after another, when together they are too long for a
page.

Worked out from the form alone, so that a form does not change between page and steps while somebody
answers it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.forms.field_rules import is_matrix
from service.forms.fields import Field, Form, Section
from service.forms.widgets import DrawnSection

PAGE = 75
"""Lines of text from which a form is drawn in steps: about two screens."""
FEWEST = 3
"""Fewer steps than this are no help."""
SHORT = 8
"""Lines up to which a section joins the step before it, such as the note at the end."""
MOST_RADIOS = 5
"""Options up to which a choice is a row of buttons, and no list."""


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """One step of a drawn form, or one section of a form that is a page."""

    number: int
    """From 1; 0 for a section of a page."""
    id: str
    """Of its first section."""
    label: str
    left: int
    """How many required questions have no answer yet."""
    needed: bool
    hidden: bool


def form_steps(form: Form) -> dict[str, int]:
    """Section id to the number of its step, from 1; empty for a form that is one page.

    A section that asks nothing, and one of a question or two, stand with the section before them.
    """
    lines = [(section, _lines(section.fields)) for section in form.sections]
    if sum(count for _, count in lines) <= PAGE or not all(s.label for s in form.sections):
        return {}
    numbers: dict[str, int] = {}
    number = 0
    for section, count in lines:
        if not number or not (count <= SHORT or _asks_nothing(section)):
            number += 1
        numbers[section.id] = number
    return numbers if number >= FEWEST else {}


def drawn_steps(sections: Iterable[DrawnSection]) -> tuple[DrawnStep, ...]:
    """The steps of a drawn form; of one that is a page each section."""
    steps: dict[str, list[DrawnSection]] = {}
    for section in sections:
        steps.setdefault(str(section.step or section.id), []).append(section)
    return tuple(
        DrawnStep(
            number=parts[0].step,
            id=parts[0].id,
            label=parts[0].label,
            left=sum(part.left for part in parts if not part.hidden),
            needed=any(part.needed for part in parts),
            hidden=all(part.hidden for part in parts),
        )
        for parts in steps.values()
    )


def _asks_nothing(section: Section) -> bool:
    return all(field.is_worked_out or field.kind == "paragraph" for field in section.fields)


def _lines(fields: Iterable[Field]) -> int:
    """About how many lines of text some questions take on a page."""
    return sum(_lines_of(field) for field in fields)


def _lines_of(field: Field) -> int:
    if field.is_worked_out or field.kind == "paragraph":
        return 2
    if is_matrix(field):
        return 4 + 2 * len(field.fields)
    if field.kind == "money":
        return 4
    if field.kind == "consent":
        return 5
    if field.fields:
        return 3 + _lines(field.fields)
    if field.kind == "choices" or (field.options and len(field.options) <= MOST_RADIOS):
        return 3 if field.kind == "yesno" else 2 + 2 * len(field.options)
    return 6 if field.kind == "longtext" else 4


__all__ = ["DrawnStep", "drawn_steps", "form_steps"]
