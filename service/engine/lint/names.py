"""Names that a release declares, with their types, and the FEEL texts of its diagrams.

Each text is compiled once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from service.engine.bpmn.model import Model, Node, Process, SequenceFlow
from service.engine.dmn.evaluator import Decision
from service.engine.dmn.rule_files import RuleFiles
from service.engine.feel import Expression, FeelError
from service.engine.feel.types import (
    ANY,
    BOOLEAN,
    DATE,
    DURATION,
    LIST,
    MOMENT,
    MONTHS,
    NUMBER,
    STRING,
    TIME,
    Type,
    join,
)
from service.engine.types import Files
from service.errors import Finding

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KINDS: Mapping[str, Type] = {
    "boolean": BOOLEAN,
    "string": STRING,
    "number": NUMBER,
    "date": DATE,
    "time": TIME,
    "date and time": MOMENT,
    "duration": DURATION,
    "months": MONTHS,
    "list": LIST,
}


@dataclass(frozen=True, slots=True)
class DeclaredNames:
    """The variables of a release with their types, and its compiled decisions."""

    types: Mapping[str, Type]
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    """What is wrong in the rule files (R1xx, R2xx)."""


@dataclass(frozen=True, slots=True)
class FeelText:
    """A FEEL text of a diagram: where it is, which names it may read, and what it must give."""

    place: Node | SequenceFlow
    which: str
    """Words for the sentence: condition, mapping, due date, timer …"""
    text: str
    local: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    """Kinds that fit; empty when any does."""
    target: str = ""
    """What an output mapping writes with it; empty for every other text."""


def declare(files: Files, model: Model) -> DeclaredNames:
    """Collect every name that something in a release sets, with its type.

    Forms, handlers (`files.types`), `var.<name>` of processes, results of rules and of repetitions
    declare names.
    """
    types: dict[str, Type] = dict(files.types)
    for form in files.forms.values():
        for name, type_ in form.routing.items():
            types[name] = join(types[name], type_) if name in types else type_
    for process in model.processes.values():
        for property_, text in process.properties.items():
            declared = variable_type(text)
            if property_.startswith("var.") and declared is not None:
                types[property_.removeprefix("var.")] = declared
    return _with_results(files, model, types)


def _with_results(files: Files, model: Model, types: dict[str, Type]) -> DeclaredNames:
    """Add results of rules and scripts.

    They may read each other, so they have any type until all are read.
    """
    nodes = [node for process in model.processes.values() for _, node in process.scope.walk()]
    results = {
        node.result: node.decision
        for node in nodes
        if node.kind == "businessRuleTask" and node.result
    }
    scripts = {
        node.result: node.script for node in nodes if node.kind == "scriptTask" and node.result
    }
    lists = {node.repeat.into for node in nodes if node.repeat and node.repeat.into}
    open_results = dict.fromkeys((*results, *scripts), ANY)
    known = {**dict.fromkeys(lists, LIST), **open_results, **types}
    rules = _rule_files(tuple(files.rules.items()))
    decisions, findings = rules.compiled(known)
    for result, decision in results.items():
        if decision in decisions and result not in types:
            known[result] = decisions[decision].result_type
    if any(results.keys() & set(decision.reads) for decision in decisions.values()):
        decisions, findings = rules.compiled(known)
    for result, script in scripts.items():
        if result not in types and result not in results:
            known[result] = _type_of(script, known)
    return DeclaredNames(known, decisions, tuple(findings))


@lru_cache(maxsize=4)
def _rule_files(files: tuple[tuple[str, bytes], ...]) -> RuleFiles:
    """The rule files of a release: an editor asks for its findings after each change, and few
    changes are of rules; and what two releases have in common need not be held twice.
    """
    return RuleFiles(dict(files))


def _type_of(script: str, names: Mapping[str, Type]) -> Type:
    """The type of an expression; any when it is no FEEL, which D901 says."""
    try:
        return Expression(script, names).type
    except FeelError:
        return ANY


def variable_type(text: str) -> Type | None:
    """Read the type that `var.<name>` declares: `type`, or `type: a, b, c` with the allowed texts.

    None when it is no type.
    """
    kind, _, values = text.partition(":")
    declared = _KINDS.get(kind.strip())
    allowed = tuple(value.strip() for value in values.split(",") if value.strip())
    if declared is None or (allowed and declared.kind not in {"string", "list"}):
        return None
    return Type(declared.kind, allowed) if allowed else declared


def is_name(text: str) -> bool:
    """Whether a text is a name in FEEL."""
    return _NAME.fullmatch(text) is not None


BEFORE = "before"
"""The FEEL text of a task that gives what it has to be done before."""
_DUE = ("duration", "months", "date", "date and time")
_TIMER_KINDS = {
    "duration": ("duration", "months"),
    "date": ("date", "date and time"),
    "cycle": ("string",),
}


def texts(process: Process) -> Iterator[FeelText]:
    """Every FEEL text of a process, in the order of the file."""
    yield from _scope_texts(process.scope.nodes, process.scope.flows, ())


def _scope_texts(
    nodes: tuple[Node, ...], flows: tuple[SequenceFlow, ...], around: tuple[str, ...]
) -> Iterator[FeelText]:
    for node in nodes:
        inside = (*around, node.repeat.item) if node.repeat and node.repeat.item else around
        yield from _node_texts(node, around, inside)
        if node.scope is not None:
            yield from _scope_texts(node.scope.nodes, node.scope.flows, inside)
    for flow in flows:
        if flow.condition:
            yield FeelText(flow, "condition", flow.condition, around, ("boolean",))


def _date_texts(node: Node, inside: tuple[str, ...]) -> Iterator[FeelText]:
    """Dates of a task, and what it has to be done before."""
    for which, text in (("due date", node.due), ("follow-up date", node.follow_up)):
        if text.startswith("="):
            yield FeelText(node, which, text[1:], inside, _DUE)
    if before := node.properties.get("before", ""):
        yield FeelText(node, BEFORE, before.removeprefix("="), inside, ("date", "date and time"))


def _node_texts(node: Node, around: tuple[str, ...], inside: tuple[str, ...]) -> Iterator[FeelText]:
    if node.repeat is not None:
        markers = (
            ("input collection", node.repeat.collection, around, ("list",)),
            ("output element", node.repeat.output, inside, ()),
            ("completion condition", node.repeat.until, inside, ("boolean",)),
        )
        used = (marker for marker in markers if marker[1])
        yield from (FeelText(node, *marker) for marker in used)
    for which, pairs in (("input", node.inputs), ("output", node.outputs)):
        yield from (
            FeelText(
                node,
                f"{which} {target}",
                source[1:],
                inside,
                target=target if which == "output" else "",
            )
            for target, source in pairs
            if source.startswith("=")
        )
    if node.kind == "scriptTask" and node.script:
        yield FeelText(node, "script", node.script, inside)
    yield from _date_texts(node, inside)
    if node.event.kind == "timer" and node.event.text.startswith("="):
        kinds = _TIMER_KINDS.get(node.event.ref, ())
        yield FeelText(node, f"timer {node.event.ref}", node.event.text[1:], around, kinds)
    if allowed := node.properties.get("allowed_when", ""):
        yield FeelText(node, "allowed_when", allowed.removeprefix("="), around, ("boolean",))
