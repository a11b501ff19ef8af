"""Entries of the read log for parts of a case, written before these are sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from service.access import Viewer
from service.casework.casefile import read_log
from service.casework.referrals import lifecycle
from service.casework.tasks.form_session import FormSession, TaskFormTarget
from service.store.transaction import Tx


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
        classes: the classes of answers that are shown; of process facts alone C0.
        about: ids of what is shown; never a value.
    """
    read_log.record_read(
        tx, by=by, case_id=case_id, purpose="case", classes=classes, now=now, about=about
    )
    lifecycle.record_step_receipt(tx, tx, by=by, case_id=case_id, now=now)


def record_task(
    tx: Tx,
    session: FormSession[TaskFormTarget],
    classes: Collection[str],
) -> None:
    """Record that somebody reads a task of a case; as `record_case`."""
    target, by, now = session.target, session.viewer, session.now
    case, about = target.loaded.case, {"task": target.task.key}
    read_log.record_read(
        tx,
        by=by,
        case_id=case.id,
        purpose="task",
        classes=classes,
        now=now,
        about=about,
        case=case,
    )
    lifecycle.record_step_receipt(session.reader, tx, by=by, case_id=case.id, now=now)
