"""Element templates: a step drawn with one passes the linter, because it says what the handler,
form, rule or process needs.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from service.actions.publishing.modeler_templates import templates
from service.actions.releases.prepared import files_of
from service.application.shipped_files import read_bundle
from service.engine.bpmn.zeebe_dialect import HOSTS, ZEEBE_ATTRIBUTES
from service.engine.lint import lint
from service.sandbox.handlers import declared
from service.text import languages
from tests.support.diagrams import diagram, end, ext, node, start

pytestmark = pytest.mark.slow  # every template is drawn and linted

ROOT = Path(__file__).parents[3]
FILES, FORMS, _ = files_of(read_bundle(ROOT / "workflows", ROOT / "forms"), declared())
MADE: list[dict[str, Any]] = list(templates(FILES, FORMS, declared(), "en"))


def test_there_is_one_for_each_handler_form_rule_and_process() -> None:
    ids = {one["id"] for one in MADE}
    assert {f"tresteg.handler.{topic}" for topic in declared()} <= ids
    assert {f"tresteg.form.{form}" for form in FORMS} <= ids
    assert "tresteg.rule.risk_level" in ids
    assert "tresteg.process.follow_up" in ids
    assert len(ids) == len(MADE)


@pytest.mark.parametrize("one", MADE, ids=lambda one: one["id"])
def test_each_binding_is_part_of_the_dialect(
    one: dict[str, Any],
) -> None:
    kind = one["elementType"]["value"].removeprefix("bpmn:")
    kind = kind[0].lower() + kind[1:]
    for property_ in one["properties"]:
        binding = property_["binding"]
        name = binding["type"].removeprefix("zeebe:")
        assert name in ZEEBE_ATTRIBUTES
        assert binding.get("property", "name") in {*ZEEBE_ATTRIBUTES[name], "name"}
        if name in HOSTS:
            assert kind in HOSTS[name]
        assert property_.get("label") or property_["type"] == "Hidden"


def applied(one: dict[str, Any]) -> str:
    """Build the step that Camunda Modeler makes of a template, with all that must be filled in."""
    settings: dict[str, dict[str, str]] = {}
    mappings, properties = "", ""
    for each in one["properties"]:
        binding = each["binding"]
        kind, value = (
            binding["type"].removeprefix("zeebe:"),
            str(each.get("value") or (each.get("choices") or [{}])[-1].get("value", "outcome")),
        )
        if kind == "input":
            mappings += f'<zeebe:input source={quoteattr(value)} target="{binding["name"]}"/>'
        elif kind == "output":
            mappings += f'<zeebe:output source={quoteattr(binding["source"])} target="{value}"/>'
        elif kind == "property":
            properties += (
                ""
                if each.get("optional")
                else f'<zeebe:property name="{binding["name"]}" value={quoteattr(value)}/>'
            )
        elif each.get("feel") != "optional":
            settings.setdefault(kind, {}).update(
                {binding["property"]: value} if "property" in binding else {}
            )
    inner = "".join(
        f"<zeebe:{kind} {' '.join(f'{name}={quoteattr(value)}' for name, value in found.items())}/>"
        for kind, found in settings.items()
    )
    inner += f"<zeebe:ioMapping>{mappings}</zeebe:ioMapping>" if mappings else ""
    kind = one["elementType"]["value"].removeprefix("bpmn:")
    return node(
        kind[0].lower() + kind[1:],
        "a",
        ext(inner),
        name="A",
        zeebe__modelerTemplate=one["id"],
        zeebe__modelerTemplateVersion="1",
    )


@pytest.mark.parametrize("one", MADE, ids=lambda one: one["id"])
def test_a_step_made_with_a_template_is_taken_by_the_linter(one: dict[str, Any]) -> None:
    """What is left is about the variables that nothing in so small a diagram sets, and errors that
    nothing catches.
    """
    diagrams = {
        "new.bpmn": diagram(start() + applied(one) + end(), "s>a a>e").replace(
            b'id="p"', b'id="new"'
        )
    }
    found = lint(replace(FILES, diagrams={**FILES.diagrams, **diagrams}))
    assert {f.code for f in found if f.file == "new.bpmn" and f.severity != "I"} <= {
        "D314",
        "D820",
        "D821",
        "D824",
    }


def test_a_handlers_template_brings_what_it_reads_and_answers() -> None:
    topic = declared()["letters.notify_iom"]
    (one,) = [one for one in MADE if one["id"] == "tresteg.handler.letters.notify_iom"]
    assert {
        p["binding"]["name"] for p in one["properties"] if p["binding"]["type"] == "zeebe:input"
    } == set(topic.reads)
    assert {p["value"] for p in one["properties"] if p["binding"]["type"] == "zeebe:output"} == set(
        topic.answers
    )
    assert one["description"] == topic.summary


def test_the_roles_of_the_release_can_be_chosen() -> None:
    (one,) = [one for one in MADE if one["id"] == "tresteg.form.referral"]
    (role,) = [p for p in one["properties"] if p["binding"]["type"] == "zeebe:assignmentDefinition"]
    assert {choice["value"] for choice in role["choices"]} == {"", *FILES.roles}


@pytest.mark.parametrize("lang", languages())
def test_names_are_words_of_the_language(lang: str) -> None:
    for one in templates(FILES, FORMS, declared(), lang):
        assert one["name"]
        assert quoteattr(str(one["description"]))
