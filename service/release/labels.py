"""Names of elements and processes in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from service.engine import Element
from service.release.prepared import PreparedRelease

KEYWORD = re.compile(r"^[A-ZÅÄÖ][A-ZÅÄÖ ]{3,}(?= –|$)")
"""The keyword of the programme's leaflet that a label begins with. It is in capitals, as the
leaflet has it, in the drawing alone.
"""


def localized_name(names: Mapping[str, str], lang: str) -> str:
    """A name in a language, else in Swedish, else empty."""
    return names.get(lang) or names.get("sv", "")


def sentence_case(name: str) -> str:
    """A drawn name as pages and letters write it: a keyword in capitals becomes a word."""
    return KEYWORD.sub(lambda found: found[0].capitalize(), name, count=1)


def element_name(element: Element, lang: str) -> str:
    """An element's name in a language, else in Swedish, else its id; without capitals."""
    return sentence_case(localized_name(element.names, lang)) or element.id


def process_name(release: PreparedRelease | None, process: str, lang: str) -> str:
    """Name a process as its diagram does, or by its id."""
    if release is None:
        return process
    return localized_name(release.definitions[process].names.get(process, {}), lang) or process
