"""Requests to providers, prepared as they leave, and the way out of every message: mail, or the
channel of a package.

A request is held unless every consent on which it or one of its papers rests is live when it
leaves; one with papers also while the identity is protected.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from service.binding import Delivery, DeliveryRefused, EnclosedFile
from service.casework.casefile import documents as case_documents
from service.casework.casefile.paper_data import code_of
from service.casework.cases import consents
from service.casework.cases.protection import is_protected
from service.casework.letters import letter_mail
from service.errors import CannotOpen, MailRefused, NotFound
from service.mail import OutgoingMail, send
from service.operations import background
from service.records.context import Services
from service.release.programme.channel_rules import MAIL, PRINT
from service.sandbox.child_processes import ChildEnded
from service.store.casefile import cases, documents
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import letters
from service.worker.state import WorkerState

KINDS = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}
SECONDS = 30.0
"""Longest that a channel of a package may take for one message: less than is left of its lease."""


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
        letter_mail.hold(tx, letter=letter, who=who, error="consent is not live", now=now)
        return None
    if case is None or (letter.documents and is_protected(case.marking)):
        letter_mail.hold(tx, letter=letter, who=who, error="the identity is protected", now=now)
        return None
    channel = services.programme.channel(letter.channel)
    if channel is None:
        error = f"the configuration has no channel {letter.channel}"
        letter_mail.give_up(tx, letter=letter, who=who, error=error, now=now)
        return None
    try:
        files = tuple(_file(tx, services, id_) for id_ in letter.documents)
    except (NotFound, CannotOpen):
        error = "a paper that goes along was dropped or cannot be opened"
        letter_mail.give_up(tx, letter=letter, who=who, error=error, now=now)
        return None
    office = offices.get(tx, letter.office_id)
    name = office.name if office is not None else ""
    return OutgoingMail(
        key=letter.key,
        to=channel.address,
        subject=letter_mail.subject_of(letter),
        text=letter_mail.request_text(letter, name),
        language=letter.language,
        channel=channel.kind,
        reply_to=letter_mail.address_of(tx, services, letter.office_id),
        files=files,
    )


def hand_over(
    worker: WorkerState, mail: OutgoingMail, *, before_text: Callable[[], object] | None = None
) -> None:
    """Hand one message to its channel, or to the mail server, and return only when it was taken.

    Args:
        before_text: as `service.mail.send` takes it; its fault is raised here.
    Raises:
        MailRefused: it was not taken, or nobody knows; as `service.mail.send` says. A channel of a
            package never holds up the letters behind it.
    """
    if mail.channel in ("", MAIL):
        try:
            send(mail, worker.mail, before_text=before_text)
        except MailRefused as e:
            worker.failures.fault(background.MAIL, e)
            raise
        worker.failures.succeeded(background.MAIL)
    elif mail.channel != PRINT:
        _to_package(worker, mail)


def _file(tx: Tx, services: Services, id_: str) -> EnclosedFile:
    """A document that goes along, under a name that tells nothing but its code.

    Raises:
        NotFound: it was dropped.   CannotOpen: it is not what was sealed.
    """
    row, content = case_documents.read_document(tx, services, id_)
    return EnclosedFile(f"{code_of(id_)}.{row.kind}", KINDS[row.kind], content)


def _to_package(worker: WorkerState, mail: OutgoingMail) -> None:
    delivery = Delivery(mail.key, mail.to, mail.subject, mail.text, mail.language, mail.files)
    try:
        worker.providers.deliver(mail.channel, delivery, SECONDS)
    except DeliveryRefused as e:
        words = f"the channel {mail.channel} refused it"
        facts = {"permanent": e.permanent, "unknown": False}
        raise MailRefused(words, reached=True, hangs=False, **facts) from e
    except ChildEnded as e:
        words = f"the channel {mail.channel} gave no answer: {e.why}"
        raise MailRefused(words, reached=True, hangs=False, permanent=False, unknown=True) from e
