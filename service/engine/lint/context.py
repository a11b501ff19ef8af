"""What every rule of the linter looks at: a release with its neighbourhoods worked out once, and
the way a rule speaks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeAlias, TypeVar

from lxml import etree

from service.engine.bpmn.elements import BPMN, GATEWAYS, line_of, properties
from service.engine.bpmn.messages import finding
from service.engine.bpmn.model import Lane, Model, Node, Process, Scope, SequenceFlow
from service.engine.bpmn.parser import ParseResult
from service.engine.dmn.evaluator import Decision
from service.engine.feel import Expression, FeelError, plain
from service.engine.feel.types import ANY, Type
from service.engine.lint.names import DeclaredNames, FeelText, declare, texts
from service.engine.types import Files, RoleFacts
from service.errors import Finding

ACTIVITIES = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "scriptTask",
        "callActivity",
        "subProcess",
    }
    | {"transaction", "adHocSubProcess"}
)
PEOPLE = frozenset({"userTask", "manualTask"})
JOBS = frozenset({"serviceTask", "sendTask"})
INSTANT = frozenset({"businessRuleTask", "scriptTask"})
JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
CHOOSES = frozenset({"exclusiveGateway", "inclusiveGateway"})


@dataclass(frozen=True, slots=True)
class ScopeView:
    """One scope with its neighbourhoods."""

    process: Process
    scope: Scope
    owner: Node | None
    """The sub-process that holds the scope; None at the top level."""
    outer: ScopeView | None
    depth: int
    nodes: Mapping[str, Node]
    """By id; the next three know every node, and every end of a flow."""
    into: Mapping[str, tuple[SequenceFlow, ...]]
    out: Mapping[str, tuple[SequenceFlow, ...]]
    borders: Mapping[str, tuple[Node, ...]]
    """Border events by the activity that carries them."""

    @property
    def id(self) -> str:
        return self.scope.id

    @property
    def label(self) -> str:
        return label(self.owner or self.process)


_Thing = TypeVar("_Thing")
Place: TypeAlias = "Node | Process | SequenceFlow | Lane"


@dataclass(frozen=True)
class LintContext:
    """One release under the linter's eyes."""

    files: Files
    reading: ParseResult
    declared: DeclaredNames
    seen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    today: date | None = None
    """For dates that have passed (D912); None leaves that check out."""

    @property
    def model(self) -> Model:
        return self.reading.model

    @property
    def trees(self) -> Mapping[str, etree._Element]:
        return self.reading.trees

    @property
    def types(self) -> Mapping[str, Type]:
        return self.declared.types

    @property
    def decisions(self) -> Mapping[str, Decision]:
        return self.declared.decisions

    @cached_property
    def expressions(self) -> tuple[tuple[FeelText, Expression | FeelError], ...]:
        """Every FEEL text of the release, parsed; what cannot be parsed, with the reason."""
        made: dict[tuple[str, tuple[str, ...]], Expression | FeelError] = {}
        found: list[tuple[FeelText, Expression | FeelError]] = []
        for process in self.model.processes.values():
            for text in texts(process):
                key = (text.text, text.local)
                if key not in made:
                    made[key] = self._parsed(text)
                found.append((text, made[key]))
        return tuple(found)

    @cached_property
    def reads(self) -> Mapping[str, frozenset[str]]:
        """Variables that each node or flow reads in its FEEL."""
        found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        for text, expression in self.expressions:
            if isinstance(expression, Expression):
                found[text.place.id] |= expression.reads - set(text.local)
        return found

    @cached_property
    def needed(self) -> Mapping[str, frozenset[str]]:
        """As `reads`, without what is asked while a place waits (`allowed_when`), which copes with
        empty values.
        """
        found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        for text, expression in self.expressions:
            if isinstance(expression, Expression) and text.which != "allowed_when":
                found[text.place.id] |= expression.reads - set(text.local)
        return found

    @cached_property
    def condition(self) -> Mapping[str, Expression | FeelError]:
        """Conditions by flow id."""
        return {
            text.place.id: expression
            for text, expression in self.expressions
            if text.which == "condition"
        }

    def _parsed(self, text: FeelText) -> Expression | FeelError:
        try:
            return Expression(
                text.text,
                {**self.types, **dict.fromkeys(text.local, ANY)} if text.local else self.types,
            )
        except FeelError as error:
            return error

    def constant_time(self, node: Node) -> str:
        """What a timer's FEEL gives when it reads nothing; empty when that is no text."""
        for text, expression in self.expressions:
            if (
                text.place is node
                and isinstance(expression, Expression)
                and not expression.reads
                and not expression.clock
            ):
                value = plain(expression.evaluate({}))
                return value if isinstance(value, str) else ""
        return ""

    def items_around(self, view: ScopeView) -> frozenset[str]:
        """Names of the items of all repetitions around a scope."""
        owner = view.owner
        if owner is None or view.outer is None:
            return frozenset()
        own = frozenset({owner.repeat.item}) if owner.repeat else frozenset()
        return own | self.items_around(view.outer)

    @cached_property
    def views(self) -> tuple[ScopeView, ...]:
        """All scopes, outer before inner, in the order of the files."""
        return tuple(
            view
            for process in self.model.processes.values()
            for view in _views(process, process.scope, None, None, 0)
        )

    @cached_property
    def view(self) -> Mapping[str, ScopeView]:
        """Scopes by id."""
        return {view.id: view for view in self.views}

    @cached_property
    def home(self) -> Mapping[str, tuple[ScopeView, Node]]:
        """Each node with its scope, by id."""
        return {node.id: (view, node) for view in self.views for node in view.scope.nodes}

    @cached_property
    def file_of(self) -> Mapping[str, str]:
        """File by id of a process, node or flow."""
        found: dict[str, str] = {}
        for view in self.views:
            found[view.process.id] = view.process.file
            places: tuple[Place, ...] = (*view.scope.nodes, *view.scope.flows, *view.scope.lanes)
            found |= {place.id: view.process.file for place in places}
        return found

    @cached_property
    def callers(self) -> Mapping[str, tuple[tuple[ScopeView, Node], ...]]:
        """Call activities by the process they call."""
        found: defaultdict[str, list[tuple[ScopeView, Node]]] = defaultdict(list)
        for view, node in self.nodes():
            if node.kind == "callActivity":
                found[node.calls].append((view, node))
        return {called: tuple(places) for called, places in found.items()}

    @cached_property
    def circles(self) -> tuple[tuple[ScopeView, Node], ...]:
        """Call activities by which a process comes back to itself; while there are any, no graph
        can be walked through.
        """
        return tuple(
            (view, node)
            for process, places in self.callers.items()
            for view, node in places
            if view.process.id in self._called_from(process)
        )

    def _called_from(self, process: str) -> set[str]:
        """All processes that a call leads to, itself included."""
        found: set[str] = set()
        todo = [process]
        while todo:
            here = todo.pop()
            if here not in found:
                found.add(here)
                todo += [
                    called
                    for called, places in self.callers.items()
                    if any(view.process.id == here for view, _ in places)
                ]
        return found

    @cached_property
    def role_of(self) -> Mapping[str, RoleFacts]:
        """Roles by the name of their lane, in any language, and by id."""
        named = {name: role for role in self.files.roles.values() for name in role.names.values()}
        return {**self.files.roles, **named}

    def nodes(self, *kinds: str) -> Iterator[tuple[ScopeView, Node]]:
        """Every node, of those kinds if any are named, with its scope."""
        for view in self.views:
            for node in view.scope.nodes:
                if not kinds or node.kind in kinds:
                    yield view, node

    def say(
        self,
        key: str,
        place: Place,
        facts: Mapping[str, object] | None = None,
        *,
        prop: str = "",
        fix: str = "",
    ) -> Finding:
        """A finding about a node, process, flow or lane; `{x}` is its label."""
        return finding(
            key,
            self.file_of.get(place.id, ""),
            place.id,
            {"x": label(place), **(facts or {})},
            line=place.line,
            prop=prop,
            fix=fix,
        )

    def point(
        self,
        key: str,
        file: str,
        element: etree._Element,
        facts: Mapping[str, object] | None = None,
        *,
        prop: str = "",
        fix: str = "",
    ) -> Finding:
        """Report a finding about an element of a file, or its nearest ancestor that has an id."""
        named: etree._Element | None = element
        while named is not None and not named.get("id"):
            named = named.getparent()
        id_ = "" if named is None else named.get("id", "")
        text = id_ if named is None else named.get("name") or id_
        return finding(
            key, file, id_, {"x": text, **(facts or {})}, line=line_of(element), prop=prop, fix=fix
        )

    def about_file(self, code: str, file: str, facts: Mapping[str, object]) -> Finding:
        """A finding about a file that has no elements."""
        return finding(code, file, "", facts)


