"""The differences between two versions of a process: its own words, its steps with the handlers
that they call, and its flows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from service.engine import Model, Node, Process, SequenceFlow
from service.release.element_words import time_in_words
from service.workshop.comparison.release_changes import (
    CODE,
    CONFIG,
    FORM,
    NONE,
    ROUTE,
    TEXT,
    WHO,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
    rearranged,
    written,
)


def _property(name: str) -> Callable[[Node], object]:
    return lambda node: node.properties.get(name, "")


def _repeat(node: Node) -> object:
    if node.repeat is None:
        return ""
    order = "1, 2, 3" if node.repeat.sequential else "1 + 2 + 3"
    parts = (node.repeat.collection or node.repeat.count, node.repeat.item, node.repeat.into)
    return (order, *parts, node.repeat.output, node.repeat.until)


NODE_PARTS: tuple[tuple[str, str, Callable[[Node], object]], ...] = (
    (WHO, "lane", lambda n: n.lane),
    (WHO, "groups", lambda n: n.groups),
    (WHO, "roles", _property("roles")),
    (WHO, "four_eyes", _property("not_same_person_as")),
    (WHO, "due", lambda n: n.due),
    (WHO, "follow_up", lambda n: n.follow_up),
    (WHO, "priority", lambda n: n.priority or n.properties.get("priority", "")),
    (WHO, "days", _property("days")),
    (WHO, "before", _property("before")),
    (WHO, "stage", _property("stage")),
    (FORM, "form", lambda n: n.form),
    (ROUTE, "allowed_when", _property("allowed_when")),
    (ROUTE, "missed", _property("missed")),
    (ROUTE, "zone", _property("zone")),
    (ROUTE, "decision", lambda n: n.decision),
    (ROUTE, "decision_result", lambda n: "" if n.script else n.result),
    (ROUTE, "script", lambda n: (n.script, n.result) if n.script else ""),
    (ROUTE, "calls", lambda n: n.calls),
    (ROUTE, "event", lambda n: (n.event.kind, n.event.ref)),
    (ROUTE, "timer", lambda n: n.event.text),
    (ROUTE, "attached", lambda n: n.attached_to),
    (ROUTE, "interrupting", lambda n: n.interrupting),
    (ROUTE, "default", lambda n: n.default),
    (ROUTE, "repeat", _repeat),
    (ROUTE, "event_sub", lambda n: n.event_sub),
    (CODE, "topic", lambda n: n.topic),
    (CODE, "inputs", lambda n: tuple(f"{name}: {feel}" for name, feel in n.inputs)),
    (CODE, "outputs", lambda n: tuple(f"{name}: {feel}" for name, feel in n.outputs)),
    (CODE, "retries", lambda n: n.retries),
    (CODE, "headers", lambda n: tuple(f"{k}: {v}" for k, v in sorted(n.headers.items()))),
)
"""Class, name and value of each part of a step that is compared by itself."""
TIMES = frozenset({"due", "follow_up", "timer"})
"""Parts that hold a length of time."""
STEPS = frozenset({"four_eyes", "attached"})
"""Parts that hold ids of other steps."""
DONE_BY = ("Task", "task", "startEvent", "callActivity", "ubProcess")
"""Endings of the kinds of steps that a role answers for; all other elements are only drawn in its
lane."""
COMPARED_ALONE = frozenset(
    {
        "roles",
        "not_same_person_as",
        "priority",
        "days",
        "before",
        "stage",
        "allowed_when",
        "missed",
        "zone",
    }
)
"""Diagram properties that `NODE_PARTS` compares; every other one is words, and compared as such."""
SETTINGS = ("promise.", "var.")
"""Families of properties of a process that are settings, not words: promises and variables."""


def diff_process(
    before: Process, after: Process, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Yield the differences between two versions of a process."""
    place = Place(after.id, file)
    name = texts.name(after.names, after.id)
    yield from _names(before.names, after.names, place, texts)
    yield from _words(before, after, place, name, texts)
    ends = {**_nodes(before), **_nodes(after)}
    for id_, old, new in pairs(_nodes(before), _nodes(after)):
        node_place = Place(id_, file)
        if old is not None and new is not None:
            yield from _NodeDiff(old, new, node_place, texts, ends, (before, after)).changes()
        elif new is not None:
            yield texts.change(ROUTE, "step_new", node_place, x=texts.node_name(new))
        elif old is not None:
            yield texts.change(ROUTE, "step_gone", node_place, x=texts.node_name(old))
    yield from _diff_flows(before, after, file, texts, ends)


