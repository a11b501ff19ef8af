"""What every request asks first: who it is, in which office, and some settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from service.store.installation import installation_settings, sessions

if TYPE_CHECKING:
    from service.store.transaction import Read, Tx


def ask_ahead(
    tx: Tx, *, token_hash: bytes | None, settings: Iterable[str], demo: Sequence[str]
) -> None:
    """Ask in one round trip all that a transaction reads of who has come, and end it.

    Args:
        token_hash: digest of the token; None for a stranger.
        settings: names of settings that are read one by one.
        demo: names of settings that are read together; none outside a demo.
    """
    reads: list[Read] = [(installation_settings.GET, {"name": name}) for name in settings]
    if demo:
        reads.append(installation_settings.read_of_named(demo))
    if token_hash is not None:
        given: dict[str, object] = {"token_hash": token_hash}
        reads.append((sessions.WITH_PERSON, given))
    tx.ahead(*reads, last=True)
