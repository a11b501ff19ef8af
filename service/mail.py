"""Mail: hand one message to the mail server.

Verified TLS or nothing leaves. The demo and tests on this machine may send in the clear, to
loopback alone.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from service.binding import EnclosedFile
from service.errors import BadSettings, MailRefused

log = structlog.get_logger("mail")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SECONDS = 20
"""Longest a mail server may keep us waiting at any one step."""
TEXT_SECONDS = 15
"""The same once the text of a letter has begun, which has three steps: DATA, the text, the answer.
So all of them fit into the lease of a letter (`TRESTEG_JOB_LEASE_SECONDS`, 60)."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One message, ready to go: only words that the outside may see."""

    key: str
    """The letter's key: the Message-ID is made of it, so that a second delivery after a crash is
    known as the same letter."""
    to: str
    subject: str
    text: str
    language: str
    channel: str = ""
    """Kind of the channel of a request to a provider; empty for a letter to an office."""
    reply_to: str = ""
    files: tuple[EnclosedFile, ...] = ()
    receivers: tuple[str, ...] = ()
    """Who gets it, when that is not `to` alone: several people of an office. Their addresses stand
    on the envelope, never in the message."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters leave.

    `way`: `print` keeps them in the demo's letterbox, `smtp` starts TLS, `smtps` begins with it,
    `plain` is loopback alone.
    """

    way: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    sender: str = "tresteg@localhost"
    installation: str = "tresteg"


def read_mail_url(url: str, *, sender: str = "", installation: str = "tresteg") -> MailServer:
    """Read `TRESTEG_MAIL_URL`: `print:`, `smtp://user:word@host:587`, `smtps://host:465`, or
    `smtp://127.0.0.1:1025?tls=off`.

    Raises:
        BadSettings: another scheme, no host, a port that is no number, or no TLS to a host that is
            not this machine.
    """
    if url == "print:":
        return MailServer("print", sender=sender or "tresteg@localhost", installation=installation)
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as e:
        raise BadSettings(
            "TRESTEG_MAIL_URL has a port that is no number; "
            "write for example smtp://mail.example.org:587"
        ) from e
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise BadSettings("TRESTEG_MAIL_URL must be print:, smtp://host:587 or smtps://host:465")
    clear = parse_qs(parts.query).get("tls") == ["off"]
    if clear and parts.hostname not in LOOPBACK:
        raise BadSettings(
            "TRESTEG_MAIL_URL may switch TLS off for this machine alone; remove ?tls=off"
        )
    way = "plain" if clear else parts.scheme
    return MailServer(
        way,
        parts.hostname,
        port or (465 if way == "smtps" else 587),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        sender or f"tresteg@{parts.hostname}",
        installation,
    )


def message_of(post: OutgoingMail, server: MailServer) -> EmailMessage:
    """The message as it goes over the wire. The same letter always has the same Message-ID."""
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = Address(addr_spec=post.to)
    message["Subject"] = post.subject
    message["Message-ID"] = f"<{post.key.replace(':', '.')}@{server.installation}>"
    message["Content-Language"] = post.language
    message["Auto-Submitted"] = "auto-generated"
    if post.reply_to:
        message["Reply-To"] = Address(addr_spec=post.reply_to)
    message.set_content(post.text)
    for file in post.files:
        kind, _, form = file.kind.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=form, filename=file.name)
    return message


class _Smtp(smtplib.SMTP):
    """A connection that knows whether it came as far as the text of a letter.

    If it breaks from there on, nobody knows whether the letter was taken.
    """

    text_began = False
    before_text: Callable[[], object] | None = None

    def data(self, msg: bytes | str) -> tuple[int, bytes]:  # type: ignore[override] # any buffer
        if self.before_text is not None:
            self.before_text()
        if self.sock is not None:
            self.sock.settimeout(TEXT_SECONDS)
        self.text_began = True
        return super().data(msg)


class _SmtpOverTls(_Smtp, smtplib.SMTP_SSL):
    pass


def send(
    post: OutgoingMail, server: MailServer, *, before_text: Callable[[], object] | None = None
) -> None:
    """Hand one letter to the mail server, and return only when it has taken it.

    Args:
        before_text: called when the server has taken the envelope, before it gets the text; when it
            raises, its fault is raised here, and the server has nothing.
    Raises:
        MailRefused: the server cannot be reached, cannot prove who it is, or did not take the
            letter. The text is for operators and names no receiver. `facts["reached"]` says whether
            it came as far as the letter, `facts["hangs"]` whether it only kept us waiting,
            `facts["permanent"]` whether it refused the letter for good (5xx), `facts["unknown"]`
            whether it may have the letter nevertheless.
    """
    if server.way == "print":
        return
    smtp: _Smtp | None = None
    reached = False
    try:
        smtp = _connection(server)
        smtp.before_text = before_text
        if server.user:
            smtp.login(server.user, server.password)
        smtp.ehlo_or_helo_if_needed()
        reached = True
        refused = smtp.send_message(message_of(post, server), to_addrs=post.receivers or (post.to,))
        if refused:
            log.error("letter_partly_refused", job=post.key)
    except smtplib.SMTPResponseException as e:
        raise _refused(
            f"the mail server answered {e.smtp_code}", [e.smtp_code], reached=reached
        ) from e
    except smtplib.SMTPRecipientsRefused as e:
        codes = sorted({code for code, _ in e.recipients.values()})
        raise _refused(
            f"the mail server refused the receiver with {codes}", codes, reached=reached
        ) from e
    except (OSError, smtplib.SMTPException, ValueError) as e:
        unknown = smtp is not None and smtp.text_began
        raise _broken_off(e, reached=reached, unknown=unknown) from e
    finally:
        if smtp is not None:
            _leave(smtp)


def _refused(words: str, codes: list[int], *, reached: bool) -> MailRefused:
    permanent = reached and min(codes) >= _PERMANENT
    return MailRefused(words, reached=reached, hangs=False, permanent=permanent, unknown=False)


def _broken_off(fault: Exception, *, reached: bool, unknown: bool) -> MailRefused:
    words = f"the mail server could not be used: {type(fault).__name__}"
    hangs = isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError)
    return MailRefused(words, reached=reached, hangs=hangs, permanent=False, unknown=unknown)


_PERMANENT = 500
"""The least number with which a mail server refuses for good (RFC 5321, 4.2.1)."""
_FAREWELL_SECONDS = 2


def _leave(smtp: smtplib.SMTP) -> None:
    """End the conversation; whatever comes now changes nothing of what was taken."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if smtp.sock is not None:
            smtp.sock.settimeout(_FAREWELL_SECONDS)
            smtp.quit()
    smtp.close()


def _connection(server: MailServer) -> _Smtp:
    if server.way == "smtps":
        return _SmtpOverTls(
            server.host, server.port, timeout=SECONDS, context=ssl.create_default_context()
        )
    smtp = _Smtp(server.host, server.port, timeout=SECONDS)
    if server.way == "smtp":
        try:
            smtp.starttls(context=ssl.create_default_context())
        except BaseException:
            smtp.close()
            raise
    return smtp
