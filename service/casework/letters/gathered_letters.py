"""Letters of an office as its people want them: at once, or gathered into one a day.

A letter that can wait stays in the outbox until the office's next working morning, and leaves then
with all others of that morning as one message; not one about what is due within a day of it. Where
some want it at once and others once a day, a copy waits. Each is recorded as sent by itself, so
none is lost when the readers' choices change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.casework.cases import bars
from service.casework.letters import letter_mail
from service.engine import Calendar
from service.mail import OutgoingMail
from service.people.absences import deputies, load_absences, reads_of_absences
from service.people.letter_choices import LetterReaders, load_readers, named_readers
from service.records.context import WORKER, Services
from service.records.outbox import record_letter, send_letters
from service.store.at_hand import AtHand, Reader
from service.store.casefile import case_bars, cases, consents
from service.store.installation import keys, offices, people
from service.store.transaction import Tx
from service.store.work import letters
from service.text import say

MORNING = "morning"
"""Parameter of a gathered letter: the moment at which it leaves together with others."""
COPY = ":day"
"""End of the key of a copy that waits for people who read once a day."""
SOON = timedelta(days=1)
"""What has to be done within this time after the next morning does not wait for it."""
AGAIN = timedelta(minutes=1)
"""Wait of a worker when another one has a letter of those that leave together."""


@dataclass(frozen=True, slots=True)
class PreparedLetters:
    """A message that is ready to go, and the letters that are sent with it."""

    mail: OutgoingMail
    letters: tuple[letters.Letter, ...]


def prepare_at_once(
    tx: Tx, services: Services, *, now: datetime, letter: letters.Letter
) -> PreparedLetters | None:
    """Prepare a letter that leaves by itself and needs no write before it is sent; None for any
    other, which `prepare_letters` takes.
    """
    if MORNING in letter.params:
        return None
    at_hand = _load_at_once(tx, services, letter, now)
    if letter_mail.is_barred(at_hand, letter) or not letter_mail.may_leave(at_hand, letter, now):
        return None
    address = letter_mail.address_of(at_hand, services, letter.office_id)
    if not address:
        return None
    readers = _readers(at_hand, services, letter, address, now)
    if letter.template in services.current_configuration(at_hand).reminders.never_gathered:
        receivers = readers.everybody
    elif readers.at_once and not readers.daily:
        receivers = readers.at_once
    else:
        return None
    mail = letter_mail.compose_mail(at_hand, services, letter, address)
    return PreparedLetters(replace(mail, receivers=receivers), (letter,))


def _load_at_once(tx: Tx, services: Services, letter: letters.Letter, now: datetime) -> AtHand:
    """Load what a letter is made of; mostly one batch, with which the transaction ends."""
    office = letter.office_id
    consent = [(consents.OF_CASE, {"case_id": letter.case_id})] if letter.needs_consent else []
    at_hand = tx.read(
        *reads_of_absences(office),
        (keys.GET, {"owner": f"office:{office}"}),
        (cases.GET, {"id": letter.case_id}),
        people.read_of_letter_readers(office, ()),
        services.read_of_current,
        case_bars.read_of_case(letter.case_id),
        *consent,
        last=True,
    )
    services.prepare_current(tx, at_hand)
    named = named_readers(deputies(load_absences(at_hand, office, now)))
    if named:
        at_hand.take(tx.read(people.read_of_letter_readers(office, named)))
    if not people.are_genuine_readers(at_hand, office, named):
        at_hand.take(tx.read(people.read_of_office(office)))
    return at_hand


def prepare_letters(
    tx: Tx,
    services: Services,
    *,
    now: datetime,
    letter: letters.Letter,
    who: str,
    until: datetime,
) -> PreparedLetters | None:
    """Prepare the message of a leased letter to an office; None when nothing leaves now.

    Args:
        who: the worker that leased it.
        until: when the lease ends of letters that leave with it.
    """
    if MORNING in letter.params:
        return _prepare_together(tx, services, letter, who, now, until)
    mail = letter_mail.prepare_mail(tx, services, now=now, letter=letter, who=who)
    if mail is None:
        return None
    readers = _readers(tx, services, letter, mail.to, now)
    if letter.template in services.current_configuration(tx).reminders.never_gathered:
        return PreparedLetters(replace(mail, receivers=readers.everybody), (letter,))
    morning = next_morning(tx, services, letter, now)
    if _is_due_by(letter, morning + SOON):
        receivers = (*readers.at_once, *readers.daily)
        return PreparedLetters(replace(mail, receivers=receivers), (letter,))
    if not readers.at_once:
        _gather(tx, letter, who, morning, now)
        return None
    if readers.daily:
        _copy(tx, letter, morning, now)
    return PreparedLetters(replace(mail, receivers=readers.at_once), (letter,))


def _readers(
    reader: Reader, services: Services, letter: letters.Letter, mailbox: str, now: datetime
) -> LetterReaders:
    """Readers of a letter to an office; a deputy reads also for absent colleagues."""
    standing_in = deputies(load_absences(reader, letter.office_id, now))
    barred = bars.load_bars(reader, letter.case_id)
    return load_readers(reader, services, letter.office_id, mailbox, standing_in, barred)


def _is_due_by(letter: letters.Letter, moment: datetime) -> bool:
    """Whether what a letter is about has to be done by a moment, seen from the office's own clock,
    on which the letter names it.
    """
    if "day" not in letter.params:
        return False
    named = datetime.fromisoformat(f"{letter.params['day']}T{letter.params['time']}")
    return named <= moment.replace(tzinfo=None)


def _gather(tx: Tx, letter: letters.Letter, who: str, at: datetime, now: datetime) -> None:
    """Let a letter wait for a morning."""
    if letters.gather(tx, letter, who, at=at, params={MORNING: at.isoformat()}):
        record_letter(tx, "letter_gathered", letter, by=WORKER, now=now)


def _copy(tx: Tx, letter: letters.Letter, at: datetime, now: datetime) -> None:
    """Make the copy that waits for a morning, unless an earlier try made it."""
    key = letter.key + COPY
    if letters.existing(tx, [key]):
        return
    copy = replace(
        letter,
        key=key,
        params={**letter.params, MORNING: at.isoformat()},
        state="waiting",
        tries=0,
        not_before=at,
        lease_until=None,
        leased_by="",
        error="",
    )
    send_letters(tx, [copy], by=WORKER, now=now)


def next_morning(tx: Tx, services: Services, letter: letters.Letter, now: datetime) -> datetime:
    """When gathered letters of an office leave next: on a working day, by its calendar and zone."""
    calendar = _calendar(tx, services, letter)
    civil = now.astimezone(calendar.zone)
    hour = services.current_configuration(tx).reminders.gathered_hour
    morning = civil.replace(hour=hour, minute=0, second=0, microsecond=0)
    if morning <= civil:
        morning += timedelta(days=1)
    return calendar.later(morning, timedelta(), working=True)


def _calendar(tx: Tx, services: Services, letter: letters.Letter) -> Calendar:
    """The calendar of an office, in its zone."""
    office = offices.get(tx, letter.office_id)
    case = cases.get(tx, letter.case_id)
    usual = services.programme.calendar
    if office is None or case is None:
        raise LookupError(letter.key)
    known = services.release(tx, case.release_id).definitions[case.process].calendars
    found = known.get(office.calendar, known[usual])
    return replace(found, zone=type(found.zone)(office.zone))


def _prepare_together(
    tx: Tx,
    services: Services,
    letter: letters.Letter,
    who: str,
    now: datetime,
    until: datetime,
) -> PreparedLetters | None:
    """Prepare the one message of all letters of an office's morning."""
    taken = letters.take_gathered(tx, letter, who, name=MORNING, now=now, until=until)
    if not taken:
        letters.wait(tx, letter.key, who, at=now + AGAIN, error=letter.error)
        return None
    going = tuple(_that_may_leave(tx, taken, who, now))
    address = letter_mail.address_of(tx, services, letter.office_id)
    if not address:
        for one in going:
            error = "the office has no address"
            letter_mail.give_up(tx, letter=one, who=who, error=error, now=now)
    if not going or not address:
        return None
    readers = _readers(tx, services, letter, address, now)
    mail = OutgoingMail(
        going[0].key,
        address,
        letter_mail.subject(letter.language),
        _text(tx, services, going),
        letter.language,
        receivers=readers.of_gathered([one.made_at for one in going]),
    )
    return PreparedLetters(mail, going)


