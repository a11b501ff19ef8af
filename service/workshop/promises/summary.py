"""Summary of a draft's promises: how many hold, the broken ones first."""

from __future__ import annotations

from dataclasses import dataclass

HOLDS, BROKEN, WATCHED, UNREAD = "holds", "broken", "watched", "unread"


@dataclass(frozen=True, slots=True)
class WayStep:
    """A step on the way that breaks a promise: id, name, and the file that draws it."""

    id: str
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class DraftPromise:
    """A promise of a draft.

    Attributes:
        process, number: where it is kept.
        words: the promise in the reader's language.
        verdict: `holds`, `broken`, `watched` (cannot be proved, is watched in every case), or
            `unread` (names what is not there, or has none of the forms).
        why: what is wrong with one that is `unread`.
        way: of a broken one, from the start to the fault, the steps that have a name.
        path: every step of that way, by id.
    """

    process: str
    number: str
    words: str
    verdict: str
    why: str = ""
    way: tuple[WayStep, ...] = ()
    path: tuple[str, ...] = ()


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
