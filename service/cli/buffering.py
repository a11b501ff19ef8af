"""The class of web processes: waitress inside gunicorn.

Requests are read by one loop, outside the threads that answer them, so that a slow client costs a
connection and no thread. A head has 10 seconds, a body 60; then the connection is closed. Gunicorn
starts, watches and stops the processes.
"""

from __future__ import annotations

import logging
import os
import time
from socket import socket
from typing import Any, Final

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from service.cli.sign_in_line import PageAndSignInThreads
from service.web.accounts.sign_in_source import (
    LOOKED_AT,
    PATH,
    TURNED_AWAY,
    SignInSource,
    SignInSources,
)

HEAD_SECONDS: Final = 10
"""How long a client may take for the head of a request, from the first byte or the connection."""
BODY_SECONDS: Final = 60
"""How long it may take for the body, from the end of the head."""
IDLE_SECONDS: Final = 15
"""How long a connection is kept open between two requests."""
UNREAD_SECONDS: Final = 60
"""How long a client may read nothing of an answer."""
MOST_CONNECTIONS: Final = 1000
MOST_HEAD: Final = 64 * 1024
"""Bytes of a head."""
MOST_WAITING: Final = 256 * 1024 * 1024
"""Bytes of an answer that wait for a slow reader, in a file, before its thread waits too."""


class TurnedAwayTask(WSGITask):  # type: ignore[misc]  # waitress has no types
    """A request whose environment says when it is a sign-in for which there was no room."""

    def get_environment(self) -> dict[str, Any]:
        """The environment for the application."""
        environ: dict[str, Any] = super().get_environment()
        if self.channel.turned_away:
            environ[TURNED_AWAY] = True
            self.channel.turned_away = False
        return environ


class TimedConnection(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection that knows since when its client has been sending."""

    task_class = TurnedAwayTask

    def __init__(self, *args: Any, **given: Any) -> None:  # noqa: ANN401 - as waitress calls it
        self._reading: object = None
        self.turned_away = False
        """Whether there was no room to wait for the sign-in that is on this connection."""
        self._head_since: float | None = time.monotonic()
        self._body_since: float | None = None
        self._free_since: float | None = None
        super().__init__(*args, **given)

    def received(self, data: bytes) -> bool:
        """Take bytes, and note whether a head or a body has begun with them."""
        taken = bool(super().received(data))
        now = time.monotonic()
        if self.request is None:
            self._reading = self._head_since = self._body_since = None
            self._free_since = now
        elif self.request is not self._reading:
            self._reading, self._head_since, self._body_since = self.request, now, None
        if self.request is not None and self.request.headers_finished:
            self._body_since = self._body_since or now
        return taken

    @property
    def answering(self) -> bool:
        """Whether a request is being answered, or its answer is on the way."""
        return bool(self.requests) or self.total_outbufs_len > 0

    @property
    def receiving(self) -> bool:
        """Whether a part of a request is there."""
        return self.request is not None

    def is_late(self, now: float) -> bool:
        """Whether the client took longer than it may."""
        if self.answering:
            self._free_since = now
            return False
        if self._body_since is not None:
            return now - self._body_since > BODY_SECONDS
        if self._head_since is not None:
            return now - self._head_since > HEAD_SECONDS
        return self._free_since is not None and now - self._free_since > IDLE_SECONDS


def source_of(connection: Any, sources: SignInSources) -> SignInSource | None:  # noqa: ANN401 - waitress has no types
    """The source of the sign-in that waits on a connection; None when it is another request."""
    request = connection.requests[0]
    path = "/" + request.path.lstrip("/")  # as waitress hands it to the application
    if request.error or request.command.upper() != "POST" or path != PATH:
        return None
    body = request.body_rcv.getbuf().get(LOOKED_AT) if request.body_rcv is not None else b""
    headers = {f"HTTP_{name}": text for name, text in request.headers.items()}
    return sources.find(address=connection.addr[0], headers=headers, body=body)


class BufferingServer(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Reads the requests of one listening socket."""

    channel_class = TimedConnection

    def maintenance(self, now: float) -> None:
        """Close the connections of those who are late."""
        super().maintenance(now)
        moment = time.monotonic()
        for connection in tuple(self.active_channels.values()):
            if connection.is_late(moment):
                connection.will_close = True

    def accept_no_more(self) -> None:
        """Leave the listening socket to others."""
        self.accepting = False
        wasyncore.dispatcher.close(self)

    def close_idle(self) -> bool:
        """Close connections on which nothing happens; whether none is left."""
        for connection in tuple(self.active_channels.values()):
            if not connection.answering and not connection.receiving:
                connection.will_close = True
        return not self.active_channels


class BufferingWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """One web process."""

    part = 0
    """The part of the site's counts that it writes in."""
    _say_alive_at = 0.0
    """When gunicorn is to hear again that this process lives."""

    def run(self) -> None:
        """Read and answer requests until the process must stop."""
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each that waits
        connections: dict[int, object] = {}
        sources = SignInSources(self.wsgi)
        threads = PageAndSignInThreads(lambda connection: source_of(connection, sources))
        threads.set_thread_count(self.cfg.threads)
        servers = [self._server(one.sock, connections, threads) for one in self.sockets]
        while self.alive and os.getppid() == self.ppid:
            self._turn(connections)
        self._stop(servers, connections, threads)

    def _server(
        self,
        listening: socket,
        connections: dict[int, object],
        threads: ThreadedTaskDispatcher,
    ) -> BufferingServer:
        adjustments = Adjustments(
            threads=self.cfg.threads,
            ident=None,
            clear_untrusted_proxy_headers=False,  # the application knows whom it trusts
            connection_limit=MOST_CONNECTIONS,
            cleanup_interval=1,
            channel_timeout=UNREAD_SECONDS,
            max_request_header_size=MOST_HEAD,
            max_request_body_size=self.app.largest_body,
            outbuf_high_watermark=MOST_WAITING,
            log_socket_errors=False,
        )
        found = (listening.family, listening.type, listening.proto, listening.getsockname())
        return BufferingServer(
            self.wsgi,
            connections,
            _sock=listening,
            dispatcher=threads,
            adj=adjustments,
            sockinfo=found,
            bind_socket=False,
        )

    def _turn(self, connections: dict[int, object]) -> None:
        """Wait a second at most for something to read or to write."""
        now = time.monotonic()
        if now >= self._say_alive_at:
            self._say_alive_at = now + 1
            self.notify()
        wasyncore.loop(timeout=1, use_poll=True, map=connections, count=1)

    def _stop(
        self,
        servers: list[BufferingServer],
        connections: dict[int, object],
        threads: ThreadedTaskDispatcher,
    ) -> None:
        """Take no new connection, answer what has been asked, then end."""
        until = time.monotonic() + self.cfg.graceful_timeout
        for server in servers:
            server.accept_no_more()
        while any(not server.close_idle() for server in servers) and time.monotonic() < until:
            self._turn(connections)
        threads.shutdown(timeout=max(until - time.monotonic(), 0.1))
