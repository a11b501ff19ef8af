"""An answer that was sent: what it says now, who may correct it, and which of its fields.

It is the form of a completed task, or that with which the case began; its number is that of its
fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from service.access import CLASSES, Viewer
from service.casework.casefile import form_context
from service.casework.cases import case_visibility, given_answers, protection
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.given_answers import CORRECTED_KINDS, GivenAnswer, may_correct
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.casework.commands.four_eyes import named_steps, reads_of_four_eyes
from service.engine import Element
from service.errors import CaseEnded, NotAllowed, NotFound, NotNamed
from service.forms import Field, Form, Json
from service.records.context import Services
from service.release.programme.process_configuration import ProcessConfiguration
from service.store.at_hand import AtHand, Read
from service.store.casefile import cases, facts
from service.store.installation import keys
from service.store.transaction import Tx

CONSENT, FILE, OFFICE, PROTECTION = "consent", "file", "office", "protection"
OUTCOME, LATER, UNSEEN = "outcome", "later", "unseen"
"""Why a field is not corrected here: another page does it, the step was sent with it, it was
answered anew later, or she may not see it."""
DECISION: Final = "decision"
"""Why nothing of a step is corrected: `CorrectionRules.decisions`."""


@dataclass(frozen=True)
class SentAnswer:
    """An answer that was sent, with all that its case holds."""

    services: Services
    loaded: LoadedCase
    visibility: CaseVisibility
    fact: facts.Fact
    element: Element
    form: Form
    """As it is filled in for a correction: with what was answered, and nothing proposed."""
    at_hand: AtHand
    """What was loaded for it."""
    history: Sequence[facts.Fact]

    @cached_property
    def answers(self) -> Sequence[GivenAnswer]:
        """Every answer of the case, oldest first."""
        return given_answers.load_answers(self.at_hand, self.loaded.keys, self.loaded.case.id)

    @cached_property
    def configuration(self) -> ProcessConfiguration:
        """What steers the case besides its diagram, forms and rules."""
        return self.services.configuration(self.loaded.release)

    @cached_property
    def own(self) -> Mapping[str, GivenAnswer]:
        """Field to its last answer at this step, as it was sent or corrected."""
        step = (self.fact.element, self.fact.nth, self.fact.form)
        same = [a for a in self.answers if (a.element, a.nth, a.form) == step]
        return given_answers.newest([a for a in same if a.rev == self.fact.rev or a.correction])

    @cached_property
    def newest(self) -> Mapping[str, GivenAnswer]:
        """Field to its last answer in the case."""
        return given_answers.newest(self.answers)

    @property
    def values(self) -> dict[str, Json]:
        """Field to the value of its last answer at this step."""
        return {key: answer.value for key, answer in self.own.items()}

    @cached_property
    def fixed(self) -> Mapping[str, str]:
        """The outermost fields that are not corrected here, and why, in the order of the form."""
        reasons = ((field, self._why_fixed(field)) for field in self.form.fields if field.key)
        return {field.key: reason for field, reason in reasons if reason}

    def _why_fixed(self, field: Field) -> str:
        configuration, key = self.configuration, field.key
        if field.is_worked_out and not self._is_later(key):
            return ""
        if field.kind in ("consent", "consents"):
            return CONSENT
        if any(inner.kind == "file" for inner in _with_inner(field)):
            return FILE
        if key == configuration.named_fields.protection.field:
            return PROTECTION
        if field.binds or key in {rule.when for rule in configuration.parties}:
            return OFFICE
        if field.buttons:
            return OUTCOME
        if self._is_later(key):
            return LATER
        return "" if self._sees(key) else UNSEEN

    def _is_later(self, key: str) -> bool:
        """Whether another step has answered a field since."""
        newest = self.newest.get(key)
        own = self.own.get(key)
        if newest is None or newest.rev < self.fact.rev:
            return False
        return own is None or newest.rev != own.rev

    def _sees(self, key: str) -> bool:
        if key in self.own:
            return self.visibility.see(self.own[key])
        return self.visibility.sees_field(key, self.fact.office)

    @cached_property
    def naming(self) -> Sequence[str]:
        """The steps that name this one under the four-eyes rule."""
        elements = self.loaded.definition.elements.values()
        return [one.id for one in elements if self.element.id in named_steps(one)]

    @property
    def is_decision(self) -> bool:
        """Whether the step is a decision, of which nothing is corrected."""
        return self.element.id in self.configuration.corrections.decisions


def find_sent_answer(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, rev: int, now: datetime
) -> SentAnswer:
    """Load an answer that a person may correct, or of which the page says why nobody can, as far as
    it says that she may; what its case answered is next (`reads_of_sent_answer`).

    Args:
        rev: number of its fact.
    Raises:
        NotFound: no such case or answer for her.   NotAllowed: not of her office, or of her role.
        ReasonNeeded: she must say first why she opens the case.   CaseEnded: it has ended.
        NotNamed: the identity is protected, and she is not named for the case.
    """
    rows, at_hand = _load(tx, services, case_id)
    visibility = case_visibility.load_case_visibility(at_hand, services, viewer, rows.case, now)
    if not visibility.by_office:
        raise NotAllowed(why="role")
    loaded = load_case(at_hand, services, rows)
    history = facts.of_case(at_hand, case_id)
    fact = next(
        (fact for fact in history if fact.rev == rev and fact.kind in CORRECTED_KINDS), None
    )
    element = loaded.definition.elements.get(fact.element) if fact is not None else None
    if fact is None or element is None:
        raise NotFound
    configuration = services.configuration(loaded.release)
    not_asked = protection.fields_not_asked(configuration, rows.case.marking)
    form = form_context.require_form(loaded.release, fact.form, not_asked)
    if form is None:
        raise NotFound
    if not may_correct(viewer, fact, element, loaded.parties):
        raise NotAllowed(why="role")
    if rows.case.status == "ended":
        raise CaseEnded
    if not visibility.is_named:
        raise NotNamed
    asked = as_sent(form)
    return SentAnswer(services, loaded, visibility, fact, element, asked, at_hand, history)


def _load(tx: Tx, services: Services, case_id: str) -> tuple[cases.LoadedRows, AtHand]:
    """A case, locked where the transaction writes, with what decides whether it is open."""
    read = cases.read_of_case(tx, case_id)
    of_case = keys.read_of_case(case_id)
    at_hand = tx.read(read, of_case, *case_visibility.reads_of_visibility(case_id))
    rows = cases.of_read(at_hand, read)
    if rows is None:
        raise NotFound
    if tx.locks:
        tx.keep_case(case_id)
    services.release(tx, rows.case.release_id)
    return rows, at_hand


def reads_of_sent_answer(sent: SentAnswer) -> list[Read]:
    """What its case answered, and who did the steps that another person does."""
    case_id = sent.loaded.case.id
    who = [facts.read_of_who(case_id, sent.naming)] if sent.naming else []
    answers = facts.reads_of_answers(case_id, CLASSES)
    return [*answers, *reads_of_four_eyes(case_id, sent.element), *who]


def load_sent_answer(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, rev: int, now: datetime
) -> SentAnswer:
    """Load an answer that a person may correct, with what its case answered.

    Raises: as `find_sent_answer`.
    """
    sent = find_sent_answer(tx, services, viewer, case_id, rev, now)
    sent.at_hand.take(tx.read(*reads_of_sent_answer(sent)))
    return sent


def as_sent(form: Form) -> Form:
    """A form that begins with what was answered, whatever it asks afresh or proposes otherwise."""
    sections = (
        replace(section, fields=tuple(map(_as_sent, section.fields))) for section in form.sections
    )
    return replace(form, sections=tuple(sections))


def _as_sent(field: Field) -> Field:
    return replace(
        field,
        fresh=False,
        fields=tuple(map(_as_sent, field.fields)),
        feel={name: asked for name, asked in field.feel.items() if name != "proposed"},
        properties={k: v for k, v in field.properties.items() if k != "rows.from"},
    )


def _with_inner(field: Field) -> Iterator[Field]:
    yield field
    for inner in field.fields:
        yield from _with_inner(inner)
