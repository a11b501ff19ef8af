"""The state of a form that is filled in: typed values, computed answers, and hidden fields.

Conditions may read answers that other conditions show or work out, so all of them are evaluated
until nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from service.forms.fields import CHOSEN, Condition, Field, Form, Raw
from service.forms.scope import FormContext, names_around, options_of
from service.forms.typed_answers import AnswerReader, Values
from service.forms.values import DisplayContext, from_json, money

ROUNDS = 8
"""Longest chain of conditions that wait for each other; a form that swings longer keeps its last
state."""


class FilledForm:
    """The answers of one form as far as they can be read.

    `values` is what conditions see: typed, with computed answers, without hidden ones. `hidden`
    holds the paths of hidden fields, `rows` the row numbers that the browser used for each list,
    `unread` the faults of texts that are no value of their kind.
    """

    def __init__(self, form: Form, raw: Raw, context: FormContext) -> None:
        self.form = form
        self.raw = raw
        self.context = context
        self.hidden: set[str] = set()
        self.around = names_around(form, context)
        live = list(self.around["consents"]) if isinstance(self.around["consents"], list) else []
        reader = AnswerReader(form, raw, context)
        typed = reader.level(form.fields, "")
        self.unread, self.rows = reader.unread, reader.rows
        self.values: Values = {}
        for _ in range(ROUNDS):
            hidden, values = frozenset(self.hidden), self.values
            self.around["consents"] = sorted({*live, *self.given_now()})
            self.values = self._evaluate(form.fields, typed, self.around, "", dict(values))
            if values == self.values and hidden == self.hidden:
                break

    def given_now(self) -> set[str]:
        """Purposes whose consent is given in this very form."""
        shown = (f for f in self.form.consents if f.key not in self.hidden)
        answers = ((field.properties["consent"], self.values.get(field.key)) for field in shown)
        return {purpose for purpose, answer in answers if is_consent_given(answer)}

    def is_live(self, field: Field) -> bool:
        """Whether the consent that a field asks for is live, given by whom the field wants."""
        consent = self.context.consents.get(field.properties.get("consent", ""))
        wanted = field.properties.get("consent.given_by", "").replace(",", " ").split()
        return consent is not None and (not wanted or consent.get("givenBy") in wanted)

    def ask(self, condition: Condition, names: Mapping[str, object]) -> object:
        """The value of a condition now, in the office's zone; None where it cannot be had."""
        try:
            return condition.evaluate(names, now=self.context.now, zone=self.context.zone)
        except Exception:  # noqa: BLE001 - out of fuel: no answer; the error is of the engine
            return None

    def _evaluate(
        self,
        fields: tuple[Field, ...],
        typed: Mapping[str, object],
        outer: Mapping[str, object],
        prefix: str,
        seen: Values,
    ) -> Values:
        """The values of one level: each field hidden, computed or as typed.

        Args:
            seen: the values of the last round, which become those of this one; a field further down
                counts as in the last round.
        """
        last = dict(seen)
        names = self.names(fields, outer, seen, prefix)
        for field in fields:
            path = prefix + field.key
            if not self._is_shown(field, names):
                self.hidden.add(path)
                seen[field.key] = None
                self._name_hidden(field, outer, names, prefix)
                continue
            self.hidden.discard(path)
            typed_value = typed.get(field.key)
            last_value = last.get(field.key)
            if is_group(field):
                inner = dict(last_value) if isinstance(last_value, dict) else {}
                # conditions inside name the group from the top, and see what it holds by now
                names[field.key] = seen[field.key] = inner
                self._group(field, typed, names, path, inner)
                if typed_value is None:
                    seen[field.key] = None
            else:
                seen[field.key] = self._value(field, typed_value, names, path, last_value)
            names[field.key] = seen[field.key]
        seen.pop("", None)
        return seen

    def _group(
        self,
        field: Field,
        typed: Mapping[str, object],
        names: Mapping[str, object],
        path: str,
        inner: Values,
    ) -> None:
        """Evaluate what a group holds; of one without an answer too, for what it hides."""
        own = typed.get(field.key)
        answers = own if isinstance(own, dict) else {}
        if answers.get("given") is True and shared_key(field):
            answers = {**answers, **self._shared(field, answers, typed)}
            names = {**names, shared_key(field): inner}
        self._evaluate(field.fields, answers, names, path + ".", inner)

    def _shared(
        self, field: Field, own: Mapping[str, object], typed: Mapping[str, object]
    ) -> Values:
        """What was asked once for several consents, where this one has no answer of its own."""
        once = typed.get(shared_key(field))
        answers = once if isinstance(once, dict) else {}
        keys = (f.key for f in field.fields if f.asked_in and own.get(f.key) is None)
        return {key: answers.get(key) for key in keys}

    def place(self, field: Field, path: str) -> str:
        """Where the page asks a question: once for several consents, unless this consent was sent
        an answer of its own.
        """
        own = any(text.strip() for text in self.raw.get(path, ()))
        return path if own or not field.asked_in else f"{field.asked_in}.{field.key}"

    def consents_of(self, field: Field) -> list[Field]:
        """The consents for which a group `consents` asks, without those that are live or hidden."""
        every = (f for f in self.form.fields if f.kind == "consent" and shared_key(f) == field.key)
        return [f for f in every if f.key not in self.hidden and not self.is_live(f)]

    def names(
        self,
        fields: tuple[Field, ...],
        outer: Mapping[str, object],
        values: Mapping[str, object],
        prefix: str,
    ) -> Values:
        """The names that the conditions of one level see.

        A hidden field counts as its neutral value; without one the case's earlier answer goes on.
        """
        if prefix:
            return {**outer, **values}
        hidden = (f for f in fields if f.key in self.hidden and f.neutral is not None)
        neutral = {field.key: neutral_value(field) for field in hidden}
        return {**outer, **{k: v for k, v in values.items() if k not in self.hidden}, **neutral}

    def _name_hidden(
        self, field: Field, outer: Mapping[str, object], names: Values, prefix: str
    ) -> None:
        """Let the names of a level say that one of its fields is hidden, as `names` does."""
        if prefix:
            names[field.key] = None
        elif field.neutral is not None:
            names[field.key] = neutral_value(field)
        elif field.key in outer:
            names[field.key] = outer[field.key]
        else:
            names.pop(field.key, None)

    def _is_shown(self, field: Field, names: Mapping[str, object]) -> bool:
        return field.hidden_when is None or self.ask(field.hidden_when, names) is not True

    def _value(
        self, field: Field, typed: object, names: Mapping[str, object], path: str, last: object
    ) -> object:
        if field.computed is not None:
            return self._compute(field, names)
        if typed is None and "if_empty" in field.feel:
            return self._usable(field, self.ask(field.feel["if_empty"], names))
        if field.kind == "list" and isinstance(typed, list):
            before = last if isinstance(last, list) else []
            if len(before) != len(typed):
                before = [{}] * len(typed)
            rows = zip(self.rows[path], typed, before, strict=True)
            return [
                self._row(field, row, in_row(names, count), f"{path}.{n}.", old)
                for count, (n, row, old) in enumerate(rows, 1)
            ]
        return typed

    def _row(
        self,
        field: Field,
        row: Mapping[str, object],
        names: Mapping[str, object],
        prefix: str,
        last: Mapping[str, object],
    ) -> Values:
        ruled = rule_outputs(field, {**last, **row}, self.context)
        others = tuple(f for f in field.fields if not f.ruled)
        seen: Values = {**last, **ruled}
        self._evaluate(others, row, {**names, **ruled, "this": seen}, prefix, seen)
        return {**seen, **ruled}

    def _compute(self, field: Field, names: Mapping[str, object]) -> object:
        value = self.ask(field.computed, names) if field.computed else None
        match field.kind:
            case "money":
                return self._amount(field, value, names)
            case "choice":
                return value if value in field.values else None
            case "choices":
                known = isinstance(value, list) and set(map(str, value)) <= set(field.values)
                return value if known else None
            case "date" if isinstance(value, datetime):
                return None
        return value if isinstance(value, COMPUTED[field.kind]) else None

    def _usable(self, field: Field, value: object) -> object:
        """A value that stands for an answer that was left out; None when it is none of its kind."""
        if field.kind in CHOSEN:
            codes = [code for code, _ in options_of(self.form, field, self.context)]
            return value if value in codes else None
        return value if isinstance(value, COMPUTED.get(field.kind, str)) else None

    def _amount(self, field: Field, value: object, names: Mapping[str, object]) -> object:
        """A computed amount of money, in the currency that the field works out, else in the first
        one of the programme.
        """
        worked_out, rates = field.feel.get("currency"), self.context.rates
        currency = self.ask(worked_out, names) if worked_out else next(iter(rates), None)
        if not isinstance(value, Decimal) or not isinstance(currency, str):
            return None
        return money(round(value, 2), currency, self.context.rates)


