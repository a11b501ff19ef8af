"""Check of a migration: may a case move to another definition, and what would that change?

The move is tried, and what waits after it is compared with what waited before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.migration.deadlines import changed_deadlines, timers_that_go_on
from service.engine.migration.findings import MigrationCheck, label, problem
from service.engine.migration.refusals import refusals
from service.engine.spiff import codec
from service.engine.spiff.open_work import open_work
from service.engine.spiff.patches import turn
from service.engine.types import Move
from service.errors import EngineStopped, WrongDefinition

_SEED = "check"


def check(
    state: bytes,
    old: Definition,
    new: Definition,
    relocate: Mapping[str, str] | None = None,
    rearm: frozenset[str] = frozenset(),
    *,
    now: datetime,
) -> MigrationCheck:
    """Check whether a case may move from one definition to another at a moment.

    Args:
        old: the definition that the case is on.
        relocate, rearm: as of `Move`.
        now: aware, UTC, cut to the millisecond; new deadlines count from it.
    Raises:
        TaskClosed: a relocated task, or a timer to be armed anew, is not open.
        WrongDefinition: the case is not on `old`.
    """
    stored = codec.unpack(state)
    if stored.digest != old.digest:
        raise WrongDefinition(f"made for definition {stored.digest}, not {old.digest}")
    if old.digest == new.digest and not relocate and not rearm:
        return MigrationCheck()
    moved = relocate or {}
    if problems := refusals(stored, old, new, moved):
        return MigrationCheck(tuple(problems))
    with turn(now, _SEED):
        before = open_work(codec.decode(old, stored))
    try:
        after = advance(new, state, Move(moved, rearm), now=now, seed=_SEED, old=old)
    except EngineStopped as stop:
        place = {"x": label(stop.element, old, new)}
        return MigrationCheck((problem("stops", stop.element, place),))
    if after.finished:
        place = {"x": label(after.ends[-1], new, old)}
        return MigrationCheck((problem("ends", after.ends[-1], place),))
    notes = tuple(changed_deadlines(old, new, before, after.open))
    return MigrationCheck(notes=notes, timers=tuple(timers_that_go_on(new, before, after.open)))
