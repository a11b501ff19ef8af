"""A restored copy: nothing leaves it and nothing fires until an operator has confirmed it.

What the copy does not know may have happened since it was made: letters left, timers fired,
handlers were called, cases began. So letters, timers and calls of handlers are held, people are
signed out, and numbers go on above those that the newest checkpoint outside the database names.
People may work meanwhile; what they send waits with the rest.
Source: decisions/0027.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.errors import NotFound, UnusableWord
from service.records.context import Actor
from service.records.ledger_append import append_entry, append_gap
from service.records.outbox import record_letter
from service.security import ledger_lines
from service.store.at_hand import Reader
from service.store.casefile import case_numbers
from service.store.installation import installation_values, ledger_entries, sessions
from service.store.transaction import Tx
from service.store.work import jobs, letters

HELD = "restored.held"
"""Setting: from when the copy is and when it was restored, while nobody has confirmed it."""
CONFIRMED = "restored.confirmed"
"""Setting: the checkpoint that was ahead of the database when a copy was confirmed last."""
ERASED = "restored.erased"
"""Setting: what was erased again in the copy, while nobody has confirmed it."""
MAY_HAVE_LEFT = "not sent again after a restore"
"""Error of a letter that may have left before the restore, and that nobody has picked since."""
NUMBER = re.compile(r"[0-9]{4}-[0-9]{4,}")


@dataclass(frozen=True, slots=True)
class OutsideHeads:
    """How far the ledger had come, as the newest checkpoint outside the database says."""

    at: datetime
    digest: str
    """SHA-256 of the checkpoint."""
    heads: Mapping[str, tuple[int, str]]
    """Stream to the number of its last entry, and the beginning of its hash at least."""
    note: str = ""
    """The checkpoint as it was published."""


class NotLostThen(UnusableWord):
    """The installation was not lost at the moment that was named: it worked then, or was restored.

    `facts["first"]` and `facts["last"]` are the minutes between which it was.
    """

    @classmethod
    def between(cls, first: datetime, last: datetime) -> NotLostThen:
        """The fault, with the sentence of a command."""
        facts = {"first": f"{first:%Y-%m-%d %H:%M}", "last": f"{last:%Y-%m-%d %H:%M}"}
        return cls(
            "the installation still worked at {first} UTC, as its newest checkpoint or the copy "
            "says, and was restored at {last} UTC: it was lost between the two".format(**facts),
            **facts,
        )


@dataclass(frozen=True, slots=True)
class StreamGap:
    """Entries of one stream that the copy lacks: those after `copied`, up to `named`."""

    stream: str
    copied: int
    named: int


@dataclass(frozen=True, slots=True)
class RestoreGap:
    """What is missing since a copy was made, and what may have happened."""

    copied_at: datetime
    restored_at: datetime
    checkpoint: datetime | None
    """The moment of the newest checkpoint; None when there is none to compare with."""
    streams: tuple[StreamGap, ...]
    letters: tuple[letters.Letter, ...]
    """Letters that were due before the loss: they may have left."""
    jobs: tuple[jobs.Job, ...]
    """Timers, calls and deadlines that were due: they may have been done."""

    worked_until: datetime
    """When the installation of before still worked: it was lost after that."""

    @property
    def entries(self) -> int:
        """How many entries of the ledger are missing."""
        return sum(gap.named - gap.copied for gap in self.streams)

    @property
    def lost_cases(self) -> int:
        """How many cases the copy does not know at all."""
        return sum(gap.stream.startswith("case/") and not gap.copied for gap in self.streams)


ASKED = (HELD,)
"""Names of the settings that `is_held` reads."""


def is_held(reader: Reader) -> bool:
    """Whether the database is a restored copy that nobody has confirmed yet."""
    return installation_values.get(reader, HELD) != ""


def hold(
    tx: Tx,
    *,
    by: Actor,
    now: datetime,
    copied_at: datetime,
    outside: OutsideHeads | None,
    found: str,
) -> None:
    """Hold everything that would leave or fire, end all sessions, and let numbers go on above.

    A stream whose end is missing gets a gap entry, with the number after the highest that was given
    in the stream before.

    Args:
        found: `restore`, or `start` when the start noticed that an older database was put back.
    """
    since = {"copied_at": copied_at.isoformat(), "restored_at": now.isoformat()}
    installation_values.put(tx, HELD, json.dumps(since))
    gap = find_gap(tx, now=now, outside=outside)
    # none of the lost cases had a higher number than as many after the newest one of the copy
    last = case_numbers.raise_to(tx, now.year, 0)
    floor = case_numbers.raise_to(tx, now.year, last + gap.lost_cases)
    for one in gap.streams:
        append_gap(tx, one.stream, one.named, by=by, now=now)
    body: dict[str, ledger_lines.Canonical] = {
        "copied": copied_at.isoformat(),
        "found": found,
        "sessions": _end_sessions(tx, by=by, now=now),
        "number": f"{now.year}-{floor:04d}",
    }
    append_entry(tx, "system", "restored", by=by, now=now, body=body)


def _end_sessions(tx: Tx, *, by: Actor, now: datetime) -> int:
    """End every session, with an entry in the stream of each person's office; gives how many."""
    ended = 0
    for office, person in sessions.signed_in(tx):
        number = sessions.end_all(tx, person, office=office)
        body: dict[str, ledger_lines.Canonical] = {"person": person, "number": number}
        append_entry(tx, f"office/{office}", "sessions_ended", by=by, now=now, body=body)
        ended += number
    return ended


