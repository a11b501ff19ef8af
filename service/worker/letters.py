"""Letters that wait in the outbox, sent one by one.

A mail server that cannot be reached keeps letters waiting, and nothing else. A letter that the
server refuses for now is tried again with patience, then rests, and an incident opens; one that it
refuses for good rests at once. Where the server or this process ended in the middle, so that the
server may have the letter, it is sent once more and not again, and an incident opens: nobody gets
more than two copies unless an operator says so.

What became of a letter is kept until it is written, and nothing else is sent before that: a
database that is busy, or a disk that is full, sends no letter twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog

from service import fault_points, logs
from service.application import unit_of_work
from service.casework import incidents, restored_copy
from service.casework.letters import gathered_letters, letter_mail
from service.casework.letters.gathered_letters import PreparedLetters
from service.errors import Busy, CaseMoved, MailRefused
from service.store.transaction import Tx
from service.store.work import letters
from service.worker import providers
from service.worker.providers import hand_over
from service.worker.state import BATCH, WorkerState

log = structlog.get_logger("worker")
LETTER_TRIES = 8
"""Refusals of one letter before it rests and an incident opens: some nine hours.

Minutes in which no mail server could be reached do not count.
"""
UNKNOWN = f"{letters.MAY_HAVE}, and ended before it said so"
"""Begins the error of a letter of which there may be a copy already."""
MAIL_PAUSE = timedelta(minutes=1)
"""So long nothing is sent after the mail server could not be reached; timers and calls go on."""


def send_due(worker: WorkerState) -> int:
    """Lease due letters and send each; gives their number.

    In a restored copy that nobody has confirmed, none is sent.
    """
    write_outcomes(worker)
    if worker.to_send:
        return _send_own(worker)
    now = worker.clock.now()
    if worker.mail_paused_until is not None and now < worker.mail_paused_until:
        return 0
    worker.mail_paused_until = None
    with worker.database.transaction() as tx:
        if restored_copy.is_held(tx):
            return 0
        leased = letters.lease(
            tx,
            now=now,
            who=worker.name,
            seconds=worker.lease_seconds,
            limit=BATCH,
            urgent=worker.services.current_configuration(tx).reminders.never_quiet,
        )
        incidents.record_refused_rows(tx, now)
    worker.to_send.extend(leased)
    return _send_own(worker)


def _send_own(worker: WorkerState) -> int:
    """Send the letters that this worker has leased; gives their number."""
    sent = 0
    while worker.to_send and not worker.stopping.is_set():
        worker.beat()
        fault_points.hit("l1")
        letter = worker.to_send.popleft()
        try:
            send_letter(worker, letter)
        except Busy:
            if not worker.outcomes:  # it was not sent, and its lease is not over
                worker.to_send.appendleft(letter)
            raise
        sent += 1
    return sent


def give_back(worker: WorkerState) -> int:
    """Write what became of letters, and give back those that this worker does not send any more;
    gives their number.
    """
    write_outcomes(worker)
    left = [*worker.to_send]
    with worker.database.transaction() as tx:
        for letter in left:
            letters.wait(tx, letter.key, worker.name, at=worker.clock.now(), error=letter.error)
    return len(left)


def send_letter(worker: WorkerState, letter: letters.Letter) -> None:
    """Send one letter, with those that leave together with it.

    What goes wrong with it is its own failed try; a server that cannot be reached is nobody's.

    Raises:
        Busy: the database did not answer in time. Either nothing was sent, or what became of it is
            kept among the worker's outcomes.
    """
    _send(worker, letter)
    write_outcomes(worker)


def _send(worker: WorkerState, letter: letters.Letter) -> None:
    """Send a letter, and keep its outcome until `write_outcomes`."""
    if worker.mail_paused_until is not None:
        _wait(worker, letter, letter.error or "the mail server could not be reached")
        return
    together: tuple[letters.Letter, ...] = (letter,)
    try:
        prepared = _prepare(worker, letter)
        if prepared is None:
            return
        together = prepared.letters
        fault_points.hit("l2")
        hand_over(worker, prepared.mail, before_text=partial(_renew, worker, together))
        fault_points.hit("l3")
    except _LeaseLost:
        return
    except MailRefused as e:
        _record_refusal(worker, together, e)
        return
    except Busy:
        raise
    except Exception as e:  # noqa: BLE001 - one letter must not stop the others; the kind of fault is kept, never a value
        log.error("letter_failed", job=letter.key, case=letter.case_id, **logs.described(e))  # noqa: TRY400 - a traceback would hold values
        _record_fault(worker, together, e)
        return
    worker.outcomes.append(partial(_record_sent, worker, together, worker.clock.now()))


def write_outcomes(worker: WorkerState) -> None:
    """Write what became of letters.

    Raises:
        Busy: the database did not answer in time; what is left is kept, and written later.
    """
    while worker.outcomes:
        outcome = worker.outcomes.popleft()
        try:
            unit_of_work.write(worker.database, outcome)
        except (Busy, CaseMoved):
            worker.outcomes.appendleft(outcome)
            raise


def _record_sent(
    worker: WorkerState, together: Iterable[letters.Letter], now: datetime, tx: Tx
) -> None:
    """Note that the mail server took letters that left together."""
    for one in together:
        letter_mail.record_sent(tx, letter=one, who=worker.name, now=now)


def _prepare(worker: WorkerState, letter: letters.Letter) -> PreparedLetters | None:
    """The message of a letter, and what leaves with it; None when it must not go, waits for the
    next morning, or when its lease was lost.
    """
    now = worker.clock.now()
    until = worker.lease_end()
    who = worker.name
    services = worker.services
    fresh = _is_fresh(worker, letter)
    if fresh and not letter.channel and not letter.may_have_copy:
        with worker.database.transaction(write=False) as tx:
            prepared = gathered_letters.prepare_at_once(tx, services, now=now, letter=letter)
        if prepared is not None:
            return prepared
    with worker.database.transaction() as tx:
        if not fresh and not letters.keep(tx, letter.key, who, until):
            return None
        if letter.error == letters.LAST:
            letter_mail.give_up(tx, letter=letter, who=who, error=letter.error, now=now)
            return None
        if letter.channel:
            mail = providers.prepare_request(tx, services, now=now, letter=letter, who=who)
            prepared = PreparedLetters(mail, (letter,)) if mail is not None else None
        else:
            prepared = gathered_letters.prepare_letters(
                tx, services, now=now, letter=letter, who=who, until=until
            )
        for one in prepared.letters if prepared is not None else ():
            if one.may_have_copy:
                letters.send_last(tx, one.key, who)
        return prepared


class _LeaseLost(Exception):
    """Another worker has the letter: this one was too slow, and has sent nothing."""


def _renew(worker: WorkerState, together: Iterable[letters.Letter]) -> None:
    """Renew the leases of letters whose text is going to be sent, where a mail server has been slow
    so far: nobody else may send them until its answer is known.

    Raises:
        _LeaseLost: one of them is another worker's by now.
        Busy: the database did not answer in time. Nothing was sent.
    """
    if all(_is_fresh(worker, letter) for letter in together):
        return
    until = worker.lease_end()
    with worker.database.transaction() as tx:
        if not all(letters.keep(tx, one.key, worker.name, until) for one in together):
            raise _LeaseLost


def _is_fresh(worker: WorkerState, letter: letters.Letter) -> bool:
    """Whether a letter was leased just now, so that nobody else can have it."""
    renewal = timedelta(seconds=worker.renew_seconds)
    return letter.lease_until is not None and worker.lease_end() - letter.lease_until < renewal


def _wait(worker: WorkerState, letter: letters.Letter, error: str) -> None:
    """Give a letter back; the try does not count."""
    at = worker.mail_paused_until or worker.clock.now()
    worker.outcomes.append(lambda tx: letters.wait(tx, letter.key, worker.name, at=at, error=error))


def _record_fault(
    worker: WorkerState, together: Iterable[letters.Letter], fault: Exception
) -> None:
    """Note that a fault of the program met letters that leave together."""
    for letter in together:
        kept = f"{UNKNOWN}; then: " if letter.may_have_copy else ""
        _record_failure(worker, letter, f"{kept}{type(fault).__name__}")


def _record_refusal(
    worker: WorkerState, together: Iterable[letters.Letter], refusal: MailRefused
) -> None:
    """Note what the mail server did with letters that leave together."""
    if refusal.facts["hangs"] or not refusal.facts["reached"]:
        worker.mail_paused_until = worker.clock.now() + MAIL_PAUSE
    for letter in together:
        _record_refused(worker, letter, refusal)


def _record_refused(worker: WorkerState, letter: letters.Letter, refusal: MailRefused) -> None:
    error, was_unknown = str(refusal), letter.may_have_copy
    if refusal.facts["unknown"]:
        error = f"{UNKNOWN}: {error}"
    elif was_unknown:
        error = f"{UNKNOWN}; then: {error}"
    if refusal.facts["reached"]:
        again = refusal.facts["unknown"] and was_unknown
        last = bool(refusal.facts["permanent"] or again)
        _record_failure(worker, letter, error, last=last)
    else:
        _wait(worker, letter, error)


def _record_failure(
    worker: WorkerState, letter: letters.Letter, error: str, *, last: bool = False
) -> None:
    """Note a failed try; after the last one the letter rests."""
    now, tries = worker.clock.now(), letter.tries + 1

    def record(tx: Tx) -> None:
        if tries < LETTER_TRIES and not last:
            at = now + incidents.retry_delay(tries)
            letters.retry(tx, letter.key, worker.name, at=at, error=error)
        else:
            letter_mail.give_up(tx, letter=letter, who=worker.name, error=error, now=now)
            tx.after_commit(lambda: log.error("letter_gave_up", job=letter.key))

    worker.outcomes.append(record)
