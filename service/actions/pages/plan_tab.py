"""The tab of a case with its plan: goals, activities, budget, and earlier versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.actions.casefile.case_view import CaseView
from service.actions.cases import given_answers
from service.actions.pages.tab_content import TabContent

COLUMNS = ("kind", "mode", "provider", "cost")
"""Keys of an activity's fields, in the order of the columns of the table."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of the plan."""

    area: str
    what: str
    provider: str
    cost: str
    state: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan in its newest version; `earlier` is (version, at, by, reason), newest first."""

    version: int
    at: datetime
    by: str
    reason: str
    goals: tuple[str, ...]
    activities: tuple[Activity, ...]
    total: str
    ceiling: str
    over: bool
    earlier: tuple[tuple[int, datetime, str, str], ...]


def plan(at: CaseView) -> TabContent:
    """The newest version of the plan, and the ones before it with their reasons."""
    names, seen = at.services.programme.named_fields.answers, at.visibility.see
    answers = [answer for answer in at.answers if seen(answer)]
    versions = [answer for answer in answers if answer.key == names.plan_activities]
    if not versions:
        return TabContent({"plan": None})
    reasons = {a.rev: at.words.text(a) for a in answers if a.key == names.plan_reason}
    delivered = {str(a.value) for a in answers if a.key == names.plan_delivered}
    *earlier, last = versions
    over = at.shown.get(names.plan_over)
    newest = Plan(
        version=len(versions),
        at=last.at,
        by=at.who(last.by, last.office),
        reason=reasons.get(last.rev, ""),
        goals=tuple(_rows(at, at.shown.get(names.plan_goals))),
        activities=tuple(_activities(at, last, delivered)),
        total=_text(at, names.plan_new_total) or _text(at, names.plan_total) or "–",
        ceiling=_text(at, names.plan_ceiling) or "–",
        over=over is not None and over.value == names.plan_over_value,
        earlier=tuple(
            (number, answer.at, at.who(answer.by, answer.office), reasons.get(answer.rev, ""))
            for number, answer in reversed(list(enumerate(earlier, 1)))
        ),
    )
    return TabContent({"plan": newest}, frozenset({"C0", last.klass}))


def _text(at: CaseView, key: str) -> str:
    answer = at.shown.get(key)
    return at.words.text(answer) if answer is not None else ""


def _rows(at: CaseView, answer: given_answers.GivenAnswer | None) -> Iterable[str]:
    """The rows of an answer that is a list, each as one text."""
    field, form = at.field_of(answer)
    if answer is None or field is None or form is None or not isinstance(answer.value, list):
        return
    for row in answer.value:
        if isinstance(row, dict):
            texts = (at.words.said(form, f, row.get(f.key)) for f in field.fields)
            yield ": ".join(text for text in texts if text)


def _activities(
    at: CaseView, answer: given_answers.GivenAnswer, delivered: set[str]
) -> Iterable[Activity]:
    field, form = at.field_of(answer)
    if field is None or form is None:
        return
    for number, row in enumerate(answer.value, 1):
        texts = {f.key: at.words.said(form, f, row.get(f.key)) for f in field.fields}
        area, mode, provider, cost = (texts.get(key, "") for key in COLUMNS)
        state = "done" if str(number) in delivered else "not_yet"
        yield Activity(area, mode, provider, cost, state)
