"""The pages of a correction: the form of a sent answer, and what a correction has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.access import CLASSES
from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.opened_groups import DisclosedAnswers
from service.casework.cases import given_answers
from service.casework.cases.given_answers import REASON, GivenAnswer, corrected_fact
from service.casework.commands.button_preview import unfinished
from service.casework.corrections.answer_changes import CorrectedAnswer, corrected_answers
from service.casework.corrections.correct_answer import needs_approval
from service.casework.corrections.correction_form import CorrectionSession
from service.casework.corrections.correction_preview import preview_correction
from service.casework.corrections.sent_answer import LATER, UNSEEN
from service.casework.tasks import unsent_answers
from service.casework.tasks.form_session import load_saved
from service.casework.tasks.send_buttons import widget_state, widgets
from service.errors import FieldFault, NotFound
from service.forms import DrawnSection, Raw
from service.release.labels import element_name
from service.store.at_hand import Read
from service.store.casefile import facts
from service.text import say


@dataclass(frozen=True, slots=True)
class FixedField:
    """A field that is not corrected here: its label, why, and where it was answered later."""

    label: str
    reason: str
    step: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """The form of a sent answer as its page shows it; `decision`: nothing of it is corrected."""

    name: str
    form: tuple[DrawnSection, ...]
    faults: tuple[FieldFault, ...]
    why: str
    lines: tuple[str, ...]
    late: bool
    label: str
    fixed: tuple[FixedField, ...]
    two_persons: bool
    decision: bool
    fill_rev: int


def load_correction_page(
    session: CorrectionSession,
    *,
    typed: Raw | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> CorrectionPage:
    """Load the page of a correction.

    Args:
        typed: what came with a refused sending; None for what was typed so far.
    """
    sent, lang = session.target.sent, session.viewer.lang
    saved = load_saved(session)
    begun = unsent_answers.merge_unsent(session.base, saved)
    values = dict(typed) if typed is not None else begun
    lines = preview_lines(session, values)
    return CorrectionPage(
        name=element_name(sent.element, lang),
        form=() if sent.is_decision else session.draw(values, faults),
        faults=faults,
        why=" ".join(values.get(REASON, ())),
        lines=tuple(lines),
        late=not lines,
        label=session.target.send_button(lang)[1],
        fixed=tuple(_fixed(session)),
        two_persons=needs_approval(sent),
        decision=sent.is_decision,
        fill_rev=saved.rev,
    )


def preview_lines(session: CorrectionSession, values: Raw) -> list[str]:
    """What sending these texts would bring; empty while they change nothing that can be read."""
    sent = session.target.sent
    if sent.is_decision:
        return []
    if unfinished(session.form, session.check(values), session.viewer.lang) is not None:
        return []
    changes = session.changes(values)
    about = (session.services, session.viewer, sent, changes, session.now)
    return preview_correction(*about) if changes.answers else []


def preview_reply(session: CorrectionSession, raw: Raw) -> dict[str, object]:
    """The answer to the page's script while somebody types, as `preview_buttons` gives it."""
    lines = preview_lines(session, raw)
    drawn = session.draw(raw)
    lang = session.viewer.lang
    shown = lines or [say("correction.nothing_yet", lang)]
    return {
        "left": {section.id: "" for section in drawn},
        "buttons": {session.target.send_button(lang)[0]: shown},
        "late": False,
        "widgets": {w.path: widget_state(w, lang) for w in widgets(drawn)},
    }


