"""ULIDs: ids that say nothing about what they name and sort by the time they were made.

48 bits of milliseconds and 80 random bits, as 26 letters and digits.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
ALLOWED = frozenset(LETTERS)
PAIRS = [first + second for first in LETTERS for second in LETTERS]
RANDOM_BYTES = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ulid(now: datetime) -> str:
    """A new id, made at `now`."""
    return ulid_of(now, secrets.token_bytes(RANDOM_BYTES))


def ulid_of(now: datetime, chosen: bytes) -> str:
    """The id made at `now` whose last 80 bits are those.

    Args:
        chosen: `RANDOM_BYTES` bytes.
    """
    number = (int(now.timestamp() * 1000) << 80) | int.from_bytes(chosen)
    return "".join([PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def made_at(id_: str) -> datetime:
    """When a ULID was made, to the millisecond; in UTC.

    Args:
        id_: one that `is_ulid`.
    """
    number = 0
    for letter in id_[:10]:
        number = number * 32 + LETTERS.index(letter)
    return EPOCH + timedelta(milliseconds=number)


def is_ulid(text: str) -> bool:
    """Whether a text from outside has the form of a ULID."""
    return len(text) == LENGTH and ALLOWED.issuperset(text) and text[0] <= "7"
