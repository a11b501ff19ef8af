"""Forms on the table: the shipped ones, a case to fill them in against, and a clerk who answers
whatever is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from service.engine.dmn.evaluator import Decision, decided_columns
from service.engine.dmn.rule_files import read_rules
from service.engine.feel import Expression
from service.engine.feel.types import NUMBER
from service.forms import (
    CheckedAnswers,
    Field,
    Form,
    FormContext,
    Widget,
    check,
    draw,
    fill_in,
    read_form,
)

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
ALL_PURPOSES = (
    "REFER",
    "PARTICIPATE",
    "SHARE_LOCAL_OFFICE",
    "SHARE_HEALTH",
    "CONTACT_FAMILY",
    "FEEDBACK_SE",
    "FOLLOW_UP",
    "STATISTICS",
)
DIRECTORIES = {
    "countries": (
        ("SE", "Sverige"),
        ("RO", "Rumänien"),
        ("NG", "Nigeria"),
        ("STATELESS", "Statslös"),
        ("UNKNOWN", "Okänt"),
    ),
    "languages": (("sv", "svenska"), ("ro", "rumänska")),
    "municipalities": (("0180", "Stockholm"), ("1280", "Malmö")),
    "offices": (
        ("iom-helsinki", "IOM Helsingfors"),
        ("iom-bucharest", "IOM Bukarest"),
        ("iom-sofia", "IOM Sofia"),
    ),
    "offices.IomLocal": (("iom-bucharest", "IOM Bukarest"), ("iom-sofia", "IOM Sofia")),
    "funding": (("AMP", "Återvändandeprogrammet"),),
}

Texts = dict[str, list[str]]
"""What a browser sends."""


@cache
def shipped() -> dict[str, Form]:
    """Every form of the repository by id."""
    return {
        form.id: form
        for form in (
            read_form(p.read_bytes(), name=p.name, feel=Expression)
            for p in sorted((ROOT / "forms").glob("*.form"))
        )
    }


@cache
def _rules() -> Mapping[str, Decision]:
    decisions, findings = read_rules(
        {"risk_item_level.dmn": (ROOT / "workflows/risk_item_level.dmn").read_bytes()},
        {"severity": NUMBER, "likelihood": NUMBER},
    )
    assert not [f for f in findings if f.severity == "E"]
    return decisions


def ask_rule(rule: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
    """Asks the shipped rule, as the service does."""
    return decided_columns(_rules(), rule, dict(inputs), now=NOW, zone=STOCKHOLM)


def a_case(*consents: str, **known: Any) -> FormContext:
    """A case with these live consents and these earlier answers."""
    return FormContext(
        now=NOW,
        zone=STOCKHOLM,
        earlier=known,
        consents={purpose: {"givenBy": "SELF", "givenOn": "2026-11-01"} for purpose in consents},
        directories=DIRECTORIES,
        rates={"EUR": Decimal(1), "SEK": Decimal("0.1")},
        rule=ask_rule,
        forms=shipped(),
    )


def typed(**answers: str | list[str]) -> Texts:
    """Texts by path; two underscores stand for a point: `risks__0__severity`."""
    return {
        path.replace("__", "."): [texts] if isinstance(texts, str) else texts
        for path, texts in answers.items()
    }


def answered(form: Form, context: FormContext, given: Mapping[str, list[str]]) -> Texts:
    """What a clerk sends who answers every question that must be answered, and takes `given` for
    granted.
    """
    texts: Texts = {**fill_in(form, {}, context), **given}
    for _ in range(8):
        asked = dict(_missing(form, context, texts))
        if not asked:
            break
        texts |= asked
    return texts


def _missing(form: Form, context: FormContext, texts: Texts) -> Iterable[tuple[str, list[str]]]:
    for section in draw(form, texts, lang="sv", faults=(), context=context):
        for widget in section.widgets:
            yield from _answers(widget, form.field(widget.key) if widget.key else None, texts)


def _answers(widget: Widget, one: Field | None, texts: Texts) -> Iterable[tuple[str, list[str]]]:
    """What is still to be answered of one question, and of the questions inside it."""
    if one is None or widget.hidden or widget.live or widget.shape in ("computed", "paragraph"):
        return
    begun = any(path.startswith(widget.path + ".") and any(t) for path, t in texts.items())
    if widget.shape == "consent" and widget.required and f"{widget.path}.given" not in texts:
        yield f"{widget.path}.given", ["true"]
    elif widget.shape == "money":
        yield from _amount(widget, texts)
    elif widget.rows or widget.fields:
        for inner, field in _inside(widget, one) if widget.required or begun else ():
            yield from _answers(inner, field, texts)
    elif widget.required and not any(texts.get(widget.path, ())):
        yield widget.path, _answer(widget, one)


def _inside(widget: Widget, one: Field) -> Iterable[tuple[Widget, Field]]:
    for fields in (widget.fields, *(row.fields for row in widget.rows)):
        yield from zip(fields, one.fields, strict=False)


def _amount(widget: Widget, texts: Texts) -> Iterable[tuple[str, list[str]]]:
    for path, text in ((f"{widget.path}.amount", "10,00"), (f"{widget.path}.currency", "EUR")):
        if widget.required and path not in texts:
            yield path, [text]


def _answer(widget: Widget, one: Field) -> list[str]:
    match widget.shape:
        case "checks":
            return (
                [code for code, _ in widget.options]
                if one.properties.get("all_required")
                else [widget.options[0][0]]
            )
        case "radio" | "select":
            return [one.properties.get("must_be") or widget.options[0][0]]
        case "date":
            return ["2026-11-24"]
        case "datetime":
            return ["2026-11-24 09:30"]
        case "number":
            return [str(one.limits.least or 0)]
    return ["x" * (one.limits.shortest or 3)]


def sent(form_id: str, context: FormContext, /, **given: str | list[str]) -> CheckedAnswers:
    """A form answered in full, with these answers given, and checked."""
    form = shipped()[form_id]
    return check(form, answered(form, context, typed(**given)), context)


def faults(checked: CheckedAnswers) -> dict[str, str]:
    """Path to text key of every fault."""
    return {f.path: f.key for f in checked.faults}


def said(checked: CheckedAnswers, path: str) -> str:
    """The Swedish sentence of a failed check of its own."""
    return next(str(f.facts["sv"]) for f in checked.faults if f.path == path)


def in_english(context: FormContext) -> FormContext:
    """The same case, for somebody who reads English."""
    return replace(context, lang="en")
