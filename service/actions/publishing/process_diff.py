"""The differences between two versions of a process: its own words, its steps and its flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.actions.publishing.release_changes import (
    CODE,
    FORM,
    NONE,
    ROUTE,
    TEXT,
    WHO,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
)
from service.engine import Node, Process, SequenceFlow


def _event_facts(node: Node) -> tuple[object, ...]:
    event = node.event
    return event.kind, event.ref, event.text, node.attached_to, node.interrupting


NODE_PARTS: tuple[tuple[str, str, Callable[[Node], object]], ...] = (
    (WHO, "lane", lambda n: n.lane),
    (WHO, "groups", lambda n: n.groups),
    (WHO, "roles", lambda n: n.properties.get("roles", "")),
    (WHO, "four_eyes", lambda n: n.properties.get("not_same_person_as", "")),
    (WHO, "due", lambda n: n.due),
    (WHO, "follow_up", lambda n: n.follow_up),
    (WHO, "priority", lambda n: n.priority or n.properties.get("priority", "")),
    (WHO, "days", lambda n: n.properties.get("days", "")),
    (FORM, "form", lambda n: n.form),
    (ROUTE, "decision", lambda n: (n.decision, "" if n.script else n.result)),
    (ROUTE, "script", lambda n: (n.script, n.result if n.script else "")),
    (ROUTE, "calls", lambda n: n.calls),
    (ROUTE, "event", _event_facts),
    (ROUTE, "default", lambda n: n.default),
    (ROUTE, "repeat", lambda n: n.repeat),
    (CODE, "topic", lambda n: n.topic),
    (CODE, "inputs", lambda n: (n.inputs, n.outputs, n.retries)),
)
"""Class, name and value of each property of a step that is compared by itself."""
SHORT = frozenset({"lane", "groups", "roles", "due", "follow_up", "form", "calls", "topic"})
"""Properties whose values a sentence can name; of the others it says that they changed."""
COMPARED_ALONE = frozenset({"roles", "not_same_person_as", "days", "priority"})
"""Diagram properties that `NODE_PARTS` compares; all others count as words."""


def diff_process(
    before: Process, after: Process, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Yield the differences between two versions of a process."""
    if _process_words(before) != _process_words(after):
        name = texts.name(after.names, after.id)
        yield texts.change(TEXT, "process_words", Place(after.id, file), x=name)
    yield from _diff_nodes(before, after, file, texts)
    yield from _diff_flows(before, after, file, texts)


def _process_words(process: Process) -> tuple[object, ...]:
    return process.names, process.documentation, process.properties


def _diff_nodes(
    before: Process, after: Process, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Steps that came, went, or changed."""
    for id_, old, new in pairs(_nodes(before), _nodes(after)):
        place = Place(id_, file)
        if old is not None and new is not None:
            yield from _NodeDiff(old, new, place, texts).changes()
        elif new is not None:
            yield texts.change(ROUTE, "step_new", place, x=texts.node_name(new))
        elif old is not None:
            yield texts.change(ROUTE, "step_gone", place, x=texts.node_name(old))


@dataclass(frozen=True, slots=True)
class _NodeDiff:
    """Two versions of a step."""

    before: Node
    after: Node
    place: Place
    texts: ChangeTexts

    def changes(self) -> Iterator[ReleaseChange]:
        name, texts = self.texts.node_name(self.after), self.texts
        if self.before.kind != self.after.kind:
            kinds = {"was": texts.kind(self.before), "now": texts.kind(self.after)}
            yield texts.change(ROUTE, "step_kind", self.place, x=name, **kinds)
        yield from self._names()
        if _node_words(self.before) != _node_words(self.after):
            yield texts.change(TEXT, "step_words", self.place, x=name)
        for kind, part, value in NODE_PARTS:
            old, new = value(self.before), value(self.after)
            if old != new:
                yield self._part(kind, part, old, new)

    def _names(self) -> Iterator[ReleaseChange]:
        """Names that changed, one by one language."""
        before, after = self.before.names, self.after.names
        for lang in sorted(before.keys() | after.keys()):
            if before.get(lang, "") != after.get(lang, ""):
                names = {"was": before.get(lang, NONE), "now": after.get(lang, NONE)}
                yield self.texts.change(TEXT, "step_name", self.place, **names, tongue=lang)

    def _part(self, kind: str, part: str, before: object, after: object) -> ReleaseChange:
        facts: dict[str, str] = {
            "x": self.texts.node_name(self.after),
            "part": self.texts.part(part),
        }
        if part not in SHORT:
            return self.texts.change(kind, "step_other", self.place, **facts)
        values = {"was": _short(before), "now": _short(after)}
        return self.texts.change(kind, "step_part", self.place, **facts, **values)


def _diff_flows(
    before: Process, after: Process, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Flows that came, went, lead elsewhere, or have another condition."""
    nodes = {**_nodes(before), **_nodes(after)}
    for id_, old, new in pairs(_flows(before), _flows(after)):
        flow, place = new or old, Place(id_, file)
        if flow is None:
            continue
        a, b = (
            texts.node_name(nodes[end]) if end in nodes else end
            for end in (flow.source, flow.target)
        )
        if old is None or new is None:
            key = "flow_new" if old is None else "flow_gone"
            yield texts.change(ROUTE, key, place, a=a, b=b)
            continue
        if (old.source, old.target) != (new.source, new.target):
            yield texts.change(ROUTE, "flow_moved", place, a=a, b=b)
        if old.condition != new.condition:
            conditions = {"was": old.condition or NONE, "now": new.condition or NONE}
            yield texts.change(ROUTE, "flow_condition", place, a=a, b=b, **conditions)
        if old.names != new.names:
            names = {"was": texts.name(old.names, ""), "now": texts.name(new.names, "")}
            yield texts.change(TEXT, "flow_name", place, a=a, b=b, **names)


def _nodes(process: Process) -> dict[str, Node]:
    return {node.id: node for _, node in process.scope.walk()}


def _flows(process: Process) -> dict[str, SequenceFlow]:
    inner = [node.scope for _, node in process.scope.walk() if node.scope is not None]
    scopes = {scope.id: scope for scope in (process.scope, *inner)}
    return {flow.id: flow for scope in scopes.values() for flow in scope.flows}


def _node_words(node: Node) -> tuple[str, dict[str, str]]:
    """What a step says of itself besides its name and the properties compared alone."""
    return node.documentation, {
        name: value
        for name, value in node.properties.items()
        if name not in COMPARED_ALONE and not name.startswith("name.")
    }


def _short(value: object) -> str:
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or NONE
