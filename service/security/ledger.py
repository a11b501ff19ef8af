"""The ledger: canonical lines, each chained to the one before, and commitments to what is sealed.

A line is canonical JSON: keys sorted, no spaces, UTF-8, texts and whole numbers only. Its hash is
SHA-256(0x00 followed by the line), as a leaf of RFC 9162, and the next line of the stream names
that hash as `prev`. So nobody changes, drops, inserts or swaps a line without every later hash
being wrong.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, TypeAlias

from service.security.records import LedgerEntry

Canonical: TypeAlias = (
    "bool | int | str | list[Canonical] | tuple[Canonical, ...] | Mapping[str, Canonical] | None"
)

VERSION: Final = 1
LEAF: Final = b"\x00"
OWN: Final = frozenset({"v", "stream", "seq", "prev", "kind", "at", "actor", "office"})
"""Keys of a line that its other columns hold; the body brings the rest."""
WRITER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
GAP: Final = "restore_gap"
"""Kind of the entry that says which numbers of its stream a restored copy lacks: it bears the
number after them."""
PLAIN: Final = frozenset({str, int, bool, type(None)})
"""What is written as it is; asked first, for it is nearly everything."""


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """One place where a chain does not hold.

    `what` is `missing`, `prev`, `hash`, `body`, `stream` or `head`.
    """

    stream: str
    seq: int
    what: str


def canonical(value: Canonical) -> bytes:
    """The one way to write a value.

    Raises:
        TypeError: a float, a date, or anything else that JSON writes in more than one way.
    """
    _check(value)
    return WRITER.encode(value).encode()


def digest(value: Canonical) -> str:
    """SHA-256 of the canonical value, hex: what a line binds as `open`."""
    return sha256(canonical(value)).hexdigest()


def commitment(key: bytes, content: bytes) -> str:
    """What a line says about a sealed value: HMAC-SHA-256 under the random key inside it, hex.

    Without the key it says nothing, not even to who guesses.
    """
    return hmac.new(key, content, sha256).hexdigest()


def leaf(whole: bytes) -> str:
    """Hash of a line, hex."""
    return sha256(LEAF + whole).hexdigest()


def moment(at: datetime) -> str:
    """A moment as lines write it: UTC with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text(line: LedgerEntry) -> bytes:
    """The whole line as it was hashed, put together from its columns."""
    return _whole(
        (line.stream, line.seq, line.prev),
        line.kind,
        line.at,
        (line.actor, line.office),
        json.loads(line.body),
    )


def write(
    stream: str,
    end: tuple[int, str],
    *,
    kind: str,
    at: datetime,
    actor: str = "",
    office: str = "",
    body: Mapping[str, Canonical] | None = None,
) -> LedgerEntry:
    """The next line of a stream.

    Args:
        stream: `case/<id>`, `reads/<id>`, `release/<process>`, `office/<id>` or `system`.
        end: number and hash of the stream's last line; `(0, "")` when it is empty.
        at: aware.
        body: ids, codes, digests and commitments, for example `release`, `element`, `open`, `seal`.
            Never a value of a person.
    """
    seq, prev = end[0] + 1, end[1]
    rest = dict(body or {})
    if OWN & rest.keys():
        raise ValueError(f"a line has its own {', '.join(sorted(OWN & rest.keys()))}")
    whole = _whole((stream, seq, prev), kind, at, (actor, office), rest)
    return LedgerEntry(
        stream, seq, prev, leaf(whole), kind, at, actor, office, canonical(rest).decode()
    )


def verify(
    stream: str,
    lines: Iterable[LedgerEntry],
    *,
    after: tuple[int, str] = (0, ""),
    head: tuple[int, str] | None = None,
) -> list[ChainBreak]:
    """Walk a stream and name every place where it does not hold.

    Args:
        lines: in the order of their numbers.
        after: number and hash of the line before the first one, when only the rest of a stream is
            walked.
        head: number and hash that the stream reached at some time, as somebody noted them
            elsewhere; a line of the stream must have them.
    """
    breaks: list[ChainBreak] = []
    seq, prev = after
    met = head is None or head == after
    for kept in lines:
        breaks.extend(
            ChainBreak(stream, kept.seq, what) for what in _faults(stream, kept, seq + 1, prev)
        )
        seq, prev = kept.seq, kept.hash
        met = met or (seq, prev) == head
    if head is not None and not met:
        breaks.append(ChainBreak(stream, head[0], "head"))
    return breaks


def left_out(line: LedgerEntry) -> int:
    """How many numbers before an entry are missing as it says itself; 0 for a usual one."""
    if line.kind != GAP:
        return 0
    try:
        first, last = json.loads(line.body)["missing"]
        return max(0, int(last) - int(first) + 1)
    except (ValueError, TypeError, KeyError):
        return 0


def _faults(stream: str, line: LedgerEntry, seq: int, prev: str) -> list[str]:
    """What is wrong with one line, given its number and the hash before it."""
    faults = []
    if line.stream != stream:
        faults.append("stream")
    if line.seq != seq + left_out(line):
        faults.append("missing")
    if line.prev != prev:
        faults.append("prev")
    try:
        body = json.loads(line.body)
        if canonical(body).decode() != line.body or not isinstance(body, dict) or OWN & body.keys():
            faults.append("body")
        elif leaf(text(line)) != line.hash:
            faults.append("hash")
    except (ValueError, TypeError):
        faults.append("body")
    return faults


def _whole(
    place: tuple[str, int, str],
    kind: str,
    at: datetime,
    who: tuple[str, str],
    rest: Mapping[str, Canonical],
) -> bytes:
    """The bytes of a line.

    Args:
        place: stream, number, hash before.
        who: person, office.
    """
    (stream, seq, prev), (actor, office) = place, who
    own: dict[str, Canonical] = {
        "v": VERSION,
        "stream": stream,
        "seq": seq,
        "prev": prev,
        "kind": kind,
        "at": moment(at),
        "actor": actor,
        "office": office,
    }
    return canonical({**own, **rest})


def _check(value: Canonical) -> None:
    """Refuse what canonical JSON does not know."""
    if type(value) in PLAIN:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError(f"a key is text, not {type(name).__name__}")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif value is not None and not isinstance(value, bool | int | str):
        raise TypeError(f"canonical JSON has no {type(value).__name__}")
