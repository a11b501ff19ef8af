"""View models of a dry run's pages: how far it has come with its sums, the list of cases with their
reasons, and the old and the new way of one case side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.access import Viewer
from service.errors import NotFound
from service.people import accounts
from service.records.context import Services
from service.release.bundle import unpack
from service.store.installation import releases
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch, BatchCase
from service.workshop.drafts import require_draft
from service.workshop.dry_run import dry_runs, verdicts
from service.workshop.dry_run.dry_run_words import DryRunNames, move_reason, outcome_reason

ON_A_PAGE: Final = 50
"""Cases on one page of the list."""


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
    """The newest run of a draft; `run` is None when there is none yet."""

    draft: releases.Draft
    run: Batch | None
    fresh: bool
    """Whether the run was made of the files as they are now."""
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
        """Verdict and number of cases, in the order of `VERDICTS`."""
        found = self.detail.get("numbers", {})
        return [(verdict, found[verdict]) for verdict in verdicts.VERDICTS if verdict in found]

    @property
    def detail(self) -> Mapping[str, Any]:
        """Sums and names, as they are kept with the run; empty without one."""
        return self.run.detail if self.run is not None else {}


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in the list; `n` is its number in the run."""

    n: int
    ref: str
    verdict: str
    reason: str
    is_open: bool
    move: str
    """Whether an open case could be moved: `moves`, `choice`, `cannot`; empty of one that ended."""
    move_reason: str
    differs: bool
    """Whether there are two ways to be shown side by side."""
    base: str
    """The release that the case was followed on first, "v3"; empty when it is its own."""


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """One step of a way; `mark` is `gained` or `lost` where the other way does not have it."""

    id: str
    name: str
    mark: str


@dataclass(frozen=True, slots=True)
class TwoWays:
    """One case with both ways side by side."""

    line: CaseLine
    was: Sequence[ComparedStep]
    becomes: Sequence[ComparedStep]


def load_dry_run(tx: Tx, services: Services, viewer: Viewer, draft_id: str) -> DryRunPage:
    """The newest run of a draft.

    Raises:
        NotAllowed: the viewer may not read processes.   NotFound: there is no such open draft.
    """
    row = require_draft(tx, viewer, draft_id)
    run = batches.newest(tx, dry_runs.KIND, draft_id)
    detail = run.detail if run is not None else {}
    names = _run_names(tx, services, detail, viewer.lang)
    marks = detail.get("intended", {})
    people = accounts.names(
        tx, services, {*(m["by"] for m in marks.values()), *([run.by] if run is not None else [])}
    )
    return DryRunPage(
        draft=row,
        run=run,
        fresh=run is not None and detail["digest"] == unpack(row.files).digest,
        cases=run.total if run is not None else len({*dry_runs.past_cases(tx)} - viewer.barred),
        base=_base_of(tx, run) if run is not None else "",
        by=people.get(run.by, "") if run is not None else "",
        groups=[
            _group(verdict, element, n, names, marks, people)
            for verdict, element, n in sorted(detail.get("groups", []), key=_order)
        ],
        ends=_ends(detail.get("ends", []), names),
        changed=_changed(detail, names),
    )


def load_lines(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    run: Batch,
    *,
    verdict: str = "",
    after: int = 0,
) -> tuple[list[CaseLine], int]:
    """A page of the cases of a run, and behind which number the next one goes on; 0 when it is the
    last.
    """
    wanted = [verdict] if verdict in verdicts.VERDICTS else verdicts.VERDICTS
    found = batches.of_batch(tx, run.id, verdicts=wanted, after=after, limit=ON_A_PAGE + 1)
    names = _run_names(tx, services, run.detail, viewer.lang)
    more = found[ON_A_PAGE - 1].position if len(found) > ON_A_PAGE else 0
    base = _base_of(tx, run)
    known = [case for case in found[:ON_A_PAGE] if case.case_id not in viewer.barred]
    return [_line(case, names, base) for case in known], more


def two_ways(tx: Tx, services: Services, viewer: Viewer, draft_id: str, n: int) -> TwoWays:
    """Both ways of one case of the newest run.

    Raises:
        NotAllowed: the viewer may not read processes.
        NotFound: there is no such draft, run or case, or its ways are the same.
    """
    require_draft(tx, viewer, draft_id)
    run = batches.newest(tx, dry_runs.KIND, draft_id)
    found = batches.of_batch(tx, run.id, after=n - 1, limit=1) if run is not None else []
    if run is None or not found or found[0].position != n or "ways" not in found[0].detail:
        raise NotFound
    if found[0].case_id in viewer.barred:
        raise NotFound
    names = _run_names(tx, services, run.detail, viewer.lang)
    detail = found[0].detail
    was, becomes = detail["ways"]["was"], detail["ways"]["becomes"]
    return TwoWays(
        _line(found[0], names, _base_of(tx, run)),
        _steps(was, becomes, names, "lost"),
        _steps(becomes, was, names, "gained"),
    )


def counts_on_diagram(detail: Mapping[str, Any]) -> dict[str, list[str]]:
    """Counts at ways and steps of the drawing: how often each was passed, and would be.

    Ways are shown where there is a choice; steps where the count changes.
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


def _run_names(tx: Tx, services: Services, detail: Mapping[str, Any], lang: str) -> DryRunNames:
    forms = {} if services.has_no_release(tx) else services.current(tx).forms
    return DryRunNames(detail.get("names", {}), forms, lang)


def _base_of(tx: Tx, run: Batch) -> str:
    """The release that cases are compared with: "v3"."""
    title = releases.title(tx, run.detail["base"])
    return f"v{title.number}" if title is not None else ""


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
    mark = marks.get(dry_runs.group_key(verdict, element), {})
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


def _line(case: BatchCase, names: DryRunNames, base: str) -> CaseLine:
    move = case.detail.get("move", {})
    return CaseLine(
        n=case.position,
        ref=case.ref,
        verdict=case.verdict,
        reason=outcome_reason(case, names),
        is_open=bool(case.detail.get("open")),
        move=move.get("verdict", ""),
        move_reason=move_reason(move, names),
        differs="ways" in case.detail,
        base=base if case.detail.get("earlier") else "",
    )


def _steps(
    way: Sequence[str], other: Sequence[str], names: DryRunNames, mark: str
) -> list[ComparedStep]:
    """The named steps of a way: gateways that only join and plain starts say nothing."""
    known = frozenset(other)
    elements = names.kept.get("elements", {})
    return [
        ComparedStep(id_, names.element(id_), "" if id_ in known else mark)
        for id_ in way
        if elements.get(id_, ("", {}))[1].get("sv")
    ]
