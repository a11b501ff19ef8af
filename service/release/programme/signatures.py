"""Signatures under parts of files: who stands for a part as it is, with name, role and day, and the
digest of the part behind them. A change of the part ends its signature.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

DIGITS: Final = 12
"""Hexadecimal digits of a digest."""
SIGNATURE: Final = re.compile(
    rf"(?P<who>[^,\[\]]+, .+, \d{{4}}-\d\d-\d\d) \[(?P<digest>[0-9a-f]{{{DIGITS}}})\]"
)
"""Name, role, day, and in brackets what the signature is for."""


def signatory(signature: str) -> str:
    """Who signed, as name, role and day; empty for nobody."""
    found = SIGNATURE.fullmatch(signature)
    return found["who"] if found is not None else ""


def is_signatory(who: str) -> bool:
    """Whether a text names who signs: name, role and day, with commas between them."""
    return SIGNATURE.fullmatch(f"{who} [{'0' * DIGITS}]") is not None


def signs(signature: str, digest: str) -> bool:
    """Whether somebody has signed what has that digest."""
    found = SIGNATURE.fullmatch(signature)
    return found is not None and found["digest"] == digest


def digest_of(name: str, rows: Iterable[Struct]) -> str:
    """The digest of what some rows say, for somebody or something of that name.

    A key that has its default is left out: one that comes later ends no signature.
    """
    whole = hashlib.sha256(name.encode())
    for row in rows:
        whole.update(b"\0" + msgspec.json.encode(row))
    return whole.hexdigest()[:DIGITS]