def _fixed(session: CorrectionSession) -> Iterable[FixedField]:
    """The fields with a label that are not corrected here; of those that she may not see nothing is
    said.
    """
    sent, lang = session.target.sent, session.viewer.lang
    for field in sent.form.fields:
        reason = sent.fixed.get(field.key, "")
        if not reason or reason == UNSEEN or not field.label or field.is_worked_out:
            continue
        later = sent.newest[field.key] if reason == LATER else None
        element = sent.loaded.definition.elements.get(later.element) if later else None
        yield FixedField(
            label=sent.form.label(field, lang),
            reason=reason,
            step=element_name(element, lang) if element is not None else "",
            day=session.viewer.day(later.at) if later is not None else "",
        )


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A field of a correction in words: what it said, and what it says since."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """One correction as a viewer may see it."""

    rev: int
    step: str
    who: str
    at: datetime
    corrected: int
    """Number of the fact that was corrected."""
    changes: tuple[ShownChange, ...]
    hidden: int
    """How many fields it changed besides, which she may not see."""
    why: str
    """The reason; empty when she may not see the most sensitive of what changed."""
    classes: frozenset[str]
    keys: frozenset[str]
    """Keys of the fields that it changed and that she may see."""


def load_correction(at: CaseView, rev: int) -> ShownCorrection:
    """Load what one correction of a case has changed.

    Args:
        at: loaded with `reads_of_corrections`.
        rev: number of its fact.
    Raises:
        NotFound: the case has no such correction.
    """
    found = next((one for one in load_corrections(at) if one.rev == rev), None)
    if found is None:
        raise NotFound
    return found


def reads_of_corrections(case_id: str) -> list[Read]:
    """What `load_corrections` reads besides the view of the case."""
    answered = facts.CLASSES_ANSWERED, {"case_id": case_id}
    return [answered, *facts.reads_of_answers(case_id, CLASSES)]


def load_corrections(at: CaseView) -> list[ShownCorrection]:
    """Load every correction of a case, the oldest first, as the viewer may see it."""
    made = [fact for fact in at.history if fact.kind == facts.CORRECTION]
    if not made:
        return []
    answered = facts.classes_answered(at.at_hand, at.case.id)
    every = corrected_answers(at.answers)
    reasons = {}
    if at.visibility.by_office:
        reasons = given_answers.load_reasons(at.at_hand, at.keys, at.case.id)
    return [
        _shown(at, fact, every.get(fact.rev, ()), reasons.get(fact.rev), answered.get(fact.rev, ()))
        for fact in made
    ]


def _shown(
    at: CaseView,
    fact: facts.Fact,
    changes: Iterable[CorrectedAnswer],
    reason: GivenAnswer | None,
    classes: Iterable[str],
) -> ShownCorrection:
    every = list(changes)
    seen = [one for one in every if at.visibility.see(one.new)]
    whole = len(seen) == len(every) and set(classes) == {one.new.klass for one in every}
    corrected = corrected_fact(at.history, fact)
    return ShownCorrection(
        rev=fact.rev,
        step=at.name(fact.element),
        who=at.who(fact.actor, fact.office),
        at=fact.at,
        corrected=corrected.rev if corrected is not None else 0,
        changes=tuple(_change(at, one) for one in seen),
        hidden=len(every) - len(seen),
        why=str(reason.value) if whole and reason is not None else "",
        classes=frozenset(one.new.klass for one in seen) | {"C0"},
        keys=frozenset(one.new.key for one in seen),
    )


def _change(at: CaseView, one: CorrectedAnswer) -> ShownChange:
    label, new = at.words.pair(one.new)
    old = at.words.text(one.old) if one.old is not None and at.visibility.see(one.old) else ""
    return ShownChange(label, old or "–", new or "–")


def printed_corrections(at: CaseView, disclosed: DisclosedAnswers) -> list[dict[str, Any]]:
    """The corrections of a case for print: those of answers that are open to the viewer now."""
    open_keys = {answer.key for group in disclosed.shown for answer in group.answers}
    found = (one for one in load_corrections(at) if one.keys and one.keys <= open_keys)
    return [_printed(at, one) for one in found]


def _printed(at: CaseView, found: ShownCorrection) -> dict[str, Any]:
    """A correction as a part of the print of its case: each field as it is and was, and why."""
    step = at.say("correction.corrected_heading", step=found.step)
    pairs = tuple(
        (one.label, at.say("correction.printed", old=one.old, new=one.new)) for one in found.changes
    )
    why = f"{at.say('correction.why')} {found.why}" if found.why else ""
    return {
        "title": f"{step}: {found.who}, {at.day(found.at)}",
        "answers": pairs,
        "lines": tuple(filter(None, (why,))),
        "rev": found.rev,
    }
