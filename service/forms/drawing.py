"""What a page shows of a form: sections of widgets, which templates render.

Texts are in the reader's language; what was typed stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from service.errors import FieldFault
from service.forms.fields import Field, Form, Json, Raw
from service.forms.scope import FormContext, options_of
from service.forms.sheet import FilledForm, row_numbers
from service.forms.values import to_json, to_text

MOST_RADIOS = 5
OWN_OFFICE = "own-office"
"""Group of notes that no other office reads: no warning that others do."""

CODED = frozenset({"choice", "yesno", "country", "language", "office", "municipality"})


@dataclass(frozen=True, slots=True)
class WidgetOption:
    """One option of a widget."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Widget:
    """One question, or a holder of questions, ready to be shown.

    `shape` names the template: text, longtext, number, date, datetime, money, radio, select,
    checks, file, list, group, consent, computed, paragraph.
    `kind` is the kind of the answer (fields.py). `path` is the input's name.
    """

    path: str
    key: str
    kind: str
    shape: str
    label: str
    help: str = ""
    required: bool = False
    sometimes: bool = False
    """Required or not as the pressed button says."""
    hidden: bool = False
    value: str = ""
    """As it was typed; of a computed field, as it is said."""
    values: tuple[str, ...] = ()
    """All texts of a field that may have several: checks, files."""
    options: tuple[WidgetOption, ...] = ()
    fields: tuple[Widget, ...] = ()
    """Fields of a group or consent; of money: amount and currency."""
    rows: tuple[ListRow, ...] = ()
    fewest_rows: int = 0
    most_rows: int = 0
    longest: int | None = None
    multiple: bool = False
    faults: tuple[FieldFault, ...] = ()
    data_class: str = "C0"
    group: str = ""
    purpose: str = ""
    """The purpose that the answer is kept for; of a consent, the one it is about."""
    warning: str = ""
    """Text key of a standing warning, such as that others read this text."""
    hint: str = ""
    """A sentence that this answer calls for."""
    offer: str = ""
    """A message that the page offers to send because of this answer, such as `alert`; `danger`
    means the emergency numbers."""
    live: Mapping[str, Json] = field(default_factory=dict)
    """The consent that is live already."""
    routing: bool = False
    buttons: bool = False


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a list. `number` counts from 1; `path` is what its inputs begin with."""

    number: int
    path: str
    fields: tuple[Widget, ...]
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnSection:
    """A heading of the page and what stands under it; `hidden` when everything under it is."""

    id: str
    label: str
    help: str
    widgets: tuple[Widget, ...]
    hidden: bool
    faults: int
    """How many faults lie in it."""
    left: int
    """How many required questions are still without an answer; the one that the buttons answer is
    not counted."""
    needed: bool = False
    """Whether any question in it must be answered."""


def draw(
    form: Form, values: Raw, *, lang: str, faults: Iterable[FieldFault], context: FormContext
) -> tuple[DrawnSection, ...]:
    """The sections of a form with what was typed so far.

    Args:
        values: as the browser sent them, or as `fill_in` made them; `<list path>.rows` tells how
            many rows are wanted.
    """
    pen = _WidgetBuilder(FilledForm(form, values, replace(context, lang=lang)), tuple(faults))
    return tuple(
        pen.section(section.id, section.label, section.help, section.fields)
        for section in form.sections
    )


class _WidgetBuilder:
    """Turns the fields of one sheet into widgets."""

    def __init__(self, sheet: FilledForm, faults: tuple[FieldFault, ...]) -> None:
        self.sheet = sheet
        self.form = sheet.form
        self.context = sheet.context
        self.faults = faults

    def section(
        self, name: str, label: str, help_text: str, fields: tuple[Field, ...]
    ) -> DrawnSection:
        widgets = self.level(fields, self.sheet.values, self.sheet.around, "", hidden=False)
        paths = {w.key for w in widgets}
        needed = [
            w
            for w in widgets
            if w.required and not (w.hidden or w.buttons or w.live) and w.shape != "computed"
        ]
        return DrawnSection(
            name,
            self.say(label),
            self.say(help_text),
            widgets,
            hidden=all(w.hidden for w in widgets),
            faults=sum(f.path.partition(".")[0] in paths for f in self.faults),
            left=sum(self.sheet.values.get(w.key) in (None, []) for w in needed),
            needed=bool(needed),
        )

    def say(self, text: str) -> str:
        return self.form.say(text, self.context.lang)

    def level(
        self,
        fields: tuple[Field, ...],
        values: Mapping[str, object],
        outer: Mapping[str, object],
        prefix: str,
        *,
        hidden: bool,
    ) -> tuple[Widget, ...]:
        names = {
            **outer,
            **{k: v for k, v in values.items() if prefix or k not in self.sheet.hidden},
        }
        return tuple(
            self.widget(one, values.get(one.key), names, prefix, hidden=hidden) for one in fields
        )

    def widget(
        self, one: Field, value: object, names: Mapping[str, object], prefix: str, *, hidden: bool
    ) -> Widget:
        path = prefix + one.key
        texts = tuple(self.sheet.raw.get(path, ()))
        hidden = hidden or path in self.sheet.hidden
        hint, offer = self.calls_for(one, value, names)
        required = one.required or (
            one.required_when is not None and self.sheet.ask(one.required_when, names) is True
        )
        return Widget(
            path,
            one.key,
            one.kind,
            self.shape(one),
            self.say(one.label),
            help=self.say(one.help),
            required=required,
            sometimes=not required
            and one.required_when is not None
            and self.form.button is not None
            and self.form.button.key in one.required_when.reads,
            hidden=hidden,
            value=self.told(one, value) if one.is_worked_out else texts[-1] if texts else "",
            values=texts,
            options=self.options(one, texts),
            fields=self.inner(one, value, names, path, hidden=hidden),
            rows=self.rows(one, value, names, path, hidden=hidden) if one.kind == "list" else (),
            fewest_rows=one.limits.fewest_rows,
            most_rows=one.limits.most_rows,
            longest=one.limits.longest,
            multiple=one.multiple,
            faults=tuple(f for f in self.faults if f.path == path),
            data_class=one.data_class,
            group=one.group,
            purpose=one.properties.get("consent", one.purpose),
            warning="form.warn_open_text"
            if one.kind == "longtext" and one.data_class in ("C0", "C1") and one.group != OWN_OFFICE
            else "",
            hint=hint,
            offer=offer,
            live=self.context.consents[one.properties["consent"]]
            if one.kind == "consent" and self.sheet.is_live(one)
            else {},
            routing=one.routing,
            buttons=one.buttons,
        )

    def shape(self, one: Field) -> str:
        if one.is_worked_out:
            return "computed"
        if one.kind in CODED or (
            one.kind == "number" and (one.options or "options.from" in one.properties)
        ):
            few = (
                one.kind in ("choice", "yesno", "number")
                and len(options_of(self.form, one, self.context)) <= MOST_RADIOS
            )
            return "radio" if few else "select"
        return {"choices": "checks"}.get(one.kind, one.kind)

    def options(self, one: Field, texts: tuple[str, ...]) -> tuple[WidgetOption, ...]:
        if one.is_worked_out or one.kind == "money":
            return ()
        return tuple(
            WidgetOption(code, label, code in texts)
            for code, label in options_of(self.form, one, self.context)
        )

    def inner(
        self, one: Field, value: object, names: Mapping[str, object], path: str, *, hidden: bool
    ) -> tuple[Widget, ...]:
        """The fields of a group, of a consent, or the two halves of money."""
        if one.kind == "list" or not one.fields or one.is_worked_out:
            return ()
        return self.level(
            one.fields, value if isinstance(value, dict) else {}, names, path + ".", hidden=hidden
        )

    def rows(
        self, one: Field, value: object, names: Mapping[str, object], path: str, *, hidden: bool
    ) -> tuple[ListRow, ...]:
        """The rows that were sent, and empty ones up to what was asked for or what the form wants
        at least.
        """
        sent = row_numbers(self.sheet.raw, path)
        wanted = wanted_rows(self.sheet.raw, path, one)
        numbers = sent + [n for n in range(wanted) if n not in sent][: max(wanted - len(sent), 0)]
        values = dict(
            zip(
                self.sheet.rows.get(path, ()),
                value if isinstance(value, list) else (),
                strict=False,
            )
        )
        made = []
        for count, number in enumerate(numbers, 1):
            row = values.get(number)
            start = f"{path}.{number}"
            fields = self.level(
                one.fields, row if isinstance(row, dict) else {}, names, start + ".", hidden=hidden
            )
            made.append(
                ListRow(count, start, fields, tuple(f for f in self.faults if f.path == start))
            )
        return tuple(made)

    def calls_for(self, one: Field, value: object, names: Mapping[str, object]) -> tuple[str, str]:
        """The hint and the offer that this answer calls for now."""
        if value is None:
            return "", ""
        hint, offer = (one.feel.get(name) for name in ("hint_when", "offer_when"))
        told = one.properties.get(f"hint.{self.context.lang}", one.properties.get("hint.sv", ""))
        return (
            told if hint and self.sheet.ask(hint, names) is True else "",
            one.properties.get("offer", "")
            if offer and self.sheet.ask(offer, names) is True
            else "",
        )

    def told(self, one: Field, value: object) -> str:
        """A computed answer in words; a yes or no without words of its own as its code, for the
        page to say.
        """
        kept = to_json(one.kind, value)
        if one.kind == "money" and isinstance(kept, dict):
            return f"{to_text('money', kept.get('amount'), self.context.lang, self.context.zone)} {kept.get('currency')}"
        text = to_text(one.kind, kept, self.context.lang, self.context.zone)
        return self.form.option_label(one, text, self.context.lang)


def wanted_rows(raw: Raw, path: str, one: Field) -> int:
    """How many rows to draw: as many as asked for, at least the fewest, and one to begin with where
    the list is required.
    """
    asked = (raw.get(path + ".rows") or ["0"])[-1]
    count = int(asked) if re.fullmatch(r"\d{1,3}", asked, re.ASCII) else 0
    return min(max(count, one.limits.fewest_rows, 1 if one.required else 0), one.limits.most_rows)


def with_row(raw: Raw, path: str, one: Field) -> dict[str, list[str]]:
    """The same texts, with one more row wanted in a list."""
    shown = max(wanted_rows(raw, path, one), len(row_numbers(raw, path)))
    return {**raw, path + ".rows": [str(shown + 1)]}


def without_row(raw: Raw, path: str, number: int) -> dict[str, list[str]]:
    """The same texts, without the row that the browser calls `path.number`."""
    gone = f"{path}.{number}."
    left = {key: texts for key, texts in raw.items() if not key.startswith(gone)}
    return {**left, path + ".rows": [str(len(row_numbers(left, path)))]}


def changed_rows(typed: Raw, form: Form | None, what: str, path: str) -> Raw:
    """The texts with one row more or less in a list.

    Args:
        what: `add`, then `path` is the list's; or `remove`, then it is the row's.
    """
    if what == "remove":
        holder, _, row = path.rpartition(".")
        return without_row(typed, holder, int(row)) if row.isdigit() else typed
    wanted = ".".join(part for part in path.split(".") if not part.isdigit())
    known = form.walk() if form is not None else ()
    field = next((one for at, one in known if at == wanted and one.kind == "list"), None)
    return with_row(typed, path, field) if field is not None else typed
