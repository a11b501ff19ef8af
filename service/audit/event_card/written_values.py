"""What each fact of a case wrote, as an auditor may read it: each value before and after.

Process facts (class C0) are written out, of all else only that it was written. Answers of the
classes C1 to C3 are not even fetched, only whether there are any: of a field of such a class is
said that the form asks for it, and not whether it was answered. Classes that are unmasked to the
reader are written out too, but for what only the office that wrote it may see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from service.access import CLASSES, Resource, Viewer
from service.audit.event_card.value_names import ValueNames
from service.casework.approvals import unmasking
from service.casework.approvals.unmasking import OpenUnmasking
from service.casework.casefile.answer_text import AnswerTexts
from service.casework.casefile.form_context import load_directories
from service.casework.cases import case_visibility, given_answers
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.given_answers import GivenAnswer
from service.engine import bare
from service.errors import CannotOpen, NotFound
from service.forms import Json
from service.records import rule_rows
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import cases, facts
from service.store.installation import offices
from service.text import say

OPEN = CLASSES[0]
"""The only class that is shown to everybody who audits."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that a fact wrote, in words; `before` is empty where nothing was known before.

    Texts of an answer that a correction took the place of are in `before` too.
    """

    label: str
    before: str
    after: str
    key: str = ""
    """What forms and rules call it."""
    klass: str = OPEN


@dataclass(frozen=True, slots=True)
class SealedClass:
    """A class in which a fact wrote what is hidden from the reader."""

    klass: str
    name: str
    labels: tuple[str, ...]
    """What the form asks for in this class, in its order."""


@dataclass(frozen=True, slots=True)
class WrittenValues:
    """What one fact wrote."""

    changes: tuple[ValueChange, ...] = ()
    sealed: tuple[SealedClass, ...] = ()
    missing: str = ""
    """Why no value is shown, in words: they were erased, or cannot be opened."""


NOTHING = WrittenValues()


@dataclass(frozen=True, slots=True)
class KnownValue:
    """An open value and the words for it at the time."""

    value: Json
    text: str


def load_written_values(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    case_id: str,
    now: datetime,
    history: Sequence[facts.Fact] | None = None,
    opened: OpenUnmasking | None = None,
) -> dict[int, WrittenValues]:
    """Load what each fact wrote, by its number.

    Args:
        history: the facts of the case, when they are at hand.
        opened: what is unmasked to the viewer.
    Raises:
        NotFound: no such case for this viewer.
    """
    brief = cases.get(reader, case_id)
    if brief is None:
        raise NotFound
    visibility = case_visibility.load_case_visibility(reader, services, viewer, brief, now)
    visibility = unmasking.widened(visibility, opened)
    values = _WrittenValues(reader, services, brief, visibility, opened)
    answered = facts.classes_answered(reader, case_id)
    stored = facts.of_case(reader, case_id) if history is None else history
    return {fact.rev: values.written(fact, answered.get(fact.rev, ())) for fact in stored}


class _WrittenValues:
    """The values of one case's facts that one viewer may read; facts are asked for in order."""

    def __init__(
        self,
        reader: Reader,
        services: Services,
        brief: cases.CaseSummary,
        visibility: CaseVisibility,
        opened: OpenUnmasking | None,
    ) -> None:
        self.reader, self.services, self.visibility = reader, services, visibility
        self.opened = opened
        self.classes = {OPEN} | (opened.classes if opened is not None else set())
        self.viewer, self.process = visibility.viewer, brief.process
        self.keys = services.case_keys(reader, brief.id)
        self.key = self.keys.own
        self.payloads = facts.payloads(reader, [brief.id])
        self.answers = self._load_answers(brief.id)
        self.named: dict[tuple[str, bool], ValueNames] = {}
        self.asked: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self.known: dict[str, KnownValue] = {}
        """Newest open value of each key so far."""
        self.given: dict[tuple[str, str, int], KnownValue] = {}
        """Newest answer to each question at each step, which a correction takes the place of."""

    @cached_property
    def offices(self) -> Mapping[str, str]:
        """Office to name."""
        return offices.names(self.reader)

    @cached_property
    def directories(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Lists of codes with their words, offices among them."""
        return load_directories(self.reader, self.services, self.viewer.lang)

    def names(self, release: PreparedRelease, klass: str) -> ValueNames:
        """What the values of a release are called; in those of an open class free text is left
        out.
        """
        kind = release.id, klass == OPEN
        if kind not in self.named:
            words = AnswerTexts(release, self.viewer, self.directories, hides_typed_parts=kind[1])
            self.named[kind] = ValueNames(words, self.process, self.offices)
        return self.named[kind]

    def _load_answers(self, case_id: str) -> dict[int, list[GivenAnswer]] | None:
        """Load the answers that are open, by fact; None when one of them cannot be opened."""
        if self.key is None:
            return {}
        answers: dict[int, list[GivenAnswer]] = {}
        try:
            for answer in given_answers.load_answers(self.reader, self.keys, case_id, self.classes):
                answers.setdefault(answer.rev, []).append(answer)
        except CannotOpen:
            return None
        return answers

    def written(self, fact: facts.Fact, answered: Sequence[str]) -> WrittenValues:
        """What one fact wrote: open answers, then the routing values that no form asked for, such
        as the answer of a handler.
        """
        release = self.services.release(self.reader, fact.release_id)
        sealed = self.sealed(release, fact, answered)
        if self.key is None:
            return WrittenValues((), tuple(sealed.values()), self.say("audit.gone"))
        try:
            values = self.values(fact, self.key)
        except CannotOpen:
            return WrittenValues((), tuple(sealed.values()), self.say("audit.unreadable"))
        if self.answers is None:
            return WrittenValues((), tuple(sealed.values()), self.say("audit.unreadable"))
        given = self.names(release, OPEN).words.in_order(self.answers.get(fact.rev, []))
        asked = {answer.key for answer in given}
        changes = [self.answer(release, one) for one in given if self.visibility.see(one)]
        for name, value in sorted(values.items()):
            klass = release.classes.get(name, CLASSES[-1])
            locked = self.is_locked(fact, klass, name)
            if name not in asked and self.is_open(name, klass, locked=locked):
                changes.append(self.routing(release, fact, name, value))
            elif name not in release.fields and (klass not in self.classes or locked):
                found = sealed.get(klass) or SealedClass(klass, self.class_name(klass), ())
                label = self.names(release, klass).label(name, fact.element)
                labels = tuple(dict.fromkeys((*found.labels, label)))
                sealed[klass] = replace(found, labels=labels)
        shown = tuple(one for one in changes if one.before or one.after)
        return WrittenValues(shown, tuple(sealed.values()))

    def is_open(self, name: str, klass: str, *, locked: bool) -> bool:
        """Whether the reader may see a routing value that no form asked for in this fact."""
        if klass == OPEN:
            return not locked
        return klass in self.classes and self.visibility.see_name(name, {})

    def is_locked(self, fact: facts.Fact, klass: str, name: str) -> bool:
        """Whether what a fact wrote of a class is locked, and not open to the reader."""
        written = Resource(klass, name, office=fact.office)
        return klass == OPEN and self.visibility.sight.closes(self.viewer, written)

    def answer(self, release: PreparedRelease, answer: GivenAnswer) -> ValueChange:
        """An open answer, and what was answered or known before it."""
        label, text = self.names(release, answer.klass).words.pair(answer)
        earlier = self.given.get(answer.place) if answer.correction else self.known.get(answer.key)
        found = KnownValue(answer.value, "" if _is_empty(answer.value) else text)
        self.known[answer.key] = self.given[answer.place] = found
        before = earlier.text if earlier else ""
        return ValueChange(label, before, found.text, answer.key, answer.klass)

    def routing(
        self, release: PreparedRelease, fact: facts.Fact, name: str, value: Json
    ) -> ValueChange:
        """A routing value that no form asked for, and what it was before."""
        klass = release.classes.get(name, CLASSES[-1])
        names = self.names(release, klass)
        earlier = self.known.get(name)
        text = "" if _is_empty(value) else names.text(name, value)
        self.known[name] = KnownValue(bare(value), text)
        label = names.label(name, fact.element)
        return ValueChange(label, earlier.text if earlier else "", text, name, klass)

    def sealed(
        self, release: PreparedRelease, fact: facts.Fact, answered: Sequence[str]
    ) -> dict[str, SealedClass]:
        """Classes in which a fact answered and which the reader may not see, with the questions of
        its form in each; of an unmasked class, the questions that stay hidden.
        """
        found = {}
        shown = set() if self.is_locked(fact, OPEN, fact.form) else {OPEN}
        for klass in sorted(set(answered) - shown):
            labels = self.labels(release, fact.form, klass)
            if labels or klass not in self.classes or klass == OPEN:
                found[klass] = SealedClass(klass, self.class_name(klass), labels)
        return found

    def class_name(self, klass: str) -> str:
        """What a class is called."""
        return self.say(f"audit.classes_{klass}")

    def labels(self, release: PreparedRelease, form_id: str, klass: str) -> tuple[str, ...]:
        """What a form of a release asks for in a class and the reader may not see."""
        place = release.id, form_id, klass
        if place not in self.asked:
            form, lang = release.forms.get(form_id), self.viewer.lang
            fields = [
                f
                for f in (() if form is None else form.fields)
                if f.data_class == klass and not unmasking.opens(self.opened, klass, f.group)
            ]
            said = [form.say(f.label, lang) for f in fields] if form is not None else []
            self.asked[place] = tuple(dict.fromkeys(label for label in said if label))
        return self.asked[place]

    def values(self, fact: facts.Fact, key: OwnerKey) -> Mapping[str, Json]:
        """Open the routing values of a fact.

        Raises:
            CannotOpen: the payload is not what was sealed.
        """
        if (fact.case_id, fact.rev) not in self.payloads:
            return {}
        values: dict[str, Json] = rule_rows.open_payload(key, fact, self.payloads).get(
            "variables", {}
        )
        return values

    def say(self, key: str) -> str:
        """A text in the reader's language."""
        return say(key, self.viewer.lang)


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})
