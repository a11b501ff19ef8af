"""The newest checkpoint outside the database: how far the ledger had come at its moment.

A restored copy is compared with it, and so is the database at every start, so that an older copy
that was put back is noticed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from service.actions.operations.restored_copy import OutsideHeads
from service.actions.operations.sequencing import CheckpointAhead, require_contained
from service.application.container import Tresteg
from service.security.checkpoint import NoCheckpoint
from service.security.checkpoint_folder import NEWEST
from service.store.installation import checkpoints
from service.store.transaction import Tx


def newest_document(program: Tresteg) -> str:
    """The newest checkpoint as it was published; empty without one."""
    folder = program.checkpoint_folder
    if folder is None or not (folder.path / NEWEST).is_file():
        return ""
    return (folder.path / NEWEST).read_text("utf-8", errors="replace")


def newest_heads(program: Tresteg) -> OutsideHeads | None:
    """The newest checkpoint, read; None without one."""
    folder = program.checkpoint_folder
    note = newest_document(program)
    if folder is None or not note:
        return None
    written = (folder.path / NEWEST).stat().st_mtime
    return OutsideHeads(
        at=datetime.fromtimestamp(written, UTC),
        digest=sha256(note.encode()).hexdigest(),
        heads={stream: (head.seq, head.hash.hex()) for stream, head in folder.read().heads.items()},
    )


def is_ahead(tx: Tx, program: Tresteg) -> bool:
    """Whether the newest checkpoint outside is none of this database, so that it counts more."""
    folder = program.checkpoint_folder
    if folder is None:
        return False
    try:
        require_contained(tx, checkpoints.newest(tx), folder.newest())
    except (CheckpointAhead, NoCheckpoint):
        return True
    return False


def set_aside(program: Tresteg, confirmed: OutsideHeads) -> None:
    """Put the checkpoints of before a restore into a folder of their own, where they stay.

    The log begins to be signed anew: no checkpoint of the copy can contain what the copy lost.
    """
    folder = program.checkpoint_folder
    if folder is None:
        return
    name = f"before-restore-{confirmed.digest[:16]}"
    while (folder.path / name).exists():  # a crash has left some behind
        name += "-rest"
    folder.set_aside(name)
