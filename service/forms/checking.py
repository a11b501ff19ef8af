"""Check what a person typed into a form: all faults at once, each with the path of its field.

Only a form without faults gives answers to keep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from service.errors import FieldFault
from service.forms.fields import LANGUAGES, Field, Form, Json, Raw
from service.forms.filled_form import FilledForm, as_moment, neutral_value
from service.forms.scope import FormContext, information_text
from service.forms.values import to_json

E_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-zÅÄÖåäö]{2,}")
PERSONAL_NUMBER = re.compile(r"(?<!\d)(?:\d\d)?\d{6}[-+ ]?[\dTtRrSsUuWwXxJjKkLlMmNn]\d{3}(?!\d)")
PHONE = re.compile(r"(?<![\d-])(?:\+|00?)\d(?:[\s()/.-]{0,2}\d){6,14}(?!\d)")
MISSING: Final = {"file": "form.file_missing", "choices": "form.choose_some"}
"""Kind of a field to the text key that asks for its answer, where it is not the usual one."""


@dataclass(frozen=True, slots=True)
class CheckedAnswers:
    """The result of a check.

    With faults, `answers` and `routing` are what could be read, and are not to be kept.
    """

    answers: dict[str, Json]
    """Key to answer, hidden and unknown fields left out, computed ones worked out; None where an
    earlier answer was cleared."""
    routing: dict[str, Json]
    """The answers that steer the diagram; None unsets what an earlier task said."""
    faults: tuple[FieldFault, ...]
    consents: dict[str, dict[str, Json]] = attribute(default_factory=dict)
    """Purpose to the consent that was given in this form."""
    binds: dict[str, str] = attribute(default_factory=dict)
    """Role to the office that the form binds it to."""


def check(form: Form, raw: Raw, context: FormContext) -> CheckedAnswers:
    """Read and check everything that was typed.

    Args:
        raw: as the browser sent it, path (`safeContact.hours`, `risks.0.severity`) to texts; what
            the form does not know is dropped.
    """
    filled = FilledForm(form, raw, context)
    checker = AnswerChecker(filled)
    checker.level(form.fields, filled.values, filled.around, "")
    checker.conditions()
    answers = {**_cleared(filled), **_kept(filled, form.fields, filled.values, "")}
    steering = ((f.key, answers.get(f.key)) for f in form.fields if f.routing)
    bound = ((f.binds, answers.get(f.key)) for f in form.fields if f.binds)
    return CheckedAnswers(
        answers=answers,
        routing=_unset(filled) | {key: value for key, value in steering if value is not None},
        faults=tuple(checker.faults.values()),
        consents=_consents(form, answers),
        binds={role: office for role, office in bound if isinstance(office, str)},
    )


class AnswerChecker:
    """Gathers the faults of one filled form: at most one for each path, the first that is found."""

    def __init__(self, filled: FilledForm) -> None:
        self.filled = filled
        self.context = filled.context
        self.faults: dict[str, FieldFault] = {
            f.path: f for f in filled.unread if not _is_under(f.path, filled.hidden)
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
        """Check every shown field of one level: whether it has an answer, within its bounds."""
        names = self.filled.names(fields, outer, values, prefix)
        for field in (f for f in fields if f.key and prefix + f.key not in self.filled.hidden):
            path, value = prefix + field.key, values.get(field.key)
            path = self.filled.place(field, path)
            if field.kind == "consents":
                continue  # checked as a part of each consent that is given
            if field.kind == "consent":
                self.consent(field, value, names, path)
            elif value is None or (field.kind == "list" and not value):
                self.absent(field, value, names, path)
            else:
                self.present(field, value, names, path)

    def consent(self, field: Field, value: object, names: Mapping[str, object], path: str) -> None:
        """Check a consent: live already, given here with all that it needs, or optional."""
        given = isinstance(value, dict) and value.get("given") is True
        if given and isinstance(value, dict):
            self.level(field.fields, value, names, path + ".")
            self.later.append((field, value, names, path))
        elif not self.filled.is_live(field) and self.is_required(field, names):
            self.fault(path, "form.consent_missing", purpose=field.properties.get("consent", ""))

    def is_required(self, field: Field, names: Mapping[str, object]) -> bool:
        return field.required or (
            field.required_when is not None and self.filled.ask(field.required_when, names) is True
        )

    def absent(self, field: Field, value: object, names: Mapping[str, object], path: str) -> None:
        if field.is_worked_out:
            if field.required:
                self.later.append((field, value, names, path))
        elif self.is_required(field, names) or (field.kind == "list" and field.limits.fewest_rows):
            if field.kind == "group":
                self.level(field.fields, {}, names, path + ".")
            elif field.kind == "list" and field.limits.fewest_rows:
                self.fault(path, "form.too_few_rows", n=field.limits.fewest_rows)
            else:
                self.fault(path, MISSING.get(field.kind, "form.required"))

    def present(self, field: Field, value: object, names: Mapping[str, object], path: str) -> None:
        self.bounds(field, value, path)
        if field.kind == "list" and isinstance(value, list):
            for n, row in zip(self.filled.rows.get(path, ()), value, strict=False):
                self.level(field.fields, row, names, f"{path}.{n}.")
        elif field.kind == "group" and isinstance(value, dict):
            self.level(field.fields, value, names, path + ".")
        self.later.append((field, value, names, path))

    def bounds(self, field: Field, value: object, path: str) -> None:
        """Check the bounds that need no other answer."""
        limits = field.limits
        if isinstance(value, Decimal) and not field.is_worked_out:
            self.number(field, value, path)
        elif isinstance(value, str) and field.kind in ("text", "longtext"):
            self.text(field, value, path)
        elif field.kind == "choices" and isinstance(value, list):
            self.several(field, value, path)
        elif field.kind in ("list", "file") and isinstance(value, list):
            if len(value) < limits.fewest_rows:
                self.fault(path, "form.too_few_rows", n=limits.fewest_rows)
            if len(value) > limits.most_rows:
                self.fault(path, "form.too_many_rows", n=limits.most_rows)
        wanted = field.properties.get("must_be")
        if wanted is not None and field.kind == "yesno" and value is not (wanted == "true"):
            self.fault(path, "form.must_be_yes" if wanted == "true" else "form.must_be_no")

    def number(self, field: Field, value: Decimal, path: str) -> None:
        least, most, decimals = field.limits.least, field.limits.most, field.limits.decimals
        if value != round(value, decimals):
            key = "form.too_many_decimals" if decimals else "form.whole_number"
            self.fault(path, key, n=decimals)
        elif (least is not None and value < least) or (most is not None and value > most):
            key = "form.out_of_range"
            if least is None or most is None:
                key = "form.too_small" if most is None else "form.too_large"
            self.fault(path, key, least=least, most=most)

    def text(self, field: Field, value: str, path: str) -> None:
        shortest, longest = field.limits.shortest, field.limits.longest
        if longest is not None and len(value) > longest:
            self.fault(path, "form.too_long", most=longest, n=len(value) - longest)
        elif shortest is not None and len(value) < shortest:
            self.fault(path, "form.too_short", least=shortest)
        elif field.properties.get("no_identity") == "yes" and tells_identity(value):
            self.fault(path, "form.tells_identity")

    def several(self, field: Field, value: list[object], path: str) -> None:
        if field.properties.get("all_required") == "yes" and len(value) < len(field.values):
            self.fault(path, "form.all_needed", n=len(field.values) - len(value))
        if field.properties.get("alone") in value and len(value) > 1:
            label = self.filled.form.option_label(
                field, field.properties["alone"], self.context.lang
            )
            self.fault(path, "form.alone", option=label)

    # ---- what needs other answers

    def conditions(self) -> None:
        """Check what is written in FEEL, where every answer that it reads could be read."""
        faulty = {part for path in self.faults for part in path.split(".")}
        for field, value, names, path in self.later:
            if value is None:
                if not self.faults:
                    self.fault(path, "form.cannot_be_worked_out")
                continue
            if path in self.faults:
                continue
            self.not_beyond(field, value, names, path, faulty)
            for check in field.checks:
                if (check.condition.reads - {field.key}) & faulty:
                    continue
                if self.filled.ask(check.condition, names) is not True:
                    sentences = {lang: check.sentence(lang) for lang in LANGUAGES}
                    self.fault(path, "form.check", **sentences)

    def not_beyond(
        self, field: Field, value: object, names: Mapping[str, object], path: str, faulty: set[str]
    ) -> None:
        """Check a date or moment against the limits `not_before` and `not_after`."""
        for prop, key in (("not_after", "form.too_late"), ("not_before", "form.too_early")):
            condition = field.feel.get(prop)
            if condition is None or condition.reads & faulty:
                continue
            limit = self.filled.ask(condition, names)
            if _is_beyond(value, limit, self.context, later=prop == "not_after"):
                self.fault(path, key, limit=_limit_text(limit, self.context))


def tells_identity(text: str) -> bool:
    """Whether a text holds a personal number, a phone number or an e-mail address."""
    return any(pattern.search(text) for pattern in (E_MAIL, PERSONAL_NUMBER, PHONE))


def _is_under(path: str, hidden: set[str]) -> bool:
    """Whether the path, or something that holds it, is hidden."""
    parts = path.split(".")
    return any(".".join(parts[:n]) in hidden for n in range(1, len(parts) + 1))


def _is_beyond(value: object, limit: object, context: FormContext, *, later: bool) -> bool:
    """Whether a date or moment lies past its limit; a date against a moment counts by days."""
    if isinstance(value, datetime) is not isinstance(limit, datetime):
        value, limit = (_day(end, context) for end in (value, limit))
    moment = as_moment(value, context)
    bound = as_moment(limit, context)
    if moment is None or bound is None:
        return False
    return moment > bound if later else moment < bound


def _day(value: object, context: FormContext) -> object:
    """The day of a moment in the office's zone; anything else as it is."""
    return value.astimezone(context.zone).date() if isinstance(value, datetime) else value


