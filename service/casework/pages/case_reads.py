"""Entries of the read log for parts of a case, written before these are sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from service.access import Viewer
from service.casework.casefile import read_log
from service.casework.casefile.case_view import CaseView
from service.casework.referrals import lifecycle
from service.casework.tasks.form_session import FormSession, TaskFormTarget
from service.store.at_hand import Reader
from service.store.casefile.cases import CaseSummary
from service.store.transaction import Tx


def record_case(
    tx: Tx, at: CaseView, *, classes: Collection[str], about: Mapping[str, str]
) -> None:
    """Record that the viewer of a case reads it, before it is sent, with the number of what a
    second person has opened to her in it; as `record_look`.
    """
    more: dict[str, str | int] = {**about}
    if at.opened is not None:
        more["unmasking"] = at.opened.number
    record_look(at.at_hand, tx, by=at.viewer, now=at.now, case=at.case, classes=classes, about=more)


def record_look(
    reader: Reader,
    tx: Tx,
    *,
    by: Viewer,
    now: datetime,
    case: CaseSummary,
    classes: Collection[str],
    about: Mapping[str, str | int],
) -> None:
    """Record that somebody reads a case, before it is sent. It is also a referral's receipt.

    Args:
        reader: knows the referrals of the case.
        classes: the classes of answers that are shown; of process facts alone C0.
        about: ids of what is shown; never a value.
    """
    read_log.record_read(
        tx,
        by=by,
        now=now,
        case_id=case.id,
        purpose="case",
        classes=classes,
        about=about,
        case=case,
    )
    lifecycle.record_step_receipt(reader, tx, by=by, now=now, case_id=case.id)


def record_task(
    tx: Tx,
    session: FormSession[TaskFormTarget],
    classes: Collection[str],
) -> None:
    """Record that somebody reads a task of a case; as `record_look`."""
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
