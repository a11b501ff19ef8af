"""Who reads each answer of the shipped forms: rules, handlers, papers and tables, or a person at a
step whose page shows it.

What a person reads is said by `read_by` of the question: ids of steps at which somebody acts on an
answer that no rule reads, or a role where no step follows.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from lxml import etree

from service.access import (
    CLASSES,
    OF_HOLDER,
    OF_TASK,
    OWN_OFFICE,
    Grant,
    Resource,
    Sight,
    Viewer,
    can_see,
)
from service.application.shipped_files import shipped_bundle
from service.binding import Declaration
from service.casework.cases.consents import PLAIN
from service.engine.bpmn.model import Node
from service.engine.lint.scopes import ScopeView
from service.release.programme.grant_rules import GrantRule
from service.release.programme.task_page_rules import FILE as TASK_PAGES
from service.release.programme.task_page_rules import TaskPageRule, read_task_pages
from service.sandbox.handlers import declared
from service.settings import Settings
from tests.programme.world import World

Json: TypeAlias = Mapping[str, Any]

PERSON = "person"
TABLES = (
    ("process", "product"),
    ("parties", "product"),
    ("reminders", "product"),
    ("grants", "product"),
    ("report", "report"),
    ("referrals", "referral"),
    ("retention", "product"),
)
"""Files of the configuration that name answers, and what kind of reader each is."""
OF_INSTALLATION = ("grants.toml", "visibility.toml", "report.toml")
FEEL = ("required_when", "proposed", "if_empty", "not_before", "not_after", "currency", "hint_when")
NAMES_ANOTHER = frozenset(
    {"options.from", "rows.from", "zone", "money.of", "money.receipt", "rule.in", "shown_when"}
)
"""Properties that name another question."""
OF_ITSELF = ("hint_when", "offer_when", "must_be", "all_required", "headline", "money", "binds")
"""Properties by which something follows from an answer itself: a sentence, an offer, or a form that
cannot be sent."""
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHECK = re.compile(r"check(?:_\d)?|offer_when")
_UNASKED = frozenset({"expression", "text", "separator", "spacer"})


@dataclass(frozen=True)
class Question:
    """A question that is answered by a person, outermost or inside a list or group."""

    form: str
    path: tuple[str, ...]
    component: Json
    above: tuple[Json, ...]
    """What it stands in, from outside: the heading, then lists and groups."""

    @property
    def name(self) -> str:
        return f"{self.form}.{'.'.join(self.path)}"

    @cached_property
    def properties(self) -> dict[str, str]:
        """Its properties, with what it has of the list or group around it."""
        given = dict[str, str]()
        for holder in self.above[1:]:
            around = holder.get("properties", {})
            given |= {name: around[name] for name in ("class", "group") if name in around}
        own: dict[str, str] = self.component.get("properties", {})
        return given | own

    @property
    def read_by(self) -> tuple[str, ...]:
        """Ids of the steps, or roles, that it names."""
        text = self.component.get("properties", {}).get("read_by", "")
        return tuple(part.strip() for part in text.split(",") if part.strip())


def questions_of(form: Json) -> Iterator[Question]:
    """Every question of a form file that somebody types or chooses, in its order."""
    for component in form["components"]:
        if _holds(component) and "path" not in component:
            for inner in component["components"]:
                yield from _questions(form["id"], inner, (), (component,))
        else:
            yield from _questions(form["id"], component, (), ({},))


def _holds(component: Json) -> bool:
    return component["type"] in ("group", "dynamiclist")


def _questions(
    form: str, component: Json, path: tuple[str, ...], above: tuple[Json, ...]
) -> Iterator[Question]:
    if component["type"] in _UNASKED:
        return
    path = (*path, component.get("path") or component["key"])
    if _holds(component):
        for inner in component["components"]:
            yield from _questions(form, inner, path, (*above, component))
    else:
        yield Question(form, path, component, above)


def expressions_of(component: Json) -> Iterator[str]:
    """Every expression of a form's component, without those inside it."""
    for name, text in component.get("properties", {}).items():
        if name in FEEL or name in NAMES_ANOTHER or _CHECK.fullmatch(name):
            yield text
    yield component.get("conditional", {}).get("hide", "")
    if component["type"] == "expression":
        yield component.get("expression", "")


