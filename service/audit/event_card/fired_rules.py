"""The rules that answered in each fact of a case: the table as its release has it, the rows that
answered, what was asked, and what came of it.

A row tells what was answered. So it is named only where the reader may see all that the rule reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from service.access import CLASSES, Resource, Sight, Viewer
from service.audit.event_card.value_names import ValueNames
from service.casework.approvals import unmasking
from service.casework.approvals.unmasking import OpenUnmasking
from service.casework.casefile.answer_text import AnswerTexts
from service.casework.casefile.form_context import load_directories
from service.engine import (
    Decision,
    Definition,
    DrawnTable,
    Files,
    Type,
    decide,
    plain,
    survey,
    typed,
)
from service.errors import CannotOpen, EngineStopped
from service.forms.fields import SOURCE
from service.records import rule_rows
from service.records.context import Services
from service.release.bundle import RULE_ENDING
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import cases, facts
from service.store.installation import offices
from service.text import say

OPEN = CLASSES[0]
ANY = Type("any")
_NONE = ("", "")
Pair = tuple[str, str]
"""A label and its text."""


@dataclass(frozen=True, slots=True)
class RuleTable:
    """A decision table as a release has it, headed in the reader's language."""

    name: str
    release: str
    columns: tuple[str, ...]
    asks: int
    """How many of the columns are what it asks; the others are what it gives."""
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that answered in a fact."""

    table: int
    """Its place among the tables."""
    step: str
    """The step that asked it."""
    rows: tuple[int, ...]
    """Numbers of the rows that answered, from 1; none where they are hidden."""
    inputs: tuple[Pair, ...]
    """What it read, as far as the reader may see it."""
    result: tuple[Pair, ...]
    hidden: tuple[str, ...] = ()
    """What it read that the reader may not see."""


@dataclass(frozen=True, slots=True)
class FiredRules:
    """All rules of a case that answered: each table once, and by fact what it said."""

    tables: tuple[RuleTable, ...]
    by_fact: Mapping[int, tuple[FiredRule, ...]]


NO_RULES: Final = FiredRules((), {})


class RuleReader:
    """Reads the rules that answered in a case, fact by fact and in order."""

    def __init__(
        self,
        reader: Reader,
        services: Services,
        process: str,
        key: OwnerKey | None,
        names: Mapping[str, ValueNames],
        opened: OpenUnmasking | None,
        locked: Callable[[Resource], bool],
    ) -> None:
        """Begin at the first fact.

        Args:
            key: of the case; None once it is erased.
            names: release to what its values are called.
            opened: what is unmasked to the reader.
            locked: whether the plan of retention has closed a value to her.
        """
        self.opened, self.locked = opened, locked
        self.reader, self.services, self.process = reader, services, process
        self.key, self.names = key, names
        self.values: dict[str, Any] = {}
        self.tables: list[RuleTable] = []
        self.places: dict[tuple[str, str], int] = {}
        self.drawn: dict[str, Mapping[str, DrawnTable]] = {}

    def read(self, history: Sequence[facts.Fact]) -> FiredRules:
        """The rules of all facts, whose steps carry the numbers of rows."""
        payloads = facts.payloads(self.reader, {fact.case_id for fact in history})
        found: dict[int, tuple[FiredRule, ...]] = {}
        for fact in history:
            self._learn(fact, payloads)
            if any(what == rule_rows.DECIDED for what, *_ in fact.steps):
                found[fact.rev] = tuple(self._of(fact))
        return FiredRules(tuple(self.tables), found)

    def _learn(
        self, fact: facts.Fact, payloads: Mapping[tuple[str, int], facts.FactPayload]
    ) -> None:
        """Take up what a fact wrote; nothing where it cannot be opened."""
        if self.key is None or (fact.case_id, fact.rev) not in payloads:
            return
        try:
            opened = rule_rows.open_payload(self.key, fact, payloads)
        except CannotOpen:
            return
        self.values.update(opened.get("variables", {}))

    def _of(self, fact: facts.Fact) -> Iterator[FiredRule]:
        release = self.services.release(self.reader, fact.release_id)
        definition = release.definitions[self.process]
        for what, element, _, detail in fact.steps:
            decision = definition.decisions.get(str(detail[0])) if detail else None
            if what != rule_rows.DECIDED or decision is None:
                continue
            drawn = definition.elements.get(element)
            step = element_name(drawn, self._lang(release)) if drawn is not None else ""
            place = self._place(release, decision)
            asked = drawn is not None and drawn.decision == decision.id
            result = drawn.result if drawn is not None and asked else ""
            rows = tuple(int(row) for row in detail[1:])
            if result:
                self._work_out(definition, decision, result, rows, fact.at)
            if place is not None:
                yield self._fired(release, decision, place, step, result, rows)

    def _work_out(
        self,
        definition: Definition,
        decision: Decision,
        result: str,
        rows: tuple[int, ...],
        at: datetime,
    ) -> None:
        """Work out the result of a rule anew, since no fact holds it, and keep it among the values.

        It is dropped where other rows fire now than did then, such as when the step was handed
        other values than those of the case.
        """
        self.values.pop(result, None)
        if self.key is None:
            return
        zone, types = definition.calendar.zone, definition.types
        values = {
            name: typed(self.values.get(name), types.get(name, ANY), zone)
            for name in decision.reads
        }
        try:
            said = decide(definition.decisions, decision.id, values, now=at, zone=zone)
        except EngineStopped:
            return
        if dict(said.fired).get(decision.id) == rows:
            self.values[result] = plain(said.value, types.get(result, ANY))

    def _lang(self, release: PreparedRelease) -> str:
        return self.names[release.id].words.lang

    def _fired(
        self,
        release: PreparedRelease,
        decision: Decision,
        place: int,
        step: str,
        result: str,
        rows: tuple[int, ...],
    ) -> FiredRule:
        names, lang = self.names[release.id], self._lang(release)
        reads = sorted(decision.reads)
        secret = rule_rows.hidden_inputs(release.classes, decision)
        hidden = [name for name in secret if not self._is_open(release, name)]
        inputs = tuple(
            (names.label(name), self._text(names, name)) for name in reads if name not in hidden
        )
        open_result = result and self._is_open(release, result)
        given: tuple[Pair, ...] = ()
        if result and not open_result:
            given = ((names.label(result), say("event.hidden", lang)),)
        elif result in self.values or (result and self.key is None):
            given = ((names.label(result), self._text(names, result)),)
        return FiredRule(
            place,
            step,
            () if hidden or self.key is None else rows,
            inputs,
            given,
            tuple(dict.fromkeys(names.label(name) for name in hidden)),
        )

    def _is_open(self, release: PreparedRelease, name: str) -> bool:
        """Whether the reader may see a value: a process fact, or what is unmasked to her."""
        klass, (_, group) = release.classes.get(name, CLASSES[-1]), release.fields.get(name, _NONE)
        if unmasking.opens(self.opened, klass, group):
            return True
        return klass == OPEN and not self.locked(Resource(klass, name))

    def _text(self, names: ValueNames, name: str) -> str:
        if self.key is None:
            return say("audit.gone", names.words.lang)
        return names.text(name, self.values.get(name)) or say("event.nothing", names.words.lang)

    def _place(self, release: PreparedRelease, decision: Decision) -> int | None:
        """The place of a table among those that were read; None when its file cannot be read."""
        key = release.id, decision.id
        if key not in self.places:
            if release.id not in self.drawn:
                rules = Files({}, rules=release.bundle.under("workflows", RULE_ENDING))
                self.drawn[release.id] = survey(rules).tables
            table = self.drawn[release.id].get(decision.id)
            if table is None:
                return None
            self.places[key] = len(self.tables)
            self.tables.append(_drawn(table, release, decision, self.names[release.id]))
        return self.places[key]


def _drawn(
    table: DrawnTable, release: PreparedRelease, decision: Decision, names: ValueNames
) -> RuleTable:
    """A table with its codes in words where a cell is a single one."""
    lang = names.words.lang
    steps = release.definitions[names.process].elements.values()
    asking = next((e for e in steps if e.decision == decision.id), None)
    name = table.title if lang == SOURCE or asking is None else element_name(asking, lang)
    heads = [_heading(column.text, column.label, names) for column in table.inputs]
    rows = tuple(
        tuple(_cell(cell, names) for cell in (*row.cells, *row.results)) for row in table.rows
    )
    columns = (*heads, *(column.label or column.name for column in table.outputs))
    return RuleTable(name, f"v{release.number}", columns, len(heads), rows)


def _heading(text: str, drawn: str, names: ValueNames) -> str:
    """The drawn heading; in another language what a form calls it."""
    asked = names.label(text) if names.words.lang != SOURCE and names.is_asked(text) else ""
    return asked or drawn or text


def _cell(text: str, names: ValueNames) -> str:
    """A cell in words: any value, and texts in quotes as what people read for them."""
    if text.strip() in ("", "-"):
        return "–"
    if text.strip() in ("true", "false"):
        return say("word.yes" if text.strip() == "true" else "word.no", names.words.lang)
    parts = text.split('"')
    parts[1::2] = [names.coded(part) for part in parts[1::2]]
    return "".join(parts)


def load_fired_rules(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    case: cases.CaseSummary,
    stored: Sequence[facts.Fact],
    opened: OpenUnmasking | None,
    sight: Sight,
) -> FiredRules:
    """Load the rules that answered in a case, as far as the viewer may see them."""
    if not any(step[0] == rule_rows.DECIDED for fact in stored for step in fact.steps):
        return NO_RULES
    key = services.case_keys(reader, case.id).own
    places = offices.names(reader)
    directories = load_directories(reader, services, viewer.lang)
    used = {fact.release_id: services.release(reader, fact.release_id) for fact in stored}
    names = {
        id_: ValueNames(
            AnswerTexts(release, viewer, directories, hides_typed_parts=True), case.process, places
        )
        for id_, release in used.items()
    }
    locked = partial(sight.closes, viewer)
    rules = RuleReader(reader, services, case.process, key, names, opened, locked)
    return rules.read(rule_rows.with_rows(reader, key, stored))
