"""A form while it is being filled in: the texts read into values, computed answers worked out, and
what is hidden.

Conditions may read answers that other conditions show or work out, so the sheet is looked through
until nothing changes any more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from service.errors import FieldFault
from service.forms.fields import CHOSEN, Condition, Field, Form, Raw
from service.forms.scope import FormContext, names_around, options_of
from service.forms.values import (
    DisplayContext,
    Unreadable,
    clean,
    from_json,
    money,
    read_date,
    read_moment,
    read_number,
)

ROUNDS = 8
"""Longest chain of conditions that wait for each other; a form that swings longer keeps its last
state."""

MOST_ROWS = 100

Values = dict[str, object]


class FilledForm:
    """The answers of one form as far as they can be read.

    `values` is what conditions see: typed, with computed answers, without hidden ones. `hidden`
    holds the paths of hidden fields,
    `rows` the row numbers that the browser used for each list, `unread` the faults of texts that
    are no value of their kind.
    """

    def __init__(self, form: Form, raw: Raw, context: FormContext) -> None:
        self.form = form
        self.raw = raw
        self.context = context
        self.unread: list[FieldFault] = []
        self.rows: dict[str, list[int]] = {}
        self.hidden: set[str] = set()
        self.around = names_around(form, context)
        live = list(self.around["consents"]) if isinstance(self.around["consents"], list) else []
        parsed = self._parse(form.fields, "")
        self.values: Values = {}
        for _ in range(ROUNDS):
            hidden, values = frozenset(self.hidden), self.values
            self.around["consents"] = sorted({*live, *self.given_now()})
            self.values = self._look(form.fields, parsed, self.around, "", values)
            if values == self.values and hidden == self.hidden:
                break

    def given_now(self) -> set[str]:
        """Purposes whose consent is given in this very form."""
        given = (
            (f, self.values.get(f.key))
            for f in self.form.fields
            if f.kind == "consent" and f.key not in self.hidden
        )
        return {
            f.properties["consent"]
            for f, value in given
            if isinstance(value, dict) and value.get("given") is True
        }

    def is_live(self, one: Field) -> bool:
        """Whether the consent that the field asks for is live already, given by whom the field
        wants.
        """
        consent = self.context.consents.get(one.properties.get("consent", ""))
        wanted = one.properties.get("consent.given_by", "").replace(",", " ").split()
        return consent is not None and (not wanted or consent.get("givenBy") in wanted)

    def ask(self, condition: Condition, names: Mapping[str, object]) -> object:
        """A condition's value at the time of the request, in the office's zone."""
        try:
            return condition.evaluate(names, now=self.context.now, zone=self.context.zone)
        except Exception:
            return None

    # ---- from texts to values

    def _texts(self, path: str) -> list[str]:
        return [t for t in self.raw.get(path, ()) if t.strip()]

    def _parse(self, fields: tuple[Field, ...], prefix: str) -> Values:
        return {
            f.key: self._parse_one(f, prefix + f.key)
            for f in fields
            if f.key and not f.is_worked_out
        }

    def _parse_one(self, one: Field, path: str) -> object:
        try:
            return self._read(one, path)
        except Unreadable as error:
            self.unread.append(FieldFault(path, error.key, error.facts))
            return None

    def _read(self, one: Field, path: str) -> object:
        match one.kind:
            case "list":
                self.rows[path] = [
                    n
                    for n in row_numbers(self.raw, path)
                    if self._is_filled(one.fields, f"{path}.{n}.")
                ]
                return [self._parse(one.fields, f"{path}.{n}.") for n in self.rows[path]]
            case "group" | "consent":
                return (
                    self._parse(one.fields, path + ".")
                    if self._is_filled(one.fields, path + ".")
                    else None
                )
            case "money":
                return self._read_money(one, path)
            case "choices":
                return self._read_choices(one, path)
            case "file":
                return self._read_files(one, path)
        texts = self._texts(path)
        return self._read_text(one, texts[-1].strip()) if texts else None

    def _read_text(self, one: Field, text: str) -> object:
        if one.kind in CHOSEN or one.kind == "yesno" or one.options:
            return self._read_code(one, text)
        match one.kind:
            case "number":
                return read_number(text)
            case "date":
                return read_date(text, self.context.lang)
            case "datetime":
                return read_moment(text, self.context.lang, self.context.zone)
        return clean(text, one_line=one.kind == "text") or None

    def _read_code(self, one: Field, text: str) -> object:
        if text not in self._codes(one):
            raise Unreadable("form.not_an_option")
        if one.kind == "yesno":
            return text == "true"
        try:
            return Decimal(text) if one.kind == "number" else text
        except InvalidOperation:
            raise Unreadable("form.not_a_number") from None

    def _codes(self, one: Field) -> set[str]:
        return {code for code, _ in options_of(self.form, one, self.context)}

    def _read_choices(self, one: Field, path: str) -> object:
        texts = {t.strip() for t in self._texts(path)}
        if not texts <= self._codes(one):
            raise Unreadable("form.not_an_option")
        return [
            code for code, _ in options_of(self.form, one, self.context) if code in texts
        ] or None

    def _read_money(self, one: Field, path: str) -> object:
        amount, currency = self._texts(path + ".amount"), self._texts(path + ".currency")
        if not amount:
            return None
        worth = read_number(amount[-1])
        if worth < 0 or worth != round(worth, 2):
            raise Unreadable("form.not_an_amount")
        chosen = currency[-1].strip() if currency else ""
        if chosen not in next((f.values for f in one.fields if f.key == "currency"), ()):
            raise Unreadable("form.currency_missing")
        return money(round(worth, 2), chosen, self.context.rates)

    def _read_files(self, one: Field, path: str) -> object:
        ids = list(dict.fromkeys(t.strip() for t in self._texts(path)))
        if self.context.documents is not None and not set(ids) <= set(self.context.documents):
            raise Unreadable("form.no_such_file")
        return (ids or None) if one.multiple else (ids[-1] if ids else None)

    def _is_filled(self, fields: tuple[Field, ...], prefix: str) -> bool:
        """Whether anything was typed; a currency alone, which a page may have chosen beforehand, is
        nothing.
        """
        return any(self._has_text(f, prefix + f.key) for f in fields if f.key)

    def _has_text(self, one: Field, path: str) -> bool:
        if one.is_worked_out:
            return False
        if one.kind == "money":
            return bool(self._texts(path + ".amount"))
        if one.kind == "list":
            return any(
                self._is_filled(one.fields, f"{path}.{n}.") for n in row_numbers(self.raw, path)
            )
        return self._is_filled(one.fields, path + ".") if one.fields else bool(self._texts(path))

    # ---- what conditions make of the values

    def _look(
        self,
        fields: tuple[Field, ...],
        parsed: Mapping[str, object],
        outer: Mapping[str, object],
        prefix: str,
        last: Mapping[str, object],
    ) -> Values:
        """One level: each field hidden, computed or as typed.

        A field further down counts as in the last round.
        """
        seen: Values = dict(last)
        for one in fields:
            path = prefix + one.key
            names = self.names(fields, outer, seen, prefix)
            if not self._is_shown(one, names):
                self.hidden.add(path)
                seen[one.key] = None
                continue
            self.hidden.discard(path)
            seen[one.key] = self._worth(one, parsed.get(one.key), names, path, last.get(one.key))
        seen.pop("", None)
        return seen

    def names(
        self,
        fields: tuple[Field, ...],
        outer: Mapping[str, object],
        values: Mapping[str, object],
        prefix: str,
    ) -> Values:
        """What the conditions of one level see.

        A hidden field counts as its neutral value; without one the case's earlier answer goes on.
        """
        if prefix:
            return {**outer, **values}
        neutral = {
            f.key: neutral_value(f)
            for f in fields
            if f.key in self.hidden and f.neutral is not None
        }
        return {**outer, **{k: v for k, v in values.items() if k not in self.hidden}, **neutral}

    def _is_shown(self, one: Field, names: Mapping[str, object]) -> bool:
        if one.shown_when is not None and self.ask(one.shown_when, names) is not True:
            return False
        return one.hidden_when is None or self.ask(one.hidden_when, names) is not True

    def _worth(
        self, one: Field, parsed: object, names: Mapping[str, object], path: str, last: object
    ) -> object:
        if one.computed is not None:
            return self._compute(one, names)
        if one.kind == "list" and isinstance(parsed, list):
            before = (
                last if isinstance(last, list) and len(last) == len(parsed) else [{}] * len(parsed)
            )
            numbers = self.rows[path]
            return [
                self._row(one, row, names, f"{path}.{n}.", old)
                for n, row, old in zip(numbers, parsed, before, strict=True)
            ]
        if one.fields and isinstance(parsed, dict) and one.kind != "money":
            return self._look(
                one.fields, parsed, names, path + ".", last if isinstance(last, dict) else {}
            )
        return parsed

    def _row(
        self,
        one: Field,
        row: Mapping[str, object],
        names: Mapping[str, object],
        prefix: str,
        last: Mapping[str, object],
    ) -> Values:
        given = rule_outputs(one, {**last, **row}, self.context)
        plain = tuple(f for f in one.fields if not f.ruled)
        seen = self._look(plain, row, {**names, **given}, prefix, {**last, **given})
        return {**seen, **given}

    def _compute(self, one: Field, names: Mapping[str, object]) -> object:
        value = self.ask(one.computed, names) if one.computed else None
        if one.kind == "money":
            currency = self.ask(one.feel["currency"], names) if "currency" in one.feel else "SEK"
            return (
                money(round(value, 2), currency, self.context.rates)
                if isinstance(value, Decimal) and isinstance(currency, str)
                else None
            )
        if one.kind == "choice":
            return value if value in one.values else None
        if one.kind == "choices":
            return (
                value
                if isinstance(value, list) and set(map(str, value)) <= set(one.values)
                else None
            )
        wanted = COMPUTED[one.kind]
        return (
            value
            if isinstance(value, wanted) and (one.kind != "date" or not isinstance(value, datetime))
            else None
        )


COMPUTED: Mapping[str, type] = {
    "yesno": bool,
    "number": Decimal,
    "date": date,
    "datetime": datetime,
    "text": str,
}


def row_numbers(raw: Raw, path: str) -> list[int]:
    """The row numbers that the browser used for a list, in order; a few more than a form may hold,
    so that too many can be said.
    """
    row = re.compile(re.escape(path) + r"\.(\d{1,3})\.", re.ASCII)
    return sorted({int(m[1]) for key in raw if (m := row.match(key))})[: MOST_ROWS + 1]


def rule_outputs(one: Field, row: Mapping[str, object], context: FormContext) -> Values:
    """What the rule says of a row; null where an input is missing."""
    made: Values = {}
    for asked, told in one.rule_calls:
        inputs = {name: row.get(column) for name, column in asked.items()}
        complete = context.rule is not None and None not in inputs.values()
        outputs = context.rule(one.properties["rule"], inputs) if complete and context.rule else {}
        made.update({column: outputs.get(name) for column, name in told.items()})
    return made


def as_moment(value: object, context: FormContext) -> datetime | None:
    """A date (its first moment in the office's zone) or a moment, for comparing one with the other."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), context.zone) if isinstance(value, date) else None


def neutral_value(one: Field) -> object:
    """What a hidden field counts as, from its property `when_hidden`."""
    text = one.neutral or ""
    if text == "null":
        return None
    return (
        {"true": True, "false": False}.get(text)
        if one.kind == "yesno"
        else from_json(one.kind, text, DisplayContext(ZoneInfo("UTC")))
    )
