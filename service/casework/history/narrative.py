"""The history of a case in words: each ledger entry as one sentence, with what it caused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from service.casework.approvals.requests import TIMED
from service.casework.casefile.given_by_duty import as_others_see
from service.casework.cases import bars
from service.casework.history.chain_checks import load_stream
from service.casework.history.step_letters import letter_kind
from service.engine import Definition
from service.errors import BadDiagram, NotFound
from service.people import accounts
from service.records import rule_rows
from service.records.context import Services
from service.records.months import MONTH_LETTERS, Month, as_shown
from service.release.labels import element_name
from service.release.programme.channel_rules import on_call_office
from service.release.programme.vocabulary import PURPOSE
from service.security.records import LedgerEntry
from service.store.at_hand import Read, Reader
from service.store.casefile import cases, facts
from service.store.installation import keys, offices, people, releases
from service.text import known, move_text, say

KINDS = PERSON, AUTOMATIC, TIMER, MESSAGE, OPERATOR, MIGRATION, CONSENT, CORRECTION, OTHER = (
    "person",
    "automatic",
    "timer",
    "message",
    "operator",
    "migration",
    "consent",
    "correction",
    "line",
)
"""Kinds of entries: who or what made them."""
KIND_OF = {
    "start": PERSON,
    "complete": PERSON,
    "answer": AUTOMATIC,
    "fail": AUTOMATIC,
    "due": TIMER,
    "message": MESSAGE,
    "correction": CORRECTION,
    "consent_withdrawn": CONSENT,
    "move": MIGRATION,
    "restore": MIGRATION,
    "incident": OPERATOR,
    "incident_retry": OPERATOR,
    "snapshot_rebuilt": OPERATOR,
}
"""Kind of a ledger entry to one of `KINDS`; all others are `OTHER`."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of a case's history.

    `rev` is the number of the fact, 0 for an entry that moved nothing. `who` and `office` are
    names; empty for the clock and for handlers. `caused` are sentences about what followed in the
    same turn.
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
    purpose: str = ""
    """What it was for, in words, where the entry says so."""
    reasoned: bool = False
    """Whether a reason was given in the person's own words, which are sealed."""


def load_history(
    reader: Reader,
    services: Services,
    case_id: str,
    lang: str,
    *,
    named: bool = True,
    stream: Sequence[LedgerEntry] | None = None,
    office: str | None = None,
) -> list[HistoryEntry]:
    """Load the history of a case, in the order of its entries; of one of which only the path is
    left by month.

    Args:
        named: whether persons are named; offices are in any case.
        stream: the entries of the case that are wanted, in any order; all of them by default.
        office: whose people read it, to whom what other offices keep to themselves is a note; None
            for who oversees all cases.
    Raises:
        NotFound: no such case.
    """
    brief = cases.stored(reader, case_id)
    if brief is None:
        raise NotFound
    entries = load_stream(reader, f"case/{case_id}") if stream is None else stream
    if office is not None:
        entries = [as_others_see(line, office) for line in entries]
    if brief.kind == cases.PATH:
        entries = [replace(line, at=as_shown(brief, line.at)) for line in entries]
    revs = [rev for line in entries if (rev := int(json.loads(line.body).get("rev", 0)))]
    moves = facts.of_case(reader, case_id, after=min(revs) - 1, upto=max(revs)) if revs else []
    key = services.case_keys(reader, case_id).own
    stored = rule_rows.with_rows(reader, key, moves)
    turns = {fact.rev: fact for fact in stored}
    persons = people_of(entries) if named else set[str]()
    names = accounts.names(reader, services, persons)
    shown = (turns[rev] for rev in sorted(set(revs), reverse=True) if rev in turns)
    ran_on = (*dict.fromkeys((brief.release_id, *(fact.release_id for fact in shown))),)
    places = offices.names(reader)
    narrator = _Narrator(reader, services, brief.process, lang, names, places, ran_on)
    return [narrator.entry(line, turns) for line in entries]


def reads_of_history(
    reader: Reader, services: Services, case_id: str, stream: Sequence[LedgerEntry]
) -> list[Read]:
    """What `load_history` reads to tell of these entries, besides the facts of the case.

    Args:
        reader: knows people who were read already.
    """
    return [
        cases.read_of_summary(case_id),
        keys.read_of_case(case_id),
        facts.read_of_payloads([case_id]),
        (offices.DIRECTORY, {}),
        (releases.LIVE, {"process": services.programme.process}),
        *people.reads_of(reader, people_of(stream) - accounts.NOBODY),
    ]


def _until(line: LedgerEntry, body: Mapping[str, Any]) -> str:
    """Until when something lasts, as its entry says; by month where that is said by month."""
    until = str(body.get("until", ""))
    return until[:MONTH_LETTERS] if isinstance(line.at, Month) else until


def people_of(stream: Sequence[LedgerEntry]) -> set[str]:
    """The persons whom the history of these entries names."""
    return {line.actor for line in stream} | _mentioned(stream)


