"""ULIDs: ids that say nothing about what they name and sort by the time they were made.

48 bits of milliseconds and 80 random bits, as 26 letters and digits.
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
    """Whether a text from outside has the form of a ULID."""
    return len(text) == LENGTH and set(text) <= set(LETTERS) and text[0] <= "7"
