"""Refusals of a migration: why a running case may not move to another definition.

Reads the stored rows only: a state names elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from service.engine.definition import Definition
from service.engine.lint.analysis import reachability
from service.engine.migration.findings import KINDS, OTHER, Problem, label, problem
from service.engine.migration.new_frames import framed
from service.engine.migration.state_rows import element_of, is_token, left_behind
from service.engine.spiff.activities import SubProcess
from service.engine.spiff.api import LIVE, BpmnProcessSpec
from service.engine.spiff.base import FlowNode
from service.engine.spiff.catch_events import (
    BoundaryCatch,
    EventGatewayTarget,
    EventSubProcess,
)
from service.engine.spiff.codec import CODES, code_of
from service.engine.spiff.gateways import Join, ParallelGateway, upstream
from service.engine.stored_state import CLOSE, StoredState
from service.engine.types import Row

_SPLIT = ".BoundaryEventSplit"


def refusals(
    stored: StoredState, old: Definition, new: Definition, relocate: Mapping[str, str]
) -> list[Problem]:
    """The reasons why a case may not move, none when it may.

    Args:
        old: the definition that the case is on; what is open has its name there.
        relocate: task id to the element where its token goes on; such tasks are judged by where
            they go.
    """
    numbers = count(1)
    stored = framed(stored, new, relocate, lambda: f"new.{next(numbers)}").stored
    reasons = _Refusals(stored, old, new, relocate).all()
    # two tokens at one element give one reason
    return list({(reason.code, reason.message): reason for reason in reasons}.values())


class _Refusals:
    """Looks for reasons in one stored case."""

    def __init__(
        self, stored: StoredState, old: Definition, new: Definition, relocate: Mapping[str, str]
    ) -> None:
        self.new = new
        self.old = old
        self.relocate = relocate
        left = left_behind(stored, relocate)
        self.ending: set[str | None] = {None}
        """The scopes whose ends are ends of the case: the case, and what has interrupted it."""
        self.ended = {
            owner
            for owner, _, rows in stored.scopes
            if stored.ends and any(row[3] == CLOSE and row[4] & LIVE for row in rows)
        }
        """The scopes in which a token has come to an end that counts."""
        self.scopes = [
            (owner, name, [row for row in rows if is_token(row) and self._goes_on(row, left)])
            for owner, name, rows in stored.scopes
            if owner not in left
        ]

    def all(self) -> Iterator[Problem]:
        """Every reason; what is open where it cannot be comes first, for it says what to do."""
        unfit = list[Problem]()
        nowhere = set[str]()
        for owner, name, live in self.scopes:
            if owner in nowhere:
                # said once, of the sub-process around it
                nowhere |= {row[0] for row in live}
                continue
            spec = self.new.scopes.get(name)
            if spec is None or (owner is None and name != self.new.process):
                nowhere |= {row[0] for row in live}
                unfit.append(self._problem("scope", name))
                continue
            for row in live:
                if found := list(self._of_row(spec, row)):
                    nowhere.add(row[0])
                    unfit += filter(None, found)
            unfit += self._of_joins(spec, live)
            unfit += self._of_ends(owner, spec, live)
        yield from unfit or (
            found for _, name, live in self.scopes for found in self._in_future(name, live)
        )

    def _goes_on(self, row: Row, left: set[str]) -> bool:
        return row[0] not in left or row[0] in self.relocate

    def _of_row(self, spec: BpmnProcessSpec, row: Row) -> Iterator[Problem | None]:
        """Reasons against one token; None when they are those against the activity around it."""
        element = element_of(row)
        made = str(row[3])
        target = spec.task_specs.get(row[2])
        if row[0] in self.relocate:
            yield from self._of_target(spec, element, row)
        elif target is None:
            yield self._of_missing(spec, row)
        elif (other := code_of(target)) != made:
            yield self._problem("kind", element, kind=_kind(made), other=_kind(other))
        elif isinstance(target, Join) and row[7].get("from") not in target._inputs:
            yield self._problem("way", element, way=self._label(row[7].get("from", "")))

    def _of_missing(self, spec: BpmnProcessSpec, row: Row) -> Problem | None:
        """The reason against a token whose element the scope does not have."""
        element = element_of(row)
        scope = self._label(spec.name)
        facts = self.new.elements.get(element)
        if row[2] != element and element in spec.task_specs:
            return None
        if facts is not None and facts.scope != spec.name:
            there = self._label(facts.scope)
            return self._problem("elsewhere", element, scope=scope, there=there)
        if row[3] == CODES[SubProcess]:
            return self._problem("scope", element)
        return self._problem("gone", element, scope=scope)

    def _of_target(self, spec: BpmnProcessSpec, here: str, row: Row) -> Iterator[Problem]:
        """Reasons against putting a token elsewhere."""
        if "key_or_index" in row[7]:
            yield self._problem("one", here)
            return
        element = self.relocate[row[0]]
        target = spec.task_specs.get(element)
        is_step = isinstance(target, FlowNode) and not isinstance(
            target, BoundaryCatch | Join | EventGatewayTarget
        )
        if not is_step or not self.new.nets[spec.name].view.into.get(element):
            yield self._problem("target", element, scope=self._label(spec.name))

    def _of_joins(self, spec: BpmnProcessSpec, live: list[Row]) -> Iterator[Problem]:
        """A parallel join at which a token waits: something must be open on every other way to
        it.
        """
        here = {self.relocate.get(row[0], row[2]) for row in live}
        for join in sorted(here):
            target = spec.task_specs.get(join)
            if isinstance(target, ParallelGateway):
                came = {row[7].get("from") for row in live if row[2] == join}
                for way in sorted(set(target._inputs) - came):
                    if not here & upstream(spec, way, join):
                        yield self._problem("waits", join, way=self._label(way))

    def _of_ends(
        self, owner: str | None, spec: BpmnProcessSpec, live: list[Row]
    ) -> Iterator[Problem]:
        """Event sub-processes that are all that is left of the case, and whose ends the new
        version does not count: no end of the case could be reached.
        """
        if owner not in self.ending:
            return
        runs = [(row, spec.task_specs.get(row[2])) for row in live if row[0] not in self.relocate]
        event_subs = [(row, run) for row, run in runs if isinstance(run, EventSubProcess)]
        self.ending |= {row[0] for row, run in event_subs if run.interrupting}
        running = [row[2] for row, run in event_subs if not run.interrupting]
        if owner not in self.ended and len(running) == len(live):
            for element in running:
                yield self._problem("no_end", element)

    def _in_future(self, name: str, live: list[Row]) -> Iterator[Problem]:
        """Could the case come to a bad end from here?"""
        net = self.new.nets[name]
        for code, element, facts in reachability.judge(net, live, self.relocate):
            yield Problem(code, element, reachability.sentence(code, facts), facts)

    def _problem(self, code: str, element: str, **details: str) -> Problem:
        return problem(code, element, {"x": self._label(element), **details})

    def _label(self, element: str) -> str:
        """The name by which people know an element: of the version that the case is on, else of the
        new one.
        """
        return label(element.removesuffix(_SPLIT), self.old, self.new)


def _kind(code: str) -> str:
    return code if code in KINDS else OTHER
