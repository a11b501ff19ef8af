"""Forward data flow: steps done and variables set before each place, surely or perhaps.

One fixpoint over all scopes and calls. At a merge only what every way brings is sure; behind a
parallel join all ways have been gone. A boundary event knows what was known when its host began,
and an error event what was known where the error was thrown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from service.engine.bpmn.model import Node
from service.engine.lint.analysis.graph import ordered, settle, trail
from service.engine.lint.analysis.writes import (
    Writes,
    held,
    inputs_of,
    writes_of,
    written_inside,
)
from service.engine.lint.context import LintContext, once
from service.engine.lint.scopes import ScopeView, event_subs

Within: TypeAlias = "tuple[str, frozenset[str]]"
"""A step inside a sub-process or a call, and the variables that are held on its way out."""

_EVERYTHING = -1
"""All bits: what is sure at a place that no token has reached yet."""


@dataclass(slots=True)
class _Facts:
    """Facts before and behind each node, as bits."""

    before: dict[str, int] = field(default_factory=dict)
    behind: dict[str, int] = field(default_factory=dict)


class Dataflow:
    """The solved data flow of a release, to be asked about any place.

    `done`, `set` and `given` tell whether a step has surely been done, a variable surely been
    written, or surely holds a value before a place; `perhaps_set` whether it may have been written.
    """

    def __init__(self, context: LintContext) -> None:
        self.context = context
        self.writes: Mapping[str, Writes] = {
            node.id: writes_of(context, node) for _, node in context.nodes()
        }
        self._bits: dict[str, int] = {}
        self._follows: dict[str, tuple[str, ...]] = {}
        self._ends = {node.id: self._ends_of(node) for _, node in context.nodes()}
        self._adds = {node.id: self._added(node) for _, node in context.nodes()}
        self._takes = {
            id_: self._mask("given", w.names - w.given) for id_, w in self.writes.items()
        }
        self._event_writes = {p: self._set_by_event_subs(p) for p in context.model.processes}
        self._sure = self._settle(sure=True)
        self._maybe = self._settle(sure=False)

    # ---- questions

    def done(self, step: str, place: str) -> bool:
        """Whether the step has surely been done before the place."""
        return self._has(self._sure, f"done {step}", place)

    def set(self, name: str, place: str) -> bool:
        """Whether the variable has surely been written before the place."""
        return self._has(self._sure, f"set {name}", place)

    def given(self, name: str, place: str) -> bool:
        """Whether the variable surely holds a value at the place."""
        return self._has(self._sure, f"given {name}", place)

    def perhaps_set(self, name: str, place: str) -> bool:
        """Whether the variable may have been written before the place."""
        return self._has(self._maybe, f"set {name}", place)

    def way_around(self, avoided: Iterable[str], place: str) -> tuple[str, ...]:
        """The shortest way to a place on which none of the avoided steps is done.

        It may leave such a step by a boundary event. Empty when there is none.
        """
        shunned = set(avoided)
        before: dict[str, str] = {}
        todo = [
            node.id
            for view, node in self.context.nodes("startEvent")
            if view.owner is None
            and (node.event.kind == "message" or not self.context.callers.get(view.process.id))
        ]
        seen = set(todo) - shunned
        todo = [id_ for id_ in todo if id_ in seen]
        for id_ in todo:  # grows while it is walked: breadth first
            if id_ == place:
                return trail(before, id_)
            view, _ = self.context.home[id_]
            onwards = (
                (border.id for border in view.borders[id_])
                if id_ in shunned
                else self._following(id_)
            )
            for following in onwards:
                if following not in seen:
                    seen.add(following)
                    before[following] = id_
                    todo.append(following)
        return ()

    # ---- the fixpoint

    def _has(self, facts: _Facts, fact: str, place: str) -> bool:
        bit = self._bits.get(fact, 0)
        return bool(facts.before.get(place, 0) & bit)

    def _bit(self, fact: str) -> int:
        return self._bits.setdefault(fact, 1 << len(self._bits))

    def _mask(self, word: str, names: Iterable[str]) -> int:
        mask = 0
        for name in sorted(names):
            mask |= self._bit(f"{word} {name}")
        return mask

    def _added(self, node: Node) -> int:
        writes = writes_of(self.context, node)
        return (
            self._bit(f"done {node.id}")
            | self._mask("set", writes.names)
            | self._mask("given", writes.given)
        )

    def _set_by_event_subs(self, process: str) -> int:
        """Variables that event sub-processes may write at any time."""
        names: set[str] = set()
        for view in self.context.views:
            if view.process.id == process and view.owner is not None and view.owner.event_sub:
                names |= written_inside(self.context, view.scope.id)
        return self._mask("set", names)

    def _settle(self, *, sure: bool) -> _Facts:
        facts = _Facts()
        start = _EVERYTHING if sure else 0
        # by id, so that an id that is used twice (D102) cannot keep this going for ever
        places = self.context.home
        facts.before, facts.behind = dict.fromkeys(places, start), dict.fromkeys(places, start)

        def changes(id_: str) -> bool:
            view, node = places[id_]
            before = self._before(facts, view, node, sure=sure)
            behind = self._behind(facts, node, before, sure=sure)
            changed = before != facts.before[id_] or behind != facts.behind[id_]
            facts.before[id_], facts.behind[id_] = before, behind
            return changed

        asked = {id_: self._asked(*place, sure=sure) for id_, place in places.items()}
        settle(self._forwards(), asked, changes)
        return facts

    def _forwards(self) -> list[str]:
        """All places in the order in which tokens come to them."""
        first = [node.id for _, node in self.context.nodes("startEvent")]
        places = (*first, *self.context.home)
        return ordered(places, self._following)[::-1]

    def _asked(self, view: ScopeView, node: Node, *, sure: bool) -> frozenset[str]:
        """Places whose facts those of a place are made of."""
        asked = {flow.source for flow in view.into[node.id]} | set(self._ends[node.id])
        if node.kind == "startEvent":
            callers = self.context.callers.get(view.process.id, ())
            asked |= {view.owner.id} if view.owner else {caller.id for _, caller in callers}
        if node.kind == "boundaryEvent":
            host = view.nodes[node.attached_to]
            asked |= {host.id}
            asked |= {id_ for id_, _ in throwers(self.context, host, node.event.ref)}
            asked |= set() if sure else {id_ for id_, _ in steps_inside(self.context, host)}
        if node.event_sub:
            asked |= {
                id_
                for id_, (home, _) in self.context.home.items()
                if home.process.id == view.process.id
            }
        return frozenset(asked)

    def _before(self, facts: _Facts, view: ScopeView, node: Node, *, sure: bool) -> int:
        if node.kind == "startEvent":
            return self._at_start(facts, view, node, sure=sure)
        if node.kind == "boundaryEvent":
            return self._at_border(facts, view, node, sure=sure)
        if node.event_sub:
            return self._at_event_sub(facts, view, node, sure=sure)
        sources = [flow.source for flow in view.into[node.id] if flow.source in facts.behind]
        all_needed = sure and node.kind != "parallelGateway"
        unreached = _EVERYTHING if sure else 0
        return _met([facts.behind[id_] for id_ in sources], sure=all_needed, empty=unreached)

    def _at_start(self, facts: _Facts, view: ScopeView, node: Node, *, sure: bool) -> int:
        if view.owner is not None:
            return facts.before[view.owner.id] | self._inputs(view.owner)
        # one that waits for a message begins a case, never a call
        callers = () if node.event.kind == "message" else self.context.callers.get(view.process.id)
        calls = [facts.before[caller.id] | self._inputs(caller) for _, caller in callers or ()]
        written_any_time = 0 if sure else self._event_writes[view.process.id]
        return _met(calls, sure=sure, empty=0) | written_any_time

    def _at_border(self, facts: _Facts, view: ScopeView, node: Node, *, sure: bool) -> int:
        host = view.nodes[node.attached_to]
        before = facts.before[host.id]
        if node.event.kind == "error":
            within = throwers(self.context, host, node.event.ref)
            if thrown := list(self._thrown(facts, before, within)):
                return _met(thrown, sure=sure, empty=0)
        inside = (
            self._outside(before, facts.behind[id_], names)
            for id_, names in (() if sure else steps_inside(self.context, host))
        )
        return _met([before, *inside], sure=sure, empty=0)

    def _at_event_sub(self, facts: _Facts, view: ScopeView, node: Node, *, sure: bool) -> int:
        """Facts before an event sub-process, which can begin as soon as its scope has; one that
        waits for an error, when that is thrown.
        """
        starts = [facts.behind[n.id] for n in view.scope.nodes if n.kind == "startEvent"]
        if sure:
            began = _met(starts, sure=True, empty=0)
            codes = (
                start.event.ref
                for sub, start in event_subs(view.scope)
                if sub is node and start.event.kind == "error"
            )
            within = (each for code in codes for each in throwers_beside(self.context, view, code))
            return _met(self._thrown(facts, began, within), sure=True, empty=began)
        behind_all = [
            facts.behind[node.id]
            for other, node in self.context.nodes()
            if other.process.id == view.process.id
        ]
        return _met(behind_all, sure=False, empty=0)

    def _behind(self, facts: _Facts, node: Node, before: int, *, sure: bool) -> int:
        ends = self._ends[node.id]
        if ends and node.repeat is None:
            inside = _met([facts.behind[end] for end in ends], sure=sure, empty=before)
            before = self._outside(before, inside, held(self.context, node))
        return (before & ~self._takes[node.id] if sure else before) | self._adds[node.id]

    def _ends_of(self, node: Node) -> list[str]:
        """What a sub-process or a call goes on normally through: its end events, and event
        sub-processes that have interrupted it.
        """
        inside = self.context.inside(node)
        if inside is None:
            return []
        ends = [
            n.id for n in inside.scope.nodes if n.kind == "endEvent" and n.event.kind != "error"
        ]
        return ends + [sub.id for sub, start in event_subs(inside.scope) if start.interrupting]

    def _thrown(self, facts: _Facts, before: int, within: Iterable[Within]) -> Iterator[int]:
        """Facts known where an error is thrown, as they leave the scope that began with others."""
        for id_, names in within:
            _, node = self.context.home[id_]
            thrown = facts.behind[id_] if node.kind == "endEvent" else facts.before[id_]
            yield self._outside(before, thrown, names)

    def _inputs(self, node: Node) -> int:
        names = inputs_of(node)
        return self._mask("set", names) | self._mask("given", names)

    def _outside(self, before: int, inside: int, names: frozenset[str]) -> int:
        """Facts that leave a sub-process or a call: of what it holds those from before it."""
        kept = self._mask("set", names) | self._mask("given", names)
        return (inside & ~kept) | (before & kept)

    def _following(self, id_: str) -> tuple[str, ...]:
        """Places that a token may come to next, over scopes and calls."""
        if id_ not in self._follows:
            self._follows[id_] = tuple(self._places_behind(id_))
        return self._follows[id_]

    def _places_behind(self, id_: str) -> Iterator[str]:
        view, node = self.context.home[id_]
        inside = self.context.inside(node) if node.kind != "startEvent" else None
        if inside is not None:
            starts = (n for n in inside.scope.nodes if n.kind == "startEvent")
            yield from (n.id for n in starts if not node.calls or n.event.kind == "none")
        else:
            yield from (flow.target for flow in view.out[id_])
        yield from (border.id for border in view.borders[id_])
        if node.kind == "endEvent" and node.event.kind != "error":
            owners = (
                [(view.outer, view.owner)]
                if view.owner and view.outer
                else self.context.callers.get(view.process.id, ())
            )
            yield from (flow.target for outer, owner in owners for flow in outer.out[owner.id])


def throwers(context: LintContext, host: Node, code: str) -> tuple[Within, ...]:
    """Steps that can throw an error of that code, the host itself or any inside it.

    Nested boundary events that would catch it are ignored, which errs on the careful side.
    """
    topic = context.files.topics.get(host.topic)
    reports = topic is not None and (not code or code in topic.errors)
    own: tuple[Within, ...] = ((host.id, frozenset()),) if reports else ()
    inside = context.inside(host)
    if inside is None:
        return own
    thrown = once(
        context,
        ("throwers", inside.id, code),
        lambda: _thrown_by(context, inside.scope.nodes, code),
    )
    return (*own, *_held_too(context, host, thrown))


def throwers_beside(context: LintContext, view: ScopeView, code: str) -> tuple[Within, ...]:
    """Steps of a scope whose error of that code an event sub-process of it catches.

    What is thrown inside an event sub-process leaves the scope.
    """
    return _thrown_by(context, (node for node in view.scope.nodes if not node.event_sub), code)


def _thrown_by(context: LintContext, nodes: Iterable[Node], code: str) -> tuple[Within, ...]:
    ids: list[Within] = []
    for node in nodes:
        error_end = node.kind == "endEvent" and node.event.kind == "error"
        if error_end and code in {"", node.event.ref}:
            ids.append((node.id, frozenset()))
        elif node.topic or node.scope or node.calls:
            ids += throwers(context, node, code)
    return tuple(dict.fromkeys(ids))


def steps_inside(context: LintContext, host: Node) -> tuple[Within, ...]:
    """Every node inside a host, over all levels; none of a repetition, which keeps them."""
    inside = context.inside(host)
    if host.repeat is not None or inside is None:
        return ()
    nodes = inside.scope.nodes
    within: tuple[Within, ...] = once(
        context,
        ("nodes", inside.id),
        lambda: tuple(
            dict.fromkeys(
                each
                for node in nodes
                for each in ((node.id, frozenset()), *steps_inside(context, node))
            )
        ),
    )
    return _held_too(context, host, within)


def _held_too(context: LintContext, host: Node, within: tuple[Within, ...]) -> tuple[Within, ...]:
    """Steps inside a host with what it holds for itself, too."""
    names = held(context, host)
    return tuple((id_, names | inner) for id_, inner in within) if names else within


def _met(masks: Iterable[int], *, sure: bool, empty: int) -> int:
    """Join the facts of several ways: those of all ways if they must be sure, else of any."""
    met: int | None = None
    for mask in masks:
        met = mask if met is None else met & mask if sure else met | mask
    return empty if met is None else met
