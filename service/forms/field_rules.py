"""The rules of fields: the components and properties of form-js that a form may hold, what a field
must have, and what the process owner may not do with it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute

from service.forms.conditions import OLDER
from service.forms.fields import Field

KINDS: Mapping[str, tuple[str, ...]] = {
    "textfield": ("text", "date", "datetime"),
    "textarea": ("longtext",),
    "number": ("number",),
    "radio": ("choice", "yesno", "number"),
    "select": ("choice", "number", "country", "language", "office", "municipality"),
    "checklist": ("choices",),
    "taglist": ("choices",),
    "dynamiclist": ("list",),
    "group": ("group", "money", "consent", "consents"),
    "filepicker": ("file",),
    "expression": ("text", "number", "money", "date", "datetime", "yesno", "choice", "choices"),
    "text": ("paragraph",),
}
"""form-js component to the kinds it may stand for; the first is meant where the property `as` is
missing."""

BUILT_IN = frozenset({"consents", "before", "rates"})
"""Names that every expression may read: live purposes, all earlier answers of a key as a list,
currency rates."""

HOLDERS = frozenset({"list", "group", "money", "consent", "consents"})
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
CONDITIONS = (
    "proposed",
    "if_empty",
    "not_before",
    "not_after",
    "currency",
    "hint_when",
    "offer_when",
)
OF_ANSWERS = (
    "as class routing purpose headline buttons binds keep fresh judgement when_hidden read_by"
)
OF_CONSENTS = "consent consent.given_by consent.asked_in information information.language"
OF_LISTS = "rule rule.in rule.out min_rows max_rows rows.from rows.key row_id"
OF_OPTIONS = "options.from options.label options.live options.value alone all_required must_be"
OF_PAGES = (
    "digest matrix group no_identity offer index unit zone money money.of money.receipt money.each"
)
KNOWN = frozenset(
    {
        *CONDITIONS,
        OLDER,
        "required_when",
        *OF_ANSWERS.split(),
        *OF_CONSENTS.split(),
        *OF_LISTS.split(),
        *OF_OPTIONS.split(),
        *OF_PAGES.split(),
    }
)
"""Custom properties that a field may have, besides those of its checks."""
PATTERNS = re.compile(
    r"(?:check|check_text|check_\d|check_text_\d|hint)(?:\.[a-z]{2})?|state\.\w+\.[a-z]{2}"
)

OWN_OFFICE = "own-office"
"""Group of notes that no other office reads: no warning that others do."""

STEERS = frozenset({"choice", "choices", "yesno", "number", "date", "datetime"})
"""Kinds of answers that may steer the process."""


@dataclass(frozen=True, slots=True)
class RuleFault:
    """One broken rule of a field: key of its sentence, the property, and facts for the sentence."""

    key: str
    prop: str = ""
    facts: Mapping[str, object] = attribute(default_factory=dict)


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
        yield RuleFault("F120", "consent", {"value": purpose, "purposes": listed})
    is_amount = {inner.key for inner in field.fields} == {"amount", "currency"}
    if field.kind == "money" and not is_amount and not field.is_worked_out:
        yield RuleFault("F107.money")
    if field.kind in ("list", "group", "consents") and not field.fields:
        yield RuleFault("F107.fields")
    if field.properties.get("matrix") == "yes":
        yield from _matrix_faults(field)
    if field.properties.get("judgement") == "yes" and "proposed" in field.feel:
        yield RuleFault("F126", "proposed")
    if field.is_worked_out and field.required_when:
        yield RuleFault("F119.asked", "required_when")


def _class_faults(field: Field, *, nested: bool) -> Iterator[RuleFault]:
    """Faults of class and purpose, and of what the answer may steer."""
    if field.data_class not in ("C0", "C1", "C2", "C3"):
        yield RuleFault("F109", "class")
    if field.data_class in ("C2", "C3") and not field.purpose:
        yield RuleFault("F114", "purpose")
    if field.routing and (field.kind not in STEERS or nested):
        yield RuleFault("F110", "routing")
    if field.buttons and field.kind not in ("choice", "yesno"):
        yield RuleFault("F118", "buttons")


def _option_faults(field: Field) -> Iterator[RuleFault]:
    """Faults of the options of a choice, and of a yes or no."""
    listed = bool(field.options) or "options.from" in field.properties
    if field.kind in ("choice", "choices") and not listed:
        yield RuleFault("F112")
    if field.kind == "yesno" and set(field.values) != {"true", "false"} and field.computed is None:
        yield RuleFault("F112.yesno")


def is_judgement(field: Field) -> bool:
    """Whether whoever answers must judge herself: nothing is filled in before she does."""
    return field.properties.get("judgement") == "yes"


def is_matrix(field: Field) -> bool:
    """Whether the questions of a group are the rows of one table, and their options its columns."""
    return field.kind == "group" and field.properties.get("matrix") == "yes"


def matrix_rows(field: Field) -> list[Field]:
    """The questions of a matrix; what is worked out from them stands under the table."""
    return [inner for inner in field.fields if not inner.is_worked_out]


def _matrix_faults(field: Field) -> Iterator[RuleFault]:
    rows = matrix_rows(field)
    columns = {inner.values for inner in rows}
    single = all(inner.kind in ("choice", "yesno", "number") and inner.values for inner in rows)
    if field.kind != "group" or len(columns) != 1 or not single:
        yield RuleFault("F123", "matrix")


def is_open_text(field: Field) -> bool:
    """Whether a field asks for free text that other offices read."""
    is_shared = field.data_class in ("C0", "C1") and field.group != OWN_OFFICE
    return field.kind == "longtext" and is_shared
