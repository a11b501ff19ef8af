"""What a draft changes, told step by step and by class: words, forms, who does it, the way, the
code that is called.

Two bundles are compared by the ids of their elements, never by their text; a drawing that only
moved says so in one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from service.actions.releases.bundle import Bundle
from service.actions.releases.labels import localized_name
from service.actions.releases.prepared import ROLES, TYPES, files_of
from service.binding import Declaration
from service.engine import Node, Process, survey
from service.forms import Field, Form
from service.text import known, say

TEXT, FORM, WHO, ROUTE, CODE = "text", "form", "who", "route", "code"
NODE_PARTS: tuple[tuple[str, str, Callable[[Node], object]], ...] = (
    (WHO, "lane", lambda n: n.lane),
    (WHO, "groups", lambda n: n.groups),
    (WHO, "roles", lambda n: n.properties.get("roles", "")),
    (WHO, "four_eyes", lambda n: n.properties.get("not_same_person_as", "")),
    (WHO, "due", lambda n: n.due),
    (WHO, "follow_up", lambda n: n.follow_up),
    (WHO, "days", lambda n: n.properties.get("days", "")),
    (FORM, "form", lambda n: n.form),
    (ROUTE, "decision", lambda n: (n.decision, n.result)),
    (ROUTE, "calls", lambda n: n.calls),
    (
        ROUTE,
        "event",
        lambda n: (n.event.kind, n.event.ref, n.event.text, n.attached_to, n.interrupting),
    ),
    (ROUTE, "default", lambda n: n.default),
    (ROUTE, "repeat", lambda n: n.repeat),
    (CODE, "topic", lambda n: n.topic),
    (CODE, "inputs", lambda n: (n.inputs, n.outputs, n.retries)),
)
"""Class, word and value of each thing that a step says of itself."""
SHORT = frozenset({"lane", "groups", "roles", "due", "follow_up", "form", "calls", "topic"})
"""Values that a sentence can name as they are; of the others it says that they changed."""
OWN_WORDS = frozenset({"roles", "not_same_person_as", "days"})
"""Properties that are told above; the rest of them are words."""
FIELD_PARTS: tuple[tuple[str, Callable[[Field], object]], ...] = (
    (TEXT, lambda f: (f.label, f.help, tuple((o.value, o.label) for o in f.options))),
    (FORM, lambda f: (f.kind, f.required, f.multiple, f.limits, f.properties)),
)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """One difference: its class, a sentence, and where it is (element and file, as far as it has
    one).
    """

    kind: str
    text: str
    element: str = ""
    file: str = ""


def diff_bundles(
    before: Bundle, after: Bundle, topics: Mapping[str, Declaration], lang: str
) -> tuple[ReleaseChange, ...]:
    """The differences between two bundles, in the order of their files."""
    if before.digest == after.digest:
        return ()
    return tuple(_BundleDiff(before, after, topics, lang).all())


class _BundleDiff:
    """Two bundles side by side, told in one language."""

    def __init__(
        self, before: Bundle, after: Bundle, topics: Mapping[str, Declaration], lang: str
    ) -> None:
        self.before, self.after, self.lang = before, after, lang
        files, self.old_forms, _ = files_of(before, topics)
        changed, self.new_forms, _ = files_of(after, topics)
        self.old, self.new = survey(files), survey(changed)

    def all(self) -> Iterator[ReleaseChange]:
        """Everything; a file that changed in nothing that is told here is named at the end."""
        told = [*self.processes(), *self.forms(), *self.rules(), *self.tables()]
        yield from told
        named = {change.file for change in told}
        for file in sorted(self.before.files.keys() | self.after.files.keys()):
            if self.before.files.get(file) != self.after.files.get(file) and file not in named:
                key = "drawing" if file.endswith(".bpmn") else "file"
                yield self.say(TEXT if key == "drawing" else CODE, key, file=file, x=file)

    def say(
        self, kind: str, key: str, *, element: str = "", file: str = "", **words: object
    ) -> ReleaseChange:
        return ReleaseChange(kind, say(f"changes.{key}", self.lang, **words), element, file)

    def processes(self) -> Iterator[ReleaseChange]:
        """Processes, their steps and flows."""
        for id_, was, now in _pairs(self.old.model.processes, self.new.model.processes):
            one = now or was
            if one is None:
                continue
            file = f"workflows/{one.file}"
            name = localized_name(one.names, self.lang) or id_
            if was is None or now is None:
                yield self.say(
                    ROUTE, "process_new" if was is None else "process_gone", file=file, x=name
                )
                continue
            if (was.names, was.documentation, was.properties) != (
                now.names,
                now.documentation,
                now.properties,
            ):
                yield self.say(TEXT, "process_words", element=id_, file=file, x=name)
            yield from self.nodes(was, now, file)
            yield from self.flows(was, now, file)

    def nodes(self, was: Process, now: Process, file: str) -> Iterator[ReleaseChange]:
        """Steps that came, went, or say something else of themselves."""
        old, new = _nodes(was), _nodes(now)
        for id_, before, after in _pairs(old, new):
            if before is None and after is not None:
                yield self.say(ROUTE, "step_new", element=id_, file=file, x=self.node_name(after))
            elif after is None and before is not None:
                yield self.say(ROUTE, "step_gone", element=id_, file=file, x=self.node_name(before))
            elif before is not None and after is not None:
                yield from self.node(before, after, file)

    def node(self, before: Node, after: Node, file: str) -> Iterator[ReleaseChange]:
        name = self.node_name(after)
        where = {"element": after.id, "file": file}
        if before.kind != after.kind:
            yield self.say(
                ROUTE, "step_kind", **where, x=name, was=self.kind(before), now=self.kind(after)
            )
        for lang in sorted(before.names.keys() | after.names.keys()):
            if before.names.get(lang, "") != after.names.get(lang, ""):
                yield self.say(
                    TEXT,
                    "step_name",
                    **where,
                    was=before.names.get(lang, "–"),
                    now=after.names.get(lang, "–"),
                    tongue=lang,
                )
        if _words(before) != _words(after):
            yield self.say(TEXT, "step_words", **where, x=name)
        for kind, word, value in NODE_PARTS:
            if value(before) != value(after):
                yield self.part(kind, word, value(before), value(after), name, where)

    def part(
        self, kind: str, word: str, was: object, now: object, name: str, where: Mapping[str, str]
    ) -> ReleaseChange:
        what = say(f"changes.part_{word}", self.lang)
        if word in SHORT:
            return self.say(
                kind, "step_part", **where, x=name, part=what, was=_short(was), now=_short(now)
            )
        return self.say(kind, "step_other", **where, x=name, part=what)

    def flows(self, was: Process, now: Process, file: str) -> Iterator[ReleaseChange]:
        """Ways that came, went, lead elsewhere, or ask something else."""
        names = {**_nodes(was), **_nodes(now)}
        for id_, before, after in _pairs(
            {f.id: f for f in _flows(was)}, {f.id: f for f in _flows(now)}
        ):
            one = after or before
            if one is None:
                continue
            ends = {"a": self.end_name(names, one.source), "b": self.end_name(names, one.target)}
            if before is None or after is None:
                yield self.say(
                    ROUTE,
                    "flow_new" if before is None else "flow_gone",
                    element=id_,
                    file=file,
                    **ends,
                )
                continue
            if (before.source, before.target) != (after.source, after.target):
                yield self.say(ROUTE, "flow_moved", element=id_, file=file, **ends)
            if before.condition != after.condition:
                yield self.say(
                    ROUTE,
                    "flow_condition",
                    element=id_,
                    file=file,
                    **ends,
                    was=before.condition or "–",
                    now=after.condition or "–",
                )
            if before.names != after.names:
                yield self.say(
                    TEXT,
                    "flow_name",
                    element=id_,
                    file=file,
                    **ends,
                    was=localized_name(before.names, self.lang),
                    now=localized_name(after.names, self.lang),
                )

    def forms(self) -> Iterator[ReleaseChange]:
        """Fields that came, went or ask something else."""
        for id_, was, now in _pairs(self.old_forms, self.new_forms):
            file, form = f"forms/{id_}.form", now or was
            if form is None:
                continue
            title = form.say(form.title, self.lang) or id_
            if was is None or now is None:
                yield self.say(FORM, "form_new" if was is None else "form_gone", file=file, x=title)
            elif self.before.files.get(file) != self.after.files.get(file):
                yield from self.fields(was, now, title, file)

    def fields(self, was: Form, now: Form, title: str, file: str) -> Iterator[ReleaseChange]:
        for path, before, after in _pairs(dict(was.walk()), dict(now.walk())):
            if before is None and after is not None:
                yield self.say(
                    FORM,
                    "field_new",
                    element=path,
                    file=file,
                    x=title,
                    field=now.label(after, self.lang) or path,
                    klass=after.data_class,
                )
            elif after is None and before is not None:
                yield self.say(
                    FORM,
                    "field_gone",
                    element=path,
                    file=file,
                    x=title,
                    field=was.label(before, self.lang) or path,
                )
            elif before is not None and after is not None:
                for kind, value in FIELD_PARTS:
                    if value(before) != value(after):
                        key = "field_words" if kind == TEXT else "field_other"
                        yield self.say(
                            kind,
                            key,
                            element=path,
                            file=file,
                            x=title,
                            field=now.label(after, self.lang) or path,
                        )

    def rules(self) -> Iterator[ReleaseChange]:
        """Rules and their cells."""
        for id_, was, now in _pairs(self.old.tables, self.new.tables):
            one = now or was
            if one is None:
                continue
            file = f"workflows/{one.file}"
            if was is None or now is None:
                yield self.say(
                    ROUTE, "rule_new" if was is None else "rule_gone", file=file, x=one.name
                )
                continue
            rows = zip(
                _padded(was.rows, len(now.rows)), _padded(now.rows, len(was.rows)), strict=True
            )
            for number, (before, after) in enumerate(rows, 1):
                if (before and (before.cells, before.results)) != (
                    after and (after.cells, after.results)
                ):
                    yield self.say(
                        ROUTE,
                        "rule_row",
                        element=id_,
                        file=file,
                        x=one.name,
                        n=number,
                        was=_row(before),
                        now=_row(after),
                    )
            if (was.policy, was.inputs, was.outputs) != (now.policy, now.inputs, now.outputs):
                yield self.say(ROUTE, "rule_columns", element=id_, file=file, x=one.name)

    def tables(self) -> Iterator[ReleaseChange]:
        """Roles, routing names and calendars."""
        for file in sorted(self.before.files.keys() | self.after.files.keys()):
            if self.before.files.get(file) == self.after.files.get(file):
                continue
            if file in (ROLES, TYPES):
                yield self.say(WHO if file == ROLES else CODE, "table", file=file, x=file)
            elif file.startswith("workflows/calendars/"):
                yield self.say(
                    ROUTE,
                    "calendar",
                    file=file,
                    x=_calendar_name(self.after.files.get(file) or self.before.files[file], file),
                )

    def kind(self, node: Node) -> str:
        key = f"element.{node.kind}"
        return say(key, self.lang) if known(key) else node.kind

    def node_name(self, node: Node) -> str:
        """What people call a step; its kind where it has no name."""
        return localized_name(node.names, self.lang) or self.kind(node)

    def end_name(self, nodes: Mapping[str, Node], id_: str) -> str:
        return self.node_name(nodes[id_]) if id_ in nodes else id_


def _pairs(
    was: Mapping[str, Thing], now: Mapping[str, Thing]
) -> Iterator[tuple[str, Thing | None, Thing | None]]:
    """Every id of either side with what it is on each, in the order of the newer."""
    for id_ in dict.fromkeys([*now, *was]):
        yield id_, was.get(id_), now.get(id_)


def _nodes(process: Process) -> dict[str, Node]:
    return {node.id: node for _, node in process.scope.walk()}


def _flows(process: Process) -> Iterator[Any]:
    scopes = {process.scope.id: process.scope} | {
        node.scope.id: node.scope for _, node in process.scope.walk() if node.scope is not None
    }
    for scope in scopes.values():
        yield from scope.flows


def _words(node: Node) -> tuple[str, dict[str, str]]:
    """What a step tells beside its name."""
    return node.documentation, {
        name: value
        for name, value in node.properties.items()
        if name not in OWN_WORDS and not name.startswith("name.")
    }


def _short(value: object) -> str:
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or "–"


def _padded(rows: tuple[Thing, ...], length: int) -> list[Thing | None]:
    return [*rows, *[None] * (length - len(rows))]


def _row(row: Any) -> str:  # a drawn row, or nothing where the other side has one more
    return (
        " · ".join([*(cell or "–" for cell in row.cells), "→", *row.results])
        if row is not None
        else "–"
    )


def _calendar_name(content: bytes, file: str) -> str:
    try:
        told = json.loads(content)
    except ValueError:
        return file
    return str(told.get("name", file)) if isinstance(told, dict) else file
