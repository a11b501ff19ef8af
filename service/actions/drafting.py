"""What a person has typed and not sent: sealed, kept as she types, hers alone until she sends or hands over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from service.access import Viewer
from service.actions.house import House
from service.errors import CaseMoved
from service.store import unsent
from service.store.database import Tx
from service.vault import OwnerKey

Raw = Mapping[str, list[str]]
MOST = 200_000
"""Longest unsent answers that are kept, in characters."""


def keep(tx: Tx, house: House, viewer: Viewer, key: str, case_id: str | None, raw: Raw, rev: int, now: datetime) -> int:
    """Keep what was typed, and give its new revision.

    Args:
        key: of the task; `start/<element>` or `message/<case>/<name>` for forms that are no task.
        rev: the revision the page was made from; another tab that saved meanwhile makes it stale.
    Raises:
        CaseMoved: it was saved elsewhere since.
    """
    owner = _key(tx, house, viewer, case_id)
    text = json.dumps({k: list(v) for k, v in raw.items()}, ensure_ascii=False)[:MOST]
    sealed = owner.seal("unsent", text.encode(), table="unsent", column="sealed", row=key, extra=viewer.person)
    old = unsent.get(tx, key, viewer.person)
    if old is not None and old.rev != rev:
        raise CaseMoved
    unsent.save(tx, unsent.Unsent(key, viewer.person, case_id, (old.rev if old is not None else 0) + 1, sealed, now))
    return (old.rev if old is not None else 0) + 1


def kept(tx: Tx, house: House, viewer: Viewer, key: str, case_id: str | None, *, author: str = "") -> tuple[Raw, int, datetime | None]:
    """What was typed, its revision, and when it was kept; empty, 0 and None when nothing was."""
    person = author or viewer.person
    row = unsent.get(tx, key, person)
    if row is None:
        return {}, 0, None
    plain = _key(tx, house, viewer, case_id).open("unsent", row.sealed, table="unsent", column="sealed", row=key, extra=person)
    return json.loads(plain), row.rev, row.at


def _key(tx: Tx, house: House, viewer: Viewer, case_id: str | None) -> OwnerKey:
    """The case's key; before a case begins, the person's own."""
    owner = f"case:{case_id}" if case_id else f"person:{viewer.person}"
    return house.key(tx, owner) or house.new_key(tx, owner)
