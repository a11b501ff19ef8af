"""The tab of a case that shows its plan: goals, activities and budget, and the versions before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.actions.casefile.case_view import CaseView
from service.actions.cases import given_answers
from service.actions.pages.case_tabs import TabContent
from service.store.transaction import Tx

COLUMNS = ("kind", "mode", "provider", "cost")
"""Columns of an activity that have a place of their own in the table."""


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
    """The plan in its newest version."""

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


def plan(tx: Tx, at: CaseView) -> TabContent:  # every tab is asked alike
    """Goals, activities and budget, and the versions before."""
    names = at.services.programme.named_fields.answers
    versions = [
        one for one in at.answers if one.key == names.plan_activities and at.visibility.see(one)
    ]
    if not versions:
        return TabContent({"plan": None})
    reasons = {
        one.rev: at.words.text(one)
        for one in at.answers
        if one.key == names.plan_reason and at.visibility.see(one)
    }
    last = versions[-1]
    delivered = {
        str(one.value)
        for one in at.answers
        if one.key == names.plan_delivered and at.visibility.see(one)
    }
    told = [
        (n, one.at, at.who(one.by, one.office), reasons.get(one.rev, ""))
        for n, one in enumerate(versions, 1)
    ]
    total = at.shown.get(names.plan_new_total) or at.shown.get(names.plan_total)
    ceiling, over = at.shown.get(names.plan_ceiling), at.shown.get(names.plan_over)
    found = Plan(
        version=len(versions),
        at=last.at,
        by=at.who(last.by, last.office),
        reason=reasons.get(last.rev, ""),
        goals=tuple(_rows_in_words(at, at.shown.get(names.plan_goals))),
        activities=tuple(_activities(at, last, delivered)),
        total=at.words.text(total) if total is not None else "–",
        ceiling=at.words.text(ceiling) if ceiling is not None else "–",
        over=over is not None and over.value == names.plan_over_value,
        earlier=tuple(reversed(told[:-1])),
    )
    return TabContent({"plan": found}, frozenset({"C0", last.klass}))


def _rows_in_words(at: CaseView, one: given_answers.GivenAnswer | None) -> Iterable[str]:
    field, form = at.field_of(one)
    for row in one.value if one is not None and isinstance(one.value, list) else ():
        if field is not None and form is not None and isinstance(row, dict):
            yield ": ".join(
                text for f in field.fields if (text := at.words.said(form, f, row.get(f.key)))
            )


def _activities(
    at: CaseView, one: given_answers.GivenAnswer, delivered: set[str]
) -> Iterable[Activity]:
    field, form = at.field_of(one)
    if field is None or form is None:
        return
    for n, row in enumerate(one.value, 1):
        said = {f.key: at.words.said(form, f, row.get(f.key)) for f in field.fields}
        area, mode, provider, cost = (said.get(key, "") for key in COLUMNS)
        yield Activity(area, mode, provider, cost, "done" if str(n) in delivered else "not_yet")