COMPUTED: Mapping[str, type] = {
    "yesno": bool,
    "number": Decimal,
    "date": date,
    "datetime": datetime,
    "text": str,
    "office": str,
}


def is_group(field: Field) -> bool:
    """Whether a field holds questions that are asked once each."""
    grouped = field.kind in ("group", "consent", "consents")
    return grouped and bool(field.fields) and field.computed is None


def in_row(names: Mapping[str, object], number: int) -> Values:
    """The names around a row of a list, with what form-js adds to them."""
    numbers = names.get("i")
    above = numbers if isinstance(numbers, list) else []
    return {**names, "parent": names.get("this", names), "i": [*above, Decimal(number)]}


def shared_key(field: Field) -> str:
    """The key of the group that asks once for several consents, of one of them; else empty."""
    return field.properties.get("consent.asked_in", "")


def is_consent_given(answer: object) -> bool:
    """Whether the answer to a consent field gives the consent."""
    return isinstance(answer, dict) and answer.get("given") is True


def rule_outputs(field: Field, row: Mapping[str, object], context: FormContext) -> Values:
    """What the rule says of a row; null where an input is missing."""
    made: Values = {}
    for input_columns, output_columns in field.rule_calls:
        inputs = {name: row.get(column) for name, column in input_columns.items()}
        complete = context.rule is not None and None not in inputs.values()
        outputs = (
            context.rule(field.properties["rule"], inputs) if complete and context.rule else {}
        )
        made.update({column: outputs.get(name) for column, name in output_columns.items()})
    return made


def as_moment(value: object, context: FormContext) -> datetime | None:
    """A moment, or the first moment of a date in the office's zone; None for anything else."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), context.zone) if isinstance(value, date) else None


def neutral_value(field: Field) -> object:
    """What a hidden field counts as, from its property `when_hidden`."""
    text = field.neutral or ""
    if text == "null":
        return None
    if field.kind == "yesno":
        return {"true": True, "false": False}.get(text)
    return from_json(field.kind, text, DisplayContext(ZoneInfo("UTC")))
