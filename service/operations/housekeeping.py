"""Deletion of expired rows: forms already sent, sessions, rate limits, short-lived texts, and rows
in lists whose grant has run out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from service.casework.approvals import requests, unmasking
from service.casework.cases import unsent_files
from service.records.context import CLOCK, Services
from service.store.casefile import cases, documents
from service.store.installation import (
    draft_states,
    idempotency,
    rate_limits,
    sessions,
    short_lived_texts,
)
from service.store.lists import case_access
from service.store.transaction import Tx
from service.store.work import batches, unsent_answers
from service.workshop.drafts import UNDO

ONCE, ENDED, COUNTED = timedelta(days=7), timedelta(days=1), timedelta(days=1)
"""How long keys of sent forms, ended sessions and counts of tries are kept."""
ENOUGH = 500
"""Cases that are brought in line at once."""
BATCHES = timedelta(days=90)
"""How long what a dry run or a migration found in each case is kept."""


def sweep_expired(tx: Tx, *, now: datetime) -> int:
    """Delete expired rows; returns their number.

    Args:
        now: the wall clock's, by which all of them were written.
    """
    return (
        short_lived_texts.sweep(tx, now)
        + idempotency.sweep(tx, now - ONCE)
        + sessions.sweep(tx, now - ENDED)
        + rate_limits.sweep(tx, now - COUNTED)
    )


def expire_approvals(tx: Tx, services: Services, *, now: datetime) -> int:
    """Mark approvals that nobody decided or used in time, or whose linked case has ended; returns
    their number.

    Args:
        now: the clock that cases go by.
    """
    return requests.expire(tx, now=now) + unmasking.end_with_linked(tx, services, now=now)


def drop_unsent(tx: Tx, services: Services, *, now: datetime) -> int:
    """Delete unsent answers that nobody touched for long, with the files that were attached;
    returns the number of the answers.

    Args:
        now: the clock that cases go by, by which unsent answers are written.

    Source: `unsent_days` in `workflows/config/reminders.toml`.
    """
    before = now - timedelta(days=services.current_configuration(tx).reminders.unsent_days)
    swept = unsent_answers.sweep(tx, before)
    left = documents.untouched(tx, before)
    unsent_files.delete(tx, left, by=CLOCK, now=now, ids={row.id for row in left})
    return swept


def sweep_batches(tx: Tx, *, now: datetime) -> int:
    """Delete batches that ended long ago; returns their number.

    Args:
        now: the clock that cases go by, by which batches are written.
    """
    return batches.sweep(tx, now - BATCHES)


def sweep_draft_states(tx: Tx, *, now: datetime) -> int:
    """Delete earlier states of the files of drafts that nobody can take up again; returns their
    number.

    Args:
        now: the clock by which drafts are closed.
    """
    return draft_states.sweep(tx, now - UNDO)


def sweep_lists(tx: Tx, *, now: datetime) -> int:
    """Bring cases in line with their grants of which one has run out: no list shows such a row any
    more, and the counts lose it now. Returns the number of cases.

    Args:
        now: the clock that cases go by.
    """
    found = (cases.load(tx, id_) for id_ in case_access.over(tx, now, limit=ENOUGH))
    return sum(case_access.refresh(tx, rows.case, now) for rows in found if rows is not None)
