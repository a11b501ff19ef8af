"""The erasure list: what was erased, kept outside the database next to the checkpoints.

A restored copy of before an erasure holds again what was erased; the list says what must go once
more. It is one file to which lines are added, each with a MAC, the MAC of the line before it, and
JSON:

    begun   an erasure, written before its transaction is committed
    done    it was committed
    undone  it was not: who looked held the lock of its case, so nobody could commit it any more

Every line is checked alone, so a forged one erases nothing; a missing one in the middle is noticed.
An erasure that is only begun is one whose process was killed there, a moment ago. Nobody can know
what became of it in a database that is lost, so a restored copy erases it: it was decided, and
nothing but its last step was open. Source: decisions/0119.
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final

from service.security import ledger_lines

NAME: Final = "erasures"
"""Name of the file in the folder of checkpoints."""
BEGUN, DONE, UNDONE = "begun", "done", "undone"
MAC_BYTES: Final = 16
FIRST: Final = bytes(MAC_BYTES)
"""What stands for the MAC of the line before the first."""
TAIL_BYTES: Final = 65_536
"""So much of the end of the file is read to find its last line."""
HEX: Final = 2 * MAC_BYTES
START: Final = 2 * HEX + 2
"""Letters before the JSON of a line: two MACs, each with a space."""


@dataclass(frozen=True, slots=True)
class ListedErasure:
    """One erasure as the list names it: ids and codes, no value of a person."""

    id: str
    """Of the act (`retention_act`)."""
    case_id: str
    office: str
    classes: tuple[str, ...]
    keys: tuple[str, ...]
    """Ids of the keys that went, hex."""
    rule: str
    plan: str
    approval: str
    by: str
    at: str
    """The moment, ISO 8601."""


@dataclass(frozen=True, slots=True)
class ErasureRecord:
    """What the list says."""

    erasures: Mapping[str, ListedErasure]
    """By id of the act, in the order of the list."""
    states: Mapping[str, str]
    """Id of the act to the last word about it."""
    untrusted: tuple[int, ...] = ()
    """Numbers of lines that this installation did not write, or before which some are missing."""

    @property
    def unsettled(self) -> list[ListedErasure]:
        """Those of which nobody has said what became of them."""
        return [one for one in self.erasures.values() if self.states[one.id] == BEGUN]

    def named(self, *, begun: bool) -> list[ListedErasure]:
        """What must be erased in every copy.

        Args:
            begun: also what was begun, and of which nobody knows what became.
        """
        wanted = (BEGUN, DONE) if begun else (DONE,)
        return [one for one in self.erasures.values() if self.states[one.id] in wanted]


class ErasureList:
    """The list in one file.

    Args:
        mac: makes a MAC of 16 bytes with a key of the installation.
    """

    def __init__(self, file: Path, mac: Callable[[bytes], bytes]) -> None:
        self.file = file
        self._mac = mac

    def begin(self, erasure: ListedErasure) -> None:
        """Name an erasure that is about to be committed; it is on the disk when this returns.

        Raises:
            OSError: it could not be written, so it must not be committed.
        """
        self._append({"state": BEGUN, **asdict(erasure)})

    def settle(self, act: str, state: str) -> None:
        """Say what became of an erasure.

        Raises:
            OSError: it could not be written.
        """
        self._append({"state": state, "id": act})

    def read(self) -> ErasureRecord:
        """Read the whole list; before the transaction that it is compared with.

        A last line that a crash has cut does not count: what it names was not committed.

        Raises:
            OSError: it cannot be read.
        """
        erasures: dict[str, ListedErasure] = {}
        states: dict[str, str] = {}
        untrusted: list[int] = []
        before = FIRST
        for number, line in enumerate(self._lines(), start=1):
            mac, after, content = _parts(line)
            if not hmac.compare_digest(mac, self._made(after, content)):
                untrusted.append(number)
                continue
            if after != before:
                untrusted.append(number)
            before = mac
            said = json.loads(content)
            state, id_ = said.pop("state"), said["id"]
            if state == BEGUN:
                lists = {name: tuple(said[name]) for name in ("classes", "keys")}
                erasures.setdefault(id_, ListedErasure(**{**said, **lists}))
                states.setdefault(id_, state)
            elif id_ in erasures:
                states[id_] = state
        return ErasureRecord(erasures, states, tuple(untrusted))

    def _lines(self) -> Iterator[bytes]:
        try:
            whole = self.file.read_bytes()
        except FileNotFoundError:
            return
        yield from whole[: whole.rfind(b"\n") + 1].splitlines()

    def _append(self, said: Mapping[str, ledger_lines.Canonical]) -> None:
        content = ledger_lines.canonical(said)
        with self._alone() as opened:
            before = _last_mac(opened)
            mac = self._made(before, content)
            line = f"{mac.hex()} {before.hex()} ".encode() + content + b"\n"
            opened.seek(0, os.SEEK_END)
            opened.write(line)
            opened.flush()
            os.fsync(opened.fileno())

    def _made(self, before: bytes, content: bytes) -> bytes:
        return self._mac(b"tresteg/1|erasure|" + before + content)

    @contextmanager
    def _alone(self) -> Iterator[BinaryIO]:
        """The file, to which one process writes at a time; the lock ends with the process."""
        is_new = not self.file.exists()
        with os.fdopen(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            if is_new:
                _sync_folder(self.file.parent)
            yield opened


def _parts(line: bytes) -> tuple[bytes, bytes, bytes]:
    """MAC, MAC of the line before, and content; all empty when it is no line of the list."""
    try:
        mac, after = (
            bytes.fromhex(line[:HEX].decode()),
            bytes.fromhex(line[HEX + 1 : START - 1].decode()),
        )
    except ValueError:
        return b"", b"", b""
    return mac, after, line[START:]


def _last_mac(opened: BinaryIO) -> bytes:
    """The MAC of the last line; what a crash has left of another one after it is cut off."""
    size = opened.seek(0, os.SEEK_END)
    start = opened.seek(max(0, size - TAIL_BYTES))
    tail = opened.read()
    end = tail.rfind(b"\n") + 1
    if end < len(tail):
        opened.seek(start + end)
        opened.truncate()
    last = tail[:end].splitlines()[-1:]
    return (_parts(last[0])[0] or FIRST) if last else FIRST


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
