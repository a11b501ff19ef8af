"""Read models of oversight: all cases under pseudonyms, and on which releases they run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Table, func, or_, select

from service.store.casefile.cases import COLUMNS, Case
from service.store.casefile.facts import RELEASED
from service.store.read_models.audit_conditions import CASE, MARKS, READS, as_read, case_of
from service.store.read_models.list_reader import counted
from service.store.row_scope import as_system
from service.store.tables import (
    cases,
    fact,
    job,
    line,
    release,
    release_case_count,
    stream,
    task,
)
from service.store.work.jobs import ENGINE

if TYPE_CHECKING:
    from service.store.at_hand import Reader


@dataclass(frozen=True, slots=True)
class TurnTime:
    """When something happened in a case, and at which steps."""

    case_id: str
    at: datetime
    steps: list[Any]


def releases_of(reader: Reader, case_ids: Collection[str]) -> dict[str, list[str]]:
    """Case to the releases it has been on, in that order."""
    found: dict[str, list[str]] = {}
    used = (
        select(fact.c.case_id, release.c.id)
        .select_from(RELEASED)
        .where(fact.c.case_id.in_(sorted(case_ids)))
        .group_by(fact.c.case_id, release.c.id)
    )
    for case_id, release_id in reader.all(
        lambda case_id, release_id: (case_id, release_id),
        used.order_by(fact.c.case_id, func.min(fact.c.rev)),
    ):
        found.setdefault(case_id, []).append(release_id)
    return found


def turns_of_ended(reader: Reader, process: str, *, most: int) -> list[TurnTime]:
    """Turns of the cases of a process that ended last, each case's in order.

    Args:
        most: cases that are looked at.
    """
    ended = (
        select(cases.c.id)
        .where(cases.c.process == process, cases.c.status == "ended")
        .order_by(cases.c.moved_at.desc())
        .limit(most)
    )
    found = select(fact.c.case_id, fact.c.at, fact.c.turn).where(fact.c.case_id.in_(ended))
    in_order = found.order_by(fact.c.case_id, fact.c.rev)
    return reader.all(
        lambda case_id, at, turn: TurnTime(case_id, at, turn["steps"]),
        as_system("usual", in_order),
    )


def open_on(reader: Reader, process: str, barred: Collection[str] = ()) -> dict[str, int]:
    """Release to the open cases that run on it.

    Args:
        barred: cases that do not exist for who asks.
    """
    found = (
        select(release.c.id, release_case_count.c.cases)
        .join(release_case_count, release_case_count.c.release_id == release.c.id)
        .where(release.c.process == process, release_case_count.c.cases > 0)
    )
    counted = dict(reader.all(lambda id, n: (id, n), found))
    if barred:
        hidden = (
            select(cases.c.release_id, func.count())
            .where(cases.c.id.in_(sorted(barred)), cases.c.status == "open")
            .group_by(cases.c.release_id)
        )
        for id_, n in reader.all(lambda id, n: (id, n), as_system("process", hidden)):
            counted[id_] = counted.get(id_, 0) - n
    return {id_: n for id_, n in counted.items() if n > 0}


def standing(reader: Reader, process: str, elements: Collection[str]) -> dict[str, int]:
    """Element to the number of open cases in which something waits there, at most `MOST`; those at
    which none does are left out.
    """
    if not elements:
        return {}
    ids = sorted(elements)
    numbers = (
        counted([_standing_at(rows, process, id_) for rows in (task, job)], f"at_{n}")
        for n, id_ in enumerate(ids)
    )
    (found,) = reader.all(lambda *row: row, as_system("process", select(*numbers)))
    return {id_: n for id_, n in zip(ids, found, strict=True) if n}


def _standing_at(rows: Table, process: str, element: str) -> Select[Any]:
    found = (
        select(rows.c.case_id)
        .distinct()
        .join_from(rows, cases, cases.c.id == rows.c.case_id)
        .where(rows.c.element == element, cases.c.process == process, cases.c.status == "open")
        .order_by(rows.c.case_id)
    )
    return found.where(or_(*(job.c.kind == kind for kind in ENGINE))) if rows is job else found


def open_cases(
    reader: Reader, process: str, release_ids: Collection[str], *, after: str = "", limit: int
) -> list[Case]:
    """One page of the open cases of a process that run on some releases, oldest first."""
    wanted = (
        select(*COLUMNS)
        .where(cases.c.id > after, cases.c.process == process, cases.c.status == "open")
        .where(cases.c.release_id.in_(sorted(release_ids)))
        .order_by(cases.c.id)
        .limit(limit)
    )
    return reader.all(Case, as_system("process", wanted))


def lengths(reader: Reader, case_ids: Collection[str]) -> dict[str, int]:
    """Case to how many entries its history has."""
    names = [CASE + id_ for id_ in case_ids]
    wanted = (
        select(stream.c.name, func.max(line.c.seq))
        .join_from(stream, line, line.c.stream == stream.c.number)
        .where(stream.c.name.in_(names))
        .group_by(stream.c.name)
    )
    return dict(reader.all(lambda name, n: (name.removeprefix(CASE), n), wanted)) if names else {}


def marks_of(reader: Reader, case_ids: Collection[str]) -> dict[str, set[str]]:
    """Case to what is unusual about it, by the names of `MARKS`."""
    kinds = {kind: name for name, (_, of_mark) in MARKS.items() for kind in of_mark}
    names = [start + id_ for id_ in case_ids for start in (CASE, READS)]
    wanted = (
        select(stream.c.name, line.c.kind)
        .join_from(stream, line, line.c.stream == stream.c.number)
        .where(stream.c.name.in_(names), as_read(line.c.kind).in_(sorted(kinds)))
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for name, kind in reader.all(lambda name, kind: (name, kind), wanted) if names else ():
        found.setdefault(case_of(name), set()).add(kinds[kind])
    return found
