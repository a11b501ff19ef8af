"""The rules of fields: what a field must have, and what the process owner may not do with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from service.forms.fields import Field

STEERS = frozenset({"choice", "choices", "yesno", "number", "date", "datetime"})
"""Kinds of answers that may steer the process."""


@dataclass(frozen=True, slots=True)
class RuleFault:
    """One broken rule of a field: code and text of the finding, the property and its value."""

    code: str
    message: str
    prop: str = ""
    value: str | None = None


def field_faults(
    field: Field, *, nested: bool, purposes: Collection[str] | None = None
) -> Iterator[RuleFault]:
    """Every rule that a field breaks.

    Args:
        nested: whether it stands in a list or group.
        purposes: of which a consent may name one; None for a release that does not list them.
    """
    yield from _class_faults(field, nested=nested)
    yield from _option_faults(field)
    purpose = field.properties.get("consent", "")
    known = purposes if purposes is not None else {purpose} - {""}
    if field.kind == "consent" and purpose not in known:
        listed = f": {', '.join(purposes)}" if purposes else ""
        message = f"A consent names one of the purposes{listed}."
        yield RuleFault("F120", message, "consent", purpose)
    is_amount = {inner.key for inner in field.fields} == {"amount", "currency"}
    if field.kind == "money" and not is_amount and not field.is_worked_out:
        yield RuleFault("F107", "Money holds the fields amount and currency.")
    if field.kind in ("list", "group") and not field.fields:
        yield RuleFault("F107", "A list or group needs fields.")
    if field.is_worked_out and field.required_when:
        yield RuleFault("F119", "A computed field is never asked for.", "required_when")


def _class_faults(field: Field, *, nested: bool) -> Iterator[RuleFault]:
    """Faults of class and purpose, and of what the answer may steer."""
    if field.data_class not in ("C0", "C1", "C2", "C3"):
        yield RuleFault("F109", "Every field has a class: C0, C1, C2 or C3.", "class")
    if field.data_class in ("C2", "C3") and not field.purpose:
        yield RuleFault("F114", "A field of class C2 or C3 needs a purpose.", "purpose")
    if field.routing and (field.kind not in STEERS or nested):
        message = (
            "A name cannot steer the process: only a choice, a yes or no, a count or a date,"
            " outside lists and groups."
        )
        yield RuleFault("F110", message, "routing")
    if field.buttons and field.kind not in ("choice", "yesno"):
        yield RuleFault("F118", "Only a choice can become submit buttons.", "buttons")


def _option_faults(field: Field) -> Iterator[RuleFault]:
    """Faults of the options of a choice, and of a yes or no."""
    listed = bool(field.options) or "options.from" in field.properties
    if field.kind in ("choice", "choices") and not listed:
        yield RuleFault("F112", "A choice needs options.")
    if field.kind == "yesno" and set(field.values) != {"true", "false"} and field.computed is None:
        yield RuleFault("F112", "A yes or no has exactly the values true and false.")