def words_of(feel: str) -> frozenset[str]:
    """The names in an expression; texts in it name nothing."""
    return frozenset(_WORD.findall(_TEXT.sub("", feel)))


def _all_components(holder: Json) -> Iterator[Json]:
    for component in holder.get("components", ()):
        yield component
        yield from _all_components(component)


@dataclass(frozen=True)
class Readers:
    """The readers of all answers of a release."""

    world: World
    files: Mapping[str, bytes]
    topics: Mapping[str, Declaration]

    @cached_property
    def forms(self) -> dict[str, Json]:
        """The form files by id."""
        found = (json.loads(self.files[n]) for n in sorted(self.files) if n.endswith(".form"))
        return {form["id"]: form for form in found}

    @cached_property
    def questions(self) -> list[Question]:
        """Every question of every form."""
        return [one for form in self.forms.values() for one in questions_of(form)]

    @cached_property
    def _whole(self) -> dict[str, set[str]]:
        """Key of an outermost question to the kinds of readers that take it as a whole."""
        found: dict[str, set[str]] = {}
        for name, content in self.files.items():
            if name.endswith(".typ"):
                for key in re.findall(r'"([A-Za-z]\w*)"', _header(content.decode())):
                    found.setdefault(key, set()).add("paper")
        for file, kind in TABLES:
            table = self.files[f"workflows/config/{file}.toml"].decode()
            for key in _texts_of(tomllib.loads(table)):
                found.setdefault(key, set()).add(kind)
        for topic in self.topics.values():
            for key in (*topic.reads, *topic.fields):
                found.setdefault(key.partition(".")[0], set()).add("handler")
        return found

    @cached_property
    def _ruled(self) -> list[tuple[str, frozenset[str]]]:
        """Expressions of diagrams and rules: kind, and the names in it."""
        found = []
        for name, content in self.files.items():
            if name.endswith((".bpmn", ".dmn")):
                kind = "diagram" if name.endswith(".bpmn") else "rule"
                found += [(kind, words_of(text)) for text in _feel_of(etree.fromstring(content))]
        return found

    @cached_property
    def _asked(self) -> dict[str, list[tuple[Json, frozenset[str]]]]:
        """Form to its components that have expressions, and the names in those."""
        return {
            id_: [
                (component, frozenset().union(*map(words_of, expressions_of(component))))
                for component in _all_components(form)
            ]
            for id_, form in self.forms.items()
        }

    def of(self, question: Question) -> set[str]:
        """Kinds of its readers: handler, paper, diagram, rule, form, itself and so on, or the ids
        of steps as `person Task_X`; empty for none.
        """
        outer, inner = question.path[0], question.path[-1]
        found = set(self._whole.get(outer, ()))
        names = {outer, inner}
        found |= {kind for kind, words in self._ruled if names <= words}
        for id_, components in self._asked.items():
            if id_ == question.form:
                others = [words for c, words in components if c is not question.component]
                found |= {"form" for words in others if inner in words}
            elif outer in self.forms[id_].get("x-uses", {}):
                found |= {"form" for _, words in components if names <= words}
        if any(name in question.properties for name in OF_ITSELF):
            found.add("itself")
        if inner == "noteToOffice":
            found.add("own office")
        if inner in PLAIN and any("consent" in _kind(holder) for holder in question.above[1:]):
            found.add("consent")
        if any("money" in holder.get("properties", {}) for holder in question.above[1:]):
            found.add("money")
        steps = {*question.read_by, *self._beside.get(outer, ())}
        found |= {f"{PERSON} {step}" for step in steps if self.shows(step, question)}
        return found

    def shows(self, step: str, question: Question) -> bool:
        """Whether the page of a step shows an answer: it comes after a step that asks it, another
        step does it, and some role of it may see the answer there.
        """
        return self.why_not(step, question) == ""

    def why_not(self, step: str, question: Question) -> str:
        """What keeps the page of a step from showing an answer; empty for nothing."""
        if step in self.world.matrix.letters:
            return self._why_not_role(step, question)
        if step not in self.world.flows.context.home:
            return f"there is no step {step}"
        node = self.world.node(step)
        if node.kind != "userTask":
            return f"{step} has no page"
        askers = self.world_steps.get(question.form, [])
        behind = [a for a in askers if self._comes_after(step, a.id)]
        if not behind:
            return f"{step} does not come after {', '.join(a.id for a in askers)}"
        for asker in behind:
            for stage in self._stages(step):
                if any(self._sees(role, stage, node, asker, question) for role in node.groups):
                    return ""
        return f"{', '.join(node.groups)} does not see {question.name} at {step}"

    def _why_not_role(self, role: str, question: Question) -> str:
        """What keeps a role from reading an answer on the page of the case, where no step follows
        at which it is read.
        """
        for asker in self.world_steps.get(question.form, []):
            for stage in self._stages(asker.id):
                if self._sees(role, stage, asker, asker, question):
                    return ""
        return f"{role} does not see {question.name}"

    @cached_property
    def _pages(self) -> Mapping[str, TaskPageRule]:
        """Form to what stands next to it."""
        return read_task_pages(self.files[f"workflows/config/{TASK_PAGES}"].decode())

    @cached_property
    def _beside(self) -> dict[str, set[str]]:
        """Key to the steps next to whose form its answer stands."""
        found: dict[str, set[str]] = {}
        for form, page in self._pages.items():
            checks = (key for check in page.checks for key in check.answers)
            for key in (*page.answers, *page.newest, *checks):
                found.setdefault(key, set()).update(n.id for n in self.world_steps.get(form, ()))
        return found

    @cached_property
    def world_steps(self) -> dict[str, list[Node]]:
        """Form to the steps and beginnings that show it."""
        found: dict[str, list[Node]] = {}
        for _, node in self.world.flows.context.home.values():
            if node.form:
                found.setdefault(node.form, []).append(node)
        return found

    @cached_property
    def _behind(self) -> dict[str, set[str]]:
        return {}

    def _comes_after(self, step: str, other: str) -> bool:
        """Whether a step may come after another: along the flows, or because one of them lies in a
        part that an event begins at any time; never in an earlier stage.
        """
        order = self.world.stages.index
        if max(map(order, self._stages(step))) < min(map(order, self._stages(other))):
            return False
        if other not in self._behind:
            borders = [
                border.id
                for view, node in self._with_around(other)
                for border in view.borders.get(node.id, ())
            ]
            begun = (self.world.reached(id_) | {id_} for id_ in borders)
            self._behind[other] = self.world.reached(other).union(*begun)
        return step in self._behind[other] or (
            step != other and (self._is_awaited(step) or self._is_awaited(other))
        )

    def _with_around(self, id_: str) -> Iterator[tuple[ScopeView, Node]]:
        """A step, and the sub-processes and calls around it, each with the scope it lies in."""
        yield self.world.flows.context.home[id_]
        yield from self._around(id_)

    def _around(self, id_: str) -> Iterator[tuple[ScopeView, Node]]:
        """The sub-processes and calls around a step, from inside, with the scope of each."""
        for outer, owner in self._next_around(self.world.flows.context.home[id_][0]):
            yield outer, owner
            yield from self._around(owner.id)

    def _next_around(self, view: ScopeView) -> Iterable[tuple[ScopeView, Node]]:
        if view.owner is not None and view.outer is not None:
            return [(view.outer, view.owner)]
        return self.world.flows.context.callers.get(view.process.id, ())

    def _is_awaited(self, id_: str) -> bool:
        return any(owner.event_sub for _, owner in self._around(id_))

    def _stages(self, id_: str) -> Collection[str]:
        """Stages in which a step may be open; all where a place around it names none."""
        view, node = self.world.flows.context.home[id_]
        if stage := node.properties.get("stage"):
            return {stage}
        around = [self._stages(owner.id) for _, owner in self._next_around(view)]
        return set(chain.from_iterable(around)) if around else self.world.stages

    def _sees(self, role: str, stage: str, node: Node, asker: Node, question: Question) -> bool:
        given = question.properties
        group = given.get("group", "")
        if group == OWN_OFFICE:
            return False
        by = next(iter(asker.groups), "ReferringPartner")
        resource = Resource(
            given.get("class", "C3"),
            question.path[0],
            group,
            f"office of {by}",
            headline=given.get("headline") == "yes",
        )
        grants = tuple(
            Grant(
                rule.rule,
                f"office of {role}",
                role,
                rule.classes,
                rule.groups,
                None,
                rule.own_only,
                rule.headline,
            )
            for rule in self.world.opens
            if rule.role == role and self._is_open(rule, node.id)
        ) + self._of_task(role, node)
        viewer = Viewer("person", f"office of {role}", frozenset({role}))
        parties = {role: f"office of {role}"}
        managers = frozenset({"person"})
        return can_see(
            self.world.matrix, viewer, Sight("case", stage, parties, grants, managers), resource
        ).ok

    def _of_task(self, role: str, node: Node) -> tuple[Grant, ...]:
        """What the open task itself opens: fields of its form, and what is opened next to it."""
        every, office = frozenset(CLASSES), f"office of {role}"
        form = self.forms.get(node.form)
        keys = frozenset(q.path[0] for q in questions_of(form)) if form else frozenset()
        opened = (Grant(OF_TASK, office, role, every, None, keys),) if form else ()
        page = self._pages.get(node.form)
        if page is None or not page.opens:
            return opened
        shown = frozenset((*page.answers, *page.newest))
        return (*opened, Grant(OF_HOLDER, office, role, every, None, shown, holder="person"))

    def _is_open(self, rule: GrantRule, step: str) -> bool:
        """Whether a grant may be open at a step: it has begun, and did not end with its element."""
        inside = step == rule.element or rule.element in {n.id for _, n in self._around(step)}
        ends = rule.until
        if inside:
            return True
        if ends is not None and (ends.element, ends.moment) == (rule.element, "left"):
            return False
        return self._comes_after(step, rule.element)


