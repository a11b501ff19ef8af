"""Data flow of one side, a release or a draft: where its data goes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from service.access import Matrix
from service.engine import Node, Process, Survey, survey
from service.forms import Form
from service.records.context import Services
from service.release.bundle import ROLES, TYPES, Bundle
from service.release.paper_templates import PaperTemplate, read_papers
from service.release.prepared import files_of
from service.release.programme.vocabulary import Vocabulary
from service.release.release_configuration import read_release_vocabulary
from service.text import say
from service.workshop.promises.drafted import promises_of

OPEN_CLASS = "C0"
"""Class of what is about the process and not about the person."""
ANY_OFFICE = "*"
"""Kind of office of a role that every office may hold."""
NARROWEST = "C3"
"""Class of what the release does not class."""


@dataclass(frozen=True, slots=True)
class WiderFlow:
    """One flow that is wider: its kind, a sentence, and where it is drawn (empty: nowhere)."""

    kind: str
    text: str
    element: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class FlowField:
    """A field of a form, or a routing name, as far as it matters for who sees it."""

    key: str
    klass: str
    group: str = ""
    headline: bool = False
    routing: bool = False
    purpose: str = ""
    form: str = ""
    """Id of the form that asks for it; empty for a name of the table of routing names."""


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step with the file that draws it and the role of its lane."""

    node: Node
    file: str
    roles: frozenset[str]


class FlowSide:
    """One side of a comparison of data flows.

    Args:
        matrix: who sees which class of fields, as it holds with these files.
    """

    def __init__(self, services: Services, bundle: Bundle, matrix: Matrix, lang: str) -> None:
        self.services, self.bundle, self.matrix, self.lang = services, bundle, matrix, lang
        self.files, self.forms, _ = files_of(bundle, services.topics)
        self.survey: Survey = survey(self.files)

    @cached_property
    def roles(self) -> Mapping[str, Mapping[str, Any]]:
        """The table of roles as it is written: id to names and kinds of offices."""
        try:
            return tomllib.loads(self.bundle.files.get(ROLES, b"").decode("utf-8"))
        except ValueError:
            return {}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the release."""
        return read_release_vocabulary(self.bundle, []) or Vocabulary()

    @cached_property
    def papers(self) -> Mapping[str, PaperTemplate]:
        """The papers that can be made."""
        return read_papers(self.bundle)

    @cached_property
    def fields(self) -> Mapping[str, FlowField]:
        """Every field of every form, and every routing name, by key."""
        found = {
            name: FlowField(name, klass, routing=True)
            for name, klass in _routing_classes(self.bundle).items()
        }
        for form in self.forms.values():
            found |= {
                field.key: FlowField(
                    field.key,
                    field.data_class,
                    field.group,
                    field.headline,
                    field.routing,
                    field.purpose,
                    form.id,
                )
                for _, field in form.walk()
            }
        return found

    def offices_of(self, role: str) -> frozenset[str]:
        """Kinds of offices that may hold a role; one mark for all."""
        kinds = self.roles.get(role, {}).get("offices", [])
        return frozenset(map(str, kinds)) if kinds else frozenset({ANY_OFFICE})

    def role_name(self, role: str) -> str:
        """What people call a role."""
        names = self.roles.get(role, {})
        return str(names.get(self.lang) or names.get("sv") or role)

    def field_name(self, key: str) -> str:
        """How a form asks for a field."""
        field = self.fields.get(key)
        form: Form | None = self.forms.get(field.form) if field is not None else None
        if form is None:
            return key
        label = next((one.label for _, one in form.walk() if one.key == key), "")
        return form.say(label, self.lang) or key

    def fields_named(self, keys: Iterable[str]) -> str:
        """How forms ask for some fields, in one list."""
        return ", ".join(say("flow.quoted", self.lang, x=self.field_name(key)) for key in keys)

    def roles_named(self, roles: Iterable[str]) -> str:
        """What people call some roles, in one list; a word for none."""
        return ", ".join(map(self.role_name, roles)) or say("flow.nobody", self.lang)

    def form_name(self, id_: str) -> str:
        """What people call a form."""
        form = self.forms.get(id_)
        return (form.say(form.title, self.lang) if form is not None else "") or id_

    def stage_name(self, stage: str) -> str:
        """What people call a stage."""
        return self.vocabulary.word("stage", stage, self.lang) or stage

    def steps(self) -> Iterator[FlowStep]:
        """Every step of every process."""
        by_name = {role.names.get("sv", id_): id_ for id_, role in self.files.roles.items()}
        for process in self.survey.model.processes.values():
            for _, node in process.scope.walk():
                lane = process.lanes.get(node.id) or node.lane
                further = node.properties.get("roles", "").split(",")
                named = {by_name.get(lane, ""), *node.groups, *(one.strip() for one in further)}
                yield FlowStep(node, f"workflows/{process.file}", frozenset(named - {""}))

    def promises(self) -> Iterator[tuple[Process, str]]:
        """Every promise, as diagrams keep it."""
        for process in self.survey.model.processes.values():
            for text in promises_of(process).values():
                yield process, text


def _routing_classes(bundle: Bundle) -> Mapping[str, str]:
    """Each name of the table of routing names with its class."""
    try:
        table = tomllib.loads(bundle.files.get(TYPES, b"").decode("utf-8"))
    except ValueError:
        return {}
    rows = ((name, row) for name, row in table.items() if isinstance(row, dict))
    return {name: str(row.get("class", NARROWEST)) for name, row in rows}