def find_gap(
    tx: Tx, *, now: datetime, outside: OutsideHeads | None, lost_at: datetime | None = None
) -> RestoreGap:
    """List what is missing since the copy was made.

    Args:
        lost_at: when the installation of before stopped, if somebody knows; until it was restored
            without it.
    Raises:
        NotFound: this is no restored copy, or it is confirmed.
        UnusableWord: the installation still worked after `lost_at`, or was restored before it.
    """
    kept = installation_values.get(tx, HELD)
    if not kept:
        raise NotFound("nothing waits for a confirmation: this is no restored copy, or no more")
    since = {name: datetime.fromisoformat(at) for name, at in json.loads(kept).items()}
    restored_at = since["restored_at"]
    copied_at = since["copied_at"]
    worked_until = max(copied_at, outside.at) if outside is not None else copied_at
    # who names a moment names a minute
    first = worked_until.replace(second=0, microsecond=0)
    if lost_at is not None and not first <= lost_at <= restored_at:
        raise NotLostThen.between(first, restored_at)
    return RestoreGap(
        **since,
        checkpoint=outside.at if outside else None,
        streams=tuple(streams_behind(tx, outside)) if outside else (),
        letters=tuple(letters.may_have_left(tx, made=restored_at, due=lost_at or restored_at)),
        jobs=tuple(jobs.due(tx, now=now)),
        worked_until=worked_until,
    )


def streams_behind(tx: Tx, outside: OutsideHeads) -> list[StreamGap]:
    """Streams in which the checkpoint names an entry that the database does not hold."""
    gaps = (
        StreamGap(stream, _copied(tx, stream, seq, digest), seq)
        for stream, (seq, digest) in sorted(outside.heads.items())
    )
    return [gap for gap in gaps if gap.copied < gap.named]


def _copied(tx: Tx, stream: str, seq: int, digest: str) -> int:
    """Number of the last entry of a stream that was in the copy, up to the one that is named."""
    following = ledger_entries.of_stream(tx, stream, after=seq - 1, limit=1)
    if not following:
        return ledger_entries.end(tx, stream)[0]
    [entry] = following
    if entry.seq == seq:
        return seq if entry.hash.startswith(digest) else seq - 1
    return entry.seq - 1 - ledger_lines.left_out(entry)


def confirm(
    tx: Tx,
    *,
    by: Actor,
    now: datetime,
    outside: OutsideHeads | None,
    who: str = "",
    lost_at: datetime | None = None,
    last_number: str = "",
) -> RestoreGap:
    """Let a restored copy work: timers fire, handlers are called, letters leave.

    Letters that may have left already are held; `pick_letters` sends those that a person names.

    Args:
        who: words for who confirms, where nobody of the directory may.
        lost_at: as `find_gap` takes it; letters that fell due later have not left, and go.
        last_number: the highest case number that was given, for where no checkpoint names it.
    Raises:
        NotFound: this is no restored copy, or it is confirmed.
        UnusableWord: as `find_gap`, or a number of another form.
    """
    if last_number and not NUMBER.fullmatch(last_number):
        raise UnusableWord(f"{last_number} is no case number, such as 2026-0412")
    gap = find_gap(tx, now=now, outside=outside, lost_at=lost_at)
    for letter in gap.letters:
        if letters.set_aside(tx, letter, error=MAY_HAVE_LEFT):
            record_letter(tx, "letter_held", letter, by=by, now=now)
    year, _, number = (last_number or f"{now.year}-0").partition("-")
    floor = case_numbers.raise_to(tx, int(year), int(number))
    installation_values.put(tx, HELD, "")
    installation_values.put(tx, ERASED, "")
    installation_values.put(tx, CONFIRMED, outside.digest if outside else "")
    body: dict[str, ledger_lines.Canonical] = {
        "copied": gap.copied_at.isoformat(),
        "missing": {one.stream: [one.copied, one.named] for one in gap.streams},
        "held_back": len(gap.letters),
        "number": f"{year}-{floor:04d}",
        "who": who,
    }
    append_entry(tx, "system", "restore_confirmed", by=by, now=now, body=body)
    return gap


def held_letters(reader: Reader) -> list[letters.Letter]:
    """Letters that may have left before a restore, and that nobody has picked since."""
    return letters.held_for(reader, MAY_HAVE_LEFT)


def pick_letters(
    tx: Tx, *, keys: Collection[str], templates: Collection[str], by: Actor, now: datetime
) -> list[letters.Letter]:
    """Send held letters after all: those of `keys`, and those of some kinds; gives them.

    Raises:
        UnusableWord: nothing was named, or something that names no letter that is held so, such as
            one that was sent.
    """
    held = held_letters(tx)
    if unknown := {*keys} - {letter.key for letter in held}:
        raise UnusableWord(f"{min(unknown)} is no letter that is held since a restore")
    if unknown := {*templates} - {letter.template for letter in held}:
        raise UnusableWord(f"no letter of the kind {min(unknown)} is held since a restore")
    if not keys and not templates:
        raise UnusableWord("name letters, or kinds of them; `tresteg restore letters` lists them")
    picked = [letter for letter in held if letter.key in keys or letter.template in templates]
    for letter in picked:
        letters.resume(tx, letter.key, at=now)
        record_letter(tx, "letter_picked", letter, by=by, now=now)
    return picked
