"""Definitions: one process of one release and all it calls, ready to run.

Linted when it is published, built once in each program, then shared by all threads and never
changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from service.engine.bpmn.model import Model, Node, Process, Scope
from service.engine.bpmn.parser import ParseResult, read_trees
from service.engine.bpmn.priorities import priorities
from service.engine.bpmn.sentences import finding
from service.engine.definition_digest import digest
from service.engine.dmn.evaluator import Decision
from service.engine.feel.types import Type
from service.engine.lint import judge
from service.engine.lint.analysis.reachability import MarkingNet, nets
from service.engine.lint.context import LintContext
from service.engine.lint.names import DeclaredNames, declare
from service.engine.lint.promises import Promise, read_promise
from service.engine.spiff.builder import build
from service.engine.spiff.workflow import ProcessSpec
from service.engine.timing.calendars import Calendar, read_calendars, zone
from service.engine.types import Element, Files, Flow, RoleFacts
from service.errors import BadDiagram

DEFAULT_CALENDAR = "sweden"
_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One process of one release and all it calls.

    Attributes:
        digest: of the executable model; two releases that differ in words, colours or shapes alone
            have equal digests.
        elements, flows: by id, in the order of the files, of the process and of all it calls.
        types: every routing name with its type.
        messages: name to the elements that can catch it, message starts of the process among them.
        starts: ids of the process's start events.
        roles: by id.
        names: of the processes and sub-processes, by id and language.
    """

    process: str
    digest: str
    spec: ProcessSpec
    scopes: Mapping[str, ProcessSpec]
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    types: Mapping[str, Type]
    decisions: Mapping[str, Decision]
    calendars: Mapping[str, Calendar]
    calendar: Calendar
    """The calendar that counts where no role's does."""
    roles: Mapping[str, RoleFacts]
    messages: Mapping[str, tuple[str, ...]]
    starts: tuple[str, ...]
    plain_start: str
    """The start event without a message; empty when there is none."""
    names: Mapping[str, Mapping[str, str]]
    nets: Mapping[str, MarkingNet]
    """Each scope as the search for bad ends sees it, for cases that move here."""
    stages: tuple[str, ...] = ()
    """The stages of the release, in their order."""
    promises: tuple[Promise, ...] = ()
    """What the process and all it calls promise, to be watched in every case."""


Definitions: TypeAlias = Mapping[str, Definition]


def read(files: Files) -> Definitions:
    """Lint and build a release: every process of it becomes a definition.

    Raises:
        BadDiagram: with all findings of severity E, those of rules and calendars included.
    """
    reading = read_trees(files)
    findings = judge(files, reading)
    if errors := tuple(found for found in findings if found.severity == "E"):
        raise BadDiagram(errors)
    return define(files, reading.model)


def build_published(files: Files) -> Definitions:
    """Build the definitions of a release that was published, without judging it again.

    Else a rule that a later version of the linter brings would stop the open cases of a release.

    Raises:
        BadDiagram: a file cannot be read (X101 to X105), a rule that a step asks is not there, or
            the builder fails (X124).
    """
    reading = read_trees(files)
    if reading.findings:
        raise BadDiagram(reading.findings)
    try:
        definitions = define(files, reading.model)
        _require_decisions(definitions.values())
    except Exception as fault:
        reason = f"{type(fault).__name__}: {fault}"
        raise BadDiagram((finding("X124", "", facts={"reason": reason}),)) from fault
    return definitions


def _require_decisions(definitions: Iterable[Definition]) -> None:
    """A step whose decision could not be compiled would only be noticed in the middle of a case."""
    for definition in definitions:
        for element in definition.elements.values():
            asks = element.kind == "businessRuleTask"
            if asks and element.decision not in definition.decisions:
                raise LookupError(f"{element.id} asks the rule {element.decision or '?'}")


def define(files: Files, model: Model) -> Definitions:
    """Build the definitions of a release that has been linted."""
    declared = declare(files, model)
    calendars = read_calendars(files.calendars)
    release = _Release(files, model, declared, calendars)
    return MappingProxyType({id_: release.definition(id_) for id_ in model.processes})


