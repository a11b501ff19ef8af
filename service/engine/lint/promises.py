"""Promises of a process: check the four forms of sentences on its graph.

    never X before Y                           X always followed by Y [within N days]
    only R does X                              field F never reaches R [before X]

X and Y are ids of elements, R a role, F the key of a field. Conditions of gateways are not
evaluated: what holds here holds for all answers. What cannot be proved is watched in every case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from service.engine.bpmn.model import Node, Process
from service.engine.lint.analysis.dataflow import Dataflow
from service.engine.lint.analysis.inevitability import Inevitability
from service.engine.lint.context import LintContext, once
from service.engine.lint.rules_dataflow import DataflowContext
from service.engine.lint.scopes import PEOPLE, ScopeView, label
from service.errors import Finding

_ID = r"[A-Za-z_][A-Za-z0-9_-]*"
_FORMS: Mapping[str, re.Pattern[str]] = {
    "never": re.compile(rf"never (?P<x>{_ID}) before (?P<y>{_ID})"),
    "followed": re.compile(
        rf"(?P<x>{_ID}) always followed by (?P<y>{_ID})(?: within (?P<days>\d{{1,4}}) days?)?"
    ),
    "only": re.compile(rf"only (?P<role>{_ID}) does (?P<x>{_ID})"),
    "field": re.compile(
        rf"field (?P<field>{_ID}) never reaches (?P<role>{_ID})(?: before (?P<x>{_ID}))?"
    ),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise as read from its sentence."""

    form: str
    text: str
    x: str = ""
    y: str = ""
    role: str = ""
    field: str = ""
    days: int = 0


@dataclass(frozen=True, slots=True)
class PromiseVerdict:
    """The result of checking a promise.

    `holds`, `broken` (with the way that breaks it), or `watched` when it cannot be proved here.
    """

    verdict: str
    way: tuple[str, ...] = ()


def read_promise(text: str) -> Promise | None:
    """Read one sentence; None when it has none of the four forms."""
    plain = " ".join(text.split())
    for form, pattern in _FORMS.items():
        if match := pattern.fullmatch(plain):
            parts = {key: value for key, value in match.groupdict().items() if value}
            days = int(parts.pop("days", "0"))
            return Promise(form, plain, days=days, **parts)
    return None


def answer(flows: DataflowContext, promise: Promise) -> PromiseVerdict:
    """Check a promise on every way of the diagram.

    Raises:
        KeyError: an element that the release does not have; `d809_promises` checks that first.
    """
    return _ANSWERS[promise.form](flows, promise)


def d809_promises(flows: DataflowContext) -> Iterator[Finding]:
    """A promise is kept; else it is broken, not understood, or watched."""
    context = flows.context
    for process, text in _promises(context):
        promise = read_promise(text)
        if promise is None:
            yield context.report("D809.unread", process, {"promise": text}, prop="promise")
            continue
        if unknown := _unknown(context, promise):
            sentence, name = unknown
            yield context.report(sentence, process, {"promise": text, "name": name}, prop="promise")
            continue
        result = answer(flows, promise)
        if result.verdict == "broken":
            yield context.report(
                _BROKEN.get(promise.form, "D809"),
                process,
                _broken_facts(flows, promise, text, result.way),
                prop="promise",
            )
        elif result.verdict == "watched":
            yield context.report("D809.open", process, {"promise": text}, prop="promise")


_BROKEN = {"never": "D809.before", "followed": "D809.after"}
"""Sentences for forms about an order, which name the two steps."""


def _broken_facts(
    flows: DataflowContext, promise: Promise, text: str, way: tuple[str, ...]
) -> dict[str, object]:
    """What the sentence about a broken promise names.

    A place without a name is on the path, but not in the words.
    """
    home = flows.context.home
    named = tuple(id_ for id_ in way if home[id_][1].names.get("sv")) or way
    steps = {
        role: label(home[id_][1])
        for role, id_ in (("step", promise.x), ("other", promise.y))
        if id_
    }
    return {"promise": text, "way": flows.graphs.way(named), "path": list(way), **steps}


def _never(flows: DataflowContext, promise: Promise) -> PromiseVerdict:
    if promise.x != promise.y and flows.dataflow.done(promise.y, promise.x):
        return PromiseVerdict("holds")
    return PromiseVerdict("broken", flows.dataflow.way_around([promise.y], promise.x))


def _followed(flows: DataflowContext, promise: Promise) -> PromiseVerdict:
    after = once(flows.context, ("inevitability",), lambda: Inevitability(flows))
    if not after.surely(promise.y, promise.x):
        return PromiseVerdict("broken", after.way_past(promise.x, promise.y))
    if promise.days and after.longest(promise.x, promise.y) > timedelta(days=promise.days):
        return PromiseVerdict("watched")
    return PromiseVerdict("holds")


def _only(flows: DataflowContext, promise: Promise) -> PromiseVerdict:
    view, node = flows.context.home[promise.x]
    return (
        PromiseVerdict("holds")
        if _roles(flows.context, view, node) == {promise.role}
        else PromiseVerdict("broken", (promise.x,))
    )


def _field(flows: DataflowContext, promise: Promise) -> PromiseVerdict:
    dataflow: Dataflow = flows.dataflow
    for view, node in flows.context.nodes(*PEOPLE):
        form = flows.context.files.forms.get(node.form)
        shown = form is not None and any(key == promise.field for key, _, _ in form.fields)
        if (
            shown
            and promise.role in _roles(flows.context, view, node)
            and not (promise.x and (promise.x == node.id or dataflow.done(promise.x, node.id)))
        ):
            return PromiseVerdict("broken", (node.id,))
    return PromiseVerdict("watched" if not promise.x else "holds")


_ANSWERS: dict[str, Callable[[DataflowContext, Promise], PromiseVerdict]] = {
    "never": _never,
    "followed": _followed,
    "only": _only,
    "field": _field,
}


def _promises(context: LintContext) -> Iterator[tuple[Process, str]]:
    for process in context.model.processes.values():
        for name, value in process.properties.items():
            if name.startswith("promise."):
                yield process, value


def _unknown(context: LintContext, promise: Promise) -> tuple[str, str] | None:
    """The first element, role or field of a promise that the release does not have.

    Gives the key of the sentence and the name; None when it has everything.
    """
    for id_ in (promise.x, promise.y):
        if id_ and id_ not in context.home:
            return "D809.element", id_
    if promise.role and promise.role not in context.files.roles:
        return "D809.role", promise.role
    if promise.field and all(
        promise.field not in {key for key, _, _ in form.fields}
        for form in context.files.forms.values()
    ):
        return "D809.field", promise.field
    return None


def _roles(context: LintContext, view: ScopeView, node: Node) -> set[str]:
    """The roles that do a step: its lane's and those it names."""
    role = context.role_of.get(view.process.lanes.get(node.id, ""))
    return {*node.groups, *((role.id,) if role else ())}


RULES = (d809_promises,)