def _header(paper: str) -> str:
    """What a paper's comments at its top declare; the case in full reads no answer by name."""
    lines = [line for line in paper.splitlines() if line.startswith("//")]
    return "\n".join(lines)


def _texts_of(value: object) -> Iterator[str]:
    """Every name that a table has as a text, as a key, or in an expression."""
    if isinstance(value, str):
        yield from words_of(value) if " " in value and "(" in value else (value,)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("sv", "en", "classes", "groups"):
                yield key
                yield from _texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_of(inner)


def _feel_of(root: etree._Element) -> Iterator[str]:
    """Every expression of a diagram or a rule."""
    dmn = "DMN" in str(root.tag)
    for element in root.iter():
        text = (element.text or "").strip()
        if text.startswith("=") or (dmn and etree.QName(element).localname == "text"):
            yield text
        yield from (str(value) for value in element.attrib.values() if str(value).startswith("="))


def _kind(component: Json) -> str:
    given = component.get("properties", {})
    return f"{given.get('as', '')} {' '.join(given)}"


def shipped_readers() -> Readers:
    """The readers of what is shipped, with the installation's own tables."""
    bundle = shipped_bundle(Settings())
    config = Path(Settings().workflows_dir) / "config"
    tables = {n: (config / n).read_text(encoding="utf-8") for n in OF_INSTALLATION}
    world = World(bundle, tables["grants.toml"], tables["visibility.toml"])
    report = {"workflows/config/report.toml": tables["report.toml"].encode()}
    return Readers(world, {**bundle.files, **report}, declared())


if __name__ == "__main__":  # python -m tests.programme.readers: every question and who reads it
    shipped = shipped_readers()
    for question in shipped.questions:
        sys.stdout.write(f"{question.name}: {', '.join(sorted(shipped.of(question)))}\n")
