"""The monthly log review in the background: the worker begins it, and sends its letters.

Letters go to auditors and to people who are asked about a look. They are about no case, so they are
not in the outbox of cases: a letter that was sent has an entry in the review, and one without an
entry is still to be sent. A letter names nobody and says nothing of what stands out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from service.access import AUDITOR
from service.audit.log_review import review_process
from service.audit.log_review.looks import find_looks
from service.audit.log_review.questions import waiting_questions
from service.audit.log_review.review import ANSWER, LogReview
from service.audit.log_review.review_commands import begin_review, due_month
from service.audit.log_review.review_process import LETTER, stream_of
from service.casework.letters.letter_mail import address_of
from service.errors import MailRefused
from service.mail import OutgoingMail
from service.people.letter_choices import load_addresses, own_address
from service.records.context import WORKER, Services
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.installation import offices, people
from service.store.transaction import Tx
from service.text import say
from service.worker.providers import hand_over
from service.worker.state import WorkerState

log = structlog.get_logger("worker")
LETTERS: Final = timedelta(minutes=1)
"""How often the worker looks for letters of a review."""


@dataclass(frozen=True, slots=True)
class ReviewLetter:
    """A letter that is ready to go, and what its entry will say."""

    month: str
    element: str
    office: str
    late: bool
    mail: OutgoingMail


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
    """Send the letters of reviews that are due; gives their number.

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


def due_letters(tx: Tx, services: Services, *, now: datetime) -> list[ReviewLetter]:
    """The letters that nobody has sent yet: one when a step or a question begins to wait, one when
    it is late.

    None in the quiet hours of an office, and none to one that has no address.
    """
    return [
        letter
        for review in review_process.load_waiting(tx)
        for letter in (
            *_of_review(tx, services, review, now),
            *_of_questions(tx, services, review, now),
        )
    ]


def record_letter(tx: Tx, letter: ReviewLetter, *, now: datetime) -> None:
    """Record that a letter was sent."""
    body: dict[str, ledger_lines.Canonical] = {
        "element": letter.element,
        "to": letter.office,
        "late": letter.late,
    }
    append_entry(tx, stream_of(letter.month), LETTER, by=WORKER, now=now, body=body)


def _of_review(
    tx: Tx, services: Services, review: LogReview, now: datetime
) -> Iterator[ReviewLetter]:
    if review.task is None:
        return
    element, late = review.task.element, review.is_late(now)
    holding = (id_ for id_, roles in people.roles_of_offices(tx).items() if AUDITOR in roles)
    for office_id in sorted(holding):
        office = offices.get(tx, office_id)
        if office is None or (element, office_id, late) in review.letters:
            continue
        mailbox = address_of(tx, services, office_id)
        if not mailbox or _is_quiet(tx, services, office.zone, now):
            continue
        mail = OutgoingMail(
            f"log-review:{review.month}:{element}:{office_id}:{int(late)}",
            mailbox,
            say("mail.subject", office.language),
            _text(services, office, review.month, late=late),
            office.language,
            receivers=load_addresses(tx, services, office_id, AUDITOR, mailbox),
        )
        yield ReviewLetter(review.month, element, office_id, late, mail)


def _of_questions(
    tx: Tx, services: Services, review: LogReview, now: datetime
) -> Iterator[ReviewLetter]:
    """Letters to people who are asked, each to her own address or to that of her office."""
    for asked, late in waiting_questions(review, now):
        person = people.get(tx, asked.person)
        office = offices.get(tx, person.person.office_id) if person is not None else None
        element = f"{ANSWER}/{asked.task}"
        if person is None or office is None or (element, office.id, late) in review.letters:
            continue
        mailbox = address_of(tx, services, office.id)
        if not mailbox or _is_quiet(tx, services, office.zone, now):
            continue
        link, lang = f"{services.base_url.rstrip('/')}/log-questions", office.language
        mail = OutgoingMail(
            f"log-review:{review.month}:{element}:{int(late)}",
            mailbox,
            say("mail.subject", lang),
            say(f"mail.log_question_{'late' if late else 'waits'}", lang, link=link)
            + f"\n\n{_foot(services, office)}",
            lang,
            receivers=(own_address(services, person) or mailbox,),
        )
        yield ReviewLetter(review.month, element, office.id, late, mail)


def _is_quiet(tx: Tx, services: Services, zone: str, now: datetime) -> bool:
    rules = services.current_configuration(tx).reminders
    hour = now.astimezone(ZoneInfo(zone)).hour
    return not rules.quiet_to <= hour < rules.quiet_from


def _text(services: Services, office: offices.Office, month: str, *, late: bool) -> str:
    lang, link = office.language, f"{services.base_url.rstrip('/')}/audit/log-review/{month}"
    body = say(f"mail.log_review_{'late' if late else 'waits'}", lang, link=link)
    return f"{body}\n\n{_foot(services, office)}"


def _foot(services: Services, office: offices.Office) -> str:
    link = f"{services.base_url.rstrip('/')}/"
    return say("mail.foot", office.language, office=office.name, link=link)
