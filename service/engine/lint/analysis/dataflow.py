"""What has surely, and what has perhaps, happened before each place of a release: steps done and
variables set.

One fixpoint over all scopes and calls.

At a merge only what every way brings is sure; behind a parallel join all ways have been gone. A
border event knows what was known when its host began,
and an error event what was known where the error was thrown. Source: engine.md 3.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from service.engine.bpmn.model import Node
from service.engine.lint.context import LintContext
from service.engine.lint.scopes import ScopeView

_EVERYTHING = -1
"""All bits: what is sure at a place that no token has reached yet."""


@dataclass(frozen=True, slots=True)
class Writes:
    """Variables that one step writes for the whole case, and those among them that it always gives
    a value.
    """

    names: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Gone:
    """Facts before and behind each node, as bits."""

    before: dict[str, int] = field(default_factory=dict)
    behind: dict[str, int] = field(default_factory=dict)


class Dataflow:
    """The courses that a release's cases can take.

    `done`, `set` and `given` tell whether a step has surely been done, a variable surely been
    written, or surely holds a value before a place; `perhaps_set` whether it may have been written.
    """

    def __init__(self, context: LintContext) -> None:
        self.context = context
        self.writes: Mapping[str, Writes] = {
            node.id: writes_of(context, node) for _, node in context.nodes()
        }
        self._bits: dict[str, int] = {}
        self._adds = {node.id: self._added(node) for _, node in context.nodes()}
        self._takes = {
            id_: self._mask("given", w.names - w.given) for id_, w in self.writes.items()
        }
        self._beside = {p: self._set_beside(p) for p in context.model.processes}
        self._sure = self._settle(sure=True)
        self._maybe = self._settle(sure=False)

    # ---- questions

    def done(self, step: str, place: str) -> bool:
        """Has the step surely been done before the place?"""
        return self._has(self._sure, f"done {step}", place)

    def set(self, name: str, place: str) -> bool:
        """Has the variable surely been written before the place?"""
        return self._has(self._sure, f"set {name}", place)

    def given(self, name: str, place: str) -> bool:
        """Does the variable surely hold a value at the place?"""
        return self._has(self._sure, f"given {name}", place)

    def perhaps_set(self, name: str, place: str) -> bool:
        """May the variable have been written before the place?"""
        return self._has(self._maybe, f"set {name}", place)

    def way_around(self, avoided: Iterable[str], place: str) -> tuple[str, ...]:
        """The shortest way to a place on which none of the avoided steps is done; it may leave one
        by its border.

        Empty when there is none.
        """
        shunned = set(avoided)
        before: dict[str, str] = {}
        todo = [
            node.id
            for view, node in self.context.nodes("startEvent")
            if view.owner is None and not self.context.callers.get(view.process.id)
        ]
        seen = set(todo) - shunned
        todo = [id_ for id_ in todo if id_ in seen]
        for id_ in todo:  # grows while it is walked: breadth first
            if id_ == place:
                return _trail(before, id_)
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

    def _has(self, gone: _Gone, fact: str, place: str) -> bool:
        bit = self._bits.get(fact, 0)
        return bool(gone.before.get(place, 0) & bit)

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

    def _set_beside(self, process: str) -> int:
        """What event sub-processes may write at any time."""
        views = [
            v
            for v in self.context.views
            if v.process.id == process and v.owner is not None and v.owner.event_sub
        ]
        return self._mask(
            "set", (name for view in views for name in written_inside(self.context, view.scope.id))
        )

    def _settle(self, *, sure: bool) -> _Gone:
        gone = _Gone()
        start = _EVERYTHING if sure else 0
        places = list(
            self.context.home.values()
        )  # by id, so that a doubled id (D102) cannot keep this going for ever
        for _, node in places:
            gone.before[node.id] = gone.behind[node.id] = start
        changed = True
        while changed:
            changed = False
            for view, node in places:
                before = self._before(gone, view, node, sure=sure)
                behind = self._behind(gone, node, before, sure=sure)
                if before != gone.before[node.id] or behind != gone.behind[node.id]:
                    gone.before[node.id], gone.behind[node.id] = before, behind
                    changed = True
        return gone

    def _before(self, gone: _Gone, view: ScopeView, node: Node, *, sure: bool) -> int:
        if node.kind == "startEvent":
            return self._at_start(gone, view, sure=sure)
        if node.kind == "boundaryEvent":
            return self._at_border(gone, view, node, sure=sure)
        if node.event_sub:
            return self._beside_all(gone, view, sure=sure)
        flows = [
            gone.behind[flow.source] for flow in view.into[node.id] if flow.source in gone.behind
        ]
        return _met(
            flows, sure=sure and node.kind != "parallelGateway", empty=_EVERYTHING if sure else 0
        )

    def _at_start(self, gone: _Gone, view: ScopeView, *, sure: bool) -> int:
        if view.owner is not None:
            return gone.before[view.owner.id]
        calls = [
            gone.before[caller.id] for _, caller in self.context.callers.get(view.process.id, ())
        ]
        named_fields = 0 if sure else self._beside[view.process.id]
        return _met(calls, sure=sure, empty=0) | named_fields

    def _at_border(self, gone: _Gone, view: ScopeView, node: Node, *, sure: bool) -> int:
        host = view.nodes[node.attached_to]
        if node.event.kind == "error" and (
            thrown := list(self._thrown(gone, host, node.event.ref))
        ):
            return _met(thrown, sure=sure, empty=0)
        inside = [] if sure else [gone.behind[id_] for id_ in self._inside(host)]
        return _met([gone.before[host.id], *inside], sure=sure, empty=0)

    def _beside_all(self, gone: _Gone, view: ScopeView, *, sure: bool) -> int:
        """An event sub-process can begin as soon as the case has."""
        starts = [gone.behind[n.id] for n in view.scope.nodes if n.kind == "startEvent"]
        if sure:
            return _met(starts, sure=True, empty=0)
        return _met(
            [
                gone.behind[node.id]
                for place, node in self.context.nodes()
                if place.process.id == view.process.id
            ],
            sure=False,
            empty=0,
        )

    def _behind(self, gone: _Gone, node: Node, before: int, *, sure: bool) -> int:
        ends = self._ends(node)
        if ends and node.repeat is None:
            before = _met([gone.behind[end] for end in ends], sure=sure, empty=before)
        return (before & ~self._takes[node.id] if sure else before) | self._adds[node.id]

    def _ends(self, node: Node) -> list[str]:
        """Ends through which a sub-process or a call goes on normally."""
        inside = self.context.view.get(node.scope.id if node.scope else node.calls)
        if inside is None:
            return []
        return [
            n.id for n in inside.scope.nodes if n.kind == "endEvent" and n.event.kind != "error"
        ]

    def _thrown(self, gone: _Gone, host: Node, code: str) -> Iterator[int]:
        """What is known where an error of that code is thrown inside a host; nested catches are
        looked through, which is the careful side.
        """
        topic = self.context.files.topics.get(host.topic)
        if topic is not None and (not code or code in topic.errors):
            yield gone.before[host.id]
        inside = self.context.view.get(host.scope.id if host.scope else host.calls)
        for node in inside.scope.nodes if inside else ():
            if (
                node.kind == "endEvent"
                and node.event.kind == "error"
                and code in {"", node.event.ref}
            ):
                yield gone.behind[node.id]
            elif node.topic or node.scope or node.calls:
                yield from self._thrown(gone, node, code)

    def _inside(self, host: Node) -> list[str]:
        """Everything that runs inside a host, over all levels; nothing of a repetition, which keeps
        it for itself.
        """
        if host.repeat is not None:
            return []
        inside = self.context.view.get(host.scope.id if host.scope else host.calls)
        return (
            []
            if inside is None
            else [id_ for n in inside.scope.nodes for id_ in (n.id, *self._inside(n))]
        )

    def _following(self, id_: str) -> Iterator[str]:
        """Places that a token may come to next, over scopes and calls."""
        view, node = self.context.home[id_]
        inside = (
            self.context.view.get(node.scope.id if node.scope else node.calls)
            if node.kind != "startEvent"
            else None
        )
        if inside is not None:
            yield from (n.id for n in inside.scope.nodes if n.kind == "startEvent")
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


def writes_of(context: LintContext, node: Node) -> Writes:
    """What a step writes into the case's variables when it is done.

    Output mappings, if there are any, are all that is written; else a form's routing fields, a
    handler's answers, a rule's result. A repetition writes its output collection and nothing else.
    """
    if node.repeat is not None:
        into = frozenset({node.repeat.into}) if node.repeat.into else frozenset()
        return Writes(into, into)
    return own_writes(context, node)


def own_writes(context: LintContext, node: Node) -> Writes:
    """What a step writes in its own scope, a repetition's included."""
    if node.outputs:
        targets = frozenset(target for target, _ in node.outputs)
        return Writes(targets, targets)
    if node.kind == "businessRuleTask" and node.result:
        return Writes(frozenset({node.result}), frozenset({node.result}))
    topic = context.files.topics.get(node.topic) if node.topic else None
    if topic is not None:
        return Writes(frozenset(topic.answers), frozenset(topic.answers))
    form = context.files.forms.get(node.form) if node.form else None
    return Writes(frozenset(form.routing), frozenset(form.always)) if form is not None else Writes()


def written_inside(context: LintContext, scope: str) -> frozenset[str]:
    """Variables of the case that anything inside a scope can write, called processes included; none
    of them calls itself (`LintContext.circles`).
    """
    names: set[str] = set()
    for node in context.view[scope].scope.nodes:
        names |= writes_of(context, node).names
        inside = node.scope.id if node.scope else node.calls
        if inside and node.repeat is None:
            names |= written_inside(context, inside)
    return frozenset(names)


def _met(facts: Iterable[int], *, sure: bool, empty: int) -> int:
    """Join the facts of several ways: those of all ways if they must be sure, else of any."""
    met: int | None = None
    for fact in facts:
        met = fact if met is None else met & fact if sure else met | fact
    return empty if met is None else met


def _trail(before: Mapping[str, str], id_: str) -> tuple[str, ...]:
    way = [id_]
    while way[-1] in before:
        way.append(before[way[-1]])
    return tuple(reversed(way))
