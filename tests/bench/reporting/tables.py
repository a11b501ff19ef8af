"""The table of all measures with their targets, from what the benches have left in var/bench."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

MEASURES = (*(f"S{n}" for n in range(1, 21)), "A1", "A2")
"""Speed, and what an auditor waits for."""
ELSEWHERE = {
    "S20": "round trips to PostgreSQL: asserted by a test, not measured",
}
"""Measures that no bench makes."""
WORDS = {True: "met", False: "**missed**", None: ""}


def results(folder: Path) -> list[Mapping[str, Any]]:
    """What each bench has left, by its name."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]


def rows_of(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All rows of the measures, in their order; a measure without any has one that says so."""
    rows = [row for one in found for row in one["rows"]]
    ordered = []
    for id_ in MEASURES:
        own = [row for row in rows if row["id"] == id_]
        ordered += own or [
            {
                "id": id_,
                "measure": ELSEWHERE.get(id_, "not measured in this run"),
                "target": "",
                "measured": "",
                "met": None,
            }
        ]
    return ordered


def as_markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The table for a page; each measure is named once."""
    lines = ["| | measure | target | measured | |", "| --- | --- | --- | --- | --- |"]
    last = ""
    for row in rows:
        name = "" if row["id"] == last else row["id"]
        last = row["id"]
        cells = (name, row["measure"], _signs(row["target"]), row["measured"], WORDS[row["met"]])
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def summary(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many are met, and which are not."""
    judged = [row for row in rows if row["met"] is not None]
    missed = dict.fromkeys(row["id"] for row in judged if not row["met"])
    met = sum(row["met"] for row in judged)
    return f"{met} of {len(judged)} met; missed: {', '.join(missed) or 'none'}"


def run_of(found: Sequence[Mapping[str, Any]]) -> str:
    """Which run the figures are of: days, Python, cores, and how busy the machine was."""
    days = sorted({one.get("day", "") for one in found} - {""})
    loads = [one["load"] for one in found if "load" in one]
    python, cores = found[0]["python"], found[0]["cores"]
    period = " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "an unknown day"
    busy = f", load {min(loads):g} to {max(loads):g}" if loads else ""
    return f"Measured on {period}: Python {python}, {cores} cores{busy}."


def put_between(text: str, mark: str, content: str) -> str:
    """A page with other content between `<!-- mark -->` and `<!-- end -->`."""
    pattern = re.compile(rf"(<!-- {re.escape(mark)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page has no place for {mark}")
    return pattern.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text, count=1)


def _signs(target: str) -> str:
    return target.replace(">=", "≥").replace("<=", "≤")