def diff_handlers(
    before: Mapping[str, str], after: Mapping[str, str], model: Model, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Yield one sentence for each step of the newer side whose handler's code changed.

    Digests of different kinds cannot be compared (`releases.handler_digests`), and say nothing.

    Args:
        before, after: topic to the digest of its handler.
    """
    changed = {
        topic
        for topic, digest in after.items()
        if topic in before and _kind(before[topic]) == _kind(digest) and before[topic] != digest
    }
    for process in model.processes.values():
        for _, node in process.scope.walk():
            if node.topic in changed:
                place = Place(node.id, f"workflows/{process.file}")
                facts = {"x": texts.node_name(node), "topic": node.topic}
                yield texts.change(CODE, "handler", place, **facts)


def _names(
    before: Mapping[str, str], after: Mapping[str, str], place: Place, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Names that changed, language by language."""
    for lang in sorted(before.keys() | after.keys()):
        if before.get(lang, "") != after.get(lang, ""):
            names = {"was": before.get(lang, NONE), "now": after.get(lang, NONE)}
            yield texts.change(TEXT, "step_name", place, **names, tongue=lang)


def _words(
    before: Node | Process, after: Node | Process, place: Place, name: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Properties and documentation of a step or a process that differ, one by one."""
    for key, was, now in pairs(_said(before), _said(after)):
        if was == now:
            continue
        kind = CONFIG if key.startswith(SETTINGS) else TEXT
        part = texts.word(f"words_{key.partition('.')[0]}", key)
        _, _, tongue = key.partition(".")
        facts = {"x": name, "part": f"{part} ({tongue})" if tongue else part}
        yield texts.change(kind, "step_words", place, **facts).with_values(was or "", now or "")


def _said(place: Node | Process) -> dict[str, str]:
    words = {
        name: value
        for name, value in place.properties.items()
        if name not in COMPARED_ALONE and not name.startswith("name.")
    }
    return {**words, "documentation": place.documentation} if place.documentation else words


@dataclass(frozen=True, slots=True)
class _NodeDiff:
    """Two versions of a step; `steps` are all of both sides, `of` the two processes."""

    before: Node
    after: Node
    place: Place
    texts: ChangeTexts
    steps: Mapping[str, Node]
    of: tuple[Process, Process]

    def changes(self) -> Iterator[ReleaseChange]:
        name, texts = self.texts.node_name(self.after), self.texts
        if self.before.kind != self.after.kind:
            kinds = {"was": texts.kind(self.before), "now": texts.kind(self.after)}
            yield texts.change(ROUTE, "step_kind", self.place, x=name, **kinds)
        yield from _names(self.before.names, self.after.names, self.place, texts)
        yield from _words(self.before, self.after, self.place, name, texts)
        for kind, part, value in NODE_PARTS:
            old = value(self.before)
            new = value(self.after)
            if old != new:
                drawn = part == "lane" and not self.after.kind.endswith(DONE_BY)
                yield self._part(TEXT if drawn else kind, part, old, new)
        yield from self._order(name)

    def _order(self, name: str) -> Iterator[ReleaseChange]:
        """Another order of the ways out of a gateway: the first that fits in the file is taken."""
        if self.after.kind != "exclusiveGateway":
            return
        old, new = (
            [flow.id for flow in _flows(side).values() if flow.source == self.after.id]
            for side in self.of
        )
        if rearranged(old, new):
            ways = [", ".join(self._end(flow) for flow in flows) for flows in (old, new)]
            yield self.texts.change(ROUTE, "ways_order", self.place, x=name).with_values(*ways)

    def _part(self, kind: str, part: str, before: object, after: object) -> ReleaseChange:
        values = {"was": self._value(part, before), "now": self._value(part, after)}
        facts = {"x": self.texts.node_name(self.after), "part": self.texts.part(part)}
        return self.texts.change(kind, "step_part", self.place, **facts, **values)

    def _value(self, part: str, value: object) -> str:
        """The value of a part, in words where there are some."""
        if part in TIMES:
            return time_in_words(str(value), self.texts.lang) or NONE
        if part == "default":
            return self._end(str(value)) if value else NONE
        if isinstance(value, bool):
            return self.texts.word(f"yes_{value}".lower(), str(value))
        if part in STEPS:
            ids = [id_.strip() for id_ in str(value).split(",")]
            named = (self.texts.node_name(self.steps[i]) if i in self.steps else i for i in ids)
            return written(list(named))
        names = self.texts.names.get(part, {})
        if part == "roles":
            value = tuple(role.strip() for role in str(value).split(",") if role.strip())
        items = value if isinstance(value, tuple) else (value,)
        return written([names.get(str(item), item) for item in items if item != ""])

    def _end(self, flow: str) -> str:
        """The step that a way leads to."""
        for side in reversed(self.of):
            found = _flows(side).get(flow)
            if found is not None and found.target in self.steps:
                return self.texts.node_name(self.steps[found.target])
        return flow


def _diff_flows(
    before: Process, after: Process, file: str, texts: ChangeTexts, nodes: Mapping[str, Node]
) -> Iterator[ReleaseChange]:
    """Flows that came, went, lead elsewhere, or have another condition."""

    def named(flow: SequenceFlow) -> tuple[str, str]:
        start, end = (
            texts.node_name(nodes[id_]) if id_ in nodes else id_
            for id_ in (flow.source, flow.target)
        )
        return start, end

    for id_, old, new in pairs(_flows(before), _flows(after)):
        flow, place = new or old, Place(id_, file)
        if flow is None:
            continue
        a, b = named(flow)
        if old is None or new is None:
            key = "flow_new" if old is None else "flow_gone"
            change = texts.change(ROUTE, key, place, a=a, b=b)
            yield change.with_values(*_conditions(old, new)) if flow.condition else change
            continue
        if (old.source, old.target) != (new.source, new.target):
            yield texts.change(ROUTE, "flow_moved", place, a=a, b=b, was=" → ".join(named(old)))
        yield from _diff_flow(old, new, place, (a, b), texts)


def _diff_flow(
    old: SequenceFlow, new: SequenceFlow, place: Place, ends: tuple[str, str], texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Another condition of a flow, and other names."""
    facts = dict(zip("ab", ends, strict=True))
    if old.condition != new.condition:
        was, now = _conditions(old, new)
        yield texts.change(ROUTE, "flow_condition", place, **facts, was=was, now=now)
    for lang, was_name, now_name in pairs(old.names, new.names):
        if was_name != now_name:
            names = {"was": was_name or NONE, "now": now_name or NONE}
            yield texts.change(TEXT, "flow_name", place, **facts, **names, tongue=lang)


def _conditions(old: SequenceFlow | None, new: SequenceFlow | None) -> tuple[str, str]:
    was, now = (flow.condition if flow is not None else "" for flow in (old, new))
    return was or NONE, now or NONE


def _nodes(process: Process) -> dict[str, Node]:
    return {node.id: node for _, node in process.scope.walk()}


def _flows(process: Process) -> dict[str, SequenceFlow]:
    inner = [node.scope for _, node in process.scope.walk() if node.scope is not None]
    scopes = {scope.id: scope for scope in (process.scope, *inner)}
    return {flow.id: flow for scope in scopes.values() for flow in scope.flows}


def _kind(digest: str) -> str:
    return digest.rpartition(":")[0]
