"""The form of a step as it was drawn when somebody sent it: the release of then, what was answered
as far as the reader may see it, and of all else that it is hidden.

Whether a question was asked can hang on a hidden answer; then the page says so instead of showing
by the form's own conditions what was answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from service.access import CLASSES, OWN_OFFICE, Resource, Viewer
from service.casework.approvals import unmasking
from service.casework.approvals.unmasking import OpenUnmasking
from service.casework.casefile.answer_text import TYPED, AnswerTexts
from service.casework.casefile.form_context import load_directories
from service.casework.cases import given_answers, grants
from service.casework.cases.given_answers import GivenAnswer
from service.errors import CannotOpen, NotFound
from service.forms import DrawnSection, Field, Form, FormContext, Json, as_sent, draw
from service.forms.widgets import Widget
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.store.casefile import cases, facts
from service.store.transaction import Tx
from service.text import say

OPEN = CLASSES[0]
_NONE = ("", "")
NEVER_HIDDEN = frozenset({"paragraph"})
WHOLE = frozenset({"computed", "consent", "consents", "file", "list", "matrix"})
"""Shapes of which the answer stands in words: what is asked in them hangs on more than the form."""


@dataclass(frozen=True, slots=True)
class FormThen:
    """A form that was sent, for reading only."""

    title: str
    step: str
    release: str
    sections: tuple[DrawnSection, ...]
    erased: bool
    """Whether the answers are gone, with the key of the case."""
    hidden: int
    """How many questions are hidden from the reader."""


def load_form_then(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    case_id: str,
    rev: int,
    now: datetime,
    opened: OpenUnmasking | None = None,
) -> FormThen:
    """Draw the form with which somebody moved a case, as it was then.

    Args:
        rev: number of the fact.
        opened: what is unmasked to the viewer; whoever hands it in has recorded it.
    Raises:
        NotFound: there is no such fact, or it was made without a form.
    """
    brief = cases.get(tx, case_id)
    fact = next(iter(facts.of_case(tx, case_id, after=rev - 1, upto=rev)), None)
    if brief is None or fact is None or rev < 1:
        raise NotFound
    release = services.release(tx, fact.release_id)
    form = release.forms.get(fact.form)
    if form is None:
        raise NotFound
    closed = partial(grants.load_sight(tx, services, brief, now).closes, viewer)
    answers, erased = _load_open(tx, services, release, case_id, rev, opened, closed)
    context = _context(tx, services, viewer, release, fact.at, answers)
    given = _sent(answers, fact)
    drawn = draw(form, as_sent(form, given, context), lang=viewer.lang, faults=(), context=context)
    words = AnswerTexts(release, viewer, context.directories, hides_typed_parts=True)
    masking = _Masking(form, words, given, opened, closed, fact.office, erased=erased)
    sections = tuple(masking.section(section) for section in drawn)
    element = release.definitions[brief.process].elements.get(fact.element)
    return FormThen(
        form.say(form.title, viewer.lang) or form.id,
        element_name(element, viewer.lang) if element is not None else "",
        f"v{release.number}",
        sections,
        erased,
        masking.hidden,
    )


def _load_open(
    tx: Tx,
    services: Services,
    release: PreparedRelease,
    case_id: str,
    rev: int,
    opened: OpenUnmasking | None,
    closed: Callable[[Resource], bool],
) -> tuple[Sequence[GivenAnswer], bool]:
    """The open answers up to a fact, and whether they are erased; none where one does not open."""
    keys = services.case_keys(tx, case_id)
    if keys.own is None:
        return (), True
    classes = {OPEN} | (opened.classes if opened is not None else set())
    try:
        found = given_answers.load_answers(tx, keys, case_id, classes, upto=rev)
    except CannotOpen:
        return (), False
    own = {key for key, (_, group) in release.fields.items() if group == OWN_OFFICE}
    answers = [
        answer
        for answer in found
        if (answer.key not in own if answer.klass != OPEN else not closed(_record(answer)))
    ]
    return answers, False


def _record(answer: GivenAnswer) -> Resource:
    """An answer as the record that a lock may close."""
    return Resource(answer.klass, answer.key, office=answer.office)


def _sent(answers: Sequence[GivenAnswer], fact: facts.Fact) -> Mapping[str, Json]:
    """What stood in the form when it was sent: for a correction, also what it left as it was."""
    step = fact.element, fact.nth, fact.form
    return {a.key: a.value for a in answers if (a.element, a.nth, a.form) == step}


def _context(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    release: PreparedRelease,
    at: datetime,
    answers: Sequence[GivenAnswer],
) -> FormContext:
    """What the form knew then, as far as it is open."""
    return FormContext(
        now=at,
        zone=ZoneInfo(viewer.zone),
        lang=viewer.lang,
        earlier={key: one.value for key, one in given_answers.newest(answers).items()},
        before=given_answers.series(answers),
        directories=load_directories(tx, services, viewer.lang),
        currency=services.programme.ceiling[1],
        documents=None,
        forms=release.forms,
    )


class _Masking:
    """Puts words in the place of what one reader may not see in a form."""

    def __init__(
        self,
        form: Form,
        words: AnswerTexts,
        given: Mapping[str, Json],
        opened: OpenUnmasking | None,
        closed: Callable[[Resource], bool],
        office: str,
        *,
        erased: bool,
    ) -> None:
        self.form, self.words, self.lang = form, words, words.lang
        self.unmasked_words, self.opened = replace(words, hides_typed_parts=False), opened
        self.closed, self.office = closed, office
        self.given, self.erased, self.hidden = given, erased, 0
        self.classes = {**words.release.classes, **{f.key: f.data_class for _, f in form.walk()}}
        self.groups = {f.key: f.group for _, f in form.walk()}
        self.unsure = {
            f.key for f in form.fields if any(self._is_closed(name) for name in _when(f))
        }

    def _is_closed(self, name: str, klass: str = "") -> bool:
        """Whether a value, or a question of a class, is hidden from the reader."""
        klass = klass or self.classes.get(name, CLASSES[-1])
        group = self.groups.get(name) or self.words.release.fields.get(name, _NONE)[1]
        if klass == OPEN:
            office = self.office if name in self.groups else ""
            return self.closed(Resource(klass, name, office=office))
        return not unmasking.opens(self.opened, klass, group)

    def section(self, section: DrawnSection) -> DrawnSection:
        """A section, in which nothing waits for an answer any more."""
        widgets = tuple(self.widget(one) for one in section.widgets)
        gone = bool(widgets) and all(one.hidden for one in widgets)
        return replace(section, widgets=widgets, hidden=gone, step=0, left=0, needed=False)

    def widget(self, widget: Widget) -> Widget:
        """A question with its answer, or with words that say why there is none."""
        if widget.shape in NEVER_HIDDEN:
            return widget
        if self.erased:
            return self._says(widget, say("audit.gone", self.lang))
        if self._is_closed(widget.key, widget.data_class):
            self.hidden += 1
            asked = widget.key not in self.unsure
            key = "event.hidden" if asked else "event.hidden_if_asked"
            return self._says(widget, say(key, self.lang))
        if widget.key in self.unsure and widget.key not in self.given:
            return self._says(widget, say("event.maybe_asked", self.lang))
        if widget.buttons or widget.shape in WHOLE:
            return self._says(widget, self._answer(widget.key))
        return replace(
            widget,
            required=False,
            optional=False,
            warning="",
            offer="",
            fields=tuple(self.part(inner) for inner in widget.fields),
        )

    def part(self, widget: Widget) -> Widget:
        """A question inside another: what was typed there freely is left out."""
        if widget.kind in TYPED and widget.data_class == OPEN and widget.value:
            self.hidden += 1
            return self._says(widget, say("event.hidden", self.lang))
        return self.widget(widget)

    def _answer(self, key: str) -> str:
        """What was answered, in words; empty for nothing."""
        field = next((f for f in self.form.fields if f.key == key), None)
        answer = self.given.get(key)
        if field is None:
            return ""
        words = self.words if field.data_class == OPEN else self.unmasked_words
        return words.said(self.form, field, answer)

    @staticmethod
    def _says(widget: Widget, text: str) -> Widget:
        """The question with a text in the place of its answer, as an answer that is worked out."""
        return Widget(
            widget.path,
            widget.key,
            widget.kind,
            "computed",
            widget.label,
            value=text,
            data_class=widget.data_class,
        )


def _when(field: Field) -> frozenset[str]:
    """Names that decide whether a question is asked."""
    condition = field.hidden_when
    return condition.reads if condition is not None else frozenset()
