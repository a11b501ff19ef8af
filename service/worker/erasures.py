"""After an erasure, in the background: the list outside says what became of it, the live files are
cleared, and searched for the keys that went.

Every wrapped key bears its id in plain bytes, so who finds the id nowhere knows that the key is
nowhere. Then the erasure is confirmed, in the history of its case. One that is not confirmed a day
later makes this part of the background one that fails. Source: decisions/0119.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog

from service.casework.retention.erasure import ERASED, as_listed
from service.records.context import WORKER
from service.records.ledger_append import append_entry
from service.security.erasure_list import DONE, UNDONE, ErasureList
from service.security.ledger_lines import Canonical
from service.store import live_files
from service.store.at_hand import Reader
from service.store.casefile import cases, erasing, retention_acts
from service.store.casefile.retention_acts import RetentionAct
from service.store.database import Database
from service.store.installation import keys, ledger_entries
from service.store.transaction import Tx
from service.worker.state import WorkerState

log = structlog.get_logger("worker")
CONFIRMED: Final = "erasure_confirmed"
LATEST: Final = timedelta(days=1)
"""When an erasure must be confirmed, after this database erased."""
AGAIN: Final = timedelta(minutes=10)
"""When the files are cleared and searched again for what was there."""
SOON: Final = timedelta(minutes=1)
"""The same where somebody read, and the log of a SQLite file could not be emptied: no file was
searched."""
WHOLE_LIST: Final = timedelta(hours=1)
"""How often the list is compared with every act."""
PATIENCE: Final = 2.0
"""Seconds that one look tries to empty the log of a SQLite file, or waits for a table."""
KEYS: Final = "vault_key"
MOST_ENTRIES: Final = 1000
"""More erasures than the offices and classes of one case can have."""
SEARCHED, WRITTEN_ANEW, NOT_SEARCHED = "searched", "written anew", "not searched"
"""What an entry says of the files: they were searched for the keys (SQLite); the file of the table
of keys was written anew, and no file was searched (PostgreSQL, as its owner); neither."""


class ErasureNotConfirmed(Exception):
    """A day after an erasure something of it may still lie in a live file."""


def look_after_erasures(worker: WorkerState, now: datetime) -> int:
    """Settle the list, and confirm the erasures whose keys are nowhere any more; gives their
    number.

    Raises:
        ErasureNotConfirmed: one is a day old.
        OSError: the list cannot be read or written.
    """
    settle_list(worker, now)
    with worker.database.transaction(write=False) as tx:
        waiting = retention_acts.unconfirmed(tx)
    if not waiting:
        return 0
    left = _left(worker, waiting, now)
    done = [act for act in waiting if act.id not in left]
    files = _done_to_files(worker.database) if done else ""
    for act in done:
        with worker.database.transaction() as tx:
            _confirm(tx, act, now, files=files)
    with worker.database.transaction(write=False) as tx:
        late = [act for act in waiting if act.id in left and _is_late(tx, act, now)]
    if late:
        log.error("erasure_not_confirmed", case=late[0].case_id)
        raise ErasureNotConfirmed
    return len(done)


def _is_late(reader: Reader, act: RetentionAct, now: datetime) -> bool:
    return act.at + LATEST <= now and _erased_here(reader, act) + LATEST <= now


def _erased_here(reader: Reader, act: RetentionAct) -> datetime:
    """When this database erased: an act that is done again in a restored copy keeps the moment at
    which it was done first, and its entry has the later one.
    """
    entries = ledger_entries.latest(
        reader, f"case/{act.case_id}", kinds=[ERASED], limit=MOST_ENTRIES
    )
    mine = [one.at for one in entries if json.loads(one.body)["act"] == act.id]
    return max(mine, default=act.at)


def settle_list(worker: WorkerState, now: datetime) -> None:
    """Say in the list outside what became of what was begun, and name acts that it lacks.

    Whoever erases holds the lock of the case from before the line is written until the end, so
    under that lock an act that is not there was not committed, and cannot be any more.
    """
    erasures = worker.services.erasure_list
    if erasures is None:
        return
    record = erasures.read()
    for listed in record.unsettled:
        with worker.database.transaction() as tx:
            if cases.load(tx, listed.case_id) is None:
                continue  # a copy of before the case: a later one may hold what was erased
            acts = retention_acts.of_case(tx, listed.case_id)
            state = DONE if any(act.id == listed.id for act in acts) else UNDONE
            erasures.settle(listed.id, state)
    last = worker.list_compared_at
    if last is None or not last <= now < last + WHOLE_LIST:
        _name_missing(worker, erasures, record.erasures.keys())
        worker.list_compared_at = now


def _name_missing(worker: WorkerState, erasures: ErasureList, named: Collection[str]) -> None:
    """Name acts that the list lacks: the folder is new, or somebody shortened the file."""
    with worker.database.transaction(write=False) as tx:
        if retention_acts.ids(tx) <= {*named}:
            return
        missing = [
            act
            for act in retention_acts.every(tx)
            if act.id not in named and act.does == retention_acts.DESTROY
        ]
    for act in missing:
        erasures.begin(as_listed(act))
        erasures.settle(act.id, DONE)


def _left(worker: WorkerState, waiting: Collection[RetentionAct], now: datetime) -> frozenset[str]:
    """The ids of acts of which something may lie in a live file still; looked for anew when there
    are others, and now and then.
    """
    last, known = worker.erasures_looked_at, worker.erasures_left
    is_fresh = last is not None and last <= now < last + worker.erasures_again
    if not is_fresh or any(act.id not in known for act in waiting):
        looked = _clear(worker.database, waiting)
        worker.erasures_left, worker.erasures_again = looked.acts, looked.again
        worker.erasures_looked_at = now
    return worker.erasures_left


class _Looked(NamedTuple):
    """The ids of acts of which something may lie in a live file still, and after what time to look
    again.
    """

    acts: frozenset[str]
    again: timedelta = AGAIN


def _clear(database: Database, waiting: Collection[RetentionAct]) -> _Looked:
    """Clear the live files of what was erased."""
    if database.postgres:
        return _Looked(_vacuum(database, waiting))
    if not live_files.empty_log(database, PATIENCE):
        return _Looked(frozenset(act.id for act in waiting), SOON)
    left = _left_in_files(database, waiting)
    if not left:
        return _Looked(left)
    with database.transaction() as tx:
        keys.write_anew(tx)
    if not live_files.empty_log(database, PATIENCE):
        return _Looked(left, SOON)
    return _Looked(_left_in_files(database, waiting))


def _left_in_files(database: Database, waiting: Collection[RetentionAct]) -> frozenset[str]:
    wanted = {bytes.fromhex(key) for act in waiting for key in act.keys}
    found = {key.hex() for key in live_files.found_in_files(database.file, wanted)}
    return frozenset(act.id for act in waiting if not found.isdisjoint(act.keys))


def _vacuum(database: Database, waiting: Collection[RetentionAct]) -> frozenset[str]:
    """The same on PostgreSQL, where only its own word about deleted rows can be had."""
    live_files.vacuum(database, erasing.TOUCHED)
    said = live_files.vacuumed(database, KEYS)
    if said.dead or said.at is None:
        return frozenset(act.id for act in waiting)
    with database.transaction(write=False) as tx:
        there = keys.still_there(tx, {key for act in waiting for key in act.keys})
        return frozenset(
            act.id
            for act in waiting
            if said.at < _erased_here(tx, act) or not there.isdisjoint(act.keys)
        )


def _done_to_files(database: Database) -> str:
    """What can be said of the files, of erasures of which nothing is left that anybody can see; on
    PostgreSQL the file of the table of keys is written anew for it, where the role may.
    """
    if not database.postgres:
        return SEARCHED
    return WRITTEN_ANEW if live_files.write_anew(database, KEYS, PATIENCE) else NOT_SEARCHED


def _confirm(tx: Tx, act: RetentionAct, now: datetime, *, files: str) -> None:
    """Write that an erasure is confirmed, unless another worker was faster."""
    cases.load(tx, act.case_id)
    stored = next(one for one in retention_acts.of_case(tx, act.case_id) if one.id == act.id)
    if stored.confirmed_at is not None:
        return
    retention_acts.confirm(tx, stored, now)
    body: dict[str, Canonical] = {
        "act": act.id,
        "to": act.office_id,
        "files": files,
    }
    append_entry(tx, f"case/{act.case_id}", CONFIRMED, by=WORKER, now=now, body=body)
