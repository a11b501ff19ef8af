"""The history of a case as promises read it.

Steps with the values after them, who did what, what was answered, what waits, and who could see
the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.access import CLASSES, Grant, Resource, Sight, Viewer, can_see
from service.casework.cases import consents, given_answers, progress
from service.casework.history import replay
from service.casework.history.replay import ReplayedTurn
from service.engine import Definition, Open
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.release.programme.grant_rules import LiveGrant, grants_in_sight
from service.store.casefile import cases, grants, parties
from service.store.transaction import Tx
from service.store.work import letters

EARLIER = {
    "F_Gw_ApplicationOk_End_Decision": "F_Gw_ApplicationOk_Task_AssessNeeds",
    "F_Gw_Arrived_Gw_ToWay": "F_Gw_Arrived_Svc_CancelJourney",
    "F_Gw_Budget_Gw_Risk": "F_Gw_Budget_Task_IdentifyRisks",
    "F_Gw_CeilingAnswer_Gw_Risk": "F_Gw_CeilingAnswer_Task_IdentifyRisks",
    "F_Gw_NewCeiling_Gw_Deliver": "F_Gw_NewCeiling_Task_DeliverSupport",
    "F_Gw_Reviewed_End_RiskBorne": "F_Gw_Reviewed_Call_HomeJourney",
}
"""Flow to the one that the demo's earlier releases draw in its place."""
LOCAL = "IomLocal"
NAME = "givenNames"
HUMAN = frozenset({"start", "complete", "message"})
"""Kinds of facts behind which a person stands."""


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a case's history with its moment, the number of its fact, and the routing values
    after that fact.
    """

    what: str
    element: str
    detail: tuple[object, ...]
    rev: int
    at: datetime
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Act:
    """Who completed which task."""

    element: str
    actor: str
    office: str


@dataclass(frozen=True, slots=True)
class CaseAnswers:
    """What a person answered, by key."""

    element: str
    rev: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one fact left behind."""

    rev: int
    kind: str
    element: str
    open: tuple[Open, ...]
    ended: bool
    named: bool
    """Whether the local office could see the returnee's name at its moment."""
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """A case's history."""

    ref: str
    events: tuple[Event, ...]
    acts: tuple[Act, ...]
    letters: tuple[tuple[int, str], ...]
    """(number of the fact, role) of each letter that a turn brought."""
    offices: Mapping[str, str]
    definition: Definition
    now: datetime
    ended: bool
    answers: tuple[CaseAnswers, ...] = ()
    turns: tuple[Turn, ...] = ()

    def at(self, *moments: tuple[str, str]) -> list[int]:
        """Places of the history where one of these (what, element) happened."""
        return [n for n, e in enumerate(self.events) if (e.what, e.element) in moments]

    def took(self, flow: str) -> list[int]:
        """Places where a flow was taken, or the one that an earlier drawing has in its place."""
        ways = {flow, EARLIER.get(flow, flow)}
        return [n for n, e in enumerate(self.events) if e.what == "took" and ways & {*e.detail}]


def history(tx: Tx, services: Services, case: cases.CaseSummary, now: datetime) -> History:
    """Read a case's history."""
    turned = list(replay.replay_turns(tx, services, case.id))
    events = tuple(
        Event(s.what, s.element, tuple(s.detail), t.fact.rev, t.fact.at, t.outcome.variables)
        for t in turned
        for s in t.outcome.steps
    )
    acts = tuple(
        Act(t.fact.element, t.fact.actor, t.fact.office)
        for t in turned
        if t.fact.kind == "complete"
    )
    sent = [
        (letter.key.removeprefix(f"{case.id}:").split(":"), letter.role)
        for letter in letters.of_case(tx, case.id)
    ]
    brought = tuple(
        (int(key[0]), role) for key, role in sent if all(part.isdecimal() for part in key)
    )
    release = services.release(tx, case.release_id)
    return History(
        ref=case.ref,
        events=events,
        acts=acts,
        letters=brought,
        offices=parties.of_case(tx, case.id),
        definition=release.definitions[case.process],
        now=now,
        ended=case.status == "ended",
        answers=tuple(_answers(tx, services, case.id)),
        turns=tuple(_turns(tx, services, case, turned, release)),
    )


def _answers(tx: Tx, services: Services, case_id: str) -> Iterator[CaseAnswers]:
    _, key = replay.load_case_and_keys(tx, services, case_id)
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for answer in given_answers.load_answers(tx, key, case_id):
        found.setdefault((answer.element, answer.rev), {})[answer.key] = answer.value
    yield from (CaseAnswers(element, rev, values) for (element, rev), values in found.items())


def _turns(
    tx: Tx,
    services: Services,
    case: cases.CaseSummary,
    turned: Sequence[ReplayedTurn],
    release: PreparedRelease,
) -> Iterator[Turn]:
    """What each fact left behind.

    What the local office could see is asked of `access`, with the grants and consents of that
    moment.
    """
    stored, holders = grants.of_case(tx, case.id), parties.of_case(tx, case.id)
    office = holders.get(LOCAL, "")
    viewer = Viewer("somebody", office, frozenset({LOCAL}))
    configuration = services.configuration(release)
    name = Resource("C1", NAME, "name", case.started_by)
    place = progress.CasePlace("", "")
    for turn in turned:
        fact, outcome, elements = turn.fact, turn.outcome, turn.definition.elements
        place = progress.place_after(turn.definition, place, outcome.steps, outcome.open)
        stage = "x" if outcome.finished else place.stage or "1"
        live = _live(stored, fact.at)
        consented = consents.live(tx, case.id, fact.at)
        given = grants_in_sight(configuration.grants, live, holders, stage, consented)
        tasks = tuple(
            _task(turn.definition, release, waits, office)
            for waits in outcome.open
            if waits.kind == "task" and LOCAL in elements[waits.element].roles
        )
        sight = Sight(case.id, stage, holders, (*given, *tasks))
        named = bool(office) and can_see(configuration.matrix, viewer, sight, name).ok
        yield Turn(
            fact.rev, fact.kind, fact.element, outcome.open, outcome.finished, named, fact.at
        )


def _live(stored: Iterable[grants.GrantRow], at: datetime) -> list[LiveGrant]:
    """The grants that were live at a moment."""
    return [
        LiveGrant(grant.rule, grant.office_id, grant.role)
        for grant in stored
        if grant.starts <= at
        and all(end is None or at < end for end in (grant.ended_at, grant.until))
    ]


def _task(definition: Definition, release: PreparedRelease, waits: Open, office: str) -> Grant:
    """What an open task opens: the fields of its form."""
    form = release.forms.get(definition.elements[waits.element].form)
    fields = frozenset(f.key for f in form.fields) if form is not None else frozenset[str]()
    return Grant("G0", office, LOCAL, frozenset(CLASSES), None, fields)
