"""Whether the templates of a release work: each is made of invented data, filled in and empty.

Runs inside the child that lints a release; a template is a program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from tempfile import TemporaryDirectory
from typing import Any, Final

import typst

from service.casework.casefile.paper_data import sample_data
from service.errors import Finding
from service.forms import Form
from service.release.appeal_words import NOTHING_SAID, AppealWords
from service.release.bundle import Bundle
from service.release.consent_texts import FOLDER as FOLDER_OF_CONSENTS
from service.release.consent_texts import INFORMATION, read_consent_texts
from service.release.language_words import read_languages
from service.release.paper_templates import ENDING, FOLDER, PaperTemplate, check_papers, read_papers
from service.release.translations import languages_of, read_parts
from service.sandbox.paper_compiling import UnsafePaper, characters, compile_paper, line_of

_SAYS: Final = {
    "link": "a link leads to what is none of http, https, mailto and tel",
    "content": "the paper would hold more than pages to read, a file or a script",
}
"""Why a paper is refused that typst has made."""
SAMPLE: Final = AppealWords("Exempel", "sv")
"""Stands for how a decision is appealed."""
NO_FONT: Final = "{name} has signs that no font of the papers has; squares are printed: {signs}"
MOST: Final = 12
"""Signs that are named."""


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
            yield _finding(template, line_of(e), e.message)
        except UnsafePaper as e:
            yield _finding(template, _line_of_link(template, e.address), _SAYS[e.why])


def _finding(template: PaperTemplate, line: int, why: str) -> Finding:
    return Finding(
        "T106",
        "E",
        f"{FOLDER}/{template.id}{ENDING}",
        "",
        f"No paper can be made of this template: {why}.",
        line=max(0, line - template.lines_before),
    )


def _line_of_link(template: PaperTemplate, address: str) -> int:
    """The line that has the address, or else the first one with a link; 0 when there is none."""
    lines = template.source.splitlines()
    for looked_for in filter(None, (address, "link(")):
        for number, line in enumerate(lines, 1):
            if looked_for in line and number > template.lines_before:
                return number
    return 0


def _samples(
    bundle: Bundle, forms: Mapping[str, Form], template: PaperTemplate
) -> Iterator[dict[str, Any]]:
    texts = read_consent_texts(bundle, FOLDER_OF_CONSENTS if template.each else INFORMATION)
    name = min(texts.purposes) if template.each else template.text
    languages = read_languages(bundle)
    for lang in template.title:
        for filled in (True, False):
            words = texts.text(name, lang)
            said = SAMPLE if template.appeal is not None else NOTHING_SAID
            yield sample_data(template, forms, lang, words, languages, said, filled=filled)


def font_findings(bundle: Bundle, forms: Mapping[str, Form]) -> Iterator[Finding]:
    """A warning for each text with signs that no font of the papers has: they would be squares."""
    for lang in languages_of(bundle):
        for part in read_parts(bundle, forms, lang):
            signs = {sign for text in part.entries for sign in text.own}
            if lacking := sorted(s for s in signs if ord(s) not in characters()):
                facts: dict[str, object] = {"name": part.name, "signs": " ".join(lacking[:MOST])}
                sentence = NO_FONT.format_map(facts)
                yield Finding("T119", "W", part.file, "", sentence, facts=facts)


def _first(findings: Iterator[Finding]) -> Iterator[Finding]:
    """One finding a template is enough."""
    yield from (found for found in (next(findings, None),) if found is not None)
