"""How many promises of a draft hold, what is broken first."""

from __future__ import annotations

from dataclasses import dataclass

from service.actions.publishing.promises.drafted import (
    BROKEN,
    HOLDS,
    UNREAD,
    WATCHED,
    DraftPromise,
)


@dataclass(frozen=True, slots=True)
class PromiseSummary:
    """The promises of a draft, what is broken first, and how many of them hold."""

    promises: tuple[DraftPromise, ...]

    @property
    def lines(self) -> tuple[DraftPromise, ...]:
        """What is broken first, then what cannot be proved, then what holds."""
        order = (BROKEN, UNREAD, WATCHED, HOLDS)
        return tuple(sorted(self.promises, key=lambda one: order.index(one.verdict)))

    @property
    def holding(self) -> int:
        """How many are proved."""
        return self._count(HOLDS)

    @property
    def watched(self) -> int:
        """How many cannot be proved, and are watched in every case."""
        return self._count(WATCHED)

    @property
    def broken(self) -> int:
        """How many are broken, or cannot be read."""
        return self._count(BROKEN) + self._count(UNREAD)

    def _count(self, verdict: str) -> int:
        return sum(one.verdict == verdict for one in self.promises)
