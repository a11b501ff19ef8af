"""An auditor's searches over 1,000,000 facts: cases and entries, first pages and next ones.

`python -m tests.bench.audit_find [sqlite|postgres] [facts]`; every search is its count, its page
and what stands in its rows. Measured in processor time: of this process, and of the server of
PostgreSQL where it is the database.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from time import perf_counter, process_time

from service.store.database import Database
from service.store.keyset import PageRequest
from service.store.read_models import audit_conditions, audit_search, oversight
from service.store.read_models.audit_conditions import AuditQuery
from service.store.read_models.log_review import busy_days
from tests.bench import _many_facts
from tests.bench._gauge import Row, report, sqlite
from tests.bench.over_http.servers import seconds, server_process
from tests.store.sample_rows import NOON, RELEASE

FACTS, LIMIT, ROUNDS = 1_000_000, 50, 5
MAY = 0.3
"""Seconds."""
LATER = NOON + timedelta(days=900)
MONTH = LATER + timedelta(days=30)
DUTY = ("auditor",)
SEARCHES = {
    "all": AuditQuery(),
    "a word": AuditQuery(word="2026-0012"),
    "a letter": AuditQuery(word="k"),
    "a letter, a person": AuditQuery(word="k", actor="p007"),
    "a month": AuditQuery(since=LATER, until=MONTH),
    "an office": AuditQuery(office="o07"),
    "a person": AuditQuery(actor="p007"),
    "nobody": AuditQuery(actor="p999"),
    "a person, a kind": AuditQuery(actor="p007", kind="due"),
    "an office, a kind": AuditQuery(office="o07", kind="complete"),
    "no office, a kind": AuditQuery(office="none", kind="complete"),
    "a kind": AuditQuery(kind="complete"),
    "a kind, a month": AuditQuery(kind="complete", since=LATER, until=MONTH),
    "a kind that never was": AuditQuery(kind="refer_lapsed"),
    "an element": AuditQuery(element="Task_7"),
    "an element, a person": AuditQuery(element="Task_7", actor="p007"),
    "a release": AuditQuery(release=RELEASE),
    "an unused release": AuditQuery(release=_many_facts.RARE_RELEASE),
    **{mark: AuditQuery(marks=(mark,), now=LATER) for mark in audit_conditions.MARKS},
    "late": AuditQuery(marks=("late",), now=LATER),
    "ended, late": AuditQuery(marks=("late", "ended"), now=LATER),
    "moved, stopped": AuditQuery(marks=("moved", "stopped")),
    "moved, ended, an office": AuditQuery(marks=("moved", "ended"), office="o07"),
    "reads of a person": AuditQuery(actor="p007", streams=audit_conditions.READS),
    "broken promises": AuditQuery(marks=("broken",), broken=tuple(f"c{n:08}" for n in range(200))),
    "read by others": AuditQuery(marks=("foreign",), since=LATER, until=MONTH, by_duty=DUTY),
    "read by others, a person": AuditQuery(
        marks=("foreign",), actor="p007", since=LATER, until=MONTH, by_duty=DUTY
    ),
    "read by others, moved, an element": AuditQuery(
        marks=("foreign", "moved"), element="Task_7", since=LATER, until=MONTH, by_duty=DUTY
    ),
    "many cases a day": AuditQuery(marks=("many",), since=LATER, until=MONTH, by_duty=DUTY),
    "many cases a day, ended": AuditQuery(
        marks=("many", "ended"), since=LATER, until=MONTH, by_duty=DUTY
    ),
}
BUSY = 2
"""Cases that one person opens in a day of the bench, where nobody opens many."""
DAYS = [(LATER + timedelta(days=n), LATER + timedelta(days=n + 1)) for n in range(31)]


def search(database: Database, query: AuditQuery, step: PageRequest, *, lines: bool) -> PageRequest:
    """What a page asks of the database; gives the page after it."""
    with database.transaction(write=False) as tx:
        if audit_conditions.MANY in query.marks:
            query = replace(query, busy=tuple(busy_days(tx, DAYS, limit=BUSY, apart="log_review")))
        audit_search.count(tx, query, lines=lines)
        if query.element:
            page = audit_search.facts_at(tx, query, step, LIMIT, once=not lines)
            ids, after = [row.case_id for row in page.rows], page.next
        elif lines or audit_search.enters_by_entries(query):
            found = audit_search.entries(tx, query, step, LIMIT, once=not lines)
            ids, after = [audit_conditions.case_of(row.stream) for row in found.rows], found.next
        else:
            begun = audit_search.begun_cases(tx, query, step, LIMIT)
            ids, after = [row.id for row in begun.rows], begun.next
        audit_search.of_ids(tx, ids)
        oversight.lengths(tx, ids)
        oversight.marks_of(tx, ids)
    return PageRequest(after=after)


def working_time(url: str) -> Callable[[], float]:
    """Seconds of processor time so far, of all that works for a search."""
    if url.startswith("sqlite"):
        return process_time
    server = server_process(url)
    return lambda: process_time() + seconds(server)


def measure(database: Database, clock: Callable[[], float]) -> list[Row]:
    slowest: dict[str, float] = {}
    times = []
    for lines in (False, True):
        for name, query in SEARCHES.items():
            step = PageRequest()
            for _ in range(ROUNDS):
                begun = clock()
                step = search(database, query, step, lines=lines)
                times.append(clock() - begun)
                label = f"{name}, {'entries' if lines else 'cases'}"
                slowest[label] = max(slowest.get(label, 0.0), times[-1])
    times.sort()
    p95 = times[int(len(times) * 0.95)]
    worst = sorted(slowest.items(), key=lambda item: -item[1])[:6]
    return [
        Row("A1", "searches, p50", "", f"{times[len(times) // 2] * 1000:.0f} ms", None),
        Row("A1", "searches, p95", "<= 300 ms", f"{p95 * 1000:.0f} ms", p95 <= MAY),
        *(Row("A1", f"slowest: {name}", "", f"{t * 1000:.0f} ms", None) for name, t in worst),
    ]


def main() -> None:
    facts = int(sys.argv[2]) if len(sys.argv) > 2 else FACTS
    if sys.argv[1:2] == ["postgres"]:
        from tests.bench._gauge import postgres as place  # noqa: PLC0415 - starts a server
    else:
        place = sqlite
    with place() as url:
        database = Database(url)
        begun = perf_counter()
        _many_facts.fill(database, facts)
        print(f"{facts} facts put in, {perf_counter() - begun:.0f} s")
        report("audit_find", measure(database, working_time(url)))
        database.close()


if __name__ == "__main__":
    main()
