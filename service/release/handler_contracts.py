"""What a release must have for the handlers that its diagrams name: the fields that they read, the
papers that they ask for, and the text of the consent that they rest on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from service.binding import Declaration
from service.errors import Finding
from service.forms import Form
from service.release.bundle import Bundle
from service.release.consent_texts import read_consent_texts
from service.release.paper_templates import PaperTemplate, read_papers, top_fields

TOPIC = re.compile(rb'taskDefinition\b[^>]*?\btype="([^"]+)"')


def check_contracts(
    bundle: Bundle, forms: Mapping[str, Form], topics: Mapping[str, Declaration]
) -> list[Finding]:
    """A finding for each thing that a drawn handler needs and the release does not have."""
    fields = top_fields(forms)
    papers = read_papers(bundle)
    purposes = read_consent_texts(bundle).purposes
    findings: list[Finding] = []
    for name, content in bundle.under("workflows", ".bpmn").items():
        for topic in sorted({found.decode("utf-8", "replace") for found in TOPIC.findall(content)}):
            if topic in topics:
                declared, file = topics[topic], f"workflows/{name}"
                findings += _check_fields(declared, file, fields)
                findings += _check_papers(declared, file, papers)
                findings += _check_consent(declared, file, purposes)
    return findings


def _check_fields(
    declared: Declaration, file: str, fields: Mapping[str, tuple[str, str]]
) -> Iterator[Finding]:
    for key in declared.fields:
        if key not in fields:
            sentence = f"The handler {declared.topic} reads {key}, which no form asks for."
            yield Finding("T121", "E", file, "", sentence)
        elif fields[key][0] not in {*declared.classes, "C0"}:
            sentence = (
                f"The handler {declared.topic} reads {key} of class {fields[key][0]}, "
                "and does not declare it."
            )
            yield Finding("T122", "E", file, "", sentence)


def _check_papers(
    declared: Declaration, file: str, papers: Mapping[str, PaperTemplate]
) -> Iterator[Finding]:
    for id_ in declared.papers:
        if id_ not in papers:
            sentence = f"The handler {declared.topic} asks for the paper {id_}, which is not there."
            yield Finding("T123", "E", file, "", sentence)
        elif wider := sorted(papers[id_].classes - {*declared.classes, "C0"}):
            sentence = (
                f"The paper {id_} prints {', '.join(wider)}, "
                f"which the handler {declared.topic} does not declare."
            )
            yield Finding("T122", "E", file, "", sentence)


def _check_consent(declared: Declaration, file: str, purposes: frozenset[str]) -> Iterator[Finding]:
    if (declared.fields or declared.papers) and declared.needs_consent not in purposes:
        sentence = (
            f"The handler {declared.topic} rests on {declared.needs_consent}, "
            "of which there is no text of consent."
        )
        yield Finding("T124", "E", file, "", sentence)
