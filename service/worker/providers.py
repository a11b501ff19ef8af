"""The way out of letters and of requests to providers: mail, the demo's letterbox, or a channel of
an installed package.
"""

from __future__ import annotations

from collections.abc import Callable

from service.binding import Delivery, DeliveryRefused
from service.errors import MailRefused
from service.mail import OutgoingMail, send
from service.operations import background
from service.release.programme.channel_rules import MAIL, PRINT
from service.sandbox.process import ChildEnded
from service.worker.state import WorkerState

SECONDS = 30.0
"""Longest that a channel of a package may take for one message: less than is left of its lease."""


def hand_over(
    worker: WorkerState, mail: OutgoingMail, *, before_text: Callable[[], object] = int
) -> None:
    """Hand one message to its way out, and return only when it was taken.

    Args:
        before_text: as `service.mail.send` takes it; what it raises comes back.
    Raises:
        MailRefused: it was not, or nobody knows; as `service.mail.send` says. A channel of a
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
