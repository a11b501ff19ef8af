"""The auditor's replay of a case: its ledger entries line by line, each with what it wrote."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.audit.event_card.fired_rules import NO_RULES, FiredRule, FiredRules, load_fired_rules
from service.audit.event_card.written_values import NOTHING, WrittenValues, load_written_values
from service.audit.search.reads import LOOKS
from service.casework.approvals import unmasking
from service.casework.approvals.unmasking import OpenUnmasking
from service.casework.casefile import diagram_state, read_log
from service.casework.casefile.diagram_state import DiagramState
from service.casework.cases import case_visibility, grants
from service.casework.cases.locked_records import lock_sentences
from service.casework.history import chain_checks, narrative, promises
from service.casework.history.narrative import HistoryEntry
from service.casework.history.step_letters import Pair, load_step_letters
from service.casework.history.violations import Violation
from service.errors import BadDiagram, NotFound
from service.people import accounts
from service.records.context import Services
from service.records.months import Month, as_shown
from service.store.at_hand import AtHand, Reader
from service.store.casefile import cases, facts
from service.store.installation import keys, ledger_entries, offices, people, releases
from service.store.transaction import Tx
from service.store.work import incidents, letters
from service.text import say

DIGEST: Final = 12
"""Characters of a digest by which people tell releases apart."""


@dataclass(frozen=True)
class CaseReplay:
    """A case's lines in the reader's language, with its diagram and what each line wrote.

    A line is named by its place in `entries`, from 0; pages name it by its number in the ledger.
    """

    case: cases.CaseSummary
    entries: Sequence[HistoryEntry]
    viewer: Viewer
    diagram: DiagramState | None = None
    """None where a release cannot be read any more."""
    written: Mapping[int, WrittenValues] = field(default_factory=dict)
    """Number of a fact to what it wrote."""
    rules: FiredRules = NO_RULES
    history: Mapping[int, facts.Fact] = field(default_factory=dict)
    """Number to fact."""
    missing: tuple[str, ...] = ()
    """Digests of the releases that cannot be read any more."""
    letters: Mapping[int, Sequence[Pair]] = field(default_factory=dict)
    """Number of a fact to the letters that it made."""
    looks: Sequence[datetime] = ()
    """When somebody looked at the case, in order."""
    opened: OpenUnmasking | None = None
    """What is unmasked to the reader; None for nothing."""
    locked: tuple[str, ...] = ()
    """What of the case the plan of retention has locked, in sentences."""

    def place_of(self, number: int | None) -> int:
        """The place of the line with this number in the ledger; the last one for any other."""
        last = len(self.entries) - 1
        return next((i for i, entry in enumerate(self.entries) if entry.n == number), last)

    def rows(self) -> list[dict[str, Any]]:
        """Every line as JSON, as the script of the page reads it."""
        return [self.row(i) for i in range(len(self.entries))]

    def row(self, i: int) -> dict[str, Any]:
        """One line as JSON; what it does not have is left out."""
        entry, lang = self.entries[i], self.viewer.lang
        wrote = self.written.get(entry.rev, NOTHING)
        fact = self.history.get(entry.rev)
        row: dict[str, Any] = {
            "n": entry.n,
            "rev": entry.rev,
            "at": entry.at.isoformat(),
            "when": self.when(entry.at),
            "kind": entry.what,
            "kind_name": say(f"audit.kind_{entry.kind}", lang),
            "who": entry.kind,
            "by": ", ".join(part for part in (entry.who, entry.office) if part),
            "element": entry.element,
            "text": entry.text,
            "hash": entry.hash,
        }
        more: dict[str, Any] = {
            "facts": [(one.label, one.before, one.after) for one in wrote.changes],
            "sealed": [self.sealed_texts.index(text) for text in self._sealed(wrote)],
            "gone": wrote.missing,
            "rules": [self._rule(rule) for rule in self.rules.by_fact.get(entry.rev, ())],
            "caused": list(entry.caused),
            "reads": self.reads[i],
            "letters": list(self.letters.get(entry.rev, ())),
            "purpose": entry.purpose,
            "reason": say("event.reason_hidden", lang) if entry.reasoned else "",
            "moved": self.moved(i),
            "form": bool(fact is not None and fact.form),
            "fact": fact is not None,
        }
        return row | {name: value for name, value in more.items() if value}

    @staticmethod
    def _sealed(wrote: WrittenValues) -> list[tuple[str, str]]:
        return [(one.name, " · ".join(one.labels)) for one in wrote.sealed]

    @staticmethod
    def _rule(rule: FiredRule) -> dict[str, Any]:
        return {
            "table": rule.table,
            "step": rule.step,
            "rows": rule.rows,
            "inputs": rule.inputs,
            "result": rule.result,
            "hidden": ", ".join(rule.hidden),
        }

    @cached_property
    def reads(self) -> Counter[int]:
        """Places of lines to how often somebody looked at the case after that line and before the
        next one; what came before the first line counts there.
        """
        moments = [entry.at for entry in self.entries]
        return Counter(max(0, bisect_right(moments, look) - 1) for look in self.looks)

    @cached_property
    def sealed_texts(self) -> list[tuple[str, str]]:
        """What is hidden, once each: the class in words, and what is asked for in it."""
        every = (text for wrote in self.written.values() for text in self._sealed(wrote))
        return list(dict.fromkeys(every))

    def moved(self, i: int) -> str:
        """That the case goes on with another release from this line on, in words; else empty."""
        fact = self.history.get(self.entries[i].rev)
        before = self.history.get(fact.rev - 1) if fact is not None else None
        if fact is None or before is None or before.release_id == fact.release_id:
            return ""
        return say(
            "event.moved",
            self.viewer.lang,
            before=self.release_name(before.rev),
            after=self.release_name(fact.rev),
        )

    def rounds(self, i: int) -> list[int]:
        """The places of all lines in which the same step was done, this one among them."""
        entry = self.entries[i]
        if not entry.element or entry.rev not in self.history:
            return []
        return [
            place
            for place, other in enumerate(self.entries)
            if (other.element, other.what) == (entry.element, entry.what)
            and other.rev in self.history
        ]

    @cached_property
    def all_rounds(self) -> dict[str, list[int]]:
        """Steps that were done several times, as kind/element, to the numbers of their lines."""
        found = defaultdict[str, list[int]](list)
        for entry in self.entries:
            if entry.element and entry.rev in self.history:
                found[f"{entry.what}/{entry.element}"].append(entry.n)
        return {step: lines for step, lines in found.items() if len(lines) > 1}

    def fact_at(self, i: int) -> int:
        """Number of the fact in force at a line: its own, or the last one before it."""
        return next((entry.rev for entry in reversed(self.entries[: i + 1]) if entry.rev), 0)

    def release_name(self, rev: int) -> str:
        """What people call the release in force at a fact; its digest where it cannot be read."""
        if self.diagram is not None:
            return f"v{self.diagram.on(rev).number}"
        fact = self.history.get(rev)
        return fact.release_id[:DIGEST] if fact is not None else ""

    def release_text(self, i: int) -> str:
        """The release that the case was on at a line, in words."""
        name = self.release_name(self.fact_at(i))
        return say("audit.data_from", self.viewer.lang, release=name)

    def promise(self, breach: promises.BrokenPromise) -> tuple[int, str]:
        """A promise that was broken: the line with which it was, and the promise in words."""
        line = next((entry.n for entry in self.entries if entry.rev == breach.rev), 0)
        if self.diagram is None:
            return line, breach.promise.text
        release = self.diagram.on(breach.rev)
        definition = self.diagram.defined(breach.rev)
        text = promises.promise_text(release, definition, breach.promise, self.viewer.lang)
        return line, text

    def first_broken(self, faults: Sequence[Violation]) -> int | None:
        """The first line that `verify` found a fault in; the last line when no fault names one."""
        if not faults:
            return None
        broken = [n for fault in faults if (n := self.line_of(fault)) is not None]
        return min(broken, default=self.entries[-1].n if self.entries else 0)

    def line_of(self, fault: Violation) -> int | None:
        """The line that a fault is in; None when it is in none."""
        lines = {f"fact {entry.rev}": entry.n for entry in self.entries if entry.rev}
        lines |= {f"line {entry.n}": entry.n for entry in self.entries}
        found = (
            n
            for place, n in lines.items()
            if fault.place == place or fault.place.endswith(f"of {place}")
        )
        return min(found, default=None)

    def when(self, at: datetime) -> str:
        """In the reader's zone, which is named: an auditor compares lines of several offices; by
        month where only the path of the case is left.
        """
        at = as_shown(self.case, at)
        if isinstance(at, Month):
            return at.isoformat()
        local = at.astimezone(ZoneInfo(self.viewer.zone))
        return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def read_case_replay(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> CaseReplay:
    """Load a case for an auditor's page, and record who looks before anything is sent.

    Raises:
        NotFound: there is no such case.
    """
    at_hand = load_replay_rows(tx, services, viewer, case_id)
    case = cases.get(at_hand, case_id)
    if case is None:
        raise NotFound
    opened = read_log.record_unmasked_audit(tx, at_hand, by=viewer, case=case, now=now)
    return load_case_replay(at_hand, services, viewer, case_id, now, opened)


def load_replay_rows(tx: Tx, services: Services, viewer: Viewer, case_id: str) -> AtHand:
    """Load what the replay of a case is made of: its rows, then the people and releases that they
    name. Not where its read log ends: that locks it, and a replay takes its time.
    """
    of_case = {"case_id": case_id}
    at_hand = tx.read(
        (cases.GET, {"id": case_id}),
        *case_visibility.reads_of_visibility(case_id),
        facts.read_of_case(case_id, after=facts.LOWEST),
        (facts.PAYLOADS, {"case_ids": (case_id,)}),
        keys.read_of_case(case_id),
        (offices.DIRECTORY, {}),
        (people.ROLES_OF_OFFICES, {}),
        services.read_of_current,
        unmasking.read_of_newest(viewer, case_id),
        (incidents.OF_CASE, of_case),
        (letters.OF_CASE, of_case),
        ledger_entries.read_of_stream(f"case/{case_id}"),
        ledger_entries.read_of_moments(f"reads/{case_id}", LOOKS),
    )
    case = cases.stored(at_hand, case_id)
    if case is None:
        return at_hand
    stream = chain_checks.take_stream(tx, at_hand, f"case/{case_id}")
    more = unmasking.reads_of_open(at_hand, viewer, case_id)
    accounts.load_people(tx, at_hand, narrative.people_of(stream), more)
    stored = facts.of_case(at_hand, case_id, after=facts.LOWEST)
    live = releases.live(at_hand, services.programme.process)
    used = {case.release_id, *(fact.release_id for fact in stored)}
    used |= set() if live is None else {live.id}
    for id_ in used:
        try:
            services.prepare(tx, at_hand, (id_,))
        except BadDiagram:  # who asks for it gets the same fault
            at_hand.take(tx.read((releases.GET, {"id": id_})))
    return at_hand


def load_case_replay(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    case_id: str,
    now: datetime,
    opened: OpenUnmasking | None = None,
) -> CaseReplay:
    """Load a case for its replay.

    A release that cannot be read any more leaves the lines alone, and its digest is named.

    Args:
        opened: what is unmasked; whoever hands it in has recorded it.
    Raises:
        NotFound: there is no such case.
    """
    case = cases.get(reader, case_id)
    if case is None:
        raise NotFound
    every = facts.of_case(reader, case_id, after=facts.LOWEST)  # first: all others are among them
    stored = [fact for fact in every if fact.rev > 0]
    entries = narrative.load_history(reader, services, case_id, viewer.lang)
    history = {fact.rev: fact for fact in stored}
    used = dict.fromkeys([*(fact.release_id for fact in stored), case.release_id])
    looks = ledger_entries.moments(reader, f"reads/{case_id}", LOOKS)
    missing = tuple(id_ for id_ in used if not _is_readable(reader, services, id_))
    if missing:
        return CaseReplay(
            case, entries, viewer, history=history, missing=missing, looks=looks, opened=opened
        )
    sight = grants.load_sight(reader, services, case, now)
    return CaseReplay(
        case,
        entries,
        viewer,
        diagram_state.load_diagram_state(reader, services, case, now),
        load_written_values(reader, services, viewer, case_id, now, stored, opened),
        load_fired_rules(reader, services, viewer, case, stored, opened, sight),
        history,
        letters=load_step_letters(reader, services, case_id, stored, viewer.lang),
        looks=looks,
        opened=opened,
        locked=lock_sentences(reader, case, sight, viewer, offices.names(reader)),
    )


def load_lines_alone(
    reader: Reader, services: Services, viewer: Viewer, case_id: str
) -> CaseReplay:
    """Load the lines of a case as it is stored, whoever wrote it, and no value: of a case that was
    changed behind the program's back nobody can say who may see which.

    Raises:
        NotFound: there is no such case.
    """
    case = cases.stored(reader, case_id)
    if case is None:
        raise NotFound
    every = facts.of_case(reader, case_id, after=facts.LOWEST)
    return CaseReplay(
        case,
        narrative.load_history(reader, services, case_id, viewer.lang),
        viewer,
        history={fact.rev: fact for fact in every if fact.rev > 0},
        looks=ledger_entries.moments(reader, f"reads/{case_id}", LOOKS),
    )


def _is_readable(reader: Reader, services: Services, release: str) -> bool:
    try:
        services.release(reader, release)
    except (BadDiagram, NotFound):
        return False
    return True
