"""Descriptions of a diagram's elements in words, for the outline.

Of a step: its kind and name, who does it, with which form, until when, and what it waits for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.engine import Files, Node, Process, SequenceFlow
from service.forms import Form
from service.text import known, say

_LENGTH = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?",
    re.ASCII,
)
"""An ISO 8601 duration, its parts in the order of `_UNITS`."""
_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
_NAMED = frozenset({"message", "error", "escalation", "link"})
"""Kinds of events that refer to something by its name."""


@dataclass(frozen=True)
class ElementWords:
    """Descriptions of the elements of one process in one language."""

    files: Files
    forms: Mapping[str, Form]
    names: Mapping[str, Mapping[str, str]]
    """Names of all processes of the release, by id."""
    of: Process
    lang: str

    def say(self, key: str, **facts: object) -> str:
        """Fill in a sentence of the section `explain`."""
        return say(f"explain.{key}", self.lang, **facts)

    def process(self) -> str:
        """Describe the process in one line."""
        return self.say("process", name=self._named(self.of.names, self.of.id), id=self.of.id)

    def about_process(self) -> Iterator[str]:
        """Yield the process's plain words and its promises."""
        yield from self._plain(self.of.properties)
        yield from (
            self.say("promise", text=text)
            for name, text in sorted(self.of.properties.items())
            if name.startswith("promise.")
        )

    def name(self, node: Node) -> str:
        """Name a step, followed by its id, which tells two of one name apart."""
        label = self._named(node.names, "")
        return f"{label} [{node.id}]" if label else f"[{node.id}]"

    def step(self, node: Node) -> str:
        """Describe a step in one line: its kind and its name."""
        return f"{self._kind(node)}: {self.name(node)}"

    def way(self, node: Node, flow: SequenceFlow) -> str:
        """Describe when one of several flows out of a step is taken."""
        label = self._named(flow.names, "")
        name = f" {self.say('quoted', text=label)}" if label else ""
        if flow.condition:
            return self.say("if", name=name, condition=flow.condition)
        return self.say("else" if flow.id == node.default else "and", name=name)

    def details(self, node: Node) -> Iterator[str]:
        """Yield the further lines about a step."""
        yield from self._plain(node.properties)
        yield from self._who(node)
        yield from self._what(node)
        yield from self._when(node)
        yield from self._data(node)
        if node.repeat is not None:
            key = "one_by_one" if node.repeat.sequential else "all_at_once"
            yield self.say(
                key, item=node.repeat.item, collection=node.repeat.collection or node.repeat.count
            )

    # ---- parts of the details

    def _plain(self, properties: Mapping[str, str]) -> Iterator[str]:
        if plain := properties.get(f"plain.{self.lang}", ""):
            yield self.say("quoted", text=plain)

    def _who(self, node: Node) -> Iterator[str]:
        if node.kind in {"userTask", "manualTask"}:
            roles = (
                self.of.lanes.get(node.id, ""),
                *node.groups,
                *node.properties.get("roles", "").split(","),
            )
            named = dict.fromkeys(self._role(role.strip()) for role in roles if role.strip())
            yield self.say("who", roles=", ".join(named)) if named else self.say("nobody")
        if others := node.properties.get("not_same_person_as", ""):
            yield self.say("not_same", tasks=others)
        if allowed := node.properties.get("allowed_when", ""):
            yield self.say("allowed", condition=allowed.removeprefix("=").strip())

    def _what(self, node: Node) -> Iterator[str]:
        if node.form:
            form = self.forms.get(node.form)
            yield self.say(
                "form",
                id=node.form,
                title=form.say(form.title, self.lang) if form is not None else "–",
            )
        if node.topic:
            topic = self.files.topics.get(node.topic)
            yield self.say(
                "topic", topic=node.topic, summary=topic.summary if topic is not None else "–"
            )
        if node.decision:
            yield self.say("rule", id=node.decision, result=node.result)
        if node.script:
            yield self.say("script", text=node.script, result=node.result)
        if node.calls:
            yield self.say(
                "calls", id=node.calls, name=self._named(self.names.get(node.calls, {}), node.calls)
            )
        if node.event.kind in _NAMED and node.event.ref:
            yield self.say(node.event.kind, name=node.event.ref)

    def _when(self, node: Node) -> Iterator[str]:
        working = " " + self.say("working") if node.properties.get("days") == "working" else ""
        if node.event.kind == "timer":
            yield (
                self.say(f"timer_{node.event.ref or 'none'}", time=self._time(node.event.text))
                + working
            )
        if node.due:
            yield self.say("due", time=self._time(node.due)) + working
        if node.follow_up:
            yield self.say("follow_up", time=self._time(node.follow_up))

    def _data(self, node: Node) -> Iterator[str]:
        for key, pairs in (("input", node.inputs), ("output", node.outputs)):
            yield from (
                self.say(key, name=target, source=source.removeprefix("=").strip())
                for target, source in pairs
            )

    # ---- names and durations

    def _named(self, names: Mapping[str, str], otherwise: str) -> str:
        return names.get(self.lang) or names.get("sv") or otherwise

    def _role(self, role: str) -> str:
        facts = next(
            (r for r in self.files.roles.values() if role in {r.id, *r.names.values()}), None
        )
        return self._named(facts.names, role) if facts is not None else role

    def _kind(self, node: Node) -> str:
        if node.event_sub:
            return self.say("event_sub")
        if node.kind == "boundaryEvent":
            return self.say("border" if node.interrupting else "border_soft")
        key = f"element.{node.kind}"
        kind = say(key, self.lang) if known(key) else node.kind
        extra = f" ({self.say('terminate')})" if node.event.kind == "terminate" else ""
        return kind[:1].upper() + kind[1:] + extra

    def _time(self, text: str) -> str:
        return time_in_words(text, self.lang)


def time_in_words(text: str, lang: str) -> str:
    """Write out a duration or a cycle; any other text is returned as it is."""
    parts = text.split("/")
    length = _length(parts[-1], lang)
    if text.startswith("R") and length:
        count = parts[0].removeprefix("R")
        return (
            say("explain.times", lang, n=int(count), length=length)
            if count.isdecimal()
            else say("explain.again_and_again", lang, length=length)
        )
    return length or text.removeprefix("=").strip()


def _length(text: str, lang: str) -> str:
    found = _LENGTH.fullmatch(text)
    if found is None:
        return ""
    return " ".join(
        say(f"explain.unit.{unit}", lang, n=int(n))
        for unit, n in zip(_UNITS, found.groups(), strict=True)
        if n
    )
