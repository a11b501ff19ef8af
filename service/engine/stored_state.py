"""The stored state of a case: its parts, the codes of its rows, and its checksum and digest.

`spiff.codec` writes and reads the bytes, and says what they are.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

from service.engine.types import Json, Row

SPLIT: Final = "Split"
BOUNDARY: Final = "Boundary"
CLOSE: Final = "Close"
EVENT_TIMER: Final = "EventTimer"
PARALLEL: Final = "And"
INCLUSIVE: Final = "Or"

CHECKSUM: Final = 4
"""Bytes of the checksum behind a state."""
_HEAD: Final = b"\x99\x01\xb0"
"""How every state of format 1 begins: nine parts, the format, and a digest of 16 characters."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """The parts of a stored state."""

    digest: str
    completed: bool
    ends: list[str]
    inner: str
    counts: dict[str, int]
    variables: dict[str, Json]
    calendars: dict[str, str]
    scopes: list[tuple[str | None, str, list[Row]]]


class LastState:
    """The parts of the state that a turn has just left, for the next turn of the same case: what
    was put together need not be taken apart again.

    It is given once, because the turn that gets it changes it.
    """

    __slots__ = ("_parts", "_state")

    def __init__(self) -> None:
        self._state = b""
        self._parts: StoredState | None = None

    def keep(self, state: bytes, parts: StoredState) -> None:
        """Keep the parts of a state."""
        self._state, self._parts = state, parts

    def take(self, state: bytes) -> StoredState | None:
        """The parts of that state; None when it is not the last one, or was given already."""
        parts, self._parts = self._parts, None
        return parts if self._state is state else None


def with_checksum(body: bytes) -> bytes:
    """The bytes of a state with their checksum behind them."""
    return body + zlib.crc32(body).to_bytes(CHECKSUM, "big")


def with_digest(state: bytes, digest: str) -> bytes:
    """A state as another definition would have left it; empty when there is no state."""
    if not state.startswith(_HEAD):
        return b""
    start = len(_HEAD)
    body = _HEAD + digest.encode() + state[start + len(digest) : -CHECKSUM]
    return with_checksum(body)
