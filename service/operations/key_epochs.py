"""Epochs of the keyring: which one wraps, how all keys are turned to the next, when an old one may
go.

The keyring holds the epochs; the database says which of them wraps (setting `keys.epochs`, bound by
the ledger). So an epoch that only some processes know wraps nothing, and of two keyrings that were
given a next epoch each only one is the newest. Source: decisions/0116.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from service import fault_points
from service.application import unit_of_work
from service.application.container import Tresteg
from service.casework import clock_guard
from service.errors import BadSettings, CannotOpen, Stale
from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security.records import WrappedKey
from service.security.vault import Vault
from service.store.at_hand import Reader
from service.store.installation import installation_values, keys, ledger_entries, newest_rows
from service.store.installation.installation_values import Setting
from service.store.transaction import Tx
from service.text import say

SETTING: Final = "keys.epochs"
SYSTEM: Final = "system"
PIECE: Final = 200
"""Keys that are wrapped in one transaction; nobody waits longer than some milliseconds for it."""
COPYING: Final = timedelta(days=1)
"""A backup bears the moment at which it was copied; so long may copying have taken."""


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """What the database says about the epochs of its keyring."""

    epoch: int
    """The one that wraps."""
    marks: dict[int, str]
    """Each epoch that was made, to the mark of its key (`Vault.epochs`)."""
    begun: datetime | None = None
    """When it began to wrap; None for the epoch that the installation began with."""
    ended: datetime | None = None
    """Since when no key is wrapped under an older one; None while some are."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What one run of a rotation did."""

    wrapped: int
    unopened: tuple[str, ...]
    """Owners whose keys do not open: they stay as they are, and so does the old epoch."""


@dataclass(frozen=True, slots=True)
class EpochStatus:
    """How the epochs of an installation are."""

    epoch: int
    """The one that wraps."""
    since: datetime | None
    """Since when; None in a database without an entry."""
    waiting: int | None
    """The epoch of the keyring to which nothing was turned yet."""
    older: int
    """Keys that are wrapped under an older epoch."""
    old_epochs: tuple[int, ...]
    """Older epochs that the keyring still has."""
    retire_from: datetime | None
    """From when on these may be retired; None while a rotation goes on, or before the first."""
    too_old: bool
    """Whether the epoch has wrapped for longer than the settings want."""


def load_record(reader: Reader) -> EpochRecord | None:
    """The record; None before the first rotation.

    Raises:
        BadSettings: somebody has written something else there.
    """
    stored = installation_values.get(reader, SETTING)
    return _parsed(stored) if stored else None