Rule: TypeAlias = Callable[[LintContext], Iterable[Finding]]


def build_context(files: Files, reading: ParseResult, today: date | None = None) -> LintContext:
    """Make the ground for one release."""
    seen = {id_: codes for root in reading.trees.values() for id_, codes in _seen(root)}
    return LintContext(files, reading, declare(files, reading.model), seen, today)


def label(place: Place) -> str:
    """What people call a place: its drawn label, else its id."""
    if isinstance(place, Lane):
        return place.name or place.id
    return place.names.get("sv") or place.id


def joined(things: Iterable[str]) -> str:
    """A list for a sentence."""
    return ", ".join(things)


def is_gateway(node: Node) -> bool:
    return node.kind in GATEWAYS


def caught(
    context: LintContext,
    view: ScopeView,
    node: Node | None,
    kind: str,
    code: str,
    *,
    trail: frozenset[str] = frozenset(),
) -> bool:
    """Whether an error or escalation is taken on its way out: by the activity itself, by those
    around it, or by every call of the process.
    """
    if node is not None and any(_takes(border, kind, code) for border in view.borders[node.id]):
        return True
    if view.owner is not None and view.outer is not None:
        return caught(context, view.outer, view.owner, kind, code, trail=trail)
    calls = [
        (place, caller)
        for place, caller in context.callers.get(view.process.id, ())
        if caller.id not in trail
    ]
    return bool(calls) and all(
        caught(context, place, caller, kind, code, trail=trail | {caller.id})
        for place, caller in calls
    )


