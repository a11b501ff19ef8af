"""Delivery of letters: prepared for the mail server, recorded as sent, or given up.

The consent is checked again and the address opened just before sending; texts hold nobody's data.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from service.access import NOBODY
from service.casework import incidents
from service.casework.cases import bars, consents
from service.casework.cases.protection import is_protected
from service.casework.incidents import open_incident
from service.mail import OutgoingMail
from service.records.context import WORKER, Services
from service.records.outbox import record_letter
from service.store.at_hand import Reader
from service.store.casefile import cases
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import letters
from service.text import known, say

BARRED: Final = "the case is barred to the office"
"""Why a letter is held for good."""


def prepare_mail(
    tx: Tx, services: Services, *, now: datetime, letter: letters.Letter, who: str
) -> OutgoingMail | None:
    """Prepare the message of a leased letter; None when it may not be sent now.

    It is put on hold while its consent is not live, and given up when the office has no address.

    Args:
        who: the worker that leased it.
    """
    if is_barred(tx, letter):
        hold(tx, letter=letter, who=who, error=BARRED, now=now)
        return None
    if not may_leave(tx, letter, now):
        hold(tx, letter=letter, who=who, error="consent is not live", now=now)
        return None
    address = address_of(tx, services, letter.office_id)
    if not address:
        give_up(tx, letter=letter, who=who, error="the office has no address", now=now)
        return None
    return compose_mail(tx, services, letter, address)


def is_barred(reader: Reader, letter: letters.Letter) -> bool:
    """Whether the case of a letter does not exist for the office that it goes to, whatever wrote
    it.
    """
    return letter.office_id in bars.load_bars(reader, letter.case_id).offices


def may_leave(reader: Reader, letter: letters.Letter, now: datetime) -> bool:
    """Whether the consent that a letter rests on is live, if it rests on any."""
    needed = letter.needs_consent
    return not needed or needed in consents.live(reader, letter.case_id, now)


def compose_mail(
    reader: Reader, services: Services, letter: letters.Letter, address: str
) -> OutgoingMail:
    """Write the message of a letter to the mailbox of its office."""
    case = cases.get(reader, letter.case_id)
    office = offices.get(reader, letter.office_id)
    ref = name_in_letter(reader, case, letter.language)
    name = office.name if office else ""
    text = letter_text(letter, ref, name, services.base_url)
    return OutgoingMail(
        letter.key, address, subject(letter.language, letter.template), text, letter.language
    )


def case_name(case: cases.CaseSummary | None, lang: str) -> str:
    """What a letter calls its case: the pseudonym, and not even that for a protected identity."""
    if case is None:
        return ""
    return say("mail.protected_case", lang) if is_protected(case.marking) else case.ref


def name_in_letter(reader: Reader, case: cases.CaseSummary | None, lang: str) -> str:
    """The same, and not even the pseudonym of a case that is barred to anybody: a mailbox may be
    read by more people than its letters are for.
    """
    if case is not None and bars.load_bars(reader, case.id) != NOBODY:
        return say("mail.barred_case", lang)
    return case_name(case, lang)


def hold(tx: Tx, *, now: datetime, letter: letters.Letter, who: str, error: str) -> None:
    """Hold a letter that must not leave now, with an entry in the case's stream."""
    if letters.hold(tx, letter, who, error=error):
        record_letter(tx, "letter_held", letter, by=WORKER, now=now)


def give_up(tx: Tx, *, now: datetime, letter: letters.Letter, who: str, error: str) -> None:
    """Stop trying to send a letter, and open an incident with the error."""
    if letters.fail(tx, letter, who, error=error):
        open_incident(
            tx,
            case_id=letter.case_id,
            job_key=letter.key,
            element="",
            kind=incidents.LETTER,
            topic=letter.template,
            error=error,
            now=now,
        )


def address_of(reader: Reader, services: Services, office_id: str) -> str:
    """Open the address of an office; empty when it has none."""
    office = offices.get(reader, office_id)
    key = services.key(reader, f"office:{office_id}")
    if office is None or office.address is None or key is None:
        return ""
    where = {"table": "office", "column": "address", "row": office_id}
    return key.open("contact", office.address, **where).decode()


def subject(lang: str, template: str = "") -> str:
    """The subject of a letter: the one of all letters, or that of its template (an alarm)."""
    own = f"mail.subject_{template}"
    return say(own if known(own) else "mail.subject", lang)


def subject_of(letter: letters.Letter) -> str:
    """Return the subject of a letter; of a request to a provider, with the codes of its papers."""
    own = f"mail.subject_{letter.template}"
    if not letter.channel or known(own):
        return subject(letter.language, letter.template)
    return say("mail.request_subject", letter.language, codes=codes_of(letter))


def codes_of(letter: letters.Letter) -> str:
    """The codes that a request names."""
    return ", ".join(str(code) for code in letter.params.get("codes", ()))


def request_text(letter: letters.Letter, office: str) -> str:
    """Write the text of a request to a provider: the codes of its papers, and who asks."""
    facts = {"codes": codes_of(letter), "office": office}
    body = say(f"mail.{letter.template}", letter.language, **facts)
    return f"{body}\n\n{say('mail.request_foot', letter.language, **facts)}"


def letter_text(letter: letters.Letter, ref: str, office: str, base_url: str) -> str:
    """Write the text of a letter.

    Its only values are the case's pseudonym, a link without content, the receiver's name, a count,
    and until when the receiver has time; of a request to a provider, the codes of its papers and
    the name of who asks.
    """
    if letter.channel:
        return request_text(letter, office)
    facts = {
        "pseudonym": ref,
        "office": office,
        "link": letter_link(letter, base_url),
        "count": letter.params.get("count", 1),
        "by": _by(letter),
    }
    body = say(f"mail.{letter.template}", letter.language, **facts)
    return f"{body}\n\n{say('mail.foot', letter.language, **facts)}"


def _by(letter: letters.Letter) -> str:
    """Until when its office has time, in words; where no time is set, as soon as it can."""
    if "day" not in letter.params:
        return say("mail.as_soon_as_you_can", letter.language)
    return say("mail.by", letter.language, **letter.params)


def letter_link(letter: letters.Letter, base_url: str) -> str:
    """The address to which a letter leads: ids alone."""
    return f"{base_url.rstrip('/')}/go/{letter.case_id}?letter={letter.number}"


def record_sent(tx: Tx, *, now: datetime, letter: letters.Letter, who: str) -> None:
    """Record that the mail server accepted a letter, with an entry in the case's stream."""
    if letters.sent(tx, letter, who, at=now):
        record_letter(tx, "letter_sent", letter, by=WORKER, now=now)
