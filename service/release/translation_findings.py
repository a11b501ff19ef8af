"""Hints about the languages of a release: what nobody has signed, what was changed since, what is
not translated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from service.errors import Finding
from service.forms import Form
from service.release.bundle import Bundle
from service.release.language_words import read_languages
from service.release.translations import (
    CHANGED,
    INCOMPLETE,
    OLD,
    UNSIGNED,
    TranslatedPart,
    languages_of,
    read_parts,
)

SENTENCES: Final[Mapping[str, str]] = {
    "T116": "In {lang} nobody has signed {names}. Its papers are marked as an example.",
    "T117": "In {lang} the signature does not count any more, for one of the texts was changed: "
    "{names}.",
    "T118": "In {lang} not everything is translated: {names}.",
}
"""Code of a finding to its sentence."""
_STATES: Final = {"T116": (UNSIGNED,), "T117": (OLD, CHANGED), "T118": (INCOMPLETE,)}


def language_findings(bundle: Bundle, forms: Mapping[str, Form]) -> Iterator[Finding]:
    """Yield hints, one a language and kind; none for a release from before there were signatures.

    A hint and no warning: an example is allowed, and says so on each of its pages.
    """
    if not read_languages(bundle).files:
        return
    for lang in languages_of(bundle):
        parts = read_parts(bundle, forms, lang)
        for code, states in _STATES.items():
            if found := [part for part in parts if part.state in states]:
                yield _finding(code, lang, found)


def _finding(code: str, lang: str, parts: Sequence[TranslatedPart]) -> Finding:
    names = ", ".join(part.name for part in parts)
    facts: dict[str, object] = {"lang": lang, "names": names}
    return Finding(code, "I", parts[0].file, "", SENTENCES[code].format_map(facts), facts=facts)
