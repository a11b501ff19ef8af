"""State of the demo, kept as settings: its people, its clock, the place in its guided tour."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from service.store.installation import installation_values
from service.store.transaction import Tx
from service.store.work import jobs

CLOCK, PEOPLE, WALK = "demo.clock", "demo.people", "demo.walk"
"""Settings of the demo: seconds by which the clock is ahead; first name to person id; the place
in the tour."""


def people(tx: Tx) -> dict[str, str]:
    """First name in small letters to person id."""
    found: dict[str, str] = json.loads(installation_values.get(tx, PEOPLE, "{}"))
    return found


def shift_of(kept: str) -> timedelta:
    """By how much the clock is ahead, from its setting."""
    return timedelta(seconds=int(kept or 0))


def pass_time(tx: Tx, span: timedelta) -> None:
    """Let time go by.

    Every process reads the shift again with its next request; work that is due then is done then.
    """
    set_clock(tx, shift_of(installation_values.get(tx, CLOCK)) + span)


def set_clock(tx: Tx, ahead: timedelta) -> None:
    """By how much the clock is ahead from now on."""
    installation_values.put(tx, CLOCK, str(int(ahead.total_seconds())))


def pass_to_next(tx: Tx, *, now: datetime) -> None:
    """Let time go by until the next timer is due; nothing when none waits."""
    moment = jobs.next_moment(tx)
    if moment is not None and moment > now:
        pass_time(tx, moment - now + timedelta(seconds=1))


def keep_walk(tx: Tx, kept: str) -> None:
    """Remember the place in the guided tour; empty when nobody takes it."""
    installation_values.put(tx, WALK, kept)