class _Release:
    """Builds the definitions of one release."""

    def __init__(
        self, files: Files, model: Model, declared: DeclaredNames, calendars: Mapping[str, Calendar]
    ) -> None:
        self.files = files
        self.model = model
        self.types = declared.types
        self.decisions = declared.decisions
        self.calendars = calendars
        self.nets = nets(LintContext(files, ParseResult(model), declared))
        self.stages = files.stages if files.stages is not None else _stages_of(model)
        self.role_of = {
            name: id_ for id_, role in files.roles.items() for name in (id_, *role.names.values())
        }
        self.specs = {
            id_: build(process.scope, self.types) for id_, process in model.processes.items()
        }

    def definition(self, id_: str) -> Definition:
        """One process and all it calls."""
        processes = [self.model.processes[name] for name in self._called(id_)]
        elements = {e.id: e for process in processes for e in self._elements(process)}
        flows = {flow.id: flow for process in processes for flow in _flows(process.scope)}
        scopes = {
            name: spec for process in processes for name, spec in self.specs[process.id].items()
        }
        starts = [node for node in processes[0].scope.nodes if node.kind == "startEvent"]
        return Definition(
            process=id_,
            digest=digest(self.files, processes, self.types, self.calendars, self._roles),
            spec=scopes[id_],
            scopes=MappingProxyType(scopes),
            elements=MappingProxyType(elements),
            flows=MappingProxyType(flows),
            types=MappingProxyType(dict(self.types)),
            decisions=MappingProxyType(dict(self.decisions)),
            calendars=MappingProxyType(dict(self.calendars)),
            calendar=self._calendar(),
            roles=MappingProxyType(dict(self.files.roles)),
            messages=MappingProxyType(_messages(elements.values())),
            starts=tuple(node.id for node in starts),
            plain_start=next((node.id for node in starts if node.event.kind == "none"), ""),
            names=MappingProxyType(dict(_names(processes))),
            nets=MappingProxyType({name: self.nets[name] for name in scopes}),
            stages=self.stages,
            promises=tuple(promise for process in processes for promise in _promises(process)),
        )

    def _called(self, id_: str) -> list[str]:
        """The process and all it calls, in the order in which they are met."""
        called, todo = list[str](), [id_]
        while todo:
            if (process := todo.pop(0)) not in called:
                called.append(process)
                nodes = self.model.processes[process].scope.walk()
                todo += [node.calls for _, node in nodes if node.calls]
        return called

    def _calendar(self) -> Calendar:
        """The calendar that counts where no role's does."""
        known = self.calendars
        first = next(iter(known.values()), Calendar(zone("Europe/Stockholm")))
        return known.get(DEFAULT_CALENDAR) or known.get("default") or first

    def _elements(self, process: Process) -> Iterator[Element]:
        event_subs: dict[str, Node] = {}
        urgent = priorities(process)
        for scope, node in process.scope.walk():
            if node.event_sub:
                event_subs[node.id] = node
            owner = event_subs.get(scope.id) if node.kind == "startEvent" else None
            kind, ref = node.event.kind, node.event.ref
            yield Element(
                id=node.id,
                kind=node.kind,
                process=process.id,
                scope=scope.id,
                # people know the start of an event sub-process by that
                names=node.names if node.names or owner is None else owner.names,
                roles=self._roles(process, node),
                form=node.form,
                topic=node.topic,
                headers=node.headers,
                decision=node.decision,
                result=node.result,
                calls=node.calls,
                message=ref if kind == "message" else "",
                error=ref if kind in {"error", "escalation"} else "",
                attached_to=node.attached_to,
                interrupting=node.interrupting,
                priority=urgent[node.id],
                properties=node.properties,
                documentation=node.documentation,
                incoming=tuple(f.id for f in scope.flows if f.target == node.id),
                outgoing=tuple(f.id for f in scope.flows if f.source == node.id),
            )

    def _roles(self, process: Process, node: Node) -> tuple[str, ...]:
        """The role of the lane, then the candidate groups, then the property `roles`; each once."""
        lane = process.lanes.get(node.id, "") or node.lane
        named = [
            lane,
            *node.groups,
            *(part.strip() for part in node.properties.get("roles", "").split(",")),
        ]
        return tuple(dict.fromkeys(self.role_of.get(name, name) for name in named if name))


def _stages_of(model: Model) -> tuple[str, ...]:
    """The stages that diagrams name, for a release that does not list its stages."""
    nodes = (node for process in model.processes.values() for _, node in process.scope.walk())
    return tuple(sorted({node.properties.get("stage", "") for node in nodes} - {""}))


def _flows(scope: Scope) -> Iterator[Flow]:
    """The flows of a scope and of all inside it; from a link to its other end none is drawn."""
    defaults = {node.default for node in scope.nodes}
    links = {node.id for node in scope.nodes if node.event.kind == "link"}
    for flow in scope.flows:
        if not (flow.source in links and flow.target in links):
            is_default = flow.id in defaults
            yield Flow(flow.id, flow.source, flow.target, flow.names, flow.condition, is_default)
    for node in scope.nodes:
        if node.scope is not None:
            yield from _flows(node.scope)


def _promises(process: Process) -> Iterator[Promise]:
    for name, text in process.properties.items():
        if name.startswith("promise.") and (promise := read_promise(text)) is not None:
            yield promise


def _messages(elements: Iterable[Element]) -> dict[str, tuple[str, ...]]:
    catching = defaultdict[str, list[str]](list)
    for element in elements:
        if element.message and element.kind in _CATCHING:
            catching[element.message].append(element.id)
    return {name: tuple(ids) for name, ids in catching.items()}


def _names(processes: list[Process]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for process in processes:
        yield process.id, process.names
        for _, node in process.scope.walk():
            if node.scope is not None:
                yield node.id, node.names
