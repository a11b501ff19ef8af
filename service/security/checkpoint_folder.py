"""The folder outside the database where checkpoints are kept, and what they name.

    newest.checkpoint      the newest signed note
    2026-03-02.checkpoint  the first one of each day
    2026-03-02.streams     what got its place on that day: place, stream, number, hash
    erasures               what was erased (`erasure_list`); it stays when the rest is set aside

The notes say that something is lost or another; the lists say what. A list has one line for each
run of entries of a stream, with the first 16 bytes of the hash of its last entry.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from service.security.checkpoint import Checkpoint, parse

NEWEST: Final = "newest.checkpoint"
LISTED_BYTES: Final = 16
"""So much of a hash stands in a list."""
PARTS: Final = 4
ENDINGS: Final = ("*.streams", "*.checkpoint")


@dataclass(frozen=True, slots=True)
class StreamHead:
    """The last entry of a stream that a list names: place in the log, number, part of its hash."""

    idx: int
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class OutsideLog:
    """What is known of the log from outside the database."""

    notes: tuple[tuple[str, str], ...] = ()
    """Name of the file, and the note in it."""
    heads: Mapping[str, StreamHead] = field(default_factory=dict)
    """Stream to the last entry that was ever named of it."""
    unreadable: tuple[str, ...] = ()
    """Names of files of which a line cannot be read."""
    expected: bool = False
    """Whether there should be a note: the installation has a folder."""


NOT_KEPT: Final = OutsideLog()
"""What is known outside when nothing is kept there."""


def digest_of(note: str) -> str:
    """SHA-256 of a note, in hex."""
    return sha256(note.encode()).hexdigest()


class CheckpointFolder:
    """One folder of checkpoints."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def wrong(self, database: Path | None) -> str:
        """What is wrong with the folder, as the end of a sentence; empty when nothing is.

        Args:
            database: the file of the database, whose thief must not get the folder too.
        """
        if not self.path.is_dir():
            return "is not there: make it, for the service's user alone"
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            return "cannot be written by the service's user"
        folder = None if database is None else database.resolve().parent
        if folder is not None and self.path.resolve().is_relative_to(folder):
            return (
                "lies in the folder of the database, so who changes one changes both: "
                "choose another, best on another machine's disk"
            )
        return ""

    def newest(self) -> Checkpoint | None:
        """What the newest note says; None when there is none.

        Whoever compares it with the database reads it before the transaction: what a note counts
        was committed before it was kept, so it is never ahead of what is seen after it.

        Raises:
            NoCheckpoint: the file holds something else.
            OSError: it cannot be read.
        """
        note = self.newest_note()
        return parse(note) if note is not None else None

    def newest_note(self) -> str | None:
        """The newest note as it was published; None when there is none. As `newest`.

        Raises:
            OSError: it cannot be read.
        """
        try:
            return _text(self.path / NEWEST)
        except FileNotFoundError:
            return None

    def is_used(self) -> bool:
        """Whether checkpoints of some database are kept here."""
        return any(next(self.path.glob(ending), None) for ending in ENDINGS)

    def keep(self, note: str, heads: Iterable[tuple[str, StreamHead]], *, day: date) -> None:
        """Keep a note, and what got its place since the one before.

        The list is on the disk before the note is: what a note counts, a list names.

        Raises:
            OSError: it could not be written.
        """
        with self._alone():
            _append(self.path / f"{day:%Y-%m-%d}.streams", heads)
            kept = self.newest()
            if kept is not None and kept.size >= parse(note).size:
                return  # another process was faster
            _replace(self.path / NEWEST, note)
            first = self.path / f"{day:%Y-%m-%d}.checkpoint"
            if not first.exists():
                _replace(first, note)

    def read(self) -> OutsideLog:
        """Read everything that the folder holds; before the transaction that it is compared with.

        Raises:
            OSError: it cannot be read.
        """
        notes = tuple((file.name, _text(file)) for file in sorted(self.path.glob("*.checkpoint")))
        heads: dict[str, StreamHead] = {}
        unreadable = []
        for file in sorted(self.path.glob("*.streams")):
            try:
                for stream, head in _listed(file):
                    if stream not in heads or heads[stream].seq < head.seq:
                        heads[stream] = head
            except ValueError:
                unreadable.append(file.name)
        return OutsideLog(notes, heads, tuple(unreadable), expected=True)

    def set_aside(self, digest: str, name: str) -> None:
        """Move everything into a folder in this one: an operator has confirmed that the database
        was put back, and the log goes on from there.

        Args:
            digest: SHA-256 of the newest note that was confirmed; where it is no more the newest,
                another process has set it aside, and nothing is moved.
            name: of the folder; what a crash has left out of it comes into the same.
        Raises:
            OSError: it could not be moved.
        """
        with self._alone():
            note = self.newest_note()
            if note is None or digest_of(note) != digest:
                return
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
            files = [file for ending in ENDINGS for file in self.path.glob(ending)]
            # the newest note last: as long as it is here, a start knows that some is left
            for file in sorted(files, key=lambda file: file.name == NEWEST):
                file.rename(self.path / name / file.name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process writes at a time; the lock ends with the process."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _append(file: Path, heads: Iterable[tuple[str, StreamHead]]) -> None:
    """Add lines to a list."""
    text = "".join(
        f"{head.idx} {stream} {head.seq} {head.hash[:LISTED_BYTES].hex()}\n"
        for stream, head in heads
    )
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as opened:
        if opened.seek(0, os.SEEK_END) and _is_cut(opened):
            opened.seek(0)
            opened.truncate(opened.read().rfind(b"\n") + 1)
            opened.seek(0, os.SEEK_END)
        opened.write(text.encode())
        opened.flush()
        os.fsync(opened.fileno())


def _is_cut(opened: BinaryIO) -> bool:
    """Whether a crash has cut the last line of a file that is not empty; stands at its end then."""
    opened.seek(-1, os.SEEK_END)
    return opened.read(1) != b"\n"


def _listed(file: Path) -> Iterator[tuple[str, StreamHead]]:
    """The lines of a list; the last one counts only when it is whole."""
    text = _text(file)
    for line in text[: text.rfind("\n") + 1].splitlines():
        parts = line.split(" ")
        if len(parts) != PARTS:
            raise ValueError(file.name)
        digest = bytes.fromhex(parts[3])
        if len(digest) != LISTED_BYTES:
            raise ValueError(file.name)
        yield parts[1], StreamHead(int(parts[0]), int(parts[2]), digest)


def _text(file: Path) -> str:
    return file.read_bytes().decode(errors="replace")


def _replace(file: Path, text: str) -> None:
    """Put a file in its place in one step, for its owner alone."""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
