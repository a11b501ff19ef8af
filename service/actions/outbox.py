"""Letters that no turn of a case makes: put into the outbox, with an entry that binds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.actions.context import Actor
from service.actions.ledger_entries import append_entry
from service.security import ledger
from service.store.transaction import Tx
from service.store.work import letters


def send_letters(tx: Tx, rows: Sequence[letters.Letter], *, by: Actor, now: datetime) -> None:
    """Put letters into the outbox, with one entry for each case and template."""
    letters.add(tx, rows)
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row.case_id, row.template), []).append(row.key)
    for (case_id, template), keys in groups.items():
        body: dict[str, ledger.Canonical] = {"letters": (*keys,), "template": template}
        append_entry(tx, f"case/{case_id}", "letter_made", by=by, now=now, body=body)
