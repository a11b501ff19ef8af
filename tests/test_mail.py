"""Letters leave over a real SMTP server, or stay; nothing goes in the clear to another machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.errors import BadSettings, MailRefused
from service.mail import MailServer, OutgoingMail, message_of, read_mail_url, send


@dataclass
class Letterbox:
    """A mail server with hands: it takes letters, or answers what it is told to answer."""

    taken: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
        return self.answer


@pytest.fixture
def letterbox() -> Iterator[tuple[Letterbox, MailServer]]:
    box = Letterbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield (
            box,
            read_mail_url(
                f"smtp://127.0.0.1:{port}?tls=off",
                sender="tresteg@example.org",
                installation="prov",
            ),
        )
    finally:
        controller.stop()


POST = OutgoingMail(
    key="01J:17:0",
    to="office@example.org",
    subject="Tresteg: nytt att läsa",
    text="Det finns något nytt att läsa i klar-lind.",
    language="sv",
)


def test_a_letter_arrives_once_with_a_message_id_made_of_its_key(
    letterbox: tuple[Letterbox, MailServer],
) -> None:
    box, server = letterbox
    send(POST, server)
    assert [m["Message-ID"] for m in box.taken] == ["<01J.17.0@prov>"]
    assert box.taken[0]["Subject"] == POST.subject
    assert "klar-lind" in box.taken[0].get_content()


@pytest.mark.parametrize("answer", ["451 try later", "550 no such mailbox"])
def test_a_refused_letter_names_no_receiver(
    letterbox: tuple[Letterbox, MailServer], answer: str
) -> None:
    box, server = letterbox
    box.answer = answer
    with pytest.raises(MailRefused) as told:
        send(POST, server)
    assert answer[:3] in str(told.value)
    assert "office@" not in str(told.value)


def test_a_server_that_is_down_or_unverified_gets_nothing(
    letterbox: tuple[Letterbox, MailServer],
) -> None:
    box, server = letterbox
    with pytest.raises(MailRefused):
        send(POST, MailServer("smtp", "127.0.0.1", server.port))
    with pytest.raises(MailRefused):
        send(POST, MailServer("plain", "127.0.0.1", 1))
    assert box.taken == []


@pytest.mark.parametrize(
    "url",
    ["smtp://mail.example.org?tls=off", "http://mail.example.org", "smtp://", "smtp://h:port", ""],
)
def test_a_mail_setting_that_would_leak_stops_the_start(
    url: str,
) -> None:
    with pytest.raises(BadSettings, match="TRESTEG_MAIL_URL"):
        read_mail_url(url)


def test_a_header_cannot_be_smuggled_into_a_letter() -> None:
    with pytest.raises(ValueError, match=r"invalid|linefeed|header|CR|Invalid"):
        message_of(
            OutgoingMail(
                key="k",
                to="a@example.org\r\nBcc: b@example.org",
                subject="s",
                text="t",
                language="sv",
            ),
            MailServer("print"),
        )
