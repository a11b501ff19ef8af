"""Turns that two definitions make alike, so that one of them need not run.

A turn reads of its definition the specs of the tasks that exist in it, and what `_is_same` compares
for all of it. Where none of these differs, the same state, stimulus, time and seed give the same
outcome; only the digest in the state is another one. Whatever is not known to be the same counts as
different, so a turn is run rather than taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from service.engine.definition import Definition
from service.engine.feel import Expression
from service.engine.spiff.activities import BusinessRuleTask
from service.engine.spiff.api import TaskSpec
from service.engine.spiff.base import FlowNode
from service.engine.spiff.workflow import ProcessSpec

SpecName: TypeAlias = "tuple[str, str]"
"""Scope and name of a spec."""

_PLAIN = (str, int, float, bool, bytes, Decimal, date, datetime, time, timedelta)
_NO_CONTENT: Final = frozenset(
    {
        *("_wf_spec", "update_event", "ready_event", "completed_event", "error_event"),
        *("cancelled_event", "run_event"),
    }
)
"""Attributes of a spec that say nothing of what it does: its scope, and the library's lists of
listeners. Only the activity that repeats another listens to one, and it has a task in each turn of
its instances."""


@dataclass(frozen=True, slots=True)
class TurnSource:
    """What a recorded turn was made of, apart from its stimulus and time."""

    definition: Definition
    seed: str
    used: frozenset[SpecName]
    """The specs of all tasks that existed in it."""


@lru_cache(maxsize=8)
def alike(first: Definition, second: Definition) -> frozenset[SpecName]:
    """The specs that do the same in two definitions."""
    if not _is_same(first, second):
        return frozenset()
    one = _scopes(first)
    other = _scopes(second)
    same_rules = _content(first.decisions) == _content(second.decisions)
    return frozenset(
        (scope, name)
        for scope in one.keys() & other.keys()
        if _scope_content(first, one[scope]) == _scope_content(second, other[scope])
        for name, spec in one[scope].task_specs.items()
        if (counterpart := other[scope].task_specs.get(name)) is not None
        and (same_rules or not isinstance(spec, BusinessRuleTask))
        and _spec_content(first, spec) == _spec_content(second, counterpart)
    )


def _is_same(first: Definition, second: Definition) -> bool:
    """Whether what every turn may read is the same: the process, its plain start, the calendars,
    and the types of the variables that both declare.

    A variable that one of them alone declares is read by no spec that both have.
    """
    shared = first.types.keys() & second.types.keys()
    return (
        first.process == second.process
        and first.spec.name == second.spec.name
        and first.plain_start == second.plain_start
        and _content(first.calendar) == _content(second.calendar)
        and _content(first.calendars) == _content(second.calendars)
        and all(_content(first.types[name]) == _content(second.types[name]) for name in shared)
    )


def _scopes(definition: Definition) -> dict[str, ProcessSpec]:
    """Every scope of a definition, by the name under which a state keeps it."""
    return {definition.spec.name: definition.spec, **definition.scopes}


def _scope_content(definition: Definition, scope: ProcessSpec) -> object:
    """What a turn reads of a scope without a task: its start and end, and the event sub-processes
    that can begin in it.
    """
    events = [_spec_content(definition, scope.task_specs[name]) for name in scope.event_subs]
    names = (scope.name, scope.start.name, scope.end.name)
    return names, events, list(scope.event_timers), sorted(scope.message_starts)


def _spec_content(definition: Definition, spec: TaskSpec) -> object:
    """All that decides what a spec does."""
    element = definition.elements.get(spec.element) if isinstance(spec, FlowNode) else None
    content = {
        name: _content(value) for name, value in vars(spec).items() if name not in _NO_CONTENT
    }
    return type(spec), element.roles if element is not None else (), content


def _content(value: object) -> object:
    """A value taken apart, so that equal content compares equal; an unknown kind equals nothing."""
    if value is None or isinstance(value, _PLAIN):
        return type(value), value
    if isinstance(value, Mapping):
        return [(key, _content(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return [_content(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), [_content(getattr(value, field.name)) for field in fields(value)]
    return _other_content(value)


def _other_content(value: object) -> object:
    """`_content` of the kinds of values that are neither plain, a collection nor of our classes."""
    if isinstance(value, Expression):
        return value.text, _content(value.type), sorted(value.reads), value.clock
    if isinstance(value, TaskSpec):
        return TaskSpec, value.name
    if isinstance(value, ZoneInfo):
        return ZoneInfo, value.key
    return value if isinstance(value, type) else object()
