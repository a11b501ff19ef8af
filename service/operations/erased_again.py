"""Erasing again, before anything opens, what a restored copy holds and the erasure list names.

Source: decisions/0119.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from service.application.container import Tresteg
from service.casework import restored_copy
from service.casework.retention.erasing_again import erase_again
from service.errors import CaseMoved, RowRefused, UnusableFile
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.security.erasure_list import NAME, ErasureList, ErasureRecord, ListedErasure
from service.store import live_files
from service.store.at_hand import Reader
from service.store.casefile import cases, erasing, retention_acts
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.installation import installation_values
from service.store.transaction import Tx
from service.text import say

log = structlog.get_logger("start")
TRIES: Final = 3
"""How often an act is tried while others change its case."""


@dataclass(frozen=True, slots=True)
class ErasedAgain:
    """What was erased again since the copy was made: pseudonyms of cases, and what stands against
    it.
    """

    refs: tuple[str, ...] = ()
    acts: int = 0
    failed: tuple[str, ...] = ()
    """Pseudonyms of cases that a damaged row kept from it: they are as the copy has them."""
    untrusted: int = 0
    """How many lines of the list this installation did not write, or follow upon missing ones."""

    def lines(self, lang: str) -> Iterator[str]:
        """In sentences without a full stop; none when there is nothing to say."""
        if self.refs:
            refs = ", ".join(self.refs)
            yield say("erased_again.done", lang, acts=self.acts, n=len(self.refs), refs=refs)
        if self.failed:
            refs = ", ".join(self.failed)
            yield say("erased_again.failed", lang, n=len(self.failed), refs=refs)
        if self.untrusted:
            yield say("erased_again.untrusted", lang, n=self.untrusted, file=NAME)


def erasure_warnings(program: Tresteg) -> Iterator[str]:
    """Sentences for operators about what of an erasure cannot be done or seen here.

    Raises:
        UnusableFile: the list cannot be read.
    """
    erasures = program.services.erasure_list
    if erasures is None:
        yield (
            "TRESTEG_CHECKPOINTS_DIR names no folder, so no list of erasures is kept outside the "
            "database: a backup of before an erasure brings back what was erased"
        )
    else:
        yield from ErasedAgain(untrusted=len(_read(erasures).untrusted)).lines("en")
    if program.database.postgres and not program.database.is_empty():
        yield from live_files.lacking(program.database, erasing.TOUCHED)
        yield (
            "The files of PostgreSQL are not searched after an erasure. Who owns the tables has "
            "that of the keys written anew (VACUUM FULL); otherwise what was deleted may lie in "
            "free parts of its pages. Its log (pg_wal) holds it until that is written over"
        )


def erase_listed(
    database: Database, services: Services, *, by: Actor, now: datetime, is_copy: bool
) -> ErasedAgain:
    """Do every act of the list again that the database does not hold.

    Each is a transaction of its own, so that whoever is stopped here goes on at the next start.

    Args:
        is_copy: of a restored copy also what was begun, and of which nobody knows what became. In
            any other database that is settled by the worker.
    Raises:
        UnusableFile: the list cannot be read.
    """
    erasures = services.erasure_list
    if erasures is None:
        return ErasedAgain()
    record = _read(erasures)  # before the transaction: what is done there, is committed
    wanted, database = record.named(begun=is_copy), database.within(WHOLE)
    with database.transaction(write=False) as tx:
        known = retention_acts.ids(tx) if wanted else frozenset()
    done: list[ListedErasure] = []
    failed: list[ListedErasure] = []
    for listed in wanted:
        if listed.id in known:
            continue
        try:
            if _erase(database, services, listed, by=by, now=now):
                done.append(listed)
        except RowRefused as e:
            log.warning("erasure_not_done_again", case=listed.case_id, where=str(e.facts["table"]))
            failed.append(listed)
    with database.transaction() as tx:
        return _note(tx, record, done, failed, by=by, now=now)


def _read(erasures: ErasureList) -> ErasureRecord:
    try:
        return erasures.read()
    except OSError as e:
        raise UnusableFile(f"{erasures.file} cannot be read: {e.strerror}") from e


def _erase(
    database: Database, services: Services, listed: ListedErasure, *, by: Actor, now: datetime
) -> bool:
    for tries_left in reversed(range(TRIES)):
        try:
            with database.transaction() as tx:
                return erase_again(tx, services, listed, by=by, now=now)
        except CaseMoved:
            if not tries_left:
                raise
    return False


def _note(
    tx: Tx,
    record: ErasureRecord,
    done: list[ListedErasure],
    failed: list[ListedErasure],
    *,
    by: Actor,
    now: datetime,
) -> ErasedAgain:
    """Keep what was erased again, with what was before, until the copy is confirmed."""
    before = erased_again(tx)
    refs = cases.refs(tx, {one.case_id for one in (*done, *failed)})
    found = ErasedAgain(
        refs=(*sorted({*before.refs, *(refs[one.case_id] for one in done)}),),
        acts=before.acts + len(done),
        failed=(*sorted({refs[one.case_id] for one in failed}),),
        untrusted=len(record.untrusted),
    )
    if found != before:
        kept = {name: getattr(found, name) for name in ErasedAgain.__slots__}
        installation_values.put(tx, restored_copy.ERASED, json.dumps(kept))
        body = {"acts": len(done), "failed": len(failed), "untrusted": found.untrusted}
        append_entry(tx, "system", "erased_again", by=by, now=now, body=body)
    return found


def erased_again(reader: Reader) -> ErasedAgain:
    """What was erased again since the copy was made; nothing once it is confirmed."""
    kept = installation_values.get(reader, restored_copy.ERASED)
    if not kept:
        return ErasedAgain()
    said = json.loads(kept)
    return ErasedAgain(
        (*said["refs"],), int(said["acts"]), (*said["failed"],), int(said["untrusted"])
    )
