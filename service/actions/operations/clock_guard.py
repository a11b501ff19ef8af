"""A clock that jumps: whatever waits for a moment goes on waiting until an operator has said that
the clock is right.

Calls that are due and letters go on. What is kept is one moment (when the worker last looked) and,
while firing is paused, what was seen.
Source: trust.md 9.3; decisions/0009.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from service.actions.context import WORKER, Actor
from service.actions.ledger_entries import append_entry
from service.errors import ClockJumped
from service.store.installation import installation_settings
from service.store.transaction import Tx

MOST: timedelta = timedelta(minutes=5)
"""A clock that is set by no more than this goes on unasked."""
SEEN, PAUSED = "clock.seen", "clock.paused"
"""Settings: when a worker last looked; and when the clock stood where it was seen to jump, while
nobody has confirmed it."""


def paused(tx: Tx) -> bool:
    """Whether firing is paused."""
    return installation_settings.get(tx, PAUSED) != ""


def measure_jump(tx: Tx, *, now: datetime, moved: timedelta) -> timedelta | None:
    """By how much the clock has jumped: against hands that nobody can set, or back behind the
    moment when a worker last looked.

    None for less than `MOST`.

    Args:
        moved: how far the clock was set since this worker last looked; nothing when it has not
            looked yet, so that a long stop is no jump.
    """
    if abs(moved) > MOST:
        return moved
    seen = installation_settings.get(tx, SEEN)
    behind = now - datetime.fromisoformat(seen) if seen else timedelta()
    return behind if behind < -MOST else None


def pause(tx: Tx, *, by: timedelta, now: datetime) -> bool:
    """Fire nothing more; one line of the house's stream tells why.

    False when it was paused before.
    """
    if paused(tx):
        return False
    installation_settings.put(tx, PAUSED, now.isoformat())
    append_entry(
        tx, "system", "clock_jumped", by=WORKER, now=now, body={"seconds": int(by.total_seconds())}
    )
    return True


def record_worker_moment(tx: Tx, *, now: datetime) -> None:
    """Keep the moment when a worker last looked."""
    installation_settings.put(tx, SEEN, now.isoformat())


def refuse_when_paused(tx: Tx) -> None:
    """Refuse what needs a timer to fire first.

    Raises:
        ClockJumped: firing is paused.
    """
    if paused(tx):
        raise ClockJumped


def confirm_clock(tx: Tx, *, by: Actor, now: datetime) -> bool:
    """The clock is right as it stands: what is due by it fires. False when nothing is paused."""
    if not paused(tx):
        return False
    installation_settings.put(tx, PAUSED, "")
    record_worker_moment(tx, now=now)
    append_entry(tx, "system", "clock_confirmed", by=by, now=now)
    return True
