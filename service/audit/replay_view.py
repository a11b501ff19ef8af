"""What the page of a replay shows: the lines of a case, one of them in full, and data for the
script, which draws each step from what changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from service.audit.case_replay import CaseReplay
from service.audit.verify import VerifyReport
from service.audit.violation_text import violation_text
from service.casework.approvals.unmasking_page import shown_open
from service.casework.casefile import diagram_viewer, step_list
from service.casework.casefile.diagram_viewer import Address
from service.casework.history import narrative
from service.errors import BadDiagram, NotFound
from service.records.context import Services
from service.release.labels import process_name
from service.store.at_hand import Reader
from service.text import say

MOST = 200
"""Lines that one page replays; of a longer history it shows those around the line asked for, and
leads to the others.
"""
PAGE = 50
"""Lines of the table."""


def replay_view(
    reader: Reader,
    services: Services,
    replay: CaseReplay,
    verified: VerifyReport,
    number: int | None,
    xml: Address,
) -> dict[str, Any]:
    """The variables of the template.

    Args:
        number: of the line that is shown first; None for the last.
        xml: gives the address of each drawing.
    """
    entries, lang = replay.entries, replay.viewer.lang
    at = replay.place_of(number)
    first = at - at % MOST
    lines = range(first, min(first + MOST, len(entries)))
    broken = replay.first_broken(verified.faults)
    rows = [replay.row(i) for i in lines]
    shown = replay.diagram
    listed = step_list.step_list(shown, lang=lang, at=replay.fact_at(at)) if shown else ()
    return {
        "case": _head(reader, services, replay),
        "ref": replay.case.ref,
        "data": _data(replay, rows, xml, entries[at].n, first, broken),
        "steps": tuple(listed),
        "card": _card(replay, at),
        "lines": _table(replay, at),
        "kinds": _kinds(rows, lang),
        "reads": sum(row.get("reads", 0) for row in rows),
        "previous": entries[at - 1].n if at else None,
        "next": entries[at + 1].n if at + 1 < len(entries) else None,
        "earlier": entries[first - 1].n if first else None,
        "later": entries[lines.stop].n if lines.stop < len(entries) else None,
        "ends": (entries[0].n, entries[-1].n) if entries else None,
        "missing": replay.missing,
        "locked": replay.locked,
        "opened": shown_open(replay.opened, lang),
        "broken": broken,
        **_checked(replay, verified),
    }


def _checked(replay: CaseReplay, verified: VerifyReport) -> dict[str, Any]:
    """What the page says of the proof: that all holds, or what does not."""
    return {
        "verified": verified.lines if not verified.faults else None,
        "promises": [replay.promise(breach) for breach in verified.breaches],
        "faults": list(
            dict.fromkeys(
                violation_text(fault, replay.viewer.lang, replay.line_of(fault))
                for fault in verified.faults
            )
        ),
    }


def _head(reader: Reader, services: Services, replay: CaseReplay) -> SimpleNamespace:
    """The case, as the head of the page names it."""
    case = replay.case
    process = process_title(reader, services, replay)
    return SimpleNamespace(id=case.id, ref=case.ref, number=case.number, process=process)


def process_title(reader: Reader, services: Services, replay: CaseReplay) -> str:
    """What the process is called; its id where no release can be read."""
    if replay.diagram is not None:
        return process_name(replay.diagram.release, replay.case.process, replay.viewer.lang)
    try:
        newest = services.current(reader)
        return process_name(newest, replay.case.process, replay.viewer.lang)
    except (BadDiagram, NotFound, KeyError):
        return replay.case.process


def replay_data(replay: CaseReplay, xml: Address) -> dict[str, Any]:
    """The data of a whole replay."""
    last = replay.entries[-1].n if replay.entries else 0
    return _data(replay, replay.rows(), xml, last, 0, None)


def _data(
    replay: CaseReplay,
    rows: Sequence[Mapping[str, Any]],
    xml: Address,
    at: int,
    first: int,
    broken: int | None,
) -> dict[str, Any]:
    """What the script reads; texts that many lines share stand once."""
    more = {
        "first": first,
        "of": len(replay.entries),
        "broken": broken,
        "sealed": replay.sealed_texts,
        "rounds": replay.all_rounds,
        "tables": [
            {
                "name": table.name,
                "release": table.release,
                "columns": table.columns,
                "asks": table.asks,
                "rows": table.rows,
            }
            for table in replay.rules.tables
        ],
    }
    if replay.diagram is None:
        return {"steps": [dict(row) for row in rows], "releases": [], **more}
    shown = diagram_viewer.viewer_data(
        replay.diagram, lang=replay.viewer.lang, xml=xml, at=at, steps=rows
    )
    return shown | more


def _kinds(rows: Sequence[Mapping[str, Any]], lang: str) -> list[tuple[str, str, int]]:
    """Kinds of lines for the legend: id, words, how many there are."""
    found = [(kind, sum(row["who"] == kind for row in rows)) for kind in narrative.KINDS]
    return [(kind, say(f"audit.kind_{kind}", lang), n) for kind, n in found if n]


def _card(replay: CaseReplay, i: int) -> SimpleNamespace:
    """The line that is shown first, in full."""
    row = replay.row(i)
    rounds = replay.rounds(i)
    empty: dict[str, Any] = {
        "facts": [],
        "sealed": [],
        "gone": "",
        "rules": [],
        "caused": [],
        "letters": [],
        "reads": 0,
        "purpose": "",
        "reason": "",
        "moved": "",
        "form": False,
    }
    return SimpleNamespace(
        **(empty | row | {"n": i + 1}),
        number=row["n"],
        of=len(replay.entries),
        moment=replay.entries[i].at,
        release=replay.release_text(i),
        rounds=[(n, replay.entries[place].n, place == i) for n, place in enumerate(rounds, 1)],
    )


def _table(replay: CaseReplay, at: int) -> SimpleNamespace:
    """The page of the table on which a line stands."""
    first = at - at % PAGE
    last = min(first + PAGE, len(replay.entries))
    rows = [
        SimpleNamespace(
            n=i + 1,
            number=replay.entries[i].n,
            text=replay.entries[i].text,
            when=row["when"],
            by=row["by"],
            who=row["who"],
            kind=row["kind_name"],
            reads=row.get("reads", 0),
            release=replay.release_name(replay.fact_at(i)),
        )
        for i in range(first, last)
        for row in (replay.row(i),)
    ]
    return SimpleNamespace(
        rows=rows,
        first=first + 1,
        last=last,
        of=len(replay.entries),
        previous=replay.entries[first - 1].n if first else None,
        next=replay.entries[last].n if last < len(replay.entries) else None,
    )
