"""Letters that no turn of a case makes: put into the outbox, with an entry that binds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store import guarded_rows
from service.store.changes import Writer
from service.store.work import letters


def send_letters(
    writer: Writer, rows: Sequence[letters.Letter], *, by: Actor, now: datetime
) -> None:
    """Put letters into the outbox, with one entry for each case and template."""
    letters.add(writer, rows)
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row.case_id, row.template), []).append(short_key(row))
    for (case_id, template), keys in groups.items():
        body: dict[str, ledger_lines.Canonical] = {"letters": (*keys,), "template": template}
        append_entry(writer, f"case/{case_id}", "letter_made", by=by, now=now, body=body)


def record_letter(
    writer: Writer, kind: str, letter: letters.Letter, *, by: Actor, now: datetime
) -> None:
    """Say in the history of its case what became of a letter.

    Args:
        kind: `letter_sent`, `letter_held` or `letter_picked`.
    """
    to = letter.channel or letter.office_id
    body = {"letter": short_key(letter), "template": letter.template, "to": to}
    append_entry(writer, f"case/{letter.case_id}", kind, by=by, now=now, body=body)


def short_key(letter: letters.Letter) -> str:
    """The key of a letter as the entries of its case write it."""
    return guarded_rows.key_in(f"case/{letter.case_id}", letter.key)
