"""Requests of handlers to providers: prepared at the moment when they leave.

Every consent on which a request or one of its papers rests must be live then, and the identity not
protected; else it is held.
"""

from __future__ import annotations

from datetime import datetime

from service.binding import EnclosedFile
from service.casework.casefile import documents as case_documents
from service.casework.casefile.paper_data import code_of
from service.casework.cases import consents
from service.casework.cases.protection import is_protected
from service.casework.letters import mail_delivery
from service.errors import CannotOpen, NotFound
from service.mail import OutgoingMail
from service.records.context import Services
from service.store.casefile import cases, documents
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import letters

KINDS = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}


def prepare_request(
    tx: Tx, services: Services, *, now: datetime, letter: letters.Letter, who: str
) -> OutgoingMail | None:
    """Prepare a leased request; None when it may not leave now.

    Args:
        who: the worker that leased it.
    """
    rows = [row for id_ in letter.documents if (row := documents.get(tx, id_)) is not None]
    needed = {letter.needs_consent, *(row.purpose for row in rows)} - {""}
    case = cases.get(tx, letter.case_id)
    if needed - consents.live(tx, letter.case_id, now).keys():
        mail_delivery.hold(tx, letter=letter, who=who, error="consent is not live", now=now)
        return None
    if case is None or (letter.documents and is_protected(case.marking)):
        mail_delivery.hold(tx, letter=letter, who=who, error="the identity is protected", now=now)
        return None
    channel = services.programme.channel(letter.channel)
    if channel is None:
        error = f"the configuration has no channel {letter.channel}"
        mail_delivery.give_up(tx, letter=letter, who=who, error=error, now=now)
        return None
    try:
        files = tuple(_file(tx, services, id_) for id_ in letter.documents)
    except (NotFound, CannotOpen):
        error = "a paper that goes along was dropped or cannot be opened"
        mail_delivery.give_up(tx, letter=letter, who=who, error=error, now=now)
        return None
    office = offices.get(tx, letter.office_id)
    name = office.name if office is not None else ""
    return OutgoingMail(
        key=letter.key,
        to=channel.address,
        subject=mail_delivery.subject_of(letter),
        text=mail_delivery.request_text(letter, name),
        language=letter.language,
        channel=channel.kind,
        reply_to=mail_delivery.address_of(tx, services, letter.office_id),
        files=files,
    )


def _file(tx: Tx, services: Services, id_: str) -> EnclosedFile:
    """A document that goes along, under a name that tells nothing but its code.

    Raises:
        NotFound: it was dropped.   CannotOpen: it is not what was sealed.
    """
    row, content = case_documents.read_document(tx, services, id_)
    return EnclosedFile(f"{code_of(id_)}.{row.kind}", KINDS[row.kind], content)
