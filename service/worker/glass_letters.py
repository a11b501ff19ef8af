"""Letters to data protection about who named a case that opened nothing, in danger to life.

They are about no case, so they are not in the outbox of cases: a letter that was sent has an entry,
and a try without one is still to be sent. A letter names nobody. Where a case did open, its own
letter says so at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from service.access import ACTS
from service.casework.break_glass.opening import TRIED
from service.casework.letters.letter_mail import address_of
from service.errors import MailRefused
from service.mail import OutgoingMail
from service.records.context import WORKER, Services
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.store.installation import ledger_entries, offices, people
from service.store.transaction import Tx
from service.text import say
from service.worker.providers import hand_over
from service.worker.state import WorkerState

log = structlog.get_logger("worker")
EVERY: Final = timedelta(seconds=20)
"""How often the worker looks for them: data protection hears within a minute."""
GIVEN_UP: Final = timedelta(days=3)
"""For how long a letter that the mail server refuses is tried."""
TOLD: Final = "glass_told"


@dataclass(frozen=True, slots=True)
class GlassLetter:
    """A letter that is ready to go, and the entry that it is about."""

    stream: str
    entry: int
    office: str
    mail: OutgoingMail


def send_glass_letters(worker: WorkerState, now: datetime) -> int:
    """Send the letters that nobody has sent yet; gives their number.

    A server that refuses one gets it again: its key is the same.
    """
    last, paused = worker.glass_letters_at, worker.mail_paused_until
    if (last is not None and last <= now < last + EVERY) or (paused is not None and now < paused):
        return 0
    worker.glass_letters_at = now
    with worker.database.transaction(write=False) as tx:
        letters = [*due_letters(tx, worker.services, now)]
    sent = 0
    for letter in letters:
        try:
            hand_over(worker, letter.mail)
        except MailRefused as e:
            log.warning("glass_letter_refused", office=letter.office, error=str(e))
            continue
        with worker.database.transaction() as tx:
            body: dict[str, ledger_lines.Canonical] = {"entry": letter.entry, "to": letter.office}
            append_entry(tx, letter.stream, TOLD, by=WORKER, now=now, body=body)
        sent += 1
    return sent


def due_letters(tx: Tx, services: Services, now: datetime) -> Iterator[GlassLetter]:
    """The letters about tries of which data protection has not heard; none to an office without an
    address.
    """
    since = now - GIVEN_UP
    tried = ledger_entries.of_many_cases(tx, TRIED, since=since)
    if not tried:
        return
    heard = {_heard(entry) for entry in ledger_entries.of_many_cases(tx, TOLD, since=since)}
    holding = people.roles_of_offices(tx).items()
    hearing = sorted(id_ for id_, roles in holding if roles & ACTS["review_glass"])
    for entry in tried:
        for id_ in hearing:
            office, mailbox = offices.get(tx, id_), address_of(tx, services, id_)
            if office is None or not mailbox or (entry.stream, entry.seq, id_) in heard:
                continue
            link = f"{services.base_url.rstrip('/')}/approvals"
            text = say("mail.glass_tried", office.language, link=link)
            foot = say("mail.foot", office.language, office=office.name, link=link)
            key = f"glass-tried:{entry.stream}:{entry.seq}:{id_}"
            mail = OutgoingMail(
                key,
                mailbox,
                say("mail.subject_glass_broken", office.language),
                f"{text}\n\n{foot}",
                office.language,
            )
            yield GlassLetter(entry.stream, entry.seq, id_, mail)


def _heard(entry: LedgerEntry) -> tuple[str, int, str]:
    body = json.loads(entry.body)
    return entry.stream, body["entry"], body["to"]
