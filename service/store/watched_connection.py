"""A connection to PostgreSQL that waits for no server that has gone without a word.

A server that loses its power or its network, or is stopped, closes nothing. TCP itself notices some
of that: `tcp_user_timeout` what was sent and not acknowledged, keepalives an idle connection. What
was acknowledged, by a proxy or by the kernel of a server that is stopped, is waited for without an
end. So whoever has waited for a while looks whether the server takes another connection. If it
does, a statement just takes long.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen

T = TypeVar("T")
SILENCE: Final = 2.0
"""Seconds without an answer after which somebody looks whether the server is there."""
BEYOND: Final = 10.0
"""Seconds beyond the longest that a statement may take after which it is given up in any case."""


class ServerSilent(psycopg.OperationalError):
    """The server does not answer: neither a statement nor a new connection."""

    sqlstate = "08006"


class WatchedConnection(psycopg.Connection[Any]):
    """A connection whose waits have an end."""

    address: Mapping[str, Any]
    """What it was made with, for a look whether the server is there."""
    longest: float | None
    """Seconds that a statement may take; None for as long as it needs."""

    def wait(
        self,
        gen: PQGen[T],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> T:
        """Wait for what the server answers.

        Raises:
            ServerSilent: it is not there any more; the connection is closed.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        began = time.monotonic()
        while True:
            try:
                return super().wait(gen, interval, SILENCE)
            except psycopg.errors._WaitTimeout:  # noqa: SLF001 - `wait` is documented to raise it
                waited = time.monotonic() - began
                too_long = self.longest is not None and waited > self.longest + BEYOND
                if too_long or not self._is_there():
                    self.close()
                    raise ServerSilent(
                        f"the server has not answered for {waited:.0f} seconds"
                    ) from None

    def _is_there(self) -> bool:
        """Whether the same server takes another connection, or at least says why not."""
        info = self.info
        own = {"host": info.host, "port": info.port, "hostaddr": info.hostaddr or None}
        try:
            psycopg.connect(**{**self.address, **own}).close()
        except psycopg.errors.ConnectionTimeout:
            return False
        except psycopg.OperationalError:
            return True
        return True


def connect(address: Mapping[str, Any], longest: float | None, **more: Any) -> WatchedConnection:  # noqa: ANN401 - as psycopg
    """Connect to a server.

    Args:
        address: host, port and the like, as libpq names them.
        longest: seconds that a statement may take; None for as long as it needs.
        more: as `psycopg.connect` takes it.
    """
    made = WatchedConnection.connect(**address, **more)
    made.address, made.longest = address, longest
    return made
