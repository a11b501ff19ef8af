"""Rules about times: timers, due dates, working days (D609, D909 to D912, D914)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from service.engine.bpmn.model import Node
from service.engine.feel import Expression
from service.engine.feel.arithmetic import elapsed_part
from service.engine.feel.conversion import written
from service.engine.feel.values import Months
from service.engine.limits import ENDLESS_LEAST, ROUNDS, TIMER_LEAST, TIMER_MOST_YEARS
from service.engine.lint.analysis.writes import own_writes
from service.engine.lint.context import LintContext, Rule
from service.engine.lint.names import BEFORE
from service.engine.lint.scopes import PEOPLE, Place, ScopeView, label
from service.engine.timing.durations import Length, MixedDuration, time_of
from service.errors import Finding

_YEAR = timedelta(days=365)
_MONTHS = 12
_DATES = frozenset({"timer date", "due date", "follow-up date"})
"""FEEL texts that give a day."""
_PARTS = 3
"""Of a cycle with a start: `R3/2026-03-01/P7D`."""


def d609_due_date(context: LintContext) -> Iterator[Finding]:
    """A due date is a duration from the opening of the task, a date, or FEEL."""
    for _, node in context.nodes(*PEOPLE):
        for which, text in (("due date", node.due), ("follow-up date", node.follow_up)):
            if text and not text.startswith("=") and time_of(text) is None:
                yield context.report(
                    "D609",
                    node,
                    {"which": which, "text": text},
                    prop="dueDate" if which == "due date" else "followUpDate",
                )


def d909_timer_text(context: LintContext) -> Iterator[Finding]:
    """A timer is ISO 8601 or FEEL, never cron."""
    for _, node in _timers(context):
        if not node.event.text.startswith("=") and not _fits(node):
            key = "D909" if node.event.text else "D909.none"
            yield context.report(key, node, {"text": node.event.text}, prop=node.event.ref)


def d909_working_days(context: LintContext) -> Iterator[Finding]:
    """Working days are counted in whole days."""
    for view, node in context.nodes():
        if node.properties.get("days") == "working":
            text = node.event.text if node.event.kind == "timer" else node.due
            whole = node.event.ref in {"", "duration"} and (
                not text or text.startswith("=") or _whole_days(text)
            )
            if not whole:
                yield context.report(
                    "D909.working", node, {"text": text, "scope": view.label}, prop="days"
                )


def d910_too_short_or_long(context: LintContext) -> Iterator[Finding]:
    """A timer takes at least a minute and at most ten years."""
    for _, node in _constants(context):
        length = _period(node) if node.event.ref == "cycle" else time_of(node.event.text)
        if isinstance(length, timedelta | Months | MixedDuration) and not _bearable(length):
            yield context.report("D910", node, {"text": node.event.text}, prop=node.event.ref)


def d911_too_often(context: LintContext) -> Iterator[Finding]:
    """A timer that repeats for ever has an hour or more between two rounds."""
    for _, node in _constants(context):
        if node.event.ref != "cycle":
            continue
        count = node.event.text.partition("/")[0].removeprefix("R")
        period = _period(node)
        endless = not count and isinstance(period, timedelta) and period < ENDLESS_LEAST
        if endless or (count.isdigit() and not 1 <= int(count) <= ROUNDS):
            yield context.report("D911", node, {"text": node.event.text}, prop="cycle")


def d912_date_has_passed(context: LintContext) -> Iterator[Finding]:
    """A date has not passed, also not in a branch of FEEL.

    A timer would fire at once, and a task would be late when it opens.
    """
    today = context.today
    for node, prop, when in _days(context) if today is not None else ():
        if today is not None and _is_before(when, today):
            yield context.report("D912", node, {"text": written(when)}, prop=prop)


def d914_due_before_what_it_is_for(context: LintContext) -> Iterator[Finding]:
    """A task that leads to one with `before` looks at the same moment, once somebody has set it."""
    aims = {
        text.place.id: expression.reads & _moments(context)
        for text, expression in context.expressions
        if text.which == BEFORE and isinstance(expression, Expression)
    }
    for view, node in context.nodes(*PEOPLE) if aims else ():
        known = context.reads[node.id] | own_writes(context, node).names
        for aim in _led_to(context, view, node, aims):
            for name in sorted(aims[aim.id] - known):
                yield context.report("D914", node, {"y": label(aim), "name": name}, prop="before")
                break


def _moments(context: LintContext) -> frozenset[str]:
    return frozenset(
        name for name, type_ in context.types.items() if type_.kind in {"date", "date and time"}
    )


def _led_to(
    context: LintContext, view: ScopeView, node: Node, aims: Mapping[str, frozenset[str]]
) -> Iterator[Node]:
    """Tasks of the same scope with a `before` that a task leads to, until a step sets the moment
    anew.
    """
    anew = frozenset().union(*aims.values())
    left, met = [node.id], {node.id}
    while left:
        for flow in view.out[left.pop()]:
            following = view.nodes.get(flow.target)
            if following is None or following.id in met:
                continue
            met.add(following.id)
            if following.id in aims:
                yield following
            if not own_writes(context, following).names & anew:
                left.append(following.id)


def _days(context: LintContext) -> Iterator[tuple[Place, str, object]]:
    """Every day written in a timer or in dates of a task: its place, setting and value."""
    for _, node in _timers(context):
        if node.event.ref == "date":
            yield node, "date", time_of(node.event.text)
    for _, node in context.nodes(*PEOPLE):
        yield node, "dueDate", time_of(node.due)
        yield node, "followUpDate", time_of(node.follow_up)
    for text, expression in context.expressions:
        if text.which in _DATES and isinstance(expression, Expression):
            yield from ((text.place, text.which, value) for value in expression.constants)


def _is_before(when: object, today: date) -> bool:
    day = when.date() if isinstance(when, datetime) else when
    return isinstance(day, date) and day < today


def _timers(context: LintContext) -> Iterator[tuple[ScopeView, Node]]:
    return ((view, node) for view, node in context.nodes() if node.event.kind == "timer")


def _constants(context: LintContext) -> Iterator[tuple[ScopeView, Node]]:
    """Timers whose text is known: constants, and FEEL that reads nothing."""
    for view, node in _timers(context):
        text = node.event.text
        if text.startswith("="):
            text = context.constant_time(node)
        if text and _fits(replace(node, event=replace(node.event, text=text))):
            yield view, replace(node, event=replace(node.event, text=text))


def _fits(node: Node) -> bool:
    """Whether the text of a timer is of the kind that its definition needs."""
    text = node.event.text
    if node.event.ref == "cycle":
        return _period(node) is not None
    value = time_of(text)
    if node.event.ref == "duration":
        return isinstance(value, timedelta | Months | MixedDuration) and not _negative(value)
    return node.event.ref == "date" and isinstance(value, date)


def _period(node: Node) -> Length | None:
    """The length of one round of a cycle; None when the text is no cycle."""
    head, *middle, last = node.event.text.split("/") if "/" in node.event.text else ("", "")
    count = head.removeprefix("R")
    period = time_of(last)
    if (
        not head.startswith("R")
        or len(middle) > _PARTS - 2
        or (count and not count.isdecimal())
        or (middle and not isinstance(time_of(middle[0]), date))
    ):
        return None
    return (
        period
        if isinstance(period, timedelta | Months | MixedDuration) and not _negative(period)
        else None
    )


def _negative(length: Length) -> bool:
    if isinstance(length, MixedDuration):
        return False
    return length < 0 if isinstance(length, Months) else length < timedelta(0)


def _bearable(length: Length) -> bool:
    if isinstance(length, MixedDuration):
        return (
            int(length.months) <= TIMER_MOST_YEARS * _MONTHS
            and length.rest <= TIMER_MOST_YEARS * _YEAR - length.months / _MONTHS * _YEAR
        )
    if isinstance(length, Months):
        return 1 <= length <= TIMER_MOST_YEARS * _MONTHS
    return TIMER_LEAST <= length <= TIMER_MOST_YEARS * _YEAR + timedelta(days=3)


def _whole_days(text: str) -> bool:
    length = time_of(text)
    return isinstance(length, timedelta) and not elapsed_part(length)


RULES: tuple[Rule, ...] = (
    d609_due_date,
    d909_timer_text,
    d909_working_days,
    d910_too_short_or_long,
    d911_too_often,
    d912_date_has_passed,
    d914_due_before_what_it_is_for,
)
