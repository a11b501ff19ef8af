"""An invitation by mail: sent at once, and kept nowhere.

The link opens an account until it is used, so it never lies in the outbox, where a copy of the
database would hold it: whoever makes the invitation hands the message to the mail server, and hears
whether it was taken. The link stands in the message alone, with no sign-in name, name or office.
"""

from __future__ import annotations

from datetime import datetime

from service.errors import BadSettings
from service.mail import MailServer, OutgoingMail
from service.people import directory
from service.people.directory_checks import check_mail_address
from service.records.context import Actor, Services
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.store.installation import people
from service.store.transaction import Tx
from service.text import say


def require_way(server: MailServer, address: str) -> None:
    """Require that mail leaves here, and that this is an address.

    Raises:
        BadSettings: no mail leaves.   UnusableWord: it is none.
    """
    if server.way == "print":
        raise BadSettings(
            "TRESTEG_MAIL_URL names no mail server; leave out --mail, and the address is printed"
        )
    check_mail_address(address)


def invitation_mail(link: str, *, to: str, language: str, now: datetime) -> OutgoingMail:
    """The message with an invitation.

    Args:
        link: with the token behind the number sign.
        language: of the person.
    """
    text = say("mail.invitation", language, link=link)
    return OutgoingMail(ulid(now), to, say("mail.subject_invitation", language), text, language)


def record_mailed(tx: Tx, services: Services, *, by: Actor, now: datetime, sign_in: str) -> None:
    """Write that the invitation of who signs in by a name was sent; not where to."""
    who = directory.find_person(tx, services, sign_in).person
    stream = people.stream_of(who.office_id)
    append_entry(tx, stream, "invitation_mailed", by=by, now=now, body={"person": who.id})
