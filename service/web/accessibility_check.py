"""The last check of the pages by axe, as the browser tests wrote it into a file of the product."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

FILE: Final = Path(__file__).with_name("accessibility_check.json")


class AccessibilityCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check: the day, the versions of axe and of the product, kinds of pages, faults found."""

    day: str
    axe: str
    version: str
    pages: tuple[str, ...]
    """Addresses without ids, in order."""
    faults: int


@cache
def last_check() -> AccessibilityCheck:
    """The last check."""
    return msgspec.json.decode(FILE.read_bytes(), type=AccessibilityCheck)


def write_check(found: AccessibilityCheck) -> None:
    """Put a check in the place of the last one."""
    content = msgspec.json.format(msgspec.json.encode(found), indent=1)
    FILE.write_bytes(content + b"\n")
