"""How a decision is appealed, in words: what stands behind it on papers and pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.release.language_words import ReleaseLanguages
from service.release.programme.appeal_roads import OFFICE, AppealRoad, AppealRoads
from service.text import say

OTHERWISE = "en"
"""The language of a text that is not there in the one that is asked for."""
TO_CONFIRM = "to_confirm"
"""The word of `languages/<language>.toml` that a lawyer is to confirm a text."""


@dataclass(frozen=True, slots=True)
class AppealWords:
    """How a decision is appealed, and the language in which it says so."""

    text: str
    """Empty where nothing says so."""
    lang: str


NOTHING_SAID: Final = AppealWords("", "")


def appeal_words(
    roads: AppealRoads, road: AppealRoad, languages: ReleaseLanguages, lang: str, office: str
) -> AppealWords:
    """The text of a road, and that a lawyer is to confirm it until one has.

    Args:
        languages: of the release, which have the text in further languages.
        office: name of the office that hands it over.
    """
    translated = "" if lang in road.words else languages.appeal(road.id, lang)
    known = lang if lang in road.words else OTHERWISE
    # a name with braces in it is set in as it is
    text = (translated or road.words[known]).replace(f"{{{OFFICE}}}", office)
    if roads.is_confirmed(road.id):
        return AppealWords(text, lang if translated else known)
    mark = languages.own(TO_CONFIRM, lang) if translated else ""
    text = f"{text} ({mark or say('appeal.to_confirm', known)})"
    return AppealWords(text, lang if translated else known)
