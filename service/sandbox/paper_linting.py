"""Whether the templates of a release work: each is made of invented data, filled in and empty.

Runs inside the child that lints a release; a template is a program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from tempfile import TemporaryDirectory
from typing import Any

import typst

from service.actions.casefile.paper_data import sample_data
from service.actions.releases.bundle import Bundle
from service.actions.releases.consent_texts import FOLDER as FOLDER_OF_CONSENTS
from service.actions.releases.consent_texts import INFORMATION, read_consent_texts
from service.actions.releases.paper_templates import (
    ENDING,
    FOLDER,
    PaperTemplate,
    check_papers,
    read_papers,
)
from service.errors import Finding
from service.forms import Form
from service.sandbox.paper_compiling import compile_paper, line_of


def paper_findings(bundle: Bundle, forms: Mapping[str, Form]) -> list[Finding]:
    """A finding for each template of which no paper can be made; those with a fault in their header
    are found elsewhere.
    """
    faulty = {found.file for found in check_papers(bundle, forms)}
    with TemporaryDirectory(prefix="tresteg-paper-") as empty:
        return [
            found
            for template in read_papers(bundle).values()
            if f"{FOLDER}/{template.id}{ENDING}" not in faulty
            for found in _first(_tried(bundle, forms, template, empty))
        ]


def _tried(
    bundle: Bundle, forms: Mapping[str, Form], template: PaperTemplate, empty: str
) -> Iterator[Finding]:
    """What goes wrong, in each language, with answers and without."""
    for data in _samples(bundle, forms, template):
        try:
            compile_paper(template.source, data, empty, 0)
        except typst.TypstError as e:
            line = max(0, line_of(e) - template.lines_before)
            sentence = f"No paper can be made of this template: {e.message}."
            file = f"{FOLDER}/{template.id}{ENDING}"
            yield Finding("T106", "E", file, "", sentence, line=line)


def _samples(
    bundle: Bundle, forms: Mapping[str, Form], template: PaperTemplate
) -> Iterator[dict[str, Any]]:
    texts = read_consent_texts(bundle, FOLDER_OF_CONSENTS if template.each else INFORMATION)
    name = min(texts.purposes) if template.each else template.text
    for lang in template.title:
        for filled in (True, False):
            yield sample_data(template, forms, lang, texts.text(name, lang), filled=filled)


def _first(findings: Iterator[Finding]) -> Iterator[Finding]:
    """One finding a template is enough."""
    yield from (found for found in (next(findings, None),) if found is not None)
