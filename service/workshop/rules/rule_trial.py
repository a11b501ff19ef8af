"""A rule asked by hand with typed values: the rows that fire, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from service.engine import (
    DrawnTable,
    Expression,
    FeelError,
    Trial,
    Type,
    bare,
    plain,
    try_decision,
    typed,
)
from service.forms.values import Unreadable, read_date, read_moment, read_number, to_json
from service.text import say
from service.workshop.rules.draft_rules import DraftRules
from service.workshop.rules.rule_inputs import RuleInput, asked_inputs

YES, NO = "true", "false"
BROKEN: Final = frozenset({"R101", "R102", "R103", "R201", "R204", "R205", "R206"})
"""Errors of a table that gives no answer, or another one than it would."""
LENGTHS: Final = frozenset({"duration", "months", "time"})
LONGEST: Final = 500
"""Longest text of one value, in characters."""


@dataclass(frozen=True, slots=True)
class FiredRow:
    """A row that fired: its number, from 1, and the heading and text of each of its outputs."""

    number: int
    outputs: tuple[tuple[str, str], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """What came of trying a rule."""

    sentence: str
    fine: bool
    """Whether a case would go on with this answer."""
    rows: tuple[FiredRow, ...] = ()
    faults: Mapping[str, str] | None = None
    """Name of an input to what is wrong with its value."""


def try_rule(
    rules: DraftRules, rule: str, sent: Mapping[str, str], *, now: datetime, zone: ZoneInfo
) -> RuleTrial:
    """Ask a rule of a draft; nothing is kept.

    Args:
        sent: name of an input to the text that somebody typed; empty and missing ones are nothing.
        zone: in which moments are typed.
    Raises:
        NotFound: the draft has no such rule.
    """
    table, lang = rules.table(rule), rules.lang
    if _is_broken(rules, rule):
        return RuleTrial(say("rules.try_broken", lang), fine=False)
    values: dict[str, object] = {}
    faults: dict[str, str] = {}
    for one in asked_inputs(rules, rule):
        try:
            _put(values, one.name, _read(one, sent.get(one.name, "").strip(), lang, zone))
        except Unreadable as e:
            faults[one.name] = say(e.key, lang, **e.facts)
    if faults:
        return RuleTrial(say("rules.try_faults", lang, n=len(faults)), fine=False, faults=faults)
    typed_values = {
        name: typed(value, rules.drawn.types.get(name, Type("any")), zone)
        for name, value in values.items()
    }
    said = try_decision(rules.drawn.decisions, rule, typed_values, now=now, zone=zone)
    return _answered(said, table, lang)


def _is_broken(rules: DraftRules, rule: str) -> bool:
    """Whether the table, or one that it requires, has an error of the kind `BROKEN`."""
    if rule not in rules.drawn.decisions:
        return True
    asked, todo = set[str](), [rule]
    while todo:
        if (id_ := todo.pop()) not in asked and id_ in rules.drawn.decisions:
            asked.add(id_)
            todo += rules.drawn.decisions[id_].requires
    return any(
        f.severity == "E" and f.code in BROKEN and f.element in asked
        for f in rules.drawn.rule_findings
    )


def _put(values: dict[str, object], name: str, value: object) -> None:
    """Set a value by its name; a part of a value with parts has its owner before it."""
    owner, dot, part = name.partition(".")
    if not dot:
        values[name] = value
        return
    parts = values.setdefault(owner, {})
    if isinstance(parts, dict):
        parts[part] = value


def _read(one: RuleInput, text: str, lang: str, zone: ZoneInfo) -> object:
    """A typed text as JSON of a case's state; None when nothing was typed.

    Raises:
        Unreadable: it is no value of its kind.
    """
    if not text:
        return None
    if len(text) > LONGEST:
        raise Unreadable("rules.try_long", most=LONGEST)
    match one.kind:
        case "date":
            return to_json("date", read_date(text, lang))
        case "date and time":
            return read_moment(text, lang, zone).isoformat()
        case kind if kind in LENGTHS:
            return _length(text, kind)
        case kind:
            return READERS.get(kind, _constant)(text)


def _yes_or_no(text: str) -> bool:
    if text not in (YES, NO):
        raise Unreadable("rules.try_yes_or_no")
    return text == YES


def _number(text: str) -> object:
    return plain(read_number(text), Type("number"))


def _length(text: str, kind: str) -> str:
    if typed(text, Type(kind)) is None:
        raise Unreadable(f"rules.try_{kind}")
    return text


def _constant(text: str) -> object:
    """A value that is written as an expression without names, such as a list.

    Raises:
        Unreadable: it is no such expression.
    """
    try:
        expression = Expression(text, ())
    except FeelError:
        raise Unreadable("rules.try_constant") from None
    return plain(expression.try_evaluate({}))


READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "boolean": _yes_or_no,
    "string": str,
    "number": _number,
}
"""Kind to what reads it; everything else is an expression without names."""


# ---- what it said, in words


def _answered(said: Trial, table: DrawnTable, lang: str) -> RuleTrial:
    rows = tuple(
        FiredRow(
            number,
            tuple(
                (column.label, value_text(value, lang))
                for column, value in zip(table.outputs, outputs, strict=False)
            ),
            table.rows[number - 1].note,
        )
        for number, outputs in zip(said.rows, said.outputs, strict=True)
    )
    numbers = ", ".join(str(row) for row in said.rows)
    if said.stopped:
        about = said.about.partition(", ")[2]
        return RuleTrial(
            say(f"rules.try_{said.stopped}", lang, rows=numbers, column=about),
            fine=False,
            rows=rows,
        )
    if not rows:
        return RuleTrial(_nothing(said.result, lang), fine=said.result is not None)
    sentence = say("rules.try_fires", lang, n=len(rows), rows=numbers)
    if table.aggregation:
        result = value_text(said.result, lang)
        sentence = f"{sentence} {say('rules.try_gives', lang, value=result)}"
    return RuleTrial(sentence, fine=True, rows=rows)


def _nothing(result: object, lang: str) -> str:
    if result is None:
        return say("rules.try_none", lang)
    if result == []:
        return say("rules.try_empty", lang)
    return say("rules.try_default", lang, value=value_text(result, lang))


def value_text(value: object, lang: str) -> str:
    """A value of a rule as people read it."""
    if value is None or value == []:
        return say("rules.nothing", lang)
    if isinstance(value, bool):
        return say("rules.yes" if value else "rules.no", lang)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(value_text(part, lang) for part in value)
    shown = bare(value)
    if isinstance(shown, Mapping):
        return ", ".join(f"{key}: {value_text(part, lang)}" for key, part in shown.items())
    return str(shown)
