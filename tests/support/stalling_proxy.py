"""A TCP proxy in front of a server that can stop to forward, and closes nothing."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

SHARE: Final = 65_536


class StallingProxy:
    """A proxy on a port of this machine.

    While it stalls, connections are made and what is sent is acknowledged, but nothing is handed
    on; afterwards it is.
    """

    def __init__(self, connect_to: str | tuple[str, int]) -> None:
        """Begin.

        Args:
            connect_to: a socket file, or host and port.
        """
        self._connect_to = connect_to
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._flows = threading.Event()
        self._flows.set()
        self._open: list[socket.socket] = []
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self) -> None:
        self._flows.clear()

    def go_on(self) -> None:
        self._flows.set()

    def close(self) -> None:
        """Close everything."""
        self._ended = True
        self._flows.set()
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while not self._ended:
            with suppress(OSError):
                client, _ = self._listening.accept()
                self._open.append(client)
                threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client: socket.socket) -> None:
        self._flows.wait()
        family = socket.AF_UNIX if isinstance(self._connect_to, str) else socket.AF_INET
        with suppress(OSError, ValueError), client, socket.socket(family) as server:
            server.connect(self._connect_to)
            self._open.append(server)
            with selectors.DefaultSelector() as both:
                both.register(client, selectors.EVENT_READ, server)
                both.register(server, selectors.EVENT_READ, client)
                while not self._ended:
                    for key, _ in both.select():
                        self._flows.wait()
                        data = key.fileobj.recv(SHARE)  # type: ignore[union-attr]  # a socket
                        if not data:
                            return
                        key.data.sendall(data)


@contextmanager
def stalling_proxy(connect_to: str | tuple[str, int]) -> Iterator[StallingProxy]:
    """A proxy until the block ends."""
    proxy = StallingProxy(connect_to)
    try:
        yield proxy
    finally:
        proxy.close()
