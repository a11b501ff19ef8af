"""The form of an answer that was sent, opened once more to be corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

from service.access import Viewer
from service.casework.casefile import form_context
from service.casework.cases import given_answers
from service.casework.cases.given_answers import REASON, GivenAnswer
from service.casework.cases.loaded_case import LoadedCase
from service.casework.commands.button_consequences import Consequence
from service.casework.corrections import answer_changes
from service.casework.corrections.answer_changes import AnswerChanges
from service.casework.corrections.sent_answer import (
    SentAnswer,
    find_sent_answer,
    reads_of_sent_answer,
)
from service.casework.tasks import unsent_answers
from service.casework.tasks.form_session import FormSession
from service.engine import Element
from service.errors import FieldFault
from service.forms import CheckedAnswers, DrawnSection, Form, FormContext, Raw, draw, fill_in
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.at_hand import Read, Reader
from service.store.casefile import referrals
from service.store.transaction import Tx
from service.store.work import jobs
from service.text import say

SEND: Final = "send"


def unsent_key(case_id: str, rev: int) -> str:
    """Key of what a person has typed to correct an answer, and not sent."""
    return f"correction/{case_id}/{rev}"


@dataclass(frozen=True)
class CorrectionTarget:
    """An answer whose form one person corrects."""

    sent: SentAnswer
    step: unsent_answers.AnsweredStep = unsent_answers.NO_STEP

    @property
    def release(self) -> PreparedRelease:
        """The release that the case is on."""
        return self.sent.loaded.release

    @property
    def element(self) -> Element:
        """The step that was answered."""
        return self.sent.element

    @property
    def loaded(self) -> LoadedCase:
        """The case."""
        return self.sent.loaded

    @property
    def answers(self) -> Sequence[GivenAnswer]:
        """Every answer of the case."""
        return self.sent.answers

    @cached_property
    def shown(self) -> Mapping[str, GivenAnswer]:
        """The newest answer of each key of the case that the viewer may see."""
        return self.sent.visibility.shown(self.sent.newest)

    @property
    def unsent_key(self) -> str:
        """Key of the unsent answers."""
        return unsent_key(self.sent.loaded.case.id, self.sent.fact.rev)

    def send_button(self, lang: str) -> tuple[str, str]:
        """Value and label of the button."""
        return SEND, say("correction.do", lang)

    def preview(
        self,
        reader: Reader,
        services: Services,
        viewer: Viewer,
        checked: CheckedAnswers,
        now: datetime,
    ) -> tuple[Consequence, ...]:
        """Nothing of its own: what a correction brings hangs on what was answered before."""
        raise NotImplementedError


class CorrectionSession(FormSession[CorrectionTarget]):
    """The form of a sent answer that is open for one person.

    Fields that are not corrected here keep what was answered: they count in every condition, and
    are neither drawn nor read from what is sent.
    """

    @cached_property
    def form(self) -> Form:
        """The form of the step, as it was sent."""
        return self.target.sent.form

    @cached_property
    def base(self) -> dict[str, list[str]]:
        """The form as it was."""
        return fill_in(self.form, self.target.sent.values, self.context)

    @property
    def drawing_context(self) -> FormContext:
        """As that of any form; it does not say where the answers are from."""
        return replace(super().drawing_context, origins={})

    def merged(self, raw: Raw) -> dict[str, list[str]]:
        """Some texts, with what was answered in the fields that are not corrected here."""
        typed = {path: list(texts) for path, texts in raw.items() if not self._is_fixed(path)}
        return typed | {path: texts for path, texts in self.base.items() if self._is_fixed(path)}

    def own(self, raw: Raw) -> dict[str, list[str]]:
        """The texts that belong to fields that are corrected here, and the reason."""
        keys = {field.key for field in self.form.fields if field.key}
        return {
            path: list(texts)
            for path, texts in raw.items()
            if path == REASON or (path.partition(".")[0] in keys and not self._is_fixed(path))
        }

    def draw(self, values: Raw, faults: Iterable[FieldFault] = ()) -> tuple[DrawnSection, ...]:
        """The fields that are corrected here, with these texts."""
        lang, context = self.viewer.lang, self.drawing_context
        drawn = draw(self.form, self.merged(values), lang=lang, faults=faults, context=context)
        sections = (
            replace(
                section,
                widgets=tuple(w for w in section.widgets if not self._is_fixed(w.path)),
                left=0,
                needed=False,
            )
            for section in drawn
        )
        return tuple(
            replace(section, hidden=all(w.hidden for w in section.widgets))
            for section in sections
            if section.widgets
        )

    def check(self, raw: Raw) -> CheckedAnswers:
        """Some texts, read and checked; what was wrong already is no fault of who corrects."""
        checked = super().check(self.merged(raw))
        known = {(fault.path, fault.key) for fault in self.before.faults}
        faults = (f for f in checked.faults if not self._is_fixed(f.path))
        return replace(checked, faults=tuple(f for f in faults if (f.path, f.key) not in known))

    @cached_property
    def before(self) -> CheckedAnswers:
        """The form as it was, read as it would be now."""
        return super().check(self.base)

    def changes(self, raw: Raw) -> AnswerChanges:
        """What some texts change."""
        return AnswerChanges.between(self.target.sent, self.before, self.check(raw))

    def _is_fixed(self, path: str) -> bool:
        return path.partition(".")[0] in self.target.sent.fixed


def open_correction(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, rev: int, now: datetime
) -> CorrectionSession:
    """Open the form of a sent answer for one person who may correct it.

    Raises: as `load_sent_answer`.
    """
    sent = find_sent_answer(tx, services, viewer, case_id, rev, now)
    at_hand = sent.at_hand
    at_hand.take(tx.read(*_reads_of_correction(sent, viewer)))
    about = (sent.loaded.release, sent.loaded, now, sent.answers)
    context = form_context.load_form_context(at_hand, services, viewer, *about)
    earlier = [answer for answer in sent.answers if answer.rev < sent.fact.rev]
    context = replace(context, before=given_answers.series(earlier), proposals={})
    return CorrectionSession(at_hand, services, viewer, now, CorrectionTarget(sent), context)


def _reads_of_correction(sent: SentAnswer, viewer: Viewer) -> list[Read]:
    """What the form of a correction, its preview and its page read."""
    case_id = sent.loaded.case.id
    letters = sent.configuration.corrections.letter
    return [
        *reads_of_sent_answer(sent),
        *form_context.reads_of_context(case_id),
        *unsent_answers.reads_of_unsent(viewer, unsent_key(case_id, sent.fact.rev), case_id),
        jobs.read_of_case(case_id),
        (referrals.OF_CASE, {"case_id": case_id}),
        *(answer_changes.reads_of_concerned(case_id) if letters else []),
    ]
