"""Element templates: a step drawn with one passes the linter, because it says what the handler,
form, rule or process needs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

from service.application.shipped_files import read_bundle
from service.engine.bpmn.zeebe_dialect import HOSTS, ZEEBE_ATTRIBUTES
from service.engine.lint import lint
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from service.text import languages
from service.workshop.modeler_templates import templates
from tests.support.diagrams import diagram, end, ext, node, start

pytestmark = pytest.mark.slow  # every template is drawn and linted

ROOT = Path(__file__).parents[2]
FILES, FORMS, _ = files_of(read_bundle(ROOT / "workflows", ROOT / "forms"), declared())
ID = re.compile(rb'(?<= )(id|sourceRef|targetRef|bpmnElement)="([^"]+)"')
"""Ids of a diagram and what points to them: no id is there twice in a release."""
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


def linted(drawn: Mapping[str, bytes]) -> dict[str, set[str]]:
    """File to the codes of what is found in it, beside the release; hints are left out."""
    found: dict[str, set[str]] = {file: set() for file in drawn}
    for each in lint(replace(FILES, diagrams={**FILES.diagrams, **drawn})):
        if each.file in found and each.severity != "I":
            found[each.file].add(each.code)
    return found


@pytest.fixture(scope="module")
def complaints() -> Mapping[str, set[str]]:
    """What is found in a diagram of each template.

    Those of handlers are linted together, those of forms and of processes too: a release takes as
    long as a hundred small diagrams. The rules write one variable, each its own kind of value.
    """
    together = defaultdict[str, dict[str, bytes]](dict)
    for number, one in enumerate(MADE):
        _, kind, name = one["id"].split(".", 2)
        whole = diagram(start() + applied(one) + end(), "s>a a>e")
        drawn = ID.sub(rf'\1="\2_new{number}"'.encode(), whole)
        together[name if kind == "rule" else f"every {kind}"][f"new{number}.bpmn"] = drawn
    return {file: codes for drawn in together.values() for file, codes in linted(drawn).items()}


@pytest.mark.parametrize("number", range(len(MADE)), ids=[one["id"] for one in MADE])
def test_a_step_made_with_a_template_is_taken_by_the_linter(
    number: int, complaints: Mapping[str, set[str]]
) -> None:
    """What is left is about the variables that nothing in so small a diagram sets, and errors that
    nothing catches.
    """
    assert complaints[f"new{number}.bpmn"] <= {"D314", "D820", "D821", "D824"}


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
