"""Checks what a person typed into a form.

Every fault at once, each beside its field; only a form without faults gives answers to keep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from service.errors import FieldFault
from service.forms.fields import Field, Form, Json, Raw
from service.forms.scope import FormContext
from service.forms.sheet import FilledForm, as_moment, neutral_value
from service.forms.values import to_json

E_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-zÅÄÖåäö]{2,}")
PERSONAL_NUMBER = re.compile(r"(?<!\d)(?:\d\d)?\d{6}[-+ ]?[\dTtRrSsUuWwXxJjKkLlMmNn]\d{3}(?!\d)")
PHONE = re.compile(r"(?<![\d-])(?:\+|00?)\d(?:[\s()/.-]{0,2}\d){6,14}(?!\d)")


@dataclass(frozen=True, slots=True)
class CheckedAnswers:
    """What came of a check.

    With faults, `answers` and `routing` are what could be read, and are not to be kept.
    """

    answers: dict[str, Json]
    """Key to answer, hidden and unknown fields left out, computed ones worked out; None where an
    earlier answer was cleared."""
    routing: dict[str, Json]
    """The answers that steer the diagram; None unsets what an earlier task said."""
    faults: tuple[FieldFault, ...]
    consents: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Purpose to the consent that was given in this form."""
    binds: dict[str, str] = field(default_factory=dict)
    """Role to the office that the form binds it to."""


def check(form: Form, raw: Raw, context: FormContext) -> CheckedAnswers:
    """Read and check everything that was typed.

    Args:
        raw: as the browser sent it, path (`safeContact.hours`, `risks.0.severity`) to texts; what
            the form does not know is dropped.
    """
    sheet = FilledForm(form, raw, context)
    judge = _AnswerChecker(sheet)
    judge.level(form.fields, sheet.values, sheet.around, "")
    judge.conditions()
    answers = {**_cleared(sheet), **_kept(sheet, form.fields, sheet.values, "")}
    return CheckedAnswers(
        answers=answers,
        routing={
            **_unset(sheet),
            **{
                f.key: value
                for f in form.fields
                if f.routing and (value := answers.get(f.key)) is not None
            },
        },
        faults=tuple(judge.faults.values()),
        consents=_consents(form, answers),
        binds={
            f.binds: office
            for f in form.fields
            if f.binds and isinstance(office := answers.get(f.key), str)
        },
    )


def _kept(
    sheet: FilledForm, fields: tuple[Field, ...], values: Mapping[str, object], prefix: str
) -> dict[str, Json]:
    """The typed values as they are kept, without what is hidden or empty."""
    made: dict[str, Json] = {}
    for one in fields:
        path, value = prefix + one.key, values.get(one.key)
        if not one.key or path in sheet.hidden or value in (None, []):
            continue
        if one.kind == "list" and isinstance(value, list):
            made[one.key] = [
                _kept(sheet, one.fields, row, f"{path}.{n}.")
                for n, row in zip(sheet.rows[path], value, strict=True)
            ]
        elif one.kind in ("group", "consent") and isinstance(value, dict):
            made[one.key] = _kept(sheet, one.fields, value, path + ".")
        else:
            made[one.key] = to_json(one.kind, value)
    return made


def _cleared(sheet: FilledForm) -> dict[str, Json]:
    """Answers that the form showed and that were emptied.

    Without a word of it the earlier answer would go on as the newest.
    """
    shown = (
        f
        for f in sheet.form.fields
        if not (f.fresh or f.is_worked_out or f.kind == "consent" or f.key in sheet.hidden)
    )
    return {
        f.key: None
        for f in shown
        if sheet.values.get(f.key) in (None, [])
        and sheet.context.earlier.get(f.key) not in (None, [])
    }


def _unset(sheet: FilledForm) -> dict[str, Json]:
    """Routing values that must not keep what an earlier task said: of hidden fields that have a
    neutral value, and of what was asked anew and has no answer.
    """
    made: dict[str, Json] = {}
    for one in (f for f in sheet.form.fields if f.routing):
        if one.key in sheet.hidden:
            if one.neutral is not None:
                made[one.key] = to_json(one.kind, neutral_value(one))
        elif (
            sheet.values.get(one.key) is None
            and (one.fresh or one.is_worked_out)
            and sheet.context.known(one.key) is not None
        ):
            made[one.key] = None
    return made


