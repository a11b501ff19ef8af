"""The monthly log review: the worker begins it, and tells the auditors that it waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog

from service.audit.log_review.begin import begin_review, due_month
from service.audit.log_review.looks import find_looks
from service.errors import MailRefused
from service.operations.log_review_letters import due_letters, record_letter
from service.worker.providers import hand_over
from service.worker.state import WorkerState

log = structlog.get_logger("worker")
LETTERS: Final = timedelta(minutes=1)
"""How often it looks for letters that a review waits."""


def begin_due_reviews(worker: WorkerState, now: datetime) -> int:
    """Begin the reviews of months that are over; gives their number.

    A month is read in a transaction that holds up nobody who writes, and begun in a short one.
    """
    services, begun = worker.services, 0
    while not worker.stopping.is_set():
        with worker.database.transaction(write=False) as tx:
            month = due_month(tx, services, now)
            if month is None:
                return begun
            found = find_looks(tx, services, month, services.programme.log_review)
        with worker.database.transaction() as tx:
            begun += begin_review(tx, services, found, now=now)
        log.info("log_review_begun")
    return begun


def send_review_letters(worker: WorkerState, now: datetime) -> int:
    """Send the letters that a review waits; gives their number.

    A server that refuses one gets it again a minute later: its key is the same.
    """
    last, paused = worker.review_letters_at, worker.mail_paused_until
    if (last is not None and last <= now < last + LETTERS) or (paused is not None and now < paused):
        return 0
    worker.review_letters_at = now
    with worker.database.transaction(write=False) as tx:
        letters = due_letters(tx, worker.services, now=now)
    sent = 0
    for letter in letters:
        try:
            hand_over(worker, letter.mail)
        except MailRefused as e:
            log.warning("log_review_letter_refused", office=letter.office, error=str(e))
            continue
        with worker.database.transaction() as tx:
            record_letter(tx, letter, now=now)
        sent += 1
    return sent
