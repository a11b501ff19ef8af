"""Looks at the demo's cases in the month before it began, for the first log review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.application.container import Tresteg
from service.casework.casefile.read_log import record_lookup_reason, record_read
from service.errors import BadSettings
from service.people import accounts
from service.store.casefile import cases
from service.store.transaction import Tx


def add_looks(
    program: Tresteg, people: Mapping[str, str], rows: Iterable[Mapping[str, Any]], until: datetime
) -> None:
    """Record the looks that `demo.toml` names, where their case is played and had begun by then.

    Args:
        people: first name to person id.
        until: when the demo begins.
    """
    with program.database.transaction() as tx:
        for row in rows:
            _add_look(tx, program, people, row, until)


def _add_look(
    tx: Tx, program: Tresteg, people: Mapping[str, str], row: Mapping[str, Any], until: datetime
) -> None:
    by = accounts.load_viewer(tx, people.get(row["who"], ""))
    case = cases.find(tx, row["case"])
    if by is None:
        raise BadSettings(f"workflows/config/demo.toml: {row['who']} is nobody who could look")
    if case is None:
        return
    this = until.astimezone(ZoneInfo(program.services.zone)).replace(day=1)
    before = (this - timedelta(days=1)).replace(day=row["day"])
    now = before.replace(hour=row["hour"], minute=10).astimezone(until.tzinfo)
    if now < case.opened_at:
        return
    about: dict[str, Any] = {"by": by, "now": now, "case_id": case.id}
    if "reason" in row:
        record_lookup_reason(tx, program.services, **about, purpose=row["reason"], reason="")
    record_read(tx, **about, purpose="case", classes=("C0",))