def _takes(border: Node, kind: str, code: str) -> bool:
    return border.event.kind == kind and border.event.ref in {"", code}


def _views(
    process: Process, scope: Scope, owner: Node | None, outer: ScopeView | None, depth: int
) -> Iterator[ScopeView]:
    nodes = {node.id: node for node in scope.nodes}
    known = {
        *nodes,
        *(node.attached_to for node in scope.nodes),
        *(end for flow in scope.flows for end in (flow.source, flow.target)),
    }
    into = _by_place(known, ((flow.target, flow) for flow in scope.flows))
    out = _by_place(known, ((flow.source, flow) for flow in scope.flows))
    borders = _by_place(
        known, ((node.attached_to, node) for node in scope.nodes if node.kind == "boundaryEvent")
    )
    view = ScopeView(process, scope, owner, outer, depth, nodes, into, out, borders)
    yield view
    for node in scope.nodes:
        if node.scope is not None:
            yield from _views(process, node.scope, node, view, depth + 1)


def _by_place(
    known: Iterable[str], found: Iterable[tuple[str, _Thing]]
) -> dict[str, tuple[_Thing, ...]]:
    lists: dict[str, list[_Thing]] = {id_: [] for id_ in known}
    for id_, thing in found:
        lists[id_].append(thing)
    return {id_: tuple(things) for id_, things in lists.items()}


def _seen(root: etree._Element) -> Iterator[tuple[str, frozenset[str]]]:
    for holder in root.iter(f"{BPMN}extensionElements"):
        owner = holder.getparent()
        if owner is not None and (codes := properties(owner).get("seen")):
            yield owner.get("id", ""), frozenset(code.strip() for code in codes.split(","))
