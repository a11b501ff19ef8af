"""Inputs that a rule can use: names, what people call them, types, known values, an example."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from service.engine import Decision, Input, Type
from service.forms import Field, Form
from service.forms.fields import SOURCE
from service.workshop.rules.draft_rules import DraftRules

Choices = tuple[tuple[str, str], ...]
"""Values as files have them, with the word that people read."""
EXAMPLES: Final[Mapping[str, str]] = {
    "boolean": "true",
    "string": '"…"',
    "number": ">= 2",
    "date": '< date("2026-03-01")',
    "time": '< time("09:00:00")',
    "date and time": '< date and time("2026-03-01T09:00:00Z")',
    "duration": '<= duration("P14D")',
    "months": '<= duration("P6M")',
    "list": "count(?) > 0",
}
"""Kind to the text of a cell that tests a value of it, where no values are known."""


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A value that a rule can ask for."""

    name: str
    """As rules and conditions write it; a part of a value has its owner before it."""
    label: str
    """What people call it; empty where no form asks for it."""
    kind: str
    """The kind of its type, as FEEL has it: string, boolean, number, date, list …"""
    choices: Choices
    example: str
    """The text of a cell that tests it."""


def all_inputs(rules: DraftRules) -> tuple[RuleInput, ...]:
    """Everything that a rule of the draft can ask for, by name."""
    known = _Known(rules)
    return tuple(
        known.input(name, type_)
        for name, type_ in sorted(
            _flat(rules.drawn.types.items()), key=lambda pair: pair[0].casefold()
        )
    )


def asked_inputs(rules: DraftRules, rule: str) -> tuple[RuleInput, ...]:
    """Inputs of one rule and of the rules that it requires, in the order of its columns."""
    decision = rules.drawn.decisions.get(rule)
    if decision is None:
        return ()
    known = _Known(rules)
    text = _text_of(decision, rules.drawn.decisions)
    types = [(name, rules.drawn.types.get(name, Type("any"))) for name in decision.reads]
    names = {name: type_ for name, type_ in _flat(types) if "." not in name or _stands(name, text)}
    ordered = sorted(names, key=lambda name: (_first(name, text), name))
    found = [known.input(name, names[name]) for name in ordered]
    columns = {column.expression.text: column for column in decision.inputs}
    return tuple(
        known.as_column(one, columns[one.name]) if one.name in columns else one for one in found
    )


def column_labels(rules: DraftRules, rule: str) -> tuple[str, ...]:
    """The headings of a rule's inputs in the reader's language, as far as forms have them."""
    table = rules.table(rule)
    known = _Known(rules)
    return tuple(known.heading(column.text, column.label) for column in table.inputs)


def _flat(types: Iterable[tuple[str, Type]]) -> Iterator[tuple[str, Type]]:
    """Names with their types; of a value with parts, its parts."""
    for name, type_ in types:
        if type_.kind == "context" and type_.fields:
            yield from ((f"{name}.{part}", kind) for part, kind in type_.fields.items())
        else:
            yield name, type_


def _text_of(decision: Decision, decisions: Mapping[str, Decision]) -> str:
    """Text of all cells of a table and of the tables that it requires, from left to right."""
    inner = [_text_of(decisions[id_], decisions) for id_ in decision.requires if id_ in decisions]
    heads = [column.expression.text for column in decision.inputs]
    cells = [
        part.text
        for row in decision.rows
        for part in (*row.tests, *row.results)
        if part is not None
    ]
    defaults = [column.default.text for column in decision.outputs if column.default]
    return " ".join((*heads, *cells, *defaults, *inner))


def _stands(name: str, text: str) -> bool:
    return _first(name, text) < len(text)


def _first(name: str, text: str) -> int:
    found = re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)
    return found.start() if found else len(text)


class _Known:
    """What the forms of a draft know about names."""

    def __init__(self, rules: DraftRules) -> None:
        self.lang = rules.lang
        self.fields: dict[str, tuple[Form, Field]] = {}
        for form in rules.forms.values():
            for _, field in form.walk():
                known = self.fields.get(field.key)
                if known is None or (field.options and not known[1].options):
                    self.fields[field.key] = form, field

    def input(self, name: str, type_: Type) -> RuleInput:
        choices = self.choices(name, type_)
        return RuleInput(name, self.label(name), type_.kind, choices, _example(type_, choices))

    def label(self, name: str) -> str:
        if name not in self.fields:
            return ""
        form, field = self.fields[name]
        return form.say(field.label, self.lang)

    def as_column(self, one: RuleInput, column: Input) -> RuleInput:
        """An input that stands alone in a column: with its heading, and the values it lists."""
        choices = one.choices or self.choices(one.name, column.type)
        return replace(one, label=self.heading(one.name, column.label), choices=choices)

    def heading(self, text: str, drawn: str) -> str:
        """The drawn heading; in another language what the form calls it."""
        label = self.label(text) if self.lang != SOURCE else ""
        return label or drawn

    def choices(self, name: str, type_: Type) -> Choices:
        if type_.kind not in ("string", "list"):
            return ()
        words: dict[str, str] = {}
        if name in self.fields:
            form, field = self.fields[name]
            words = {option.value: form.say(option.label, self.lang) for option in field.options}
        values = type_.values or (tuple(words) if type_.kind == "string" else ())
        return tuple((value, words.get(value, value)) for value in values)


def _example(type_: Type, choices: Choices) -> str:
    if not choices:
        return EXAMPLES.get(type_.kind, "")
    first = f'"{choices[0][0]}"'
    return f"list contains(?, {first})" if type_.kind == "list" else first
