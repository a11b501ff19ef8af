"""View model of a dry run's page: how far it has come, its sums, the cases with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.access import Viewer
from service.people import accounts
from service.records.context import Services
from service.release.bundle import unpack
from service.store.installation import releases
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch
from service.workshop.drafts import require_draft
from service.workshop.dry_run import runs, verdicts
from service.workshop.dry_run.names import DryRunNames


@dataclass(frozen=True, slots=True)
class VerdictGroup:
    """Cases with the same verdict at the same place."""

    verdict: str
    element: str
    name: str
    """The element in words; empty where the verdict has no place."""
    n: int
    word: str
    """Why it is intended; empty when nobody has said so."""
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangedCount:
    """A way or a step that would be passed more or less often."""

    name: str
    was: int
    becomes: int


@dataclass(frozen=True, slots=True)
class EndTable:
    """Old ends down, new ends across."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True, slots=True)
class DryRunPage:
    """A run of a draft, or that there is none yet."""

    draft: releases.Draft
    run: Batch | None
    fresh: bool
    """Whether it was made of the files as they are now."""
    cases: int
    """Cases that there are now."""
    base: str
    """The release that cases are compared with: "v3"."""
    by: str
    groups: Sequence[VerdictGroup]
    ends: EndTable
    changed: Sequence[ChangedCount]

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.run is not None and self.run.state == batches.RUNNING

    @property
    def numbers(self) -> list[tuple[str, int]]:
        """Verdict and number of cases, from what changes nothing on."""
        found = self.detail.get("numbers", {})
        return [(verdict, found[verdict]) for verdict in verdicts.VERDICTS if verdict in found]

    @property
    def detail(self) -> Mapping[str, Any]:
        """What is kept with the run."""
        return self.run.detail if self.run is not None else {}


def load_dry_run(tx: Tx, services: Services, viewer: Viewer, draft_id: str) -> DryRunPage:
    """The newest run of a draft.

    Raises:
        NotAllowed: the viewer may not read processes.   NotFound: there is no such open draft.
    """
    row = require_draft(tx, viewer, draft_id)
    run = runs.newest(tx, draft_id)
    detail = run.detail if run is not None else {}
    names = run_names(tx, services, detail, viewer.lang)
    marks = detail.get("intended", {})
    people = accounts.names(
        tx, services, {*(m["by"] for m in marks.values()), *([run.by] if run is not None else [])}
    )
    return DryRunPage(
        draft=row,
        run=run,
        fresh=run is not None and detail["digest"] == unpack(row.files).digest,
        cases=run.total if run is not None else len(runs.past_cases(tx)),
        base=base_of(tx, run) if run is not None else "",
        by=people.get(run.by, "") if run is not None else "",
        groups=[
            _group(verdict, element, n, names, marks, people)
            for verdict, element, n in sorted(detail.get("groups", []), key=_order)
        ],
        ends=_ends(detail.get("ends", []), names),
        changed=_changed(detail, names),
    )


def run_names(tx: Tx, services: Services, detail: Mapping[str, Any], lang: str) -> DryRunNames:
    forms = {} if services.has_no_release(tx) else services.current(tx).forms
    return DryRunNames(detail.get("names", {}), forms, lang)


def _order(group: Sequence[Any]) -> tuple[int, int]:
    return verdicts.VERDICTS.index(group[0]), -group[2]


def _group(
    verdict: str,
    element: str,
    n: int,
    names: DryRunNames,
    marks: Mapping[str, Any],
    people: Mapping[str, str],
) -> VerdictGroup:
    mark = marks.get(runs.group_key(verdict, element), {})
    at = datetime.fromisoformat(mark["at"]) if mark else None
    name = names.element(element) if element else ""
    by = people.get(mark.get("by", ""), "")
    return VerdictGroup(verdict, element, name, n, mark.get("word", ""), by, at)


def _ends(found: Sequence[Sequence[Any]], names: DryRunNames) -> EndTable:
    """The table of ends; cases that go on come last, and have an empty name."""
    numbers = {(was, becomes): n for was, becomes, n in found}

    def ordered(ends: set[str]) -> list[str]:
        return sorted(ends, key=lambda end: (not end, names.element(end).casefold()))

    columns = ordered({b for _, b in numbers})
    rows = ordered({w for w, _ in numbers})
    return EndTable(
        [names.element(end) if end else "" for end in columns],
        [
            (names.element(was) if was else "", [numbers.get((was, b), 0) for b in columns])
            for was in rows
        ],
    )


def _changed(detail: Mapping[str, Any], names: DryRunNames) -> list[ChangedCount]:
    """Steps and ways of a choice that would be passed more or less often."""
    times = detail.get("times", {"was": {}, "becomes": {}})
    kept = detail.get("names", {})
    choices = {*kept.get("choices", ())}
    found = []
    for id_ in dict.fromkeys((*times["was"], *times["becomes"])):
        was = times["was"].get(id_, 0)
        becomes = times["becomes"].get(id_, 0)
        if was == becomes:
            continue
        if id_ in kept.get("elements", {}) and kept["elements"][id_][1].get("sv"):
            found.append(ChangedCount(names.element(id_), was, becomes))
        elif id_ in choices:
            found.append(ChangedCount(names.way(id_), was, becomes))
    return sorted(found, key=lambda one: -abs(one.was - one.becomes))


def counts_on_diagram(detail: Mapping[str, Any]) -> dict[str, list[str]]:
    """What stands at ways and steps of the drawing: how often they were passed, and would be.

    Ways are shown where there is a choice; steps where something changes.
    """
    times = detail.get("times")
    kept = detail.get("names", {})
    if not times:
        return {}
    choices, shown = {*kept["choices"]}, {}
    steps = {id_ for id_, (kind, _) in kept["elements"].items() if not kind.endswith("Gateway")}
    for id_ in {*choices, *times["was"], *times["becomes"]}:
        was = times["was"].get(id_, 0)
        becomes = times["becomes"].get(id_, 0)
        if was != becomes and id_ in choices | steps:
            shown[id_] = [f"{was} → {becomes}", "changed"]
        elif id_ in choices and was:
            shown[id_] = [str(was), "same"]
    return dict(sorted(shown.items()))


def base_of(tx: Tx, run: Batch) -> str:
    """The release that cases are compared with: "v3"."""
    title = releases.title(tx, run.detail["base"])
    return f"v{title.number}" if title is not None else ""
