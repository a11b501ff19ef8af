"""Opening a case for a reader who has said why, and recording who read what of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from service.access import Viewer
from service.actions.casefile import read_log
from service.actions.casefile.case_view import CaseView, load_case_view, needs_lookup_reason
from service.actions.context import Services
from service.actions.referrals import lifecycle
from service.errors import NotFound
from service.store.transaction import Tx

PROCESS_FACTS = frozenset({"C0"})
"""Classes that may be read without an entry in the read log."""


def open_explained(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> CaseView:
    """Load a case for a viewer whose office has a task in it, or who has said why she opens it.

    Raises:
        NotFound: there is none for her, or she has not said yet why she opens it.
    """
    found = load_case_view(tx, services, viewer, case_id, now)
    if needs_lookup_reason(tx, found):
        raise NotFound
    return found


def record_case(
    tx: Tx,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    classes: Collection[str],
    about: Mapping[str, str],
) -> None:
    """Record that somebody reads a case, before it is sent. It is also a referral's receipt.

    Args:
        classes: the classes of answers that are shown; process facts alone leave no entry.
        about: ids of what is shown; never a value.
    """
    if set(classes) - PROCESS_FACTS:
        read_log.record_read(
            tx, by=by, case_id=case_id, purpose="case", classes=classes, now=now, about=about
        )
    lifecycle.record_step_receipt(tx, by=by, case_id=case_id, now=now)


def record_task(
    tx: Tx,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    task: str,
    classes: Collection[str],
) -> None:
    """Record that somebody reads a task of a case; as `record_case`, but always with an entry."""
    about = {"task": task}
    read_log.record_read(
        tx, by=by, case_id=case_id, purpose="task", classes=classes, now=now, about=about
    )
    lifecycle.record_step_receipt(tx, by=by, case_id=case_id, now=now)