def _that_may_leave(
    tx: Tx, taken: Iterable[letters.Letter], who: str, now: datetime
) -> Iterator[letters.Letter]:
    """Letters that may leave: the server has one copy at most of each, and the consent is live. The
    others are given up or held.
    """
    for one in taken:
        if one.error == letters.LAST:
            letter_mail.give_up(tx, letter=one, who=who, error=one.error, now=now)
        elif letter_mail.is_barred(tx, one):
            letter_mail.hold(tx, letter=one, who=who, error=letter_mail.BARRED, now=now)
        elif letter_mail.may_leave(tx, one, now):
            yield one
        else:
            letter_mail.hold(tx, letter=one, who=who, error="consent is not live", now=now)


def _text(tx: Tx, services: Services, going: Sequence[letters.Letter]) -> str:
    """The cases, once each, as letters name them, and a link to each: nothing of what is new."""
    lang, base = going[0].language, services.base_url.rstrip("/")
    opens = services.current_configuration(tx).reminders.opens
    by_case = {one.case_id: one for one in sorted(going, key=lambda one: one.template in opens)}
    names = {id_: letter_mail.name_in_letter(tx, cases.get(tx, id_), lang) for id_ in by_case}
    lines = (f"{names[id_]}: {letter_mail.letter_link(one, base)}" for id_, one in by_case.items())
    office = offices.get(tx, going[0].office_id)
    facts = {"count": len(going), "office": office.name if office is not None else ""}
    body = say("mail.gathered", lang, **facts)
    foot = say("mail.foot", lang, link=f"{base}/", **facts)
    return "\n".join((body, *lines)) + f"\n\n{foot}"
