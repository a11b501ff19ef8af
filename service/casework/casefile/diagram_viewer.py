"""Data of the diagram viewer in the browser: drawings, marks after each fact, lines of history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from service.casework.casefile.diagram_state import (
    DONE,
    STATES,
    WAITING,
    DiagramState,
    element_states,
)
from service.release.labels import localized_name
from service.release.prepared import PreparedRelease
from service.text import say

Address: TypeAlias = Callable[[str, str], str]
"""(release id, file) to the URL of its drawing."""
Row: TypeAlias = Mapping[str, Any]
"""A line of history for the browser: `n`, `rev`, `at`, `who`, `by`, `element`, `text` …"""
_Moment: TypeAlias = tuple[list[list[Any]], dict[str, int]]
"""Tokens as [element, state, times], and element or flow to how often it is done."""
_EMPTY_ROW: Row = {"who": "", "by": "", "element": "", "text": ""}


def viewer_data(
    shown: DiagramState,
    *,
    lang: str,
    xml: Address,
    at: int | None = None,
    hidden: Iterable[str] = (),
    steps: Sequence[Row] = (),
) -> dict[str, Any]:
    """Data of the viewer for a case; texts are already in the reader's language and cut to what she
    may see.

    Args:
        xml: gives the URL of each drawing.
        at: number (`n`) of the row shown first; None for the last. Without `steps`, the fact that
            is shown.
        hidden: elements that the reader may not see.
        steps: for replay, the lines of history; without them, one step.
    """
    number = shown.newest if at is None else at
    rows = steps or [{"n": number, "rev": number, **_EMPTY_ROW}]
    used, process = [release.id for release in shown.releases], shown.definition.process
    lines, moments, rev = [], {}, 0
    for row in rows:
        rev = int(row.get("rev") or rev)
        lines.append({**row, "rev": rev, "release": used.index(shown.on(rev).id)})
        if rev not in moments:
            moments[rev] = _moment(shown, rev)
    newest = rev == shown.newest
    return {
        "releases": [drawings(release, process, xml, lang) for release in shown.releases],
        "steps": lines,
        "moments": _changes(moments),
        "at": next((i for i, row in enumerate(rows) if row.get("n") == at), len(rows) - 1),
        "hidden": sorted(hidden),
        "notes": {e: say("status.late", lang) for e in sorted(shown.late)} if newest else {},
        "words": {state: say(f"diagram.{state}", lang) for state in STATES},
    }


def _moment(shown: DiagramState, rev: int) -> _Moment:
    marks = shown.marks.get(rev, shown.marks[0])
    times = {element: n for element, _, n in marks.tokens}
    states = sorted(element_states(shown, rev).items())
    tokens = [[e, state, times.get(e, 1)] for e, state in states if state != DONE]
    return tokens, dict(marks.done)


def _changes(moments: Mapping[int, _Moment]) -> dict[str, dict[str, Any]]:
    """Fact to its tokens, and to what is done since the fact before it, so that the data of a
    history of years stay small.
    """
    changes = dict[str, dict[str, Any]]()
    before = dict[str, int]()
    for rev, (tokens, done) in sorted(moments.items()):
        since = [[e, n] for e, n in done.items() if before.get(e) != n]
        changes[str(rev)] = {"tokens": tokens, "done": since}
        before = done
    return changes


def drawings(release: PreparedRelease, process: str, xml: Address, lang: str) -> dict[str, Any]:
    """The files of a release in which the process and all it calls are drawn, the main one first;
    in which of them each element is, and what a call opens.
    """
    definition = release.definitions[process]
    processes = list(dict.fromkeys([process, *(e.process for e in definition.elements.values())]))
    files = list(dict.fromkeys(release.drawn_in[p] for p in processes))
    named = {file: next(p for p in processes if release.drawn_in[p] == file) for file in files}
    place = {p: files.index(release.drawn_in[p]) for p in processes}
    titles = {f: localized_name(definition.names.get(named[f], {}), lang) or f for f in files}
    drawn = [{"file": f, "title": titles[f], "xml": xml(release.id, f)} for f in files]
    return {
        "id": release.id,
        "name": f"v{release.number}",
        "files": drawn,
        "where": {e.id: place[e.process] for e in definition.elements.values() if place[e.process]},
        "calls": {e.id: place[e.calls] for e in definition.elements.values() if e.calls in place},
    }


def still_diagram_data(release: PreparedRelease, file: str, xml: Address) -> dict[str, Any]:
    """Data of the viewer for a drawing without a case."""
    return drawing_data(release.id, f"v{release.number}", file, xml)


def drawing_data(id_: str, name: str, file: str, xml: Address) -> dict[str, Any]:
    """Data of the viewer for a drawing of a release or a draft, without a case."""
    drawn = {
        "id": id_,
        "name": name,
        "files": [{"file": file, "title": file, "xml": xml(id_, file)}],
        "where": {},
        "calls": {},
    }
    return still_data(drawn)


def still_data(
    drawn: Mapping[str, Any], counts: Mapping[str, Sequence[str]] | None = None, element: str = ""
) -> dict[str, Any]:
    """Data of the viewer for drawings without a case.

    Args:
        drawn: as `drawings` gives them.
        counts: element or flow to a text that stands at it, and `same` or `changed`.
        element: what is shown first; the beginning when there is none.
    """
    step = {"n": 0, "rev": 0, **_EMPTY_ROW, "element": element, "release": 0}
    return {
        "releases": [drawn],
        "steps": [step],
        "moments": {"0": {"tokens": [], "done": []}},
        "at": 0,
        "hidden": [],
        "notes": {},
        "words": {},
        "counts": dict(counts or {}),
    }


def standing_diagram_data(
    release: PreparedRelease,
    process: str,
    counts: Mapping[str, int],
    *,
    lang: str,
    xml: Address,
) -> dict[str, Any]:
    """Data of the viewer for a release with the number of open cases on each element.

    Args:
        counts: element to the cases that wait there.
    """
    elements = release.definitions[process].elements
    there = {element: n for element, n in counts.items() if element in elements}
    return {
        "releases": [drawings(release, process, xml, lang)],
        "steps": [{"n": 0, "rev": 0, **_EMPTY_ROW, "release": 0}],
        "moments": {"0": {"tokens": [[e, WAITING, 1] for e in sorted(there)], "done": []}},
        "at": 0,
        "hidden": [],
        "notes": {e: str(n) for e, n in there.items()},
        "words": {state: say(f"diagram.{state}", lang) for state in STATES},
    }
