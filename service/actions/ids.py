"""ULIDs: ids that say nothing about what they name and sort by the time they were made.

48 bits of milliseconds and 80 random bits, as 26 letters and digits.
"""

from __future__ import annotations

import secrets
from datetime import datetime

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
RANDOM_BYTES = 10


def ulid(now: datetime) -> str:
    """A new id, made at `now`."""
    return ulid_of(now, secrets.token_bytes(RANDOM_BYTES))


def ulid_of(now: datetime, chosen: bytes) -> str:
    """The id made at `now` whose last 80 bits are those.

    Args:
        chosen: `RANDOM_BYTES` bytes.
    """
    number = (int(now.timestamp() * 1000) << 80) | int.from_bytes(chosen)
    return "".join(LETTERS[(number >> shift) & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def is_ulid(text: str) -> bool:
    """Whether a text from outside has the form of a ULID."""
    return len(text) == LENGTH and set(text) <= set(LETTERS) and text[0] <= "7"
