"""Round trips to PostgreSQL, counted where they cannot be hidden: on the wire.

A relay lies between the program and the server, on a socket of its own, and reads what the program
sends. One round trip is one message after which a program must wait for the server: `Sync`, a
simple `Query`, or a `Flush` with something before it.
Source: PostgreSQL 18, 54.2 (Message Flow).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

SOCKET = ".s.PGSQL.5432"
SYNC, QUERY, FLUSH, PARSE, CLOSE, TERMINATE = b"S", b"Q", b"H", b"P", b"C", b"X"
HEAD = struct.Struct("!I")


@dataclass
class Wire:
    """What the program has sent over all its connections."""

    trips: int = 0
    opened: int = 0
    """Connections that were made."""
    texts: list[list[str]] = field(default_factory=list)
    """For each round trip the texts that it was made of; `parse` before one that the server had to
    read and plan."""
    prepared: dict[tuple[int, bytes], str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """Count from here."""
        with self.lock:
            self.trips, self.opened, self.texts = 0, 0, []


@dataclass
class _Reader:
    """Reads the messages of one connection as they come."""

    wire: Wire
    number: int
    rest: bytes = b""
    started: bool = False
    open: list[str] = field(default_factory=list)

    def read(self, data: bytes) -> None:
        self.rest += data
        while True:
            at = 1 if self.started else 0
            if len(self.rest) < at + HEAD.size:
                return
            (length,) = HEAD.unpack_from(self.rest, at)
            if len(self.rest) < at + length:
                return
            kind, body = self.rest[:at], self.rest[at + HEAD.size : at + length]
            self.rest = self.rest[at + length :]
            if self.started:
                self.message(kind, body)
            self.started = True

    def message(self, kind: bytes, body: bytes) -> None:
        if kind == PARSE:
            name, text, _ = body.split(b"\0", 2)
            self.wire.prepared[self.number, name] = text.decode()
            self.open.append(f"parse {text.decode()}" if name else "")
        elif kind == b"B":
            _, name, _ = body.split(b"\0", 2)
            self.open.append(self.wire.prepared.get((self.number, name), "?"))
        elif kind == QUERY:
            self.trip([body.rstrip(b"\0").decode()])
        elif kind == SYNC or (kind == FLUSH and self.open):
            self.trip(self.open)
            self.open = []
        elif kind == TERMINATE:
            return

    def trip(self, texts: list[str]) -> None:
        with self.wire.lock:
            self.wire.trips += 1
            self.wire.texts.append([text for text in texts if text])


@contextmanager
def relayed(address: str) -> Iterator[tuple[str, Wire]]:
    """The address of the same database by way of a relay, and what goes over it."""
    asked = urlsplit(address)
    (host,) = parse_qs(asked.query)["host"]
    wire = Wire()
    with (
        tempfile.TemporaryDirectory(prefix="wire-") as folder,
        socket.socket(socket.AF_UNIX) as listening,
    ):
        listening.bind(str(Path(folder) / SOCKET))
        listening.listen()
        threading.Thread(
            target=_accept, args=(listening, str(Path(host) / SOCKET), wire), daemon=True
        ).start()
        yield asked._replace(query=f"host={quote(folder, safe='')}").geturl(), wire


def _accept(listening: socket.socket, target: str, wire: Wire) -> None:
    for number in range(1_000_000):
        try:
            given, _ = listening.accept()
        except OSError:
            return
        wire.opened += 1
        reader = _Reader(wire, number)
        threading.Thread(target=_relay, args=(given, target, reader), daemon=True).start()


def _relay(given: socket.socket, target: str, reader: _Reader) -> None:
    """Carry everything of one connection to the server and back, until either end closes it."""
    with given, socket.socket(socket.AF_UNIX) as server:
        server.connect(target)
        back = threading.Thread(target=_pump, args=(server, given, None), daemon=True)
        back.start()
        _pump(given, server, reader)
        back.join()


def _pump(source: socket.socket, sink: socket.socket, reader: _Reader | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            if reader is not None:
                reader.read(data)
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