def _parsed(stored: str) -> EpochRecord:
    try:
        found = json.loads(stored)
        return EpochRecord(
            int(found["epoch"]),
            {int(number): str(mark) for number, mark in found["marks"].items()},
            *(_moment(found[name]) for name in ("begun", "ended")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSettings(
            f"the setting {SETTING} of the database is not what Tresteg wrote: `tresteg verify` "
            "says what else was changed; restore a backup"
        ) from None


def _moment(stored: str) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def wrapping_epoch(reader: Reader, vault: Vault) -> int:
    """The epoch that wraps new keys: never one that the database does not name."""
    record = load_record(reader)
    return min(vault.epochs) if record is None else record.epoch


def lacks_newest(reader: Reader, vault: Vault) -> bool:
    """Whether this process began with a keyring that lacks the epoch that wraps: it must begin
    anew.
    """
    return wrapping_epoch(reader, vault) not in vault.epochs


def refuse_wrong_epochs(reader: Reader, vault: Vault) -> None:
    """Refuse a keyring that lacks an epoch which keys are wrapped by, or has another key for it.

    Raises:
        BadSettings: with one sentence that says which, and what to do.
    """
    for sentence in wrong_epochs(reader, vault):
        raise BadSettings(sentence)


def wrong_epochs(reader: Reader, vault: Vault) -> Iterator[str]:
    """Sentences about a keyring that does not fit to what the database says of its epochs."""
    record = load_record(reader)
    newest = max(vault.epochs)
    if record is not None and newest < record.epoch:
        yield (
            f"the keyring is an older copy: its newest epoch is {newest}, and the database has "
            f"gone on to epoch {record.epoch}; name the newest copy of the keyring"
        )
        return
    marks = {} if record is None else record.marks
    if other := sorted(n for n, mark in vault.epochs.items() if marks.get(n, mark) != mark):
        yield (
            f"the keyring has another key for epoch {_listed(other)} than the one that belongs to "
            "this database: a next epoch was made twice, and this is not the keyring that counts; "
            "name the other one, which `tresteg keys rotate --begin` wrote last"
        )
        return
    used = [*keys.epochs_in_use(reader), *([] if record is None else [record.epoch])]
    if missing := sorted(set(used) - vault.epochs.keys()):
        since = retired_since(vault, missing)
        restore = f"restore a backup of {since:%Y-%m-%d %H:%M} UTC or later, or " if since else ""
        yield (
            f"keys of this database are wrapped by epoch {_listed(missing)}, which the keyring "
            f"does not have (it has {_listed(vault.epochs)}): {restore}name the keyring that has it"
        )


def retired_since(vault: Vault, missing: Iterable[int]) -> datetime | None:
    """Since when backups hold nothing under the epochs that the keyring says it has retired; None
    where it has retired none of those.

    Args:
        missing: numbers of epochs that it lacks.
    """
    if not vault.opens_from or max(missing) >= min(vault.epochs):
        return None
    return datetime.fromisoformat(vault.opens_from)


def lacks_for_backup(reader: Reader, vault: Vault) -> str:
    """What a copy lacks in this keyring: a phrase that follows its name; empty for nothing."""
    missing = sorted(set(keys.epochs_in_use(reader)) - vault.epochs.keys())
    if not missing:
        return ""
    lacks, has = _listed(missing), _listed(vault.epochs)
    if since := retired_since(vault, missing):
        return (
            f"cannot be opened any more: its keys are wrapped by epoch {lacks}, which was retired "
            f"(the keyring has epoch {has}). Backups that were begun from {since:%Y-%m-%d %H:%M} "
            "UTC on still open"
        )
    return (
        f"cannot be opened with this keyring: its keys are wrapped by epoch {lacks}, and the "
        f"keyring has epoch {has}; name the newest copy of it"
    )


def announce_epoch(program: Tresteg, vault: Vault, *, by: Actor) -> None:
    """Write down a next epoch before the keyring that has it is written: from then on no other key
    of that number is taken. Nothing is wrapped by it yet.

    Args:
        vault: of the keyring that is going to be written.
    Raises:
        Stale: a rotation is not finished, or another epoch has begun meanwhile.
    """
    now = program.clock.now()

    def announce(tx: Tx) -> None:
        keys.hold_still(tx)
        record = _record(tx, program.services.vault)
        if keys.count_older(tx, record.epoch):
            raise Stale(
                f"the rotation to epoch {record.epoch} is not finished: run `tresteg keys rotate` "
                "first"
            )
        if max(vault.epochs) != record.epoch + 1:
            raise Stale(
                f"the database has gone on to epoch {record.epoch} meanwhile: name the newest copy "
                "of the keyring"
            )
        _put(tx, replace(record, marks={**record.marks, **vault.epochs}))
        body = {"epoch": max(vault.epochs)}
        append_entry(tx, SYSTEM, "keys_epoch_added", by=by, now=now, body=body)

    unit_of_work.run(program.database, program.services, announce, now=now)


def rotate(program: Tresteg, *, by: Actor, tell: Callable[[int, int], object]) -> Rotation | None:
    """Wrap every key by the newest epoch of the keyring, a piece at a time; None where all are.

    A run that was stopped, at whatever place, is gone on with by the next one. Every process must
    have begun with the keyring that has this epoch.

    Args:
        tell: called with how many keys are wrapped now, and how many were to be.
    """
    vault = program.services.vault
    with program.database.transaction(write=False) as tx:
        record = _record(tx, vault)
        older = keys.count_older(tx, max(vault.epochs))
    if record.epoch == max(vault.epochs) and not older and (record.ended or not record.begun):
        return None
    _begin(program, by=by)
    vault.wrap_by(max(vault.epochs))
    wrapped, unopened = 0, dict[str, None]()
    while True:
        found = 0
        for tried, done in _wrap_all(program, unopened):
            found += done
            tell(wrapped + found, max(older, wrapped + tried))
        wrapped += found
        if not found:  # keys may have been made under the old epoch meanwhile
            break
    _finish(program, by=by, wrapped=wrapped)
    return Rotation(wrapped, (*unopened,))


def _begin(program: Tresteg, *, by: Actor) -> None:
    """Have the database name the keyring's newest epoch as the one that wraps."""
    now, vault = program.clock.now(), program.services.vault

    def begin(tx: Tx) -> None:
        keys.hold_still(tx)
        refuse_wrong_epochs(tx, vault)
        record, newest = _record(tx, vault), max(vault.epochs)
        if record.epoch == newest:
            return
        _put(tx, EpochRecord(newest, {**record.marks, **vault.epochs}, begun=now))
        append_entry(tx, SYSTEM, "keys_rotation_begun", by=by, now=now, body={"epoch": newest})

    unit_of_work.run(program.database, program.services, begin, now=now)
    fault_points.hit("r2")


def _wrap_all(program: Tresteg, unopened: dict[str, None]) -> Iterator[tuple[int, int]]:
    """Wrap the keys that are under an older epoch, once through; after each piece gives how many
    were found so far, and how many of the piece were wrapped.

    They are wrapped between two transactions, so nobody waits for it; a row that somebody has
    changed meanwhile stays for the next time.
    """
    vault, after, tried = program.services.vault, "", 0
    while True:
        with program.database.transaction(write=False) as tx:
            piece = keys.older(tx, vault.epoch, after=after, limit=PIECE)
        if not piece:
            return
        after, tried = piece[-1].owner, tried + len(piece)
        pairs = [*_wrapped(vault, piece, unopened)]
        unit_of_work.write(program.database, partial(_write_piece, pairs=pairs))
        fault_points.hit("r4")
        yield tried, len(pairs)


def _wrapped(
    vault: Vault, piece: list[WrappedKey], unopened: dict[str, None]
) -> Iterator[tuple[WrappedKey, WrappedKey]]:
    """Each key as it is and as it is to be; those that do not open are left, and named."""
    for key in piece:
        try:
            yield key, vault.rewrap(key)
        except (CannotOpen, ValueError):
            unopened[key.owner] = None


def _write_piece(tx: Tx, pairs: list[tuple[WrappedKey, WrappedKey]]) -> None:
    keys.rewrap(tx, pairs)
    fault_points.hit("r3")


def _finish(program: Tresteg, *, by: Actor, wrapped: int) -> None:
    """Write down since when no key is under an older epoch, if none is."""
    now, vault = program.clock.now(), program.services.vault

    def finish(tx: Tx) -> None:
        keys.hold_still(tx)
        record = _record(tx, vault)
        if keys.count_older(tx, record.epoch) or (record.ended and not wrapped):
            return
        _put(tx, replace(record, ended=now))
        body = {"epoch": record.epoch}
        append_entry(tx, SYSTEM, "keys_rotated", by=by, now=now, body=body)

    unit_of_work.run(program.database, program.services, finish, now=now)
    fault_points.hit("r5")


def retire(program: Tresteg, *, by: Actor) -> EpochRecord:
    """Let nothing be wrapped by an epoch before the newest any more, so that the keyring may go on
    without them; gives the record, whose `ended` says which backups open from then on.

    Raises:
        Stale: there is none to retire, a key is still wrapped under one, or a backup may need it.
        TimersPaused: the clock jumped, or this is a restored copy; nobody has confirmed it.
        RowRefused: the record was put back to an older state.
    """
    now, vault = program.clock.now(), program.services.vault
    days = program.settings.backup_days

    def end(tx: Tx) -> EpochRecord:
        keys.hold_still(tx)
        clock_guard.refuse_when_paused(tx)
        record = _record(tx, vault)
        last = record.epoch - 1
        old = [number for number in vault.epochs if number <= last]
        if not old:
            raise Stale(f"the keyring has no epoch before {record.epoch}: there is none to retire")
        row = Setting(SETTING, installation_values.get(tx, SETTING))
        newest_rows.require_newest(tx, SYSTEM, "setting", row)
        if older := keys.count_older(tx, record.epoch):
            raise Stale(
                f"{older} keys are still wrapped by epoch {_listed(old)}: run `tresteg keys rotate`"
            )
        due = _retire_from(record, days)
        if due is None:
            raise Stale(
                f"the rotation to epoch {record.epoch} is not finished: run `tresteg keys rotate`"
            )
        if now < due:
            raise Stale(
                f"a backup of {record.ended:%Y-%m-%d} may need epoch {_listed(old)}, and backups "
                f"are kept for {days} days (TRESTEG_BACKUP_DAYS): it can be retired from "
                f"{due:%Y-%m-%d %H:%M} UTC on"
            )
        if installation_values.get(tx, keys.RETIRED) != str(last):
            installation_values.put(tx, keys.RETIRED, str(last))
            append_entry(tx, SYSTEM, "keys_retired", by=by, now=now, body={"epoch": last})
        return record

    ended = unit_of_work.run(program.database, program.services, end, now=now)
    fault_points.hit("r6")
    return ended


def load_status(tx: Tx, program: Tresteg, *, now: datetime) -> EpochStatus:
    """How the epochs are, as a page or a command says it."""
    vault, settings = program.services.vault, program.settings
    record = _record(tx, vault)
    first = ledger_entries.of_stream(tx, SYSTEM, limit=1)
    since = record.begun or (first[0].at if first else None)
    old = tuple(number for number in vault.epochs if number < record.epoch)
    newest = max(vault.epochs)
    older = keys.count_older(tx, record.epoch)
    return EpochStatus(
        record.epoch,
        since,
        newest if newest > record.epoch else None,
        older,
        old,
        _retire_from(record, settings.backup_days) if old and not older else None,
        since is not None and now - since > timedelta(days=settings.epoch_days),
    )


def status_sentences(status: EpochStatus, lang: str, *, now: datetime) -> Iterator[str]:
    """The status in sentences, each with what to do where something is."""
    if status.since:
        since, days = f"{status.since:%Y-%m-%d}", (now - status.since).days
        yield say("epochs.wraps_since", lang, epoch=status.epoch, since=since, n=days)
    else:
        yield say("epochs.wraps", lang, epoch=status.epoch)
    if status.waiting is not None:
        yield say("epochs.waiting", lang, epoch=status.waiting)
    if status.older:
        yield say("epochs.older", lang, n=status.older)
    if status.old_epochs and status.retire_from is not None:
        key = "epochs.retire" if now >= status.retire_from else "epochs.retire_from"
        old, at = _listed(status.old_epochs), f"{status.retire_from:%Y-%m-%d %H:%M}"
        yield say(key, lang, epoch=old, at=at)
    if status.too_old and status.waiting is None:
        yield say("epochs.too_old", lang, epoch=status.epoch)


def _record(reader: Reader, vault: Vault) -> EpochRecord:
    """The record; where there is none, what holds before the first rotation."""
    return load_record(reader) or EpochRecord(min(vault.epochs), {})


def _retire_from(record: EpochRecord, days: int) -> datetime | None:
    """From when on no backup that is kept needs an older epoch; None while a rotation goes on."""
    if record.ended is None:
        return None
    return record.ended + (timedelta(days=days) + COPYING if days else timedelta())


def _put(tx: Tx, record: EpochRecord) -> None:
    stored = {
        "epoch": record.epoch,
        "marks": {str(number): mark for number, mark in sorted(record.marks.items())},
        "begun": record.begun.isoformat() if record.begun else "",
        "ended": record.ended.isoformat() if record.ended else "",
    }
    installation_values.put(tx, SETTING, json.dumps(stored))


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