def _consents(form: Form, answers: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    given = {
        f.properties["consent"]: answers.get(f.key) for f in form.fields if f.kind == "consent"
    }
    return {
        purpose: dict(value)
        for purpose, value in given.items()
        if isinstance(value, dict) and value.get("given") is True
    }


class _AnswerChecker:
    """Walks the sheet and gathers faults; the first fault of a path is the one that is said."""

    def __init__(self, sheet: FilledForm) -> None:
        self.sheet = sheet
        self.context = sheet.context
        self.faults: dict[str, FieldFault] = {
            f.path: f for f in sheet.unread if not _is_under(f.path, sheet.hidden)
        }
        self.later: list[tuple[Field, object, Mapping[str, object], str]] = []
        """Fields whose own conditions are asked when all plain faults are known."""

    def fault(self, path: str, key: str, **facts: object) -> None:
        self.faults.setdefault(path, FieldFault(path, key, facts))

    def level(
        self,
        fields: tuple[Field, ...],
        values: Mapping[str, object],
        outer: Mapping[str, object],
        prefix: str,
    ) -> None:
        """Every shown field of one level: is it there, is it within its bounds."""
        names = self.sheet.names(fields, outer, values, prefix)
        for one in (f for f in fields if f.key and prefix + f.key not in self.sheet.hidden):
            path, value = prefix + one.key, values.get(one.key)
            if one.kind == "consent":
                self.consent(one, value, names, path)
            elif value is None or (one.kind == "list" and not value):
                self.absent(one, value, names, path)
            else:
                self.present(one, value, names, path)

    def consent(self, one: Field, value: object, names: Mapping[str, object], path: str) -> None:
        """A consent is live already, or given here with all that it needs, or - where it may be -
        left out.
        """
        given = isinstance(value, dict) and value.get("given") is True
        if given and isinstance(value, dict):
            self.level(one.fields, value, names, path + ".")
            self.later.append((one, value, names, path))
        elif not self.sheet.is_live(one) and self.is_required(one, names):
            self.fault(path, "form.consent_missing", purpose=one.properties.get("consent", ""))

    def is_required(self, one: Field, names: Mapping[str, object]) -> bool:
        return one.required or (
            one.required_when is not None and self.sheet.ask(one.required_when, names) is True
        )

    def absent(self, one: Field, value: object, names: Mapping[str, object], path: str) -> None:
        if one.is_worked_out:
            if one.required:
                self.later.append((one, value, names, path))
        elif self.is_required(one, names) or (one.kind == "list" and one.limits.fewest_rows):
            if one.kind == "group":
                self.level(one.fields, {}, names, path + ".")
            elif one.kind == "list" and one.limits.fewest_rows:
                self.fault(path, "form.too_few_rows", n=one.limits.fewest_rows)
            else:
                self.fault(
                    path,
                    {"file": "form.file_missing", "choices": "form.choose_some"}.get(
                        one.kind, "form.required"
                    ),
                )

    def present(self, one: Field, value: object, names: Mapping[str, object], path: str) -> None:
        self.bounds(one, value, path)
        if one.kind == "list" and isinstance(value, list):
            for n, row in zip(self.sheet.rows.get(path, ()), value, strict=False):
                self.level(one.fields, row, names, f"{path}.{n}.")
        elif one.kind == "group" and isinstance(value, dict):
            self.level(one.fields, value, names, path + ".")
        self.later.append((one, value, names, path))

    def bounds(self, one: Field, value: object, path: str) -> None:
        """Bounds that need no other answer."""
        limits = one.limits
        if isinstance(value, Decimal) and not one.is_worked_out:
            self.number(one, value, path)
        elif isinstance(value, str) and one.kind in ("text", "longtext"):
            self.text(one, value, path)
        elif one.kind == "choices" and isinstance(value, list):
            self.several(one, value, path)
        elif one.kind in ("list", "file") and isinstance(value, list):
            if len(value) < limits.fewest_rows:
                self.fault(path, "form.too_few_rows", n=limits.fewest_rows)
            if len(value) > limits.most_rows:
                self.fault(path, "form.too_many_rows", n=limits.most_rows)
        wanted = one.properties.get("must_be")
        if wanted is not None and one.kind == "yesno" and value is not (wanted == "true"):
            self.fault(path, "form.must_be_yes" if wanted == "true" else "form.must_be_no")

    def number(self, one: Field, value: Decimal, path: str) -> None:
        least, most = one.limits.least, one.limits.most
        if value != round(value, one.limits.decimals):
            self.fault(
                path,
                "form.whole_number" if not one.limits.decimals else "form.too_many_decimals",
                n=one.limits.decimals,
            )
        elif (least is not None and value < least) or (most is not None and value > most):
            both = least is not None and most is not None
            self.fault(
                path,
                "form.out_of_range"
                if both
                else "form.too_small"
                if most is None
                else "form.too_large",
                least=least,
                most=most,
            )

    def text(self, one: Field, value: str, path: str) -> None:
        if one.limits.longest is not None and len(value) > one.limits.longest:
            self.fault(
                path, "form.too_long", most=one.limits.longest, n=len(value) - one.limits.longest
            )
        elif one.limits.shortest is not None and len(value) < one.limits.shortest:
            self.fault(path, "form.too_short", least=one.limits.shortest)
        elif one.properties.get("no_identity") == "yes" and tells_identity(value):
            self.fault(path, "form.tells_identity")

    def several(self, one: Field, value: list[object], path: str) -> None:
        if one.properties.get("all_required") == "yes" and len(value) < len(one.values):
            self.fault(path, "form.all_needed", n=len(one.values) - len(value))
        if one.properties.get("alone") in value and len(value) > 1:
            label = self.sheet.form.option_label(one, one.properties["alone"], self.context.lang)
            self.fault(path, "form.alone", option=label)

    # ---- what needs other answers

    def conditions(self) -> None:
        """Bounds and checks written in FEEL, asked only where everything they read could be read."""
        faulty = {part for path in self.faults for part in path.split(".")}
        for one, value, names, path in self.later:
            if value is None:
                if not self.faults:
                    self.fault(path, "form.cannot_be_worked_out")
                continue
            if path in self.faults:
                continue
            self.between(one, value, names, path, faulty)
            for asked in one.checks:
                if (
                    not (asked.condition.reads - {one.key}) & faulty
                    and self.sheet.ask(asked.condition, names) is not True
                ):
                    self.fault(
                        path,
                        "form.check",
                        **{
                            lang: asked.words.get(lang) or asked.words.get("sv", "")
                            for lang in ("sv", "en")
                        },
                    )

    def between(
        self, one: Field, value: object, names: Mapping[str, object], path: str, faulty: set[str]
    ) -> None:
        for prop, key in (("not_after", "form.too_late"), ("not_before", "form.too_early")):
            condition = one.feel.get(prop)
            if condition is None or condition.reads & faulty:
                continue
            limit = self.sheet.ask(condition, names)
            if _is_beyond(value, limit, self.context, later=prop == "not_after"):
                self.fault(path, key, limit=_told(limit, self.context))


def _is_under(path: str, hidden: set[str]) -> bool:
    """Whether the path, or something that holds it, is hidden."""
    parts = path.split(".")
    return any(".".join(parts[:n]) in hidden for n in range(1, len(parts) + 1))


def _is_beyond(value: object, limit: object, context: FormContext, *, later: bool) -> bool:
    """Whether a date or moment lies past its limit; a date against a moment counts by days."""
    if isinstance(value, datetime) is not isinstance(limit, datetime):
        value, limit = (
            v.astimezone(context.zone).date() if isinstance(v, datetime) else v
            for v in (value, limit)
        )
    one, other = as_moment(value, context), as_moment(limit, context)
    return one is not None and other is not None and (one > other if later else one < other)


def _told(limit: object, context: FormContext) -> str:
    """A limit as the sentence says it."""
    if isinstance(limit, datetime):
        return limit.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
    return limit.isoformat() if isinstance(limit, date) else ""


def tells_identity(text: str) -> bool:
    """Whether a text holds a personal number, a phone number or an e-mail address."""
    return any(pattern.search(text) for pattern in (E_MAIL, PERSONAL_NUMBER, PHONE))