def _mentioned(stream: Sequence[LedgerEntry]) -> set[str]:
    """Collect the persons that entries name besides the actor."""
    bodies = [
        json.loads(line.body)
        for line in stream
        if line.kind in ("hand_over", "take_over", "named", "unnamed", "officer", *bars.SAID)
    ]
    return {str(body[k]) for body in bodies for k in ("to", "from", "person") if k in body}


VARIANTS: Final[Mapping[str, tuple[str, bool, str]]] = {
    "erased": ("approval", True, "erased_early"),
    bars.BARRED: ("role", True, "barred_role"),
    "detach": ("why", False, "detach_unsent"),
    "take_over": ("until", True, "take_over_away"),
    "follow_up": ("until", False, "follow_up_undated"),
}
"""Kind of an entry that is written in another way where its body has, or lacks, a part."""
GONE: Final = "line.step_gone"
"""Text in the place of a step that no release has on which the case ran."""
FILES: Final = {
    "written anew": "line.erasure_written_anew",
    "not searched": "line.erasure_not_searched",
}
"""What was done to the files of PostgreSQL, which nobody searched, to what is said of it."""


@dataclass(frozen=True, slots=True)
class _Narrator:
    """Writes the sentences of one case in one language."""

    reader: Reader
    services: Services
    process: str
    lang: str
    names: Mapping[str, str]
    """Person to name."""
    places: Mapping[str, str]
    """Office to name."""
    ran_on: Sequence[str]
    """The releases on which the case ran, the last one first."""

    def entry(self, line: LedgerEntry, turns: Mapping[int, facts.Fact]) -> HistoryEntry:
        body: dict[str, Any] = json.loads(line.body)
        rev = int(body.get("rev", 0))
        fact = turns.get(rev)
        definition = self.definition(fact.release_id) if fact is not None else None
        return HistoryEntry(
            n=line.seq,
            rev=rev,
            at=line.at,
            kind=KIND_OF.get(line.kind, OTHER),
            what=line.kind,
            who=self.names.get(line.actor, ""),
            office=self.places.get(line.office, ""),
            text=self.sentence(line, body, definition, fact),
            element=fact.element if fact is not None else str(body.get("element", "")),
            release=fact.release_id if fact is not None else "",
            hash=line.hash,
            caused=(*self.moved(fact), *self.caused(fact, definition))
            if fact is not None and definition
            else (),
            purpose=self.purpose(body),
            reasoned=line.kind == facts.CORRECTION or any(map(body.get, ("word", "why", "reason"))),
        )

    def definition(self, release_id: str) -> Definition | None:
        """The process as a release has it; None where the release cannot be read any more."""
        try:
            return self.services.release(self.reader, release_id).definitions[self.process]
        except (BadDiagram, NotFound):
            return None

    def purpose(self, body: Mapping[str, Any]) -> str:
        """What an entry was for, in words."""
        purpose = str(body.get("purpose", ""))
        return self.services.word(PURPOSE, purpose, self.lang) if purpose else ""

    def sentence(
        self,
        line: LedgerEntry,
        body: Mapping[str, Any],
        definition: Definition | None,
        fact: facts.Fact | None,
    ) -> str:
        key = _key(line.kind, body, by_time=not line.office)
        message = str(fact.stimulus.get("name", "")) if fact is not None else ""
        place = fact.element if fact is not None else str(body.get("element", ""))
        element = self.name(definition, place)
        receiver = str(body.get("to", _whom(line.kind, body)))
        sender = str(body.get("from"))
        actor = self.names.get(line.actor) or self.places.get(line.office)
        return say(
            key if known(key) else "line.other",
            self.lang,
            who=actor or say("word.somebody", self.lang),
            task=element,
            to=self.receiver(receiver),
            **{"from": self.names.get(sender, "")},
            message=element or message,
            kind=letter_kind(str(body.get("template", "")), self.lang),
            reason=str(body.get("reason", "")),
            release=_release_name(fact, body),
            before=f"v{fact.stimulus.get('from')}" if fact is not None else "",
            purpose=self.purpose(body),
            office=self.places.get(line.office, ""),
            date=line.at.date().isoformat(),
            until=_until(line, body),
            choice="",
            rule=str(body.get("rule", "")),
            what=line.kind,
            classes=", ".join(
                say(f"audit.classes_{klass}", self.lang).lower()
                for klass in body.get("classes", ())
            ),
        )

    def moved(self, fact: facts.Fact) -> tuple[str, ...]:
        """Say what a move changed: where tokens went, and each deadline that is another one."""
        lang, texts = self.lang, list[str]()
        if fact.kind == "move":
            definition = self.definition(fact.release_id)
            for element in dict.fromkeys(fact.stimulus.get("relocate", {}).values()):
                texts.append(say("replay.moved_to", lang, task=self.name(definition, element)))
            for note in fact.stimulus.get("notes", ()):
                texts.append(move_text(note["code"], "", dict(note["facts"]), lang))
        return tuple(texts)

    def receiver(self, id_: str) -> str:
        """Name who got something: a person, an office, or a provider by its channel."""
        if office := on_call_office(id_):
            return say("word.on_call", self.lang, office=self.places.get(office, office))
        channel = self.services.programme.channels.get(id_)
        named = self.names.get(id_) or self.places.get(id_)
        return named or (channel.name(self.lang) if channel is not None else "")

    def name(self, definition: Definition | None, element: str) -> str:
        """Name an element; of an entry without a fact, as the newest release does, or one on which
        the case ran. An id is no name: a step that none of them draws is called so.
        """
        if not element:
            return ""
        drawn = definition.elements.get(element) if definition is not None else None
        if drawn is None:
            older = (one.elements.get(element) for one in self.drawings())
            drawn = next((one for one in older if one is not None), None)
        return element_name(drawn, self.lang) if drawn is not None else say(GONE, self.lang)

    def drawings(self) -> Iterator[Definition]:
        """The process as the release in force has it, then as those have it on which the case ran:
        what the turns that are shown bring along, so that nothing more is read.
        """
        with suppress(BadDiagram, NotFound):
            if (
                newest := self.services.current(self.reader).definitions.get(self.process)
            ) is not None:
                yield newest
        for release_id in self.ran_on:
            if (older := self.definition(release_id)) is not None:
                yield older

    def caused(self, fact: facts.Fact, definition: Definition) -> tuple[str, ...]:
        """Describe what followed in the turn: rules, choices of gateways, opened work, the end."""
        classes = self.services.release(self.reader, fact.release_id).classes
        texts = (
            self._step(definition, classes, what, place, detail)
            for what, place, _, detail in fact.steps
        )
        return tuple(text for text in texts if text)

    def _decided(
        self, definition: Definition, classes: Mapping[str, str], name: str, detail: Sequence[Any]
    ) -> str:
        """Say that a rule answered, and by which rows where they tell process facts alone."""
        decision = definition.decisions.get(str(detail[0])) if detail else None
        rows = ", ".join(str(row) for row in detail[1:])
        if not rows or decision is None or rule_rows.hidden_inputs(classes, decision):
            return say("replay.decided_hidden", self.lang, rule=name)
        return say("replay.decided", self.lang, rule=name, rows=rows)

    def _step(
        self,
        definition: Definition,
        classes: Mapping[str, str],
        what: str,
        element: str,
        detail: Sequence[Any],
    ) -> str:
        place = definition.elements.get(element)
        if place is None:
            return ""
        name = element_name(place, self.lang)
        if what == "decided":
            if sentence := place.properties.get(f"sentence.{self.lang}"):
                return sentence
            return self._decided(definition, classes, name, detail)
        if what == "took" and place.kind.endswith("Gateway") and detail:
            flow = definition.flows.get(str(detail[0]))
            way = flow.names.get(self.lang) or flow.names.get("sv", "") if flow is not None else ""
            return say("replay.chose", self.lang, gateway=name, way=way) if way else ""
        if place.kind in ("userTask", "manualTask") and what in ("entered", "cancelled"):
            key = "replay.opened" if what == "entered" else "replay.cancelled"
            return say(key, self.lang, task=name)
        if what == "ended" and place.kind == "endEvent" and place.names.get("sv"):
            return say("replay.ended", self.lang, end=name)
        return ""


