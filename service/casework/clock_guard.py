"""The guard of timers: they are paused after a clock jump, and in a restored copy.

After a jump until an operator confirms the clock: calls that are due and letters go on. In a
restored copy until an operator confirms that (`restored_copy`): nothing goes on. Two settings are
stored: the moment when a worker last looked at the clock, and after a jump its moment.
Source: decisions/0009.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from service.casework import restored_copy
from service.errors import ClockJumped, NotConfirmed
from service.records.context import WORKER, Actor
from service.records.ledger_append import append_entry
from service.store.at_hand import Reader
from service.store.installation import installation_values
from service.store.transaction import Tx

MOST: timedelta = timedelta(minutes=5)
"""The largest change of the clock that does not pause timers."""
SEEN, PAUSED = "clock.seen", "clock.paused"
"""Settings: the moment when a worker last looked, and the moment of a jump nobody has confirmed."""
CLOCK: Final = "clock"
RESTORED: Final = "restored"
"""Why timers are paused: the clock jumped, or the database is a restored copy."""


ASKED_WHY = (*restored_copy.ASKED, PAUSED)
"""Names of the settings that `why_paused` reads."""
ASKED = (*ASKED_WHY, SEEN)
"""Names of the settings that are read here."""


def paused(reader: Reader) -> bool:
    """Whether timers are paused."""
    return why_paused(reader) != ""


def why_paused(reader: Reader) -> str:
    """Why timers are paused; empty while they fire."""
    if restored_copy.is_held(reader):
        return RESTORED
    return CLOCK if clock_jumped(reader) else ""


def clock_jumped(reader: Reader) -> bool:
    """Whether the clock jumped and nobody has confirmed it yet."""
    return installation_values.get(reader, PAUSED) != ""


def measure_jump(reader: Reader, *, now: datetime, moved: timedelta) -> timedelta | None:
    """Measure how far the clock has jumped; None for no more than `MOST`.

    Either against the steady clock, or back behind the moment when a worker last looked.

    Args:
        moved: how far the clock was set since this worker last looked; zero when it has not looked
            yet, so that a long stop is no jump.
    """
    if abs(moved) > MOST:
        return moved
    seen = installation_values.get(reader, SEEN)
    behind = now - datetime.fromisoformat(seen) if seen else timedelta()
    return behind if behind < -MOST else None


def pause(tx: Tx, *, by: timedelta, now: datetime) -> bool:
    """Pause timers, with an entry in the stream `system`; False when they were paused before.

    Args:
        by: how far the clock jumped.
    """
    if clock_jumped(tx):
        return False
    installation_values.put(tx, PAUSED, now.isoformat())
    body = {"seconds": int(by.total_seconds())}
    append_entry(tx, "system", "clock_jumped", by=WORKER, now=now, body=body)
    return True


def record_worker_moment(tx: Tx, *, now: datetime) -> None:
    """Store the moment when a worker last looked at the clock."""
    installation_values.put(tx, SEEN, now.isoformat())


def refuse_when_paused(reader: Reader) -> None:
    """Refuse what needs a timer to fire first.

    Raises:
        NotConfirmed: timers are paused in a restored copy.   ClockJumped: after a clock jump.
    """
    why = why_paused(reader)
    if why == RESTORED:
        raise NotConfirmed
    if why:
        raise ClockJumped


def confirm_clock(tx: Tx, *, by: Actor, now: datetime) -> bool:
    """Resume timers by the clock as it is now; False when they were not paused."""
    if not clock_jumped(tx):
        return False
    installation_values.put(tx, PAUSED, "")
    record_worker_moment(tx, now=now)
    append_entry(tx, "system", "clock_confirmed", by=by, now=now)
    return True
