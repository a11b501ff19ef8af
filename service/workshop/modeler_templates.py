"""Element templates for Camunda Modeler: one for each handler, form, rule and process of a release.

A step that is drawn with one fits this release.

Source: https://docs.camunda.io, "Element templates"; the shape is that of their JSON schema for
Camunda 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from service.binding import Declaration
from service.engine import Files, Type, survey
from service.forms import Form
from service.text import say

Template: TypeAlias = "dict[str, object]"

SCHEMA: Final = (
    "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json"
)


def templates(
    files: Files, forms: Mapping[str, Form], topics: Mapping[str, Declaration], lang: str
) -> list[Template]:
    """Build every template of a release, sorted by id.

    Args:
        files: the release as the engine reads it.
        forms: its forms, for their titles.
        topics: the handlers' declarations.
        lang: of names, descriptions and labels.
    """
    loaded = survey(files)
    built = [
        *(_handler(topic, loaded.types, lang) for topic in topics.values()),
        *(_task(form, files, lang) for form in forms.values()),
        *(_rule(table.id, table.name, lang) for table in loaded.tables.values()),
        *(_called(id_, process.names, lang) for id_, process in loaded.model.processes.items()),
    ]
    return sorted(built, key=lambda template: str(template["id"]))


def _handler(topic: Declaration, types: Mapping[str, Type], lang: str) -> Template:
    """A service task that calls a handler, with its inputs and outputs filled in."""
    properties = [
        _hidden({"type": "zeebe:taskDefinition", "property": "type"}, topic.topic),
        {
            "label": say("template.tries", lang),
            "description": say("template.tries_help", lang),
            "type": "String",
            "value": "5",
            "optional": False,
            "constraints": {
                "pattern": {
                    "value": "^(1?[1-9]|10|20)$",
                    "message": say("template.tries_help", lang),
                }
            },
            "binding": {"type": "zeebe:taskDefinition", "property": "retries"},
        },
    ]
    properties += [_input(name, types.get(name), lang) for name in topic.reads]
    properties += [_output(name, types.get(name), lang) for name in topic.answers]
    return _template(
        f"handler.{topic.topic}", topic.topic, topic.summary, "bpmn:ServiceTask", properties
    )


def _input(name: str, type_: Type | None, lang: str) -> Template:
    return {
        "label": say("template.input", lang, name=name),
        "description": _kind(type_, lang),
        "type": "String",
        "feel": "required",
        "value": f"={name}",
        "binding": {"type": "zeebe:input", "name": name},
        "constraints": {"notEmpty": True},
    }


def _output(name: str, type_: Type | None, lang: str) -> Template:
    return {
        "label": say("template.output", lang, name=name),
        "description": _kind(type_, lang),
        "type": "String",
        "value": name,
        "binding": {"type": "zeebe:output", "source": f"={name}"},
        "constraints": {"notEmpty": True},
    }


def _task(form: Form, files: Files, lang: str) -> Template:
    """A user task with a form, and the roles that may do it."""
    roles = [
        {"name": role.names.get(lang) or role.names.get("sv", id_), "value": id_}
        for id_, role in files.roles.items()
    ]
    properties: list[Template] = [
        _hidden({"type": "zeebe:userTask"}, None),
        _hidden({"type": "zeebe:formDefinition", "property": "formId"}, form.id),
        {
            "label": say("template.role", lang),
            "type": "Dropdown",
            "value": "",
            "choices": [{"name": "–", "value": ""}, *roles],
            "binding": {"type": "zeebe:assignmentDefinition", "property": "candidateGroups"},
        },
        {
            "label": say("template.due", lang),
            "description": say("template.due_help", lang),
            "type": "String",
            "feel": "optional",
            "binding": {"type": "zeebe:taskSchedule", "property": "dueDate"},
        },
        _property("plain.sv", say("template.plain", lang, language="svenska"), "Text"),
        _property("plain.en", say("template.plain", lang, language="English"), "Text"),
        {
            **_property("days", say("template.days", lang), "Dropdown"),
            "choices": [{"name": say("template.working", lang), "value": "working"}],
        },
    ]
    title = form.say(form.title, lang)
    return _template(
        f"form.{form.id}",
        title,
        say("template.form", lang, id=form.id),
        "bpmn:UserTask",
        properties,
    )


def _rule(id_: str, name: str, lang: str) -> Template:
    """A business rule task that evaluates a decision."""
    properties: list[Template] = [
        _hidden({"type": "zeebe:calledDecision", "property": "decisionId"}, id_),
        {
            "label": say("template.result", lang),
            "type": "String",
            "constraints": {
                "notEmpty": True,
                "pattern": {
                    "value": "^[A-Za-z][A-Za-z0-9_]*$",
                    "message": say("template.result_help", lang),
                },
            },
            "binding": {"type": "zeebe:calledDecision", "property": "resultVariable"},
        },
    ]
    return _template(
        f"rule.{id_}", name, say("template.rule", lang, id=id_), "bpmn:BusinessRuleTask", properties
    )


def _called(id_: str, names: Mapping[str, str], lang: str) -> Template:
    """A call activity of another process of the release."""
    properties = [_hidden({"type": "zeebe:calledElement", "property": "processId"}, id_)]
    return _template(
        f"process.{id_}",
        names.get(lang) or names.get("sv") or id_,
        say("template.process", lang, id=id_),
        "bpmn:CallActivity",
        properties,
    )


def _template(
    id_: str, name: str, description: str, kind: str, properties: list[Template]
) -> Template:
    return {
        "$schema": SCHEMA,
        "name": name,
        "id": f"tresteg.{id_}",
        "version": 1,
        "description": description,
        "category": {"id": "tresteg", "name": "Tresteg"},
        "appliesTo": ["bpmn:Task", kind],
        "elementType": {"value": kind},
        "properties": properties,
    }


def _hidden(binding: Template, value: str | None) -> Template:
    return {"type": "Hidden", **({"value": value} if value is not None else {}), "binding": binding}


def _property(name: str, label: str, kind: str) -> Template:
    return {
        "label": label,
        "type": kind,
        "optional": True,
        "binding": {"type": "zeebe:property", "name": name},
    }


def _kind(type_: Type | None, lang: str) -> str:
    """Describe the type of a routing name in words."""
    if type_ is None:
        return ""
    kind = say(f"template.kind_{type_.kind.replace(' ', '_')}", lang)
    return f"{kind}: {', '.join(type_.values)}" if type_.values else kind
