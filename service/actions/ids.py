"""Ids that say nothing about what they name and sort by the time of their making (ULID: 48 bits of
milliseconds, 80 bits of chance, 26 letters).
"""

from __future__ import annotations

import secrets
from datetime import datetime

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26


def ulid(now: datetime) -> str:
    """A new id, made at `now`."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(LETTERS[(number >> shift) & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def is_ulid(text: str) -> bool:
    """Whether a text from outside has the shape of an id."""
    return len(text) == LENGTH and set(text) <= set(LETTERS) and text[0] <= "7"
