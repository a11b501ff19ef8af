"""Media types of the files that are taken as documents.

Known to those who take them and those who serve them; neither needs to be able to read one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
}
SERVED_TYPES: Final[Mapping[str, str]] = {**MEDIA_TYPES, "ics": "text/calendar; charset=utf-8"}
"""Media types of all files that a case may hold, with those that the program makes for it."""
MIB: Final = 2**20
ANSWER_MOST: Final = 96 * MIB
"""Longest answer of the child that looks at one file, in bytes."""
PAPER_MOST: Final = 6 * MIB
"""Longest answer of the child that makes papers, in bytes."""
