"""The newest checkpoint outside the database: how far the ledger had come at its moment.

A restored copy is compared with it, and so is the database at every start, so that an older copy
that was put back is noticed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from service.application.container import Tresteg
from service.casework.restored_copy import OutsideHeads, streams_behind
from service.operations.sequencer import CheckpointAhead, require_contained
from service.security.checkpoint import NoCheckpoint, parse
from service.security.checkpoint_folder import NEWEST, digest_of
from service.store.installation import checkpoints
from service.store.transaction import Tx


def newest_document(program: Tresteg) -> str:
    """The newest checkpoint as it was published; empty without one."""
    folder = program.checkpoint_folder
    return (folder.newest_note() or "") if folder is not None else ""


def newest_heads(program: Tresteg) -> OutsideHeads | None:
    """The newest checkpoint, read with its lists; None without one."""
    folder = program.checkpoint_folder
    note = newest_document(program)
    if folder is None or not note:
        return None
    written = (folder.path / NEWEST).stat().st_mtime
    return OutsideHeads(
        at=datetime.fromtimestamp(written, UTC),
        digest=digest_of(note),
        heads={stream: (head.seq, head.hash.hex()) for stream, head in folder.read().heads.items()},
        note=note,
    )


def is_ahead(tx: Tx, note: str, *, lists: OutsideHeads | None = None, lock: bool = False) -> bool:
    """Whether a checkpoint from outside is none of this database, so that it counts more.

    Args:
        note: as `newest_document` gave it before the transaction: one that is read later may
            count what another process has written since.
        lists: what decides where the note cannot be read; without them that counts as ahead.
        lock: no process makes a checkpoint before this transaction ends.
    """
    own = checkpoints.newest(tx, lock=lock)
    try:
        require_contained(tx, own, parse(note) if note else None)
    except CheckpointAhead:
        return True
    except NoCheckpoint:
        return lists is None or bool(streams_behind(tx, lists))
    return False


def set_aside(program: Tresteg, confirmed: OutsideHeads) -> None:
    """Put the checkpoints of before a restore into a folder of their own, where they stay.

    The log begins to be signed anew: no checkpoint of the copy can contain what the copy lost.
    """
    if (folder := program.checkpoint_folder) is not None:
        folder.set_aside(confirmed.digest, f"before-restore-{confirmed.digest[:16]}")
