"""A database with very many facts, put in as rows: what an auditor searches, and nothing else.

Nothing in it can be verified or opened. The mixture is that of the demo: of 40 facts of a case most
are done tasks, one case in eight was moved, one in thirty stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from sqlalchemy import Table, insert

from service.store.database import Database
from service.store.row_scope import as_system
from service.store.tables import cases, fact, line, stream
from tests.store.sample_rows import NOON, RELEASE, SampleRows

EACH = 40
"""Facts of a case."""
AT_ONCE = 20_000
OFFICES, PEOPLE, ELEMENTS = 40, 400, 60
KINDS = ("complete",) * 28 + ("answer",) * 6 + ("due",) * 3 + ("message",) * 2
YEARS = 5
RARE_RELEASE = "cd" * 32


def fill(database: Database, facts: int) -> None:
    """Put in so many facts, with their entries, and some entries of who looked."""
    lot = Random(5)  # noqa: S311 - a mixture, not a secret
    many = facts // EACH
    database.row_mac = lambda content: sha256(content).digest()[:16]
    with database.transaction() as tx:
        SampleRows().found(tx)
        tx.changes.bound.clear()  # no entry binds these rows
    rows: dict[str, list[dict[str, Any]]] = {t.name: [] for t in (cases, stream, fact, line)}
    for nth in range(many):
        begun = NOON + timedelta(days=365 * YEARS) * (nth / many)
        for table, row in _case(lot, nth, begun):
            rows[table.name].append(row)
        if len(rows["fact"]) >= AT_ONCE or nth == many - 1:
            with database.transaction() as tx:
                for table in (cases, stream, fact, line):
                    tx.run(as_system("backup", insert(table)), rows[table.name])
            rows = {name: [] for name in rows}


def _case(lot: Random, nth: int, begun: datetime) -> Iterator[tuple[Table, dict[str, Any]]]:
    id_, office = f"c{nth:08}", f"o{nth % OFFICES:02}"
    open_ = lot.random() < 0.2
    base = {"process": "return_case", "release_id": RELEASE, "rev": EACH, "snapshot": b"s" * 2500}
    base |= {"stage": "2", "station": "T", "end": "", "inner_end": "", "marking": "", "kind": ""}
    late = open_ and lot.random() < 0.1
    yield (
        cases,
        base
        | {
            "id": id_,
            "ref": f"{lot.choice('abcdefghijklmnoprstuv')}ord-{nth}",
            "number": f"2026-{nth:06}",
            "status": "open" if open_ else "ended",
            "next_due": NOON if late else None,
            "started_by": "north",
            "opened_at": begun,
            "moved_at": begun,
            "closed_at": None if open_ else begun,
        },
    )
    yield stream, {"number": 2 * nth + 1, "name": f"case/{id_}"}
    yield stream, {"number": 2 * nth + 2, "name": f"reads/{id_}"}
    kinds = ["start", *lot.choices(KINDS, k=EACH - 1)]
    if lot.random() < 1 / 8:
        kinds[20] = "move"
    seq = 0
    for rev, kind in enumerate(kinds, 1):
        at = begun + timedelta(days=3 * rev, seconds=lot.randrange(80_000))
        who = {"actor": f"p{lot.randrange(PEOPLE):03}", "office": office}
        if rev > 1 and lot.random() < 0.5:
            who = {"actor": "clock", "office": ""}
        yield (
            fact,
            who
            | {"case_id": id_, "rev": rev, "at": at, "kind": kind, "nth": 1, "work_id": "w"}
            | {"element": f"Task_{lot.randrange(ELEMENTS)}", "form": "f", "release": 1}
            | {"engine": "e", "turn": {"steps": ["x" * 120]}, "state": RELEASE},
        )
        seq += 1
        yield line, _line(2 * nth + 1, seq, kind, at, who)
    if lot.random() < 1 / 30:
        yield line, _line(2 * nth + 1, seq + 1, "incident", at, {"actor": "clock", "office": ""})
    for n in range(10):
        kind = "lookup" if lot.random() < 0.03 else "read"
        who = {"actor": f"p{lot.randrange(PEOPLE):03}", "office": office}
        yield line, _line(2 * nth + 2, n + 1, kind, begun + timedelta(days=10 * n), who)


def _line(number: int, seq: int, kind: str, at: datetime, who: dict[str, str]) -> dict[str, Any]:
    body = '{"rev":1,"purpose":"case"}'
    return who | {
        "stream": number, "seq": seq, "hash": RELEASE, "kind": kind, "at": at, "body": body,
        "open": None, "seal": None,
    }  # fmt: skip
