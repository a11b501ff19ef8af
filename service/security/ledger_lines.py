"""The ledger: canonical lines, each chained to the one before, and commitments to what is sealed.

A line is canonical JSON: keys sorted, no spaces, UTF-8, texts and whole numbers only. Its hash is
SHA-256(0x00 followed by the line), as a leaf of RFC 9162, and the next line of the stream names
that hash as `prev`. So nobody changes, drops, inserts or swaps a line without every later hash
being wrong. `prev` is not stored: whoever walks a stream knows it from the line before.

The line of a fact binds two digests: `open`, of what the fact shows, and `seal`, of the commitments
to its sealed values.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, TypeAlias

from service.security.records import LedgerEntry

Canonical: TypeAlias = (
    "bool | int | str | list[Canonical] | tuple[Canonical, ...] | Mapping[str, Canonical] | None"
)

VERSION: Final = 2
LEAF: Final = b"\x00"
OWN: Final = frozenset(
    {"v", "stream", "seq", "prev", "kind", "at", "actor", "office", "open", "seal"}
)
"""Keys of a line that its other columns hold; the body brings the rest."""
WRITER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
GAP: Final = "restore_gap"
"""Kind of the entry that says which numbers of its stream a restored copy lacks: it bears the
number after them."""
UNREADABLE: Final = "?"
"""Stands for the hash of a line whose stored row cannot be read."""
PLAIN: Final = frozenset({str, int, bool, type(None)})
"""Types that canonical JSON writes as they are; tested first, since nearly every value is one."""


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """One place where a chain does not hold.

    `what` is `missing`, `hash`, `body`, `stream` or `head`; of several missing lines `seq` is the
    first.
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
    return hmac.digest(key, content, "sha256").hex()


def leaf(whole: bytes) -> str:
    """Hash of a line, hex."""
    return sha256(LEAF + whole).hexdigest()


def moment(at: datetime) -> str:
    """A moment as lines write it: UTC with microseconds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def text(line: LedgerEntry, prev: str) -> bytes:
    """The whole line as it was hashed, put together from its columns and the hash before it."""
    own: dict[str, Canonical] = {
        "v": VERSION,
        "stream": line.stream,
        "seq": line.seq,
        "prev": prev,
        "kind": line.kind,
        "at": moment(line.at),
        "actor": line.actor,
        "office": line.office,
    }
    digests = {"open": line.open, "seal": line.seal}
    bound = {name: value for name, value in digests.items() if value is not None}
    return canonical({**own, **bound, **json.loads(line.body)})


def write(
    stream: str,
    end: tuple[int, str],
    *,
    kind: str,
    at: datetime,
    actor: str = "",
    office: str = "",
    open_: str | None = None,
    seal: str | None = None,
    body: Mapping[str, Canonical] | None = None,
) -> LedgerEntry:
    """The next line of a stream.

    Args:
        stream: `case/<id>`, `reads/<id>`, `release/<process>`, `office/<id>`,
            `log-review/<month>` or `system`.
        end: number and hash of the stream's last line; `(0, "")` when it is empty.
        at: aware.
        open_: of a fact: digest of what it shows, hex.
        seal: of a fact: `digest` of the commitments to its sealed values.
        body: ids, codes and digests. Never a value of a person.
    """
    rest = dict(body or {})
    if OWN & rest.keys():
        raise ValueError(f"a line has its own {', '.join(sorted(OWN & rest.keys()))}")
    written = canonical(rest).decode()
    line = LedgerEntry(
        stream, end[0] + 1, "", kind, at, actor, office, open=open_, seal=seal, body=written
    )
    return replace(line, hash=leaf(text(line, end[1])))


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
    seq = after[0]
    before: Sequence[str] = (after[1],)
    met = head is None or head == after
    for kept in lines:
        missing = kept.seq != seq + 1 + left_out(kept)
        what, own = _fault(stream, kept, () if missing else before)
        if missing:
            breaks.append(ChainBreak(stream, min(seq + 1, kept.seq), "missing"))
        breaks += [ChainBreak(stream, kept.seq, fault) for fault in (what,) if fault]
        seq, before = kept.seq, () if kept.hash == UNREADABLE else (kept.hash, *own)
        met = met or (seq, kept.hash) == head
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


def _fault(stream: str, line: LedgerEntry, before: Sequence[str]) -> tuple[str, Sequence[str]]:
    """What is wrong with one line, and the hashes that it has by its text.

    Args:
        before: hashes of the line before it: the stored one, and the one by its text where that
            differs, so that one changed hash is one fault. Empty when that line is missing: then
            this line's own hash cannot be checked.
    """
    if line.stream != stream:
        return "stream", ()
    try:
        body = json.loads(line.body)
        if canonical(body).decode() != line.body or not isinstance(body, dict) or OWN & body.keys():
            return "body", ()
        own = [leaf(text(line, prev)) for prev in before]
    except (ValueError, TypeError):
        return "body", ()
    return ("hash", own) if own and line.hash not in own else ("", ())


def _check(value: Canonical) -> None:
    """Refuse what canonical JSON does not know."""
    if type(value) in PLAIN:
        return
    if isinstance(value, dict | Mapping):  # nearly all are the first, which is asked faster
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError(f"a key is text, not {type(name).__name__}")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif value is not None and not isinstance(value, bool | int | str):
        raise TypeError(f"canonical JSON has no {type(value).__name__}")
