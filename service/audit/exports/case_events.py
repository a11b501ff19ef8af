"""The events of one case, as process mining reads them: which step, when, in which kind of office.

Everything is of process class. No person, no office and no answer is in an event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.casework.cases.progress import stages
from service.casework.history.chain_checks import load_stream
from service.engine import Definition
from service.records.context import Services
from service.release.labels import element_name
from service.security.records import LedgerEntry
from service.store.casefile import cases, facts
from service.store.transaction import Tx

SCHEDULE, ASSIGN, REASSIGN, COMPLETE = "schedule", "assign", "reassign", "complete"
WITHDRAW, ABORT = "withdraw", "ate_abort"
TRANSITIONS: Final = (SCHEDULE, ASSIGN, REASSIGN, COMPLETE, WITHDRAW, ABORT)
"""Those of the lifecycle model of XES that occur."""
CLAIMS: Final[Mapping[str, str]] = {
    "claim": ASSIGN,
    "take_over": REASSIGN,
    "hand_over": REASSIGN,
}
"""Kind of a ledger entry to what it is in the life of a task."""
WORK: Final = frozenset(
    {"userTask", "manualTask", "serviceTask", "sendTask", "businessRuleTask", "receiveTask"}
)
MANUAL: Final = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True, slots=True)
class ProcessEvent:
    """Something that happened at a step."""

    at: datetime
    element: str
    name: str
    kind: str
    """As BPMN calls it: userTask, endEvent ..."""
    occurrence: int
    transition: str
    """One of `TRANSITIONS`."""
    role: str
    office_kind: str
    release: str
    stage: str


def case_events(
    tx: Tx,
    services: Services,
    case: cases.CaseSummary,
    kinds: Mapping[str, str],
    lang: str,
) -> list[ProcessEvent]:
    """Load the events of a case, in the order of its ledger entries.

    Args:
        kinds: office to its kind.
    """
    turns = {fact.rev: fact for fact in facts.of_case(tx, case.id)}
    reader = _EventReader(kinds, lang)
    found = list[ProcessEvent]()
    on: tuple[Definition, str] | None = None
    for line in load_stream(tx, f"case/{case.id}"):
        fact = turns.get(json.loads(line.body).get("rev", 0)) if line.open is not None else None
        if fact is not None:
            on = services.release(tx, fact.release_id).definitions[case.process], fact.release_id
            found += reader.of_fact(fact, on[0])
        elif on is not None:
            event = reader.of_line(line, *on)
            found += [event] if event is not None else []
    return found


@dataclass(frozen=True, slots=True)
class _EventReader:
    """Reads facts and ledger entries in one language."""

    kinds: Mapping[str, str]
    lang: str

    def of_fact(self, fact: facts.Fact, definition: Definition) -> Iterator[ProcessEvent]:
        """What a turn did, step by step."""
        for what, element, nth, _ in fact.steps:
            place = definition.elements.get(element)
            transition = _transition(what, place.kind if place is not None else "")
            if transition:
                yield self._event(
                    fact.at, definition, element, int(nth), transition, fact.office, fact.release_id
                )

    def of_line(
        self, line: LedgerEntry, definition: Definition, release: str
    ) -> ProcessEvent | None:
        """A claim, or a task that changed hands."""
        element = str(json.loads(line.body).get("element", "")) if line.kind in CLAIMS else ""
        if element not in definition.elements:
            return None
        transition = CLAIMS[line.kind]
        return self._event(line.at, definition, element, 0, transition, line.office, release)

    def _event(
        self,
        at: datetime,
        definition: Definition,
        element: str,
        nth: int,
        transition: str,
        office: str,
        release: str,
    ) -> ProcessEvent:
        place = definition.elements[element]
        return ProcessEvent(
            at=at,
            element=element,
            name=element_name(place, self.lang),
            kind=place.kind,
            occurrence=nth,
            transition=transition,
            role=place.roles[0] if place.roles else "",
            office_kind=self.kinds.get(office, ""),
            release=release[:12],
            stage=stages(definition).get(element, ""),
        )


def _transition(what: str, kind: str) -> str:
    """What a step of a turn is in the life of an activity; empty when it is nothing there."""
    if kind in WORK:
        if what == "entered":
            return SCHEDULE if kind in MANUAL else ""
        if what == "cancelled":
            return WITHDRAW if kind in MANUAL else ABORT
        return COMPLETE if what == "left" else ""
    if kind.endswith("Event"):
        return COMPLETE if what == ("ended" if kind == "endEvent" else "left") else ""
    return ""


def way(events: list[ProcessEvent]) -> tuple[tuple[str, str], ...]:
    """The way of a case: its steps in order, without times."""
    return tuple((event.element, event.transition) for event in events)
