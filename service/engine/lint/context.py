"""The context of the linter's rules: one release with what is derived from it, and how to report.

Each derived table is computed once, when the first rule asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import TypeAlias, TypeVar, cast

from lxml import etree

from service.engine.bpmn.elements import BPMN, ZEEBE, XmlElements, is_part, line_of, properties
from service.engine.bpmn.model import Model, Node, SequenceFlow
from service.engine.bpmn.parser import ParseResult
from service.engine.bpmn.sentences import finding
from service.engine.dmn.evaluator import Decision
from service.engine.feel import Expression, FeelError, bare, plain
from service.engine.feel.types import ANY, Type
from service.engine.lint.analysis.call_graph import CallGraph
from service.engine.lint.names import BEFORE, DeclaredNames, FeelText, declare, texts
from service.engine.lint.scopes import (
    Place,
    ScopeView,
    element_label,
    flow_label,
    label,
    scope_views,
)
from service.engine.types import Files, RoleFacts
from service.errors import Finding, Label, join_labels


@dataclass(frozen=True)
class LintContext:
    """One release, as the rules of the linter see it."""

    files: Files
    reading: ParseResult
    declared: DeclaredNames
    seen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    today: date | None = None
    """For dates that have passed (D912); None leaves that check out."""
    memo: dict[tuple[str, ...], object] = field(default_factory=dict, compare=False)
    """Cache of `once`."""

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
        """Every FEEL text of the release, compiled; a text that is no FEEL has its error."""
        compiled: dict[tuple[str, tuple[str, ...]], Expression | FeelError] = {}
        pairs: list[tuple[FeelText, Expression | FeelError]] = []
        for process in self.model.processes.values():
            for text in texts(process):
                key = (text.text, text.local)
                if key not in compiled:
                    compiled[key] = self._compiled(text)
                pairs.append((text, compiled[key]))
        return tuple(pairs)

    @cached_property
    def reads(self) -> Mapping[str, frozenset[str]]:
        """Variables that each node or flow reads in its FEEL."""
        return self._reads(lambda _text: True)

    @cached_property
    def needed(self) -> Mapping[str, frozenset[str]]:
        """As `reads`, without `allowed_when` and `before`, which cope with empty values.

        Nor are output mappings among it, which are asked when the step is done.
        """
        copes = {"allowed_when", BEFORE}
        return self._reads(lambda text: text.which not in copes and not text.target)

    def _reads(self, counts: Callable[[FeelText], bool]) -> Mapping[str, frozenset[str]]:
        names: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        for text, expression in self.expressions:
            if isinstance(expression, Expression) and counts(text):
                names[text.place.id] |= expression.reads - set(text.local)
        return names

    @cached_property
    def condition(self) -> Mapping[str, Expression | FeelError]:
        """Conditions by flow id."""
        return {
            text.place.id: expression
            for text, expression in self.expressions
            if text.which == "condition"
        }

    def _compiled(self, text: FeelText) -> Expression | FeelError:
        local = dict.fromkeys(text.local, ANY)
        try:
            return Expression(text.text, {**self.types, **local} if local else self.types)
        except FeelError as error:
            return error

    def constant_time(self, node: Node) -> str:
        """The text that a timer's FEEL gives without reading anything; empty when there is none."""
        for text, expression in self.expressions:
            if text.place is not node or not isinstance(expression, Expression):
                continue
            if not expression.reads and not expression.clock:
                value = bare(plain(expression.try_evaluate({})))
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
    def xml(self) -> XmlElements:
        """The XML elements of all files."""
        return XmlElements(self.trees)

    @cached_property
    def views(self) -> tuple[ScopeView, ...]:
        """All scopes, outer before inner, in the order of the files."""
        return tuple(
            view
            for process in self.model.processes.values()
            for view in scope_views(process, process.scope)
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
        files: dict[str, str] = {}
        for view in self.views:
            files[view.process.id] = view.process.file
            places: tuple[Place, ...] = (*view.scope.nodes, *view.scope.flows, *view.scope.lanes)
            files |= {place.id: view.process.file for place in places}
        return files

    @cached_property
    def call_graph(self) -> CallGraph:
        """Which process calls which."""
        return CallGraph(self.views)

    @property
    def callers(self) -> Mapping[str, tuple[tuple[ScopeView, Node], ...]]:
        """Call activities by the process they call."""
        return self.call_graph.callers

    def inside(self, node: Node) -> ScopeView | None:
        """The scope in a sub-process, or of the process that is called; None for a plain step."""
        if node.scope is not None:
            return self.view.get(node.scope.id)
        return self.view.get(node.calls) if node.calls else None

    @property
    def circles(self) -> tuple[tuple[ScopeView, Node], ...]:
        """Call activities by which a process calls itself; then no graph can be searched."""
        return self.call_graph.circles

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

    def report(
        self,
        key: str,
        place: Place,
        facts: Mapping[str, object] | None = None,
        *,
        prop: str = "",
        fix: str = "",
    ) -> Finding:
        """Report a finding about a node, process, flow or lane; `{x}` is its label."""
        return finding(
            key,
            self.file_of.get(place.id, ""),
            place.id,
            {"x": self.label(place), **(facts or {})},
            line=place.line,
            prop=prop,
            fix=fix,
        )

    def label(self, place: Place) -> Label:
        """The label of a place; a flow without a name is named by its ends."""
        if not isinstance(place, SequenceFlow):
            return label(place)
        return flow_label(place, {id_: node for id_, (_, node) in self.home.items()})

    def report_element(
        self,
        key: str,
        file: str,
        element: etree._Element,
        facts: Mapping[str, object] | None = None,
        *,
        prop: str = "",
        fix: str = "",
    ) -> Finding:
        """Report a finding about an element of a file, or the nearest around it that is drawn.

        Parts of an element, such as its timer, have ids that nobody has seen.
        """
        named: etree._Element | None = element
        while named is not None and (not named.get("id") or is_part(named)):
            named = named.getparent()
        id_ = "" if named is None else named.get("id", "")
        text = Label(id_) if named is None else element_label(named) or Label(id_)
        return finding(
            key, file, id_, {"x": text, **(facts or {})}, line=line_of(element), prop=prop, fix=fix
        )

    def report_file(self, code: str, file: str, facts: Mapping[str, object]) -> Finding:
        """Report a finding about a file that has no elements."""
        return finding(code, file, "", facts)


def near_fact(name: str, known: Iterable[str]) -> dict[str, object]:
    """The fact `near` of a finding about an unknown name: the known one that is most like it, which
    an editor offers in its place; nothing when none is much like it.
    """
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return {"near": tuple(near)} if near else {}


_Made = TypeVar("_Made")
Rule: TypeAlias = Callable[[LintContext], Iterable[Finding]]


def build_context(files: Files, reading: ParseResult, today: date | None = None) -> LintContext:
    """Build the context of the rules for one release."""
    seen = {id_: codes for root in reading.trees.values() for id_, codes in _seen(root)}
    return LintContext(files, reading, declare(files, reading.model), seen, today)


def joined(names: Iterable[str]) -> Label:
    """Names as a list in a sentence."""
    return join_labels(", ", names)


def once(
    context: LintContext,
    key: tuple[str, ...],
    make: Callable[[], _Made],
    meanwhile: _Made | None = None,
) -> _Made:
    """Work out something about a scope or process once for a context.

    A process may be called at many places, and so may those that it calls: without this the work
    would grow with the number of ways through all calls.

    Args:
        meanwhile: the answer while it is worked out; where two scopes bear one id (D102), one seems
            to lie in itself.
    """
    if key not in context.memo:
        if meanwhile is not None:
            context.memo[key] = meanwhile
        context.memo[key] = make()
    return cast("_Made", context.memo[key])


def _seen(root: etree._Element) -> Iterator[tuple[str, frozenset[str]]]:
    for pair in root.iterfind(f".//{ZEEBE}property[@name='seen']"):
        owner = next(pair.iterancestors(f"{BPMN}extensionElements"), pair).getparent()
        if owner is not None and (codes := properties(owner).get("seen")):
            yield owner.get("id", ""), frozenset(code.strip() for code in codes.split(","))
