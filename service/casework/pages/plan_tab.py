"""The tab of a case with its plan: goals, activities, budget, and earlier versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.hidden_answers import hides
from service.casework.cases import given_answers
from service.casework.pages.tab_content import TabContent
from service.forms import Json
from service.release.programme.named_fields import FieldNames

COLUMNS = ("kind", "mode", "provider", "cost", "goal", "responsible", "indicator")
"""Keys of an activity's fields, in the order of the columns of the table."""
SINCE = ("new", "changed", "dropped")
"""What became of an activity since the version before."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of the plan."""

    area: str
    what: str
    provider: str
    cost: str
    goal: str
    responsible: str
    indicator: str
    due: str
    """Its own day."""
    state: str
    since: str
    """One of `SINCE`, or empty: what the newest version changed."""
    why: str


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
    names, seen = at.configuration.named_fields.answers, at.visibility.see
    answers = [answer for answer in at.answers if seen(answer)]
    versions = [answer for answer in answers if answer.key == names.plan_activities]
    if not versions:
        hidden = hides(at, [names.plan_activities])
        return TabContent({"plan": None, "hidden": hidden, "over": at.case.status == "ended"})
    reasons = {a.rev: at.words.text(a) for a in answers if a.key == names.plan_reason}
    delivered = {str(a.value) for a in answers if a.key == names.plan_delivered}
    versions = [version for version in versions if isinstance(version.value, list)]
    if not versions:
        return TabContent({"plan": None, "hidden": False, "over": at.case.status == "ended"})
    *earlier, last = versions
    before = earlier[-1].value if earlier else last.value
    over = at.shown.get(names.plan_over)
    newest = Plan(
        version=len(versions),
        at=last.at,
        by=at.who(last.by, last.office),
        reason=reasons.get(last.rev, ""),
        goals=tuple(_rows(at, at.shown.get(names.plan_goals))),
        activities=tuple(_activities(at, last, before, delivered)),
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
    at: CaseView, answer: given_answers.GivenAnswer, before: Json, delivered: set[str]
) -> Iterable[Activity]:
    names = at.configuration.named_fields.answers
    field, form = at.field_of(answer)
    if field is None or form is None or not isinstance(answer.value, list):
        return
    old = _by_id(before, names.plan_row)
    for id_, row in _by_id(answer.value, names.plan_row).items():
        texts = {f.key: at.words.said(form, f, row.get(f.key)) for f in field.fields}
        area, what, provider, cost, goal, who, indicator = (texts.get(key, "") for key in COLUMNS)
        yield Activity(
            area,
            what,
            provider,
            cost,
            goal,
            responsible=who,
            indicator=indicator,
            due=texts.get(names.plan_due, ""),
            state="done" if id_ in delivered else "not_yet",
            since=_since(row, old.get(id_), names),
            why=texts.get(names.plan_why, ""),
        )


def _by_id(rows: Json, column: str) -> dict[str, Mapping[str, Json]]:
    """The rows of a plan by their ids; by their numbers where a plan has none yet."""
    listed = rows if isinstance(rows, list) else []
    return {
        str(row.get(column, number)): row
        for number, row in enumerate(listed, 1)
        if isinstance(row, dict)
    }


def _since(row: Mapping[str, Json], old: Mapping[str, Json] | None, names: FieldNames) -> str:
    """What became of an activity since the version before."""
    new, changed, dropped = SINCE
    if row.get(names.plan_state) == names.plan_dropped:
        return dropped
    if old is None:
        return new
    said = {names.plan_state, names.plan_why}
    kept = {key: value for key, value in row.items() if key not in said}
    return "" if kept == {key: value for key, value in old.items() if key not in said} else changed
