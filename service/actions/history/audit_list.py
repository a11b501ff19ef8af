"""The auditor's list of cases: process facts under pseudonyms, and nothing that is sealed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from service.store.installation import releases
from service.store.keyset import PageRequest
from service.store.read_models import oversight
from service.store.transaction import Tx
from service.text import say

FILTERS = oversight.FILTERS
MARKS = (oversight.MOVED, oversight.STOPPED)


@dataclass(frozen=True, slots=True)
class AuditListRow:
    """One case of the list; `lines` is how many entries its history has."""

    id: str
    ref: str
    number: str
    began: datetime
    ended: datetime | None
    lines: int
    releases: str
    """The releases that it has been on, in that order."""
    marks: tuple[str, ...]
    """What is unusual about it, in words."""


@dataclass(frozen=True, slots=True)
class AuditListPage:
    """One page of the list; `previous` and `next` are cursors, and `total` stops at a limit."""

    rows: tuple[AuditListRow, ...]
    total: int
    previous: str
    next: str


def load_audit_list(
    tx: Tx, step: PageRequest, *, word: str, filters: Collection[str], lang: str, limit: int
) -> AuditListPage:
    """A page of all cases of the installation, the newest first.

    Args:
        word: a pseudonym or number, or the beginning of one; "" for all.
        filters: some of `FILTERS`; all must hold.
    """
    total = oversight.count(tx, word=word, filters=filters)
    page = oversight.page(tx, step, word=word, filters=filters, limit=limit)
    used = oversight.releases_of(tx, [case.id for case in page.rows])
    numbers = {title.id: f"v{title.number}" for title in releases.everyone(tx)}

    def row(case: oversight.AuditCaseRow) -> AuditListRow:
        return AuditListRow(
            id=case.id,
            ref=case.ref,
            number=case.number,
            began=case.began,
            ended=case.ended,
            lines=case.lines,
            releases=" → ".join(numbers.get(id_, id_) for id_ in used.get(case.id, ())),
            marks=tuple(say(f"audit.mark_{m}", lang) for m in MARKS if getattr(case, m)),
        )

    return AuditListPage(tuple(row(case) for case in page.rows), total, page.previous, page.next)
