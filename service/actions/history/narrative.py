"""A case's history in words: each line of its stream as one sentence in the reader's language, with
what it caused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.actions.context import Services
from service.actions.people import accounts
from service.actions.releases.labels import element_name
from service.engine import Definition
from service.errors import NotFound
from service.security.records import LedgerEntry
from service.store.casefile import cases, facts
from service.store.installation import ledger_entries, offices
from service.store.transaction import Tx
from service.text import known, say

PERSON, AUTOMATIC, TIMER, MESSAGE, OPERATOR, MIGRATION, OTHER = (
    "person",
    "automatic",
    "timer",
    "message",
    "operator",
    "migration",
    "line",
)
_KINDS = {
    "start": PERSON,
    "complete": PERSON,
    "answer": AUTOMATIC,
    "fail": AUTOMATIC,
    "due": TIMER,
    "message": MESSAGE,
    "move": MIGRATION,
    "incident": OPERATOR,
    "incident_retry": OPERATOR,
    "snapshot_rebuilt": OPERATOR,
}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a case's history.

    `rev` is the number of the fact, 0 for a line that moved nothing. `who` and `office` are names;
    empty for the clock and for handlers. `caused` are sentences about what followed in the same
    turn.
    """

    n: int
    rev: int
    at: datetime
    kind: str
    what: str
    who: str
    office: str
    text: str
    element: str
    release: str
    hash: str
    caused: tuple[str, ...] = ()


def load_history(tx: Tx, services: Services, case_id: str, lang: str) -> list[HistoryEntry]:
    """The whole history of a case, oldest first.

    Raises:
        NotFound: no such case.
    """
    brief = cases.get(tx, case_id)
    if brief is None:
        raise NotFound
    stream = _all(tx, f"case/{case_id}")
    turns = {f.rev: f for f in facts.of_case(tx, case_id)}
    names = accounts.names(tx, services, {line.actor for line in stream} | _mentioned(stream))
    places = offices.names(tx)
    pen = _Narrator(tx, services, brief.process, lang, names, places)
    return [pen.entry(line, turns) for line in stream]


def _all(tx: Tx, stream: str) -> list[LedgerEntry]:
    found: list[LedgerEntry] = []
    while page := ledger_entries.of_stream(tx, stream, after=found[-1].seq if found else 0):
        found += page
    return found


def _mentioned(stream: Sequence[LedgerEntry]) -> set[str]:
    """People that a line names beside the one who acts."""
    bodies = [json.loads(line.body) for line in stream if line.kind in ("hand_over", "take_over")]
    return {str(body[k]) for body in bodies for k in ("to", "from") if k in body}


class _Narrator:
    """Writes the sentences of one case in one language."""

    def __init__(
        self,
        tx: Tx,
        services: Services,
        process: str,
        lang: str,
        names: Mapping[str, str],
        places: Mapping[str, str],
    ) -> None:
        self.tx = tx
        self.services = services
        self.process = process
        self.lang = lang
        self.names = names
        self.places = places

    def entry(self, line: LedgerEntry, turns: Mapping[int, facts.Fact]) -> HistoryEntry:
        body: dict[str, Any] = json.loads(line.body)
        rev = int(body.get("rev", 0))
        fact = turns.get(rev)
        definition = self.definition(fact.release_id) if fact is not None else None
        return HistoryEntry(
            n=line.seq,
            rev=rev,
            at=line.at,
            kind=_KINDS.get(line.kind, OTHER),
            what=line.kind,
            who=self.names.get(line.actor, ""),
            office=self.places.get(line.office, ""),
            text=self.sentence(line, body, definition, fact),
            element=str(body.get("element", "")),
            release=fact.release_id if fact is not None else "",
            hash=line.hash,
            caused=self.caused(fact, definition)
            if fact is not None and definition is not None
            else (),
        )

    def definition(self, release_id: str) -> Definition:
        return self.services.release(self.tx, release_id).definitions[self.process]

    def sentence(
        self,
        line: LedgerEntry,
        body: Mapping[str, Any],
        definition: Definition | None,
        fact: facts.Fact | None,
    ) -> str:
        key = {"letter_sent": "line.letter"}.get(line.kind, f"line.{line.kind}")
        if not known(key):
            key = "line.other"
        message = str(fact.stimulus.get("name", "")) if fact is not None else ""
        return say(
            key,
            self.lang,
            who=self.names.get(line.actor)
            or self.places.get(line.office)
            or say("word.somebody", self.lang),
            task=self.name(definition, str(body.get("element", ""))),
            to=self.names.get(str(body.get("to")), self.places.get(str(body.get("to")), "")),
            **{"from": self.names.get(str(body.get("from")), "")},
            message=self.name(definition, str(body.get("element", ""))) or message,
            kind=say(f"letter_kind.{body.get('template')}", self.lang)
            if known(f"letter_kind.{body.get('template')}")
            else str(body.get("template", "")),
            reason=str(body.get("reason", "")),
            release=str(body.get("release", ""))[:12],
            purpose=str(body.get("purpose", "")),
            office=self.places.get(line.office, ""),
            date=line.at.date().isoformat(),
            choice="",
            what=line.kind,
        )

    def name(self, definition: Definition | None, element: str) -> str:
        """An element's name; of a line without a fact, from the newest release that knows it."""
        definition = definition or self.newest()
        found = definition.elements.get(element) if definition is not None else None
        return element_name(found, self.lang) if found is not None else element

    def newest(self) -> Definition | None:
        try:
            return self.services.current(self.tx).definitions.get(self.process)
        except NotFound:
            return None

    def caused(self, fact: facts.Fact, definition: Definition) -> tuple[str, ...]:
        """What followed in the turn: rules that spoke, the gateway's choice, work that opened, the
        end.
        """
        found = (
            self._step(definition, what, element, detail) for what, element, _, detail in fact.steps
        )
        return tuple(text for text in found if text)

    def _step(self, definition: Definition, what: str, element: str, detail: Sequence[Any]) -> str:
        place = definition.elements.get(element)
        if place is None:
            return ""
        name = element_name(place, self.lang)
        if what == "decided":
            return say(
                "replay.decided", self.lang, rule=name, rows=", ".join(str(d) for d in detail[1:])
            )
        if what == "took" and place.kind.endswith("Gateway") and detail:
            flow = definition.flows.get(str(detail[0]))
            way = flow.names.get(self.lang) or flow.names.get("sv", "") if flow is not None else ""
            return say("replay.chose", self.lang, gateway=name, way=way) if way else ""
        if place.kind in ("userTask", "manualTask") and what in ("entered", "cancelled"):
            return say(
                "replay.opened" if what == "entered" else "replay.cancelled", self.lang, task=name
            )
        return (
            say("replay.ended", self.lang, end=name)
            if what == "ended" and place.kind == "endEvent" and place.names.get("sv")
            else ""
        )
