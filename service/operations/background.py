"""The parts of the background: which of them fail or stand still, read in one place.

A part that has failed `FAILURES` times in a row is written down by its worker: as a heartbeat of
its own (`failing:<part>:<worker>`, with the number of failures), renewed while it goes on, and as
one incident of the installation for each part, with the place of the fault. `/readyz`, `/metrics`,
`tresteg doctor` and `tresteg incident list` read these. Source: decisions/0080.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.casework import clock_guard
from service.operations import health
from service.records.context import WORKER
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.store.installation import heartbeats
from service.store.installation.heartbeats import Heartbeat
from service.store.transaction import Tx
from service.store.work import incidents
from service.text import known, say

FAILURES: Final = 3
"""So many failures in a row make a part one that fails."""
KIND: Final = "background"
"""Kind of an incident of the installation; its element is the part."""
RECOVERED, GONE = "recovered", "gone"
"""How an incident ended by itself: the part works again, or the worker that failed is no more."""
_PREFIX: Final = "failing"
ROUNDS: Final = "rounds"
JOBS: Final = "jobs"
REMINDERS: Final = "reminders"
LOG_REVIEW: Final = "log_review"
RETENTION: Final = "retention"
ERASURES: Final = "erasures"
BATCHES: Final = "batches"
SEQUENCER: Final = "sequencer"
LETTERS: Final = "letters"
MAIL: Final = "mail"
CALLS: Final = "calls"
LISTENER: Final = "listener"
THREADS: Final = "threads"
TIMERS: Final = "timers"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the background. What people lack when it fails, and what an operator does then, are
    texts: `background.<part>`, and `background.<part>_then` or, where there is none,
    `background.then`.
    """

    id: str
    unready: bool = True
    """Whether `/readyz` answers 503: letters that wait for a mail server, a listener that is a
    second late, and what waits for an operator's word leave people able to work."""

    def lack(self, lang: str) -> str:
        """What people lack when it fails, without a full stop."""
        return say(f"background.{self.id}", lang)

    def remedy(self, lang: str) -> str:
        """What an operator does then, in sentences."""
        own = f"background.{self.id}_then"
        return say(own if known(own) else "background.then", lang)


PARTS: Final[Mapping[str, Part]] = {
    part.id: part
    for part in (
        Part(health.WORKER),
        Part(ROUNDS),
        Part(JOBS),
        Part(REMINDERS),
        Part(LOG_REVIEW),
        Part(RETENTION, unready=False),
        Part(ERASURES, unready=False),
        Part(BATCHES),
        Part(SEQUENCER),
        Part(LETTERS),
        Part(MAIL, unready=False),
        Part(CALLS),
        Part(THREADS),
        Part(LISTENER, unready=False),
        Part(TIMERS, unready=False),
        Part(clock_guard.RESTORED, unready=False),
    )
}


@dataclass(frozen=True, slots=True)
class StoppedPart:
    """A part that fails or stands still."""

    part: str
    failures: int
    """Since it last worked; 1 for a worker that is silent, and what waits for an operator."""
    error: str = ""
    """Kind and place of the fault, as its incident has it."""

    @property
    def fails(self) -> bool:
        """Whether it fails so much that `/readyz` answers 503."""
        return PARTS[self.part].unready and self.failures >= FAILURES

    def sentence(self, lang: str) -> str:
        """Sentences: what people lack, why, and what to do."""
        about = PARTS[self.part]
        facts = {"lack": about.lack(lang), "remedy": about.remedy(lang), "part": self.part}
        if self.failures == 1:
            return say("background.stopped", lang, **facts)
        error = self.error or say("background.no_error", lang)
        return say("background.failed", lang, **facts, error=error, failures=self.failures)


