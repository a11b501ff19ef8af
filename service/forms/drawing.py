"""Draw a form: the sections and widgets that a page shows of it.

Texts are in the reader's language; what was typed stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from service.errors import FieldFault
from service.forms.field_rules import is_matrix, is_open_text
from service.forms.fields import Field, Form, Json, Raw, Section
from service.forms.filled_form import FilledForm, as_moment, in_row, shared_key
from service.forms.filling import is_guessed, origin_of, stated_answer
from service.forms.scope import (
    DIRECTORIES,
    ConsentWording,
    FormContext,
    information_text,
    options_of,
)
from service.forms.steps import MOST_RADIOS, form_steps
from service.forms.typed_answers import drawn_rows, row_numbers, wanted_rows
from service.forms.values import to_json, to_text
from service.forms.widgets import DrawnSection, ListRow, Widget, answers_left

CODED = frozenset({"choice", "yesno", "country", "language", "office", "municipality"})


def draw(
    form: Form, values: Raw, *, lang: str, faults: Iterable[FieldFault], context: FormContext
) -> tuple[DrawnSection, ...]:
    """The sections of a form with what was typed so far.

    Args:
        values: as the browser sent them, or as `fill_in` made them; `<list path>.rows` tells how
            many rows are wanted.
    """
    filled = FilledForm(form, values, replace(context, lang=lang))
    builder = _WidgetBuilder(filled, tuple(faults))
    return _without_guesses(filled, tuple(builder.section(section) for section in form.sections))


def _without_guesses(
    filled: FilledForm, drawn: tuple[DrawnSection, ...]
) -> tuple[DrawnSection, ...]:
    """The sections without worked-out values whose questions are not answered yet."""
    widgets = {w.key: w for section in drawn for w in section.widgets if w.shape != "computed"}
    guessed = {f.key for f in filled.form.fields if is_guessed(filled, f, widgets)}
    if not guessed:
        return drawn

    def shown(widget: Widget) -> Widget:
        return replace(widget, value="") if widget.key in guessed else widget

    return tuple(replace(part, widgets=tuple(map(shown, part.widgets))) for part in drawn)


class _WidgetBuilder:
    """Builds the widgets of the fields of one filled form."""

    def __init__(self, filled: FilledForm, faults: tuple[FieldFault, ...]) -> None:
        self.filled = filled
        self.form = filled.form
        self.context = filled.context
        self.faults = faults
        given = filled.given_now()
        self.unasked = {
            f"{field.key}."
            for field in filled.form.fields
            if field.kind == "consents"
            and given.isdisjoint(c.properties["consent"] for c in filled.consents_of(field))
        }
        """Prefixes of what is asked once for several consents, as long as none is given."""
        self.kinds = {f"{path}.": field.kind for path, field in filled.form.walk() if field.fields}
        self.own_keys = frozenset(field.key for _, field in filled.form.walk())
        self.steps = form_steps(filled.form)

    def section(self, section: Section) -> DrawnSection:
        widgets = self.level(
            section.fields, self.filled.values, self.filled.around, "", hidden=False
        )
        paths = {w.key for w in widgets}
        faulty = {fault.path.partition(".")[0] for fault in self.faults}
        needed = [
            w
            for w in widgets
            if w.required and not (w.hidden or w.buttons or w.live) and w.shape != "computed"
        ]
        return DrawnSection(
            section.id,
            self.say(section.label),
            self.say(section.help),
            widgets,
            hidden=not paths & faulty and all(w.hidden or w.buttons for w in widgets),
            faults=sum(f.path.partition(".")[0] in paths for f in self.faults),
            left=sum(w.left for w in widgets),
            needed=bool(needed) or any(w.left for w in widgets),
            step=self.steps.get(section.id, 0),
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
        gone = frozenset[str]() if prefix else self.filled.hidden
        names = {**outer, **{key: value for key, value in values.items() if key not in gone}}
        return tuple(
            self.widget(field, values.get(field.key), names, prefix, hidden=hidden)
            for field in fields
        )

    def widget(
        self, field: Field, value: object, names: Mapping[str, object], prefix: str, *, hidden: bool
    ) -> Widget:
        path = prefix + field.key
        texts = tuple(self.filled.raw.get(path, ())) or self.usual(field, prefix)
        hidden = hidden or path in self.filled.hidden or self.asks_for_nothing(field)
        hint, offer = self.calls_for(field, value, names)
        required = self.is_required(field, names) and prefix not in self.unasked
        shape = self.shape(field)
        live = self.live_consent(field)
        fields = self.inner(field, value, names, path, hidden=hidden)
        rows = self.rows(field, value, names, path) if field.kind == "list" else ()
        fewest = field.limits.fewest_rows
        left = answers_left(shape, value, fields, rows, required=required, fewest_rows=fewest)
        lists_none = field.is_worked_out or field.kind == "money"
        return Widget(
            path,
            field.key,
            # programs that draw forms know groups
            "group" if field.kind == "consents" else field.kind,
            shape,
            self.say(field.label),
            help=self.say(field.help),
            required=required,
            optional=not required and self.is_optional(field, prefix),
            hidden=hidden,
            value=self.in_words(field, value) if field.is_worked_out else "".join(texts[-1:]),
            values=texts,
            options=() if lists_none else options_of(self.form, field, self.context),
            common=self.context.common.get(DIRECTORIES.get(field.kind, ""), 0),
            blank=self.row(field, None, names, f"{path}.new", 0)
            if field.kind == "list" and not field.is_worked_out
            else None,
            fields=fields,
            rows=rows,
            fewest_rows=fewest,
            most_rows=field.limits.most_rows,
            longest=field.limits.longest,
            least=self.day_limit(field, "not_before", names),
            most=self.day_limit(field, "not_after", names),
            multiple=field.multiple,
            faults=tuple(f for f in self.faults if f.path == path),
            data_class=field.data_class,
            group=field.group,
            purpose=field.properties.get("consent", field.purpose),
            warning="form.warn_open_text" if is_open_text(field) else "",
            origin=origin_of(self.filled, field, path, texts),
            stated=self.in_words(field, stated_answer(field, self.context)),
            hint=hint,
            offer=offer,
            shared=bool(shared_key(field)),
            live=live,
            text=self.text(field),
            other_languages=self.other_languages(field),
            routing=field.routing,
            buttons=field.buttons,
            answered=value not in (None, []),
            left=0 if hidden or field.buttons or live else left,
        )

    def is_required(self, field: Field, names: Mapping[str, object]) -> bool:
        condition = field.required_when
        return field.required or (
            condition is not None and self.filled.ask(condition, names) is True
        )

    def is_optional(self, field: Field, prefix: str) -> bool:
        """Whether no other answer, no button and no consent can make the field required."""
        holds = field.kind in ("consent", "consents") or field.is_worked_out
        asked = field.required or self._may_be_asked(field) or field.limits.fewest_rows
        around = self.kinds.get(re.sub(r"\.\d+(?=\.)", "", prefix), "")
        part = around == "money" or (around == "consent" and field.key == "given")
        return not (holds or asked or part)

    def _may_be_asked(self, field: Field) -> bool:
        """Whether the condition on which a field is required reads an answer of this form; one that
        reads earlier answers alone holds or not.
        """
        asked = field.required_when
        return asked is not None and not self.own_keys.isdisjoint(asked.reads)

    def usual(self, field: Field, prefix: str) -> tuple[str, ...]:
        """What stands in a question before anybody answers it: the usual currency of an amount."""
        around = self.kinds.get(re.sub(r"\.\d+(?=\.)", "", prefix), "")
        known = around == "money" and self.context.currency in field.values
        return (self.context.currency,) if known else ()

    def asks_for_nothing(self, field: Field) -> bool:
        """Whether every consent that a group `consents` asks for is live, or not asked for."""
        return field.kind == "consents" and not self.filled.consents_of(field)

    def live_consent(self, field: Field) -> Mapping[str, Json]:
        """The consent that the field asks for, where it is live already."""
        if field.kind != "consent" or not self.filled.is_live(field):
            return {}
        return self.context.consents[field.properties["consent"]]

    def text(self, field: Field) -> ConsentWording | None:
        """What stands above the answer, word for word: of a consent, or an information."""
        asked = self.context.consent_texts.get(field.properties.get("consent", ""))
        return asked or information_text(self.context, field, self.context.lang)

    def other_languages(self, field: Field) -> tuple[tuple[str, str, ConsentWording], ...]:
        """The information that the field shows, in the languages that are not the reader's."""
        texts = self.context.information.get(field.properties.get("information", ""), {})
        names = dict(self.context.directories.get("languages", ())) if texts else {}
        return tuple(
            (lang, names.get(lang, lang), text)
            for lang, text in sorted(texts.items())
            if lang != self.context.lang
        )

    def shape(self, field: Field) -> str:
        if field.is_worked_out:
            return "computed"
        if "row_id" in field.properties:
            return "row_id"
        if is_matrix(field):
            return "matrix"
        offers = bool(field.options) or "options.from" in field.properties
        if field.kind in CODED or (field.kind == "number" and offers):
            listed = field.kind in ("choice", "yesno", "number")
            few = listed and len(options_of(self.form, field, self.context)) <= MOST_RADIOS
            return "radio" if few else "select"
        return {"choices": "checks"}.get(field.kind, field.kind)

    def inner(
        self, field: Field, value: object, names: Mapping[str, object], path: str, *, hidden: bool
    ) -> tuple[Widget, ...]:
        """The fields of a group, of a consent, or the two halves of money."""
        if field.kind == "list" or not field.fields or field.is_worked_out:
            return ()
        values = value if isinstance(value, dict) else {}
        asked = tuple(inner for inner in field.fields if not inner.asked_in)
        return self.level(asked, values, names, path + ".", hidden=hidden)

    def rows(
        self, field: Field, value: object, names: Mapping[str, object], path: str
    ) -> tuple[ListRow, ...]:
        """The rows that were sent, and empty ones up to the number that is wanted."""
        sent = row_numbers(self.filled.raw, path)
        wanted = wanted_rows(self.filled.raw, path, field)
        numbers = drawn_rows(sent, wanted)
        answers = value if isinstance(value, list) else ()
        values = dict(zip(self.filled.rows.get(path, ()), answers, strict=False))
        made = []
        for count, number in enumerate(numbers, 1):
            made.append(self.row(field, values.get(number), names, f"{path}.{number}", count))
        return tuple(made)

    def row(
        self, field: Field, row: object, names: Mapping[str, object], path: str, count: int
    ) -> ListRow:
        """One row of a list; what nobody has answered in a new one hides some of its columns."""
        if row is None:
            around = {**in_row(names, count), "this": {}}
            for inner in field.fields:
                hides = inner.hidden_when
                if hides is not None and self.filled.ask(hides, around) is True:
                    self.filled.hidden.add(f"{path}.{inner.key}")
        cells = row if isinstance(row, dict) else {}
        fields = self.level(field.fields, cells, names, path + ".", hidden=False)
        faults = tuple(fault for fault in self.faults if fault.path == path)
        return ListRow(count, path, fields, faults, filled=row is not None)

    def day_limit(self, field: Field, prop: str, names: Mapping[str, object]) -> str:
        """The first or last day that a date may be, as ISO; "" where nothing limits it now."""
        condition = field.feel.get(prop) if field.kind == "date" else None
        limit = as_moment(self.filled.ask(condition, names), self.context) if condition else None
        return limit.astimezone(self.context.zone).date().isoformat() if limit else ""

    def calls_for(
        self, field: Field, value: object, names: Mapping[str, object]
    ) -> tuple[str, str]:
        """The hint and the offer that this answer calls for now."""
        if value is None:
            return "", ""
        hint, offer = (field.feel.get(name) for name in ("hint_when", "offer_when"))
        properties = field.properties
        sentence = properties.get(f"hint.{self.context.lang}", properties.get("hint.sv", ""))
        is_hinted = hint is not None and self.filled.ask(hint, names) is True
        is_offered = offer is not None and self.filled.ask(offer, names) is True
        return sentence if is_hinted else "", properties.get("offer", "") if is_offered else ""

    def in_words(self, field: Field, value: object) -> str:
        """A computed answer in words; a yes or no without words of its own as its code."""
        kept = to_json(field.kind, value)
        if field.kind == "money" and isinstance(kept, dict):
            amount = to_text("money", kept.get("amount"), self.context.lang, self.context.zone)
            return f"{amount} {kept.get('currency')}"
        lang = self.context.lang
        if field.kind == "choices" and isinstance(kept, list):
            return ", ".join(self.form.option_label(field, str(code), lang) for code in kept)
        if field.kind in DIRECTORIES:
            names = dict(options_of(self.form, field, self.context))
            return names.get(str(kept), str(kept)) if kept is not None else ""
        return self.form.option_label(
            field, to_text(field.kind, kept, lang, self.context.zone), lang
        )
