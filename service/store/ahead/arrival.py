"""Reads of every request: the session with its person and office, and some settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from service.store.installation import installation_values, sessions

if TYPE_CHECKING:
    from service.store.at_hand import Read
    from service.store.transaction import Tx


def ask_ahead(tx: Tx, *, token_hash: bytes | None, settings: Iterable[str], beginning: str) -> None:
    """Ask together all that a transaction reads of who has come; on PostgreSQL that ends it.

    Args:
        token_hash: digest of the token; None for a stranger.
        settings: names of the settings that are read.
        beginning: how the names of others begin; "" for no others.
    """
    reads: list[Read] = [(installation_values.GET, {"name": name}) for name in settings]
    if beginning:
        reads.append(installation_values.read_of_beginning(beginning))
    if token_hash is not None:
        reads.append((sessions.WITH_PERSON, {"token_hash": token_hash}))
    tx.together(*reads, last=True)