def _limit_text(limit: object, context: FormContext) -> str:
    """A limit as the sentence says it."""
    if isinstance(limit, datetime):
        return limit.astimezone(context.zone).strftime("%Y-%m-%d %H:%M")
    return limit.isoformat() if isinstance(limit, date) else ""


def _kept(
    filled: FilledForm, fields: tuple[Field, ...], values: Mapping[str, object], prefix: str
) -> dict[str, Json]:
    """The typed values as they are kept, without what is hidden or empty."""
    made: dict[str, Json] = {}
    for field in fields:
        path, value = prefix + field.key, values.get(field.key)
        if not field.key or path in filled.hidden or value in (None, []):
            continue
        if field.kind == "consents":
            continue  # a part of each consent that is given
        if field.kind == "list" and isinstance(value, list):
            made[field.key] = [
                _kept(filled, field.fields, row, f"{path}.{n}.")
                for n, row in zip(filled.rows[path], value, strict=True)
            ]
        elif field.kind in ("group", "consent") and isinstance(value, dict):
            made[field.key] = {
                **_kept(filled, field.fields, value, path + "."),
                **_text_shown(filled, field, value),
            }
        else:
            made[field.key] = to_json(field.kind, value)
    return made


def _text_shown(filled: FilledForm, field: Field, value: Mapping[str, object]) -> dict[str, Json]:
    """The digest of the text that a consent was given to, or of the information."""
    if field.kind == "consent":
        shown = filled.context.consent_texts.get(field.properties.get("consent", ""))
        shown = shown if value.get("given") is True else None
    else:
        spoken = value.get(field.properties.get("information.language", ""))
        shown = information_text(filled.context, field, str(spoken or filled.context.lang))
    return {"textDigest": shown.digest} if shown is not None else {}


def _cleared(filled: FilledForm) -> dict[str, Json]:
    """Answers that the form showed and that were emptied.

    They are kept as None, or else the earlier answer would stay the newest.
    """
    shown = (
        f
        for f in filled.form.fields
        if not (f.fresh or f.is_worked_out or f.kind == "consent" or f.key in filled.hidden)
    )
    return {
        f.key: None
        for f in shown
        if filled.values.get(f.key) in (None, [])
        and filled.context.earlier.get(f.key) not in (None, [])
    }


def _unset(filled: FilledForm) -> dict[str, Json]:
    """Routing values that must not keep what an earlier task said: of hidden fields that have a
    neutral value, and of what was asked anew and has no answer.
    """
    made: dict[str, Json] = {}
    for field in (f for f in filled.form.fields if f.routing):
        if field.key in filled.hidden:
            if field.neutral is not None:
                made[field.key] = to_json(field.kind, neutral_value(field))
        elif (
            filled.values.get(field.key) is None
            and (field.fresh or field.is_worked_out)
            and filled.context.known(field.key) is not None
        ):
            made[field.key] = None
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
