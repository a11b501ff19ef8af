"""A real SMTP server of the tests, whose answers a handler decides."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller

from service.mail import MailServer, read_mail_url


@contextmanager
def smtp_server(handler: object) -> Iterator[MailServer]:
    """Serve on a free port while the block runs; `handler` answers as aiosmtpd's handlers do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield read_mail_url(f"smtp://127.0.0.1:{port}?tls=off", installation="prov")
    finally:
        controller.stop()
