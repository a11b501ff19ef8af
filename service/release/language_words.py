"""Words of the papers that the person herself gets, a file a language.

A file is `workflows/config/languages/<lang>.toml` of the release: its version, who signed it, the
words that templates of papers name, and in a language that forms and templates do not have
themselves also the titles of papers and the questions that they print. The Swedish file has every
word; what another lacks is said in Swedish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from msgspec import Struct, field

from service.errors import Finding
from service.forms import Form
from service.release.bundle import LANGUAGES, Bundle
from service.release.programme.typed_tables import Text, WrongTable, read_table

FOLDER, ENDING = LANGUAGES.removesuffix("/"), ".toml"
FIRST: Final = "sv"
"""The language that has every word, and from which others are translated."""
RIGHT_TO_LEFT: Final = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}
)
"""Languages whose lines begin at the right.

Source: Unicode CLDR 47, `characterOrder` of the languages, as far as they have two or three
letters and no other script."""
PLACEHOLDER: Final = re.compile(r"\{([a-z_]*)\}")
"""Where a value is set into a text."""
_NAME: Final = re.compile(r"[a-z]{2,3}")


class LanguageWords(Struct, frozen=True, forbid_unknown_fields=True):
    """The file of one language."""

    version: Text
    """Of the Swedish file that it translates; of the Swedish file, its own."""
    signed: str = ""
    """Who signed it, as `service.release.signatures` writes it; empty for nobody."""
    titles: Mapping[str, Text] = field(default_factory=dict)
    """Id of a paper to its title."""
    words: Mapping[str, Text] = field(default_factory=dict)
    questions: Mapping[str, Text] = field(default_factory=dict)
    """Swedish text of a form to its translation."""
    appeals: Mapping[str, Text] = field(default_factory=dict)
    """Id of a road of appeal to its text, in a language besides Swedish and English."""


@dataclass(frozen=True, slots=True)
class ReleaseLanguages:
    """The languages of a release that have a file, by code; none in a release from before there
    were any.
    """

    files: Mapping[str, LanguageWords]

    def words(self, lang: str) -> Mapping[str, str]:
        """Every word, in the language or else in Swedish."""
        return {**self._words(FIRST), **self._words(lang)}

    def own(self, key: str, lang: str) -> str:
        """A word in a language; empty where the language does not have it."""
        return self._words(lang).get(key, "")

    def _words(self, lang: str) -> Mapping[str, str]:
        file = self.files.get(lang)
        return file.words if file is not None else {}

    def appeal(self, road: str, lang: str) -> str:
        """The text of a road of appeal in a language whose file has it; else empty."""
        file = self.files.get(lang)
        return file.appeals.get(road, "") if file is not None else ""

    def titles(self, paper: str) -> dict[str, str]:
        """Language to the title of a paper."""
        return {
            lang: file.titles[paper] for lang, file in self.files.items() if paper in file.titles
        }

    def on(self, forms: Mapping[str, Form]) -> dict[str, Form]:
        """Forms that know the questions of every language besides their own words."""
        asked = {lang: file.questions for lang, file in self.files.items() if file.questions}
        if not asked:
            return dict(forms)
        return {
            id_: replace(
                form,
                words={
                    **form.words,
                    **{lang: {**form.words.get(lang, {}), **more} for lang, more in asked.items()},
                },
            )
            for id_, form in forms.items()
        }


def direction(lang: str) -> str:
    """Where lines of a language begin: `rtl` at the right, `ltr` at the left."""
    return "rtl" if lang in RIGHT_TO_LEFT else "ltr"


def placeholders(text: str) -> frozenset[str]:
    """Names of the values that are set into a text."""
    return frozenset(PLACEHOLDER.findall(text))


def file_of(lang: str) -> str:
    """The file of a language, by its name in a bundle."""
    return f"{FOLDER}/{lang}{ENDING}"


def read_languages(bundle: Bundle) -> ReleaseLanguages:
    """The languages of a release; a file that cannot be read is left out, and is a finding."""
    return inspect_languages(bundle)[0]


def inspect_languages(bundle: Bundle) -> tuple[ReleaseLanguages, list[Finding]]:
    """The languages of a release, and what is wrong with files: one that cannot be read, a word
    that the Swedish file does not have, or one with other places for values.
    """
    found: dict[str, LanguageWords] = {}
    findings = list[Finding]()
    for name, content in bundle.under(FOLDER, ENDING).items():
        lang = name.removesuffix(ENDING)
        try:
            found[lang] = _file(lang, content)
        except (WrongTable, UnicodeDecodeError) as e:
            findings.append(_finding("T113", lang, "", f"This file of words is no use: {e}."))
    swedish = found[FIRST].words if FIRST in found else {}
    for lang, file in found.items():
        findings += _check(lang, file, swedish)
    return ReleaseLanguages(found), findings


def _file(lang: str, content: bytes) -> LanguageWords:
    """Read one file.

    Raises:
        WrongTable, UnicodeDecodeError: it is no use.
    """
    if not _NAME.fullmatch(lang):
        raise WrongTable("toml", reason="its name is not language.toml")
    return read_table(content.decode(), LanguageWords)


def _check(lang: str, file: LanguageWords, swedish: Mapping[str, str]) -> list[Finding]:
    findings = list[Finding]()
    for key, text in file.words.items():
        if key not in swedish:
            sentence = f"The word {key} is not there in Swedish."
            findings.append(_finding("T114", lang, key, sentence))
        elif placeholders(text) != placeholders(swedish[key]):
            wanted = ", ".join(sorted(f"{{{name}}}" for name in placeholders(swedish[key])))
            sentence = f"The word {key} needs the places of the Swedish one: {wanted or 'none'}."
            findings.append(_finding("T115", lang, key, sentence))
    return findings


def _finding(code: str, lang: str, key: str, sentence: str) -> Finding:
    return Finding(code, "E", file_of(lang), key, sentence)
