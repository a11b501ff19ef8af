"""Restore: the case as it was in an earlier state of its own."""

from __future__ import annotations

from dataclasses import replace

from service.engine.definition import Definition
from service.engine.spiff import codec
from service.engine.spiff.api import LIVE
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.patches import current
from service.engine.stored_state import StoredState


def restore(definition: Definition, state: bytes, then: bytes) -> CaseExecution:
    """Build the case as it was in an earlier state.

    What has been open all the time keeps its id, and with it its row, its claim and what was typed.
    Everything else that comes back gets a new one, so that no row, job or idempotency key is used
    twice. Counters go on from the higher of both states; timers keep their due times.
    """
    now = codec.unpack(state)
    earlier = codec.unpack(then)
    draw = current().draw
    lives = _lives(now)
    ids = {
        id_: id_ if lives.get(id_) == is_live else draw()
        for id_, is_live in _lives(earlier).items()
    }
    scopes = [
        (ids.get(owner or ""), name, [[ids[row[0]], *row[1:]] for row in rows])
        for owner, name, rows in earlier.scopes
    ]
    counts = {
        name: max(now.counts.get(name, 0), earlier.counts.get(name, 0))
        for name in now.counts.keys() | earlier.counts.keys()
    }
    return codec.decode(definition, replace(earlier, scopes=scopes, counts=counts))


def _lives(stored: StoredState) -> dict[str, bool]:
    """Id of each row to whether something still waits there."""
    return {row[0]: bool(row[4] & LIVE) for _, _, rows in stored.scopes for row in rows}
