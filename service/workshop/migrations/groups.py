"""The rows of a plan: open cases with the same tokens on the same release, and what becomes of
them.

One case of each row is judged for all of them; *try on copies* looks at every case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from service.binding import Declaration
from service.engine import Definition, MigrationNote, Open, Problem, check_move
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.installation import releases
from service.store.read_models import oversight
from service.store.transaction import Tx
from service.workshop.comparison.diff import diff_bundles
from service.workshop.comparison.release_changes import ROUTE, TEXT, ReleaseChange
from service.workshop.migrations.case_move import check_with, ids_at
from service.workshop.migrations.plans import Choice, MigrationPlan
from service.workshop.migrations.standing import StandingCase, standing_cases

SAME, ELSEWHERE, STAYS, CANNOT = "same", "elsewhere", "stays", "cannot"
"""What becomes of a row: moves and stays in place, moves to another element, finishes on its
release, cannot move as it is planned."""
ORDER: Final = (CANNOT, ELSEWHERE, SAME, STAYS)
"""Order of the rows: first what somebody must decide."""
WORK: Final = frozenset(
    {
        *("userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask"),
        *("scriptTask", "task", "callActivity", "subProcess", "intermediateCatchEvent"),
    }
)
"""Kinds of elements at which a token can go on: work, and events that wait."""
CHANGES: Final = 4
"""Differences that a row names; the page of the releases has them all."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """Open cases that are planned together."""

    key: str
    release: PreparedRelease
    cases: tuple[tuple[str, str], ...]
    """Id and pseudonym of each, oldest first."""
    places: tuple[str, ...]
    """Elements at which they wait, without frames around them."""
    becomes: str
    choice: Choice
    problems: tuple[Problem, ...]
    notes: tuple[MigrationNote, ...]
    targets: Mapping[str, tuple[str, ...]]
    """Element that needs another place to where it may go: elements of the same scope."""
    changes: tuple[ReleaseChange, ...]
    """The differences between the releases that decide it."""
    text_only: bool
    """Whether the releases differ in words alone; no deadline begins anew then."""
    timers: tuple[Open, ...] = ()
    """Deadlines of the first case that run on, and that can begin anew."""


def source_releases(tx: Tx, services: Services, plan: MigrationPlan) -> list[str]:
    """The releases that a plan moves cases away from, and on which there are some, oldest first."""
    running = oversight.open_on(tx, services.programme.process)
    titles = reversed(releases.of_process(tx, services.programme.process))
    wanted = (title.id for title in titles if plan.source in ("", title.id))
    return [id_ for id_ in wanted if id_ != plan.target and running.get(id_)]


def load_rows(
    tx: Tx,
    services: Services,
    plan: MigrationPlan,
    *,
    lang: str,
    now: datetime,
    barred: Collection[str] = (),
) -> list[PlanRow]:
    """Load the rows of a plan as its cases stand now: first those that somebody must decide.

    Args:
        barred: cases that do not exist for who looks; they move with the others.
    """
    sources = source_releases(tx, services, plan)
    by_key: dict[str, list[StandingCase]] = {}
    for found in standing_cases(tx, services, services.programme.process, sources):
        if found.case.id not in barred:
            by_key.setdefault(found.key, []).append(found)
    target = services.release(tx, plan.target)
    judge = {id_: _Judge(services, services.release(tx, id_), target, lang) for id_ in sources}
    rows = [
        judge[found[0].case.release_id].row(key, found, plan.choice(key), now)
        for key, found in by_key.items()
    ]
    return sorted(rows, key=lambda row: (ORDER.index(row.becomes), -len(row.cases), row.key))


@dataclass(frozen=True, slots=True)
class _Releases:
    """Two releases that are compared in a language; their ids tell them from others."""

    old_id: str
    new_id: str
    lang: str
    old: PreparedRelease = field(compare=False)
    new: PreparedRelease = field(compare=False)
    topics: Mapping[str, Declaration] = field(compare=False)


@lru_cache(maxsize=16)
def _changes(both: _Releases) -> tuple[ReleaseChange, ...]:
    """The differences between two releases, which never change; worked out once."""
    return diff_bundles(both.old.bundle, both.new.bundle, both.topics, both.lang)


class _Judge:
    """Judges the rows of one earlier release."""

    def __init__(
        self, services: Services, old: PreparedRelease, new: PreparedRelease, lang: str
    ) -> None:
        self.old, self.new = old, new
        self.changes = _changes(_Releases(old.id, new.id, lang, old, new, services.topics))
        self.text_only = all(change.kind == TEXT for change in self.changes)

    def row(
        self, key: str, found: Sequence[StandingCase], choice: Choice, now: datetime
    ) -> PlanRow:
        """Judge the cases of one row by the first of them."""
        first = found[0]
        old, new = (one.definitions[first.case.process] for one in (self.old, self.new))
        places, every = _places(old, first), {element for _, element in first.places}
        to = {element: goal for element, goal in choice.to.items() if element in every}
        ids = ids_at(first.state, to)
        anew = choice.anew if not self.text_only else frozenset()
        checked, _ = check_with(first.state, old, new, ids, anew, now=now)
        known = {timer.element for timer in checked.timers}
        choice = Choice(choice.stays, to, anew & known)
        bare = check_move(first.state, old, new, now=now) if to else checked
        stuck = {problem.element for problem in bare.problems} & every | set(to)
        if choice.stays:
            becomes = STAYS
        elif checked.problems:
            becomes = CANNOT
        else:
            becomes = ELSEWHERE if to else SAME
        problems = () if choice.stays else checked.problems
        return PlanRow(
            key=key,
            release=self.old,
            cases=tuple((one.case.id, one.case.ref) for one in found),
            places=places,
            becomes=becomes,
            choice=choice,
            problems=problems,
            notes=() if choice.stays else checked.notes,
            targets={element: _targets(old, new, element) for element in sorted(stuck)},
            changes=self._deciding(places, bare.problems or problems, (old, new)),
            text_only=self.text_only,
            timers=() if choice.stays or self.text_only else checked.timers,
        )

    def _deciding(
        self,
        places: Collection[str],
        problems: Sequence[Problem],
        definitions: tuple[Definition, Definition],
    ) -> tuple[ReleaseChange, ...]:
        """Differences of the two releases that concern a row: those at its problems, or without
        problems at its places. Where none is at a problem, those next to it; else all `ROUTE` ones.
        """
        at = {problem.element for problem in problems} or set(places)
        found = [change for change in self.changes if change.element in at]
        if problems and not found:
            near = {name for definition in definitions for name in _around(definition, at)}
            found = [change for change in self.changes if change.element in near]
        if problems and not found:
            found = [change for change in self.changes if change.kind == ROUTE]
        return tuple(found[:CHANGES])


def _around(definition: Definition, at: Collection[str]) -> Iterator[str]:
    """Ids of the flows into and out of some elements, and of the elements at both ends."""
    for flow in definition.flows.values():
        if flow.source in at or flow.target in at:
            yield from (flow.id, flow.source, flow.target)


def _places(old: Definition, found: StandingCase) -> tuple[str, ...]:
    """Elements at which a case waits, without the frames and calls around them."""
    scopes = {scope for scope, _ in found.places}
    elements = dict.fromkeys(element for _, element in found.places)
    return tuple(
        element
        for element in elements
        if element in old.elements
        and element not in scopes
        and old.elements[element].calls not in scopes
    )


def _targets(old: Definition, new: Definition, element: str) -> tuple[str, ...]:
    """Where a token may go on: work in the scope where it is, in the order of the drawing."""
    if element not in old.elements:
        return ()
    scope = old.elements[element].scope
    return tuple(
        facts.id
        for facts in new.elements.values()
        if facts.scope == scope and facts.kind in WORK and facts.incoming
    )


def count_places(rows: Iterable[PlanRow], *, moved: bool = False) -> dict[str, int]:
    """Element to the open cases that wait there, before the plan or after it."""
    counted: dict[str, int] = {}
    for row in rows:
        if moved and row.becomes not in (SAME, ELSEWHERE):
            continue
        for element in row.places:
            place = row.choice.to.get(element, element) if moved else element
            counted[place] = counted.get(place, 0) + len(row.cases)
    return counted