def _release_name(fact: facts.Fact | None, body: Mapping[str, Any]) -> str:
    """The release of an entry, by its number where the fact tells it."""
    if fact is not None and "to" in fact.stimulus:
        return f"v{fact.stimulus['to']}"
    return (fact.release_id if fact is not None else str(body.get("release", "")))[:12]


def _whom(kind: str, body: Mapping[str, Any]) -> str:
    """For whom a case does not exist, as an entry that says so names them; "" for a role."""
    return str(body.get("person") or body.get("about") or "") if kind in bars.SAID else ""


def _key(kind: str, body: Mapping[str, Any], *, by_time: bool) -> str:
    """The text of an entry.

    Args:
        by_time: whether nobody made it, but the clock.
    """
    if what := TIMED.get(body.get("what", "")):
        end = "_by_time" if kind == "approval_ended" and by_time else ""
        return f"line.{what}_{kind.removeprefix('approval_')}{end}"
    if (variant := VARIANTS.get(kind)) and (variant[0] in body) is variant[1]:
        return f"line.{variant[2]}"
    if kind in ("retention_asked", "retention_answered"):
        return f"line.{kind}_{body['does']}"
    if kind == "request_asked":
        return f"line.{kind}_{body['what']}"
    if kind == "erasure_confirmed":
        return FILES.get(body.get("files", ""), f"line.{kind}")
    return "line.letter" if kind == "letter_sent" else f"line.{kind}"
