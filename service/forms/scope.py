"""What a form is filled in against: the case's earlier answers, consents, directories and the time.

And the names that conditions may read of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from service.forms.fields import Field, Form, Json
from service.forms.values import DisplayContext, field_from_json, from_json, to_text

Ask: TypeAlias = Callable[[str, Mapping[str, object]], Mapping[str, object]]
"""Asks a rule of the release: its id and typed inputs to its typed outputs."""

DIRECTORIES = {
    "country": "countries",
    "language": "languages",
    "office": "offices",
    "municipality": "municipalities",
}


@dataclass(frozen=True, slots=True)
class FormContext:
    """Everything a form may know beside what was typed. `now` is aware; `zone` is the office's."""

    now: datetime
    zone: ZoneInfo
    lang: str = "sv"
    earlier: Mapping[str, Json] = field(default_factory=dict)
    """The newest earlier answer of each key in the case."""
    routing: Mapping[str, Json] = field(default_factory=dict)
    """Routing values of the case; they win over an earlier answer of the same key."""
    before: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    """All earlier answers of a key, oldest first, for sums and comparisons over several tasks."""
    consents: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """Live consents by purpose, as they were given."""
    directories: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """(code, label) lists: countries, languages, municipalities, offices, `offices.<role>`, and
    what a form names in `options.from`."""
    proposals: Mapping[str, Json] = field(default_factory=dict)
    """Proposed answers that the form cannot work out itself, such as the office that a role is
    usually bound to."""
    rates: Mapping[str, Decimal] = field(default_factory=lambda: {"SEK": Decimal(1)})
    """What one unit of a currency is worth in the base currency."""
    documents: Collection[str] | None = None
    """Ids of the documents that may be answered in file fields; None accepts any."""
    rule: Ask | None = None
    forms: Mapping[str, Form] = field(default_factory=dict)
    """The forms of the release, so that rows of an earlier list are told in words, not codes."""

    @property
    def today(self) -> date:
        """The day in the office's zone."""
        return self.now.astimezone(self.zone).date()

    def known(self, key: str) -> Json:
        """The case's value of a key before this form: routing, else the earlier answer."""
        return self.routing[key] if key in self.routing else self.earlier.get(key)


def names_around(form: Form, context: FormContext) -> dict[str, object]:
    """Typed values of all names that are not typed into this form and that a condition looks up:
    earlier values, consents, rates.

    What nobody looks up is not asked of the context, which may have to fetch it.
    """
    place, reads = DisplayContext(context.zone, context.rates), form.reads
    own = {f.key: f for f in form.fields if f.key}
    values: dict[str, object] = {
        key: from_json(kind, context.known(key), place)
        for key, kind in form.uses.items()
        if key in reads
    }
    values.update(
        {
            key: field_from_json(one, context.known(key), place)
            for key, one in own.items()
            if key in reads
        }
    )
    before: dict[str, object] = {}
    if "before" in reads:
        before.update(
            {
                key: [
                    from_json(kind, v, place) for v in context.before.get(key, ()) if v is not None
                ]
                for key, kind in form.uses.items()
            }
        )
        before.update(
            {
                key: [
                    field_from_json(one, v, place)
                    for v in context.before.get(key, ())
                    if v is not None
                ]
                for key, one in own.items()
            }
        )
    consents = sorted(context.consents) if "consents" in reads else []
    return values | {"consents": consents, "before": before, "rates": dict(context.rates)}


def options_of(form: Form, one: Field, context: FormContext) -> tuple[tuple[str, str], ...]:
    """What may be chosen now, as (code, label) in the reader's language: the form's own options,
    then those of a directory or of an earlier list.
    """
    own = tuple((o.value, form.say(o.label, context.lang)) for o in one.options)
    source = one.properties.get("options.from", DIRECTORIES.get(one.kind, ""))
    if not source:
        return own
    if source in form.uses:
        return own + _rows_as_options(one, context, source)
    listed = context.directories.get(f"{source}.{one.binds}") if one.binds else None
    return own + tuple(listed if listed is not None else context.directories.get(source, ()))


def _rows_as_options(one: Field, context: FormContext, source: str) -> tuple[tuple[str, str], ...]:
    """The rows of an earlier list by number from 1, told by the columns of `options.label`."""
    rows = context.known(source)
    columns = one.properties.get("options.label", "").replace(",", " ").split()
    made = []
    for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
        told = (
            [_cell(context, source, c, row.get(c)) for c in columns]
            if isinstance(row, dict)
            else [str(row)]
        )
        made.append((str(number), f"{number}. {', '.join(t for t in told if t)}"))
    return tuple(made)


def _cell(context: FormContext, source: str, column: str, value: Json) -> str:
    """One cell of an earlier list in words, by the form that asked for it."""
    text = to_text("", value, context.lang, context.zone)
    for form in context.forms.values():
        for path, one in form.walk():
            if path == f"{source}.{column}" and one.options:
                return form.option_label(one, text, context.lang)
    return text
