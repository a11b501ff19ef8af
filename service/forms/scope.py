"""The context of a form: earlier answers, consents, directories and the time of its case.

And the names of it that conditions may read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TypeAlias
from zoneinfo import ZoneInfo

from service.forms.fields import SOURCE, Field, Form, Json
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
class ConsentWording:
    """The text of a consent, or of an information, as it is shown above the answer."""

    version: str
    blocks: tuple[tuple[str, str], ...]
    """Kind (`p` a paragraph, `li` a line of a list) and text, in order."""
    digest: str
    """What is kept with the answer, so that it can be said which text was shown."""
    title: str = ""
    dir: str = "ltr"
    """Where its lines begin: `ltr` at the left, `rtl` at the right."""
    counts: bool = True
    """Whether a named person has signed it; else it is an example, read aloud by an interpreter."""


@dataclass(frozen=True, slots=True)
class FormContext:
    """Everything a form may know besides what was typed.

    `now` is aware; `zone` is the office's.
    """

    now: datetime
    zone: ZoneInfo
    lang: str = "sv"
    earlier: Mapping[str, Json] = attribute(default_factory=dict)
    """The newest earlier answer of each key in the case."""
    routing: Mapping[str, Json] = attribute(default_factory=dict)
    """Routing values of the case; they win over an earlier answer of the same key."""
    before: Mapping[str, Sequence[Json]] = attribute(default_factory=dict)
    """All earlier answers of a key, oldest first, for sums and comparisons over several tasks."""
    consents: Mapping[str, Mapping[str, Json]] = attribute(default_factory=dict)
    """Live consents by purpose, as they were given."""
    consent_texts: Mapping[str, ConsentWording] = attribute(default_factory=dict)
    information: Mapping[str, Mapping[str, ConsentWording]] = attribute(default_factory=dict)
    """Information for the person, by name and language."""
    """The text of each consent by purpose, in the reader's language."""
    directories: Mapping[str, Sequence[tuple[str, str]]] = attribute(default_factory=dict)
    """(code, label) lists: countries, languages, municipalities, offices, `offices.<role>`, and
    what a form names in `options.from`."""
    origins: Mapping[str, tuple[str, date]] = attribute(default_factory=dict)
    """Key of an earlier answer that the reader may see to the form and day that it is from."""
    common: Mapping[str, int] = attribute(default_factory=dict)
    """How many entries of a directory stand first because they are common."""
    proposals: Mapping[str, Json] = attribute(default_factory=dict)
    """Proposed answers that the form cannot work out itself, such as the office that a role is
    usually bound to."""
    rates: Mapping[str, Decimal] = attribute(default_factory=dict)
    """What one unit of a currency is worth in the base currency."""
    currency: str = ""
    """Code of the currency that an amount is in unless somebody chooses another."""
    documents: Collection[str] | None = None
    """Ids of the documents that may be answered in file fields; None accepts any."""
    rule: Ask | None = None
    forms: Mapping[str, Form] = attribute(default_factory=dict)
    """The forms of the release, so that rows of an earlier list are shown in words, not codes."""

    @property
    def today(self) -> date:
        """The day in the office's zone."""
        return self.now.astimezone(self.zone).date()

    def known(self, key: str) -> Json:
        """The case's value of a key before this form: routing, else the earlier answer."""
        return self.routing[key] if key in self.routing else self.earlier.get(key)


def names_around(form: Form, context: FormContext) -> dict[str, object]:
    """Typed values of the names that conditions read and that are not typed into this form.

    Earlier values, consents and rates. What no condition reads is not asked of the context, which
    may have to fetch it.
    """
    reads, readers = form.reads, _readers(form, DisplayContext(context.zone, context.rates))
    values: dict[str, object] = {
        key: read(context.known(key)) for key, read in readers.items() if key in reads
    }
    before: dict[str, object] = {}
    if "before" in reads:
        before = {
            key: [read(value) for value in context.before.get(key, ()) if value is not None]
            for key, read in readers.items()
        }
    consents = sorted(context.consents) if "consents" in reads else []
    return values | {"consents": consents, "before": before, "rates": dict(context.rates)}


def _readers(form: Form, display: DisplayContext) -> dict[str, Callable[[Json], object]]:
    """Key of an earlier answer to what makes its typed value; the form's own fields win."""
    readers: dict[str, Callable[[Json], object]] = {
        key: partial(_read_kind, display, kind) for key, kind in form.uses.items()
    }
    own = {field.key: field for field in form.fields if field.key}
    return readers | {key: partial(_read_field, display, field) for key, field in own.items()}


def _read_kind(display: DisplayContext, kind: str, value: Json) -> object:
    return from_json(kind, value, display)


def _read_field(display: DisplayContext, field: Field, value: Json) -> object:
    return field_from_json(field, value, display)


def options_of(form: Form, field: Field, context: FormContext) -> tuple[tuple[str, str], ...]:
    """What may be chosen now, as (code, label) in the reader's language.

    The form's own options (with `options.live` only purposes whose consent is live), then those of
    a directory or of an earlier list.
    """
    offered = (
        o
        for o in field.options
        if field.properties.get("options.live") != "yes" or o.value in context.consents
    )
    own = tuple((o.value, form.say(o.label, context.lang)) for o in offered)
    named = field.properties.get("options.from", "")
    source = named or DIRECTORIES.get(field.kind, "")
    if not source:
        return own
    if named in form.uses:
        return own + _rows_as_options(field, context, source)
    listed = context.directories.get(f"{source}.{field.binds}") if field.binds else None
    return own + tuple(listed if listed is not None else context.directories.get(source, ()))


def _rows_as_options(
    field: Field, context: FormContext, source: str
) -> tuple[tuple[str, str], ...]:
    """The rows of an earlier list, described by the columns of `options.label`: by the column that
    `options.value` names, else by number from 1.
    """
    return row_names(field, context.known(source), context.forms, context.lang, context.zone)


def row_names(
    field: Field, rows: Json, forms: Mapping[str, Form], lang: str, zone: ZoneInfo
) -> tuple[tuple[str, str], ...]:
    """Code and name of each row of the list that a field chooses from (`options.from`).

    Args:
        rows: the list, as it was answered.   forms: of the release, which name what is in the rows.
    """
    source = field.properties["options.from"]
    columns = field.properties.get("options.label", "").replace(",", " ").split()
    made = []
    for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
        cells = [str(row)]
        code = str(number)
        if isinstance(row, dict):
            texts = {column: to_text("", row.get(column), lang, zone) for column in columns}
            cells = [_cell(forms, f"{source}.{at}", text, lang) for at, text in texts.items()]
            code = str(row.get(field.properties.get("options.value", ""), number))
        made.append((code, f"{code}. {', '.join(cell for cell in cells if cell)}"))
    return tuple(made)


def _cell(forms: Mapping[str, Form], at: str, text: str, lang: str) -> str:
    """One cell of an earlier list in words, by the form that asked for it."""
    for form in forms.values():
        for path, field in form.walk():
            if path == at and field.options:
                return form.option_label(field, text, lang)
    return text


def information_text(context: FormContext, field: Field, lang: str) -> ConsentWording | None:
    """The information that a field shows, in a language, else in Swedish; None when it has none."""
    texts = context.information.get(field.properties.get("information", ""), {})
    return texts.get(lang) or texts.get(SOURCE)