def failing(beats: Mapping[str, Heartbeat], now: datetime) -> dict[str, int]:
    """Part to its failures, of the worker where they are most.

    Failures of a worker that is silent itself do not count.

    Args:
        beats: as `health.last_beats` gives them.
        now: by the wall clock.
    """
    found: dict[str, int] = {}
    for name, beat in beats.items():
        prefix, _, rest = name.partition(":")
        part = rest.partition(":")[0]
        if prefix == _PREFIX and part in PARTS and health.is_alive(beat, now):
            found[part] = max(beat.number, found.get(part, 0))
    return found


def standing_still(
    beats: Mapping[str, Heartbeat], why_paused: str, now: datetime
) -> dict[str, int]:
    """Part to its failures, as `failing`, in the order of `PARTS`; 1 for a worker that has fallen
    silent, for paused timers, and for a restored copy that nobody has confirmed.

    Args:
        why_paused: as `clock_guard.why_paused` gives it.
    """
    found = failing(beats, now)
    if health.WORKER in beats and not health.is_alive(beats[health.WORKER], now):
        found[health.WORKER] = 1
    if why_paused:
        found[TIMERS if why_paused == clock_guard.CLOCK else why_paused] = 1
    return {part: found[part] for part in PARTS if part in found}


def load_stops(tx: Tx, *, now: datetime) -> list[StoppedPart]:
    """Load the parts that fail or stand still now, with the places of their faults.

    Args:
        now: by the wall clock.
    """
    found = standing_still(health.last_beats(tx), clock_guard.why_paused(tx), now)
    errors = {row.element: row.error for row in incidents.open_of_installation(tx, KIND)}
    return [StoppedPart(part, n, errors.get(part, "")) for part, n in found.items()]


def record_failing(tx: Tx, part: str, worker: str, *, failures: int, now: datetime) -> None:
    """Record that a part of a worker fails; again while it goes on.

    One row and nothing else, so that it is written where a ledger entry cannot be.
    """
    heartbeats.put(tx, Heartbeat(_name(part, worker), now, failures))


def is_open(tx: Tx, part: str) -> bool:
    """Whether the part has an open incident."""
    return any(row.element == part for row in incidents.open_of_installation(tx, KIND))


def open_incident(tx: Tx, part: str, *, error: str, now: datetime) -> bool:
    """Open the incident of a part, unless it is open: of another worker perhaps. Gives whether it
    was opened.

    Args:
        error: kind and place of the fault, never a value.
    """
    if is_open(tx, part):
        return False
    row = incidents.Incident(ulid(now), None, "", part, KIND, "", error[:300], now)
    incidents.add(tx, row)
    append_entry(
        tx,
        incidents.stream_of(row),
        "part_failing",
        by=WORKER,
        now=now,
        body={"incident": row.id, "element": part},
    )
    return True


def record_over(tx: Tx, part: str, worker: str, *, now: datetime) -> None:
    """Record that a part of a worker works again; its incident ends unless another's fails."""
    heartbeats.delete(tx, _name(part, worker))
    beats = health.last_beats(tx)
    if part not in failing(beats, now):
        _close(tx, part, RECOVERED, beats, now=now)


def close_gone(tx: Tx, *, now: datetime) -> None:
    """End the incidents of parts whose worker says no more that they fail: it was ended."""
    rows = incidents.open_of_installation(tx, KIND)
    if not rows:
        return
    beats = health.last_beats(tx)
    still = failing(beats, now)
    for part in sorted({row.element for row in rows} - still.keys()):
        _close(tx, part, GONE, beats, now=now)


def _close(tx: Tx, part: str, what: str, beats: Iterable[str], *, now: datetime) -> None:
    """Close the incident of a part that nobody fails at, with the beats of workers that ended."""
    for name in beats:
        if name.startswith(_name(part, "")):
            heartbeats.delete(tx, name)
    for row in incidents.open_of_installation(tx, KIND):
        if row.element == part and incidents.close(tx, row.id, at=now, by=WORKER.id):
            body = {"incident": row.id, "element": part, "what": what}
            append_entry(tx, incidents.stream_of(row), "part_over", by=WORKER, now=now, body=body)


def _name(part: str, worker: str) -> str:
    return f"{_PREFIX}:{part}:{worker}"
