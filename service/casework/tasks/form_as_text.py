"""The form of a task as text: printed, with lines to write on; and reviewed before it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace

from service.casework.casefile.answer_text import AnswerLines, Pair, without_numbers
from service.casework.tasks.form_session import FormSession, FormTarget
from service.errors import FieldFault
from service.forms import (
    CheckedAnswers,
    DrawnSection,
    Form,
    Raw,
    Widget,
    drawn_steps,
    form_steps,
)
from service.release.labels import element_name
from service.text import say

HOLDING = ("consent", "consents", "group", "matrix")
"""Shapes whose label names what a question inside is part of."""


def printed_form(
    session: FormSession[FormTarget], *, filled: bool, raw: Raw
) -> list[tuple[str, tuple[Pair, ...]]]:
    """Title of each section to its questions and answers.

    Args:
        filled: whether the texts of `raw` are printed; an answer "" leaves a line to write on.
    """
    step = element_name(session.target.element, session.viewer.lang)
    return [
        (section.label or step, tuple(_printed(section.widgets, blank=not filled)))
        for section in session.draw(raw if filled else {})
        if not section.hidden
    ]


def _printed(widgets: Iterable[Widget], *, blank: bool, consent: bool = False) -> Iterable[Pair]:
    """Questions with their answers; of a consent on an empty form those after a Yes too."""
    for widget in widgets:
        if (widget.hidden and not (blank and consent)) or widget.shape == "paragraph":
            continue
        inner = (*widget.fields, *(field for row in widget.rows for field in row.fields))
        if inner:
            of_consent = widget.shape in ("consent", "consents")
            parts = _printed(inner, blank=blank, consent=of_consent)
            yield from ((f"{widget.label}: {label}", text) for label, text in parts)
        elif widget.options:
            yield widget.label, ", ".join(widget.chosen)
        else:
            yield widget.label, widget.value


@dataclass(frozen=True, slots=True)
class FaultLine:
    """One fault in words, and the path of its question."""

    path: str
    text: str
    step: int = 0
    """In a form in steps: the last step whose answers the fault is about."""


@dataclass(frozen=True, slots=True)
class ReviewedAnswer:
    """One answer of a form before it is sent."""

    path: str
    label: str
    lines: AnswerLines
    """The answer in words."""
    missing: bool
    """Whether it must be answered and is not."""
    computed: bool = False
    """Whether it is worked out, so that nobody can change it."""


@dataclass(frozen=True, slots=True)
class ReviewedStep:
    """The answers of one step; `id` is that of its first section."""

    id: str
    label: str
    answers: tuple[ReviewedAnswer, ...]


@dataclass(frozen=True, slots=True)
class FormReview:
    """A form in steps before it is sent: what is wrong, and every answer under its heading."""

    problems: tuple[FaultLine, ...]
    steps: tuple[ReviewedStep, ...]


def review_form(session: FormSession[FormTarget], raw: Raw) -> dict[str, object] | None:
    """Check a form in steps without sending it; None for a form that is one page.

    The answer that the buttons give is no part of it.

    Returns:
        A `FormReview` as JSON for the script of the page.
    """
    form = session.form
    if form is None or not form_steps(form):
        return None
    checked = session.check(raw)
    button = form.button.key if form.button is not None else ""
    faults = tuple(fault for fault in checked.faults if fault.path != button)
    drawn = session.draw(raw, faults)
    steps = []
    for step in (step for step in drawn_steps(drawn) if not step.hidden):
        widgets = (w for part in drawn if part.step == step.number for w in part.widgets)
        answers = tuple(_reviewed(session, form, checked, widgets))
        steps.append(ReviewedStep(step.id, step.label, answers))
    steps_of = _steps_of_faults(form)
    problems = tuple(
        replace(line, step=steps_of[without_numbers(line.path)])
        for line in fault_lines(drawn, session.viewer.lang)
    )
    return asdict(FormReview(problems, tuple(steps)))


def _steps_of_faults(form: Form) -> dict[str, int]:
    """Path of each question to the last step of the form that its checks read, at least its own.
    Before that step is answered, nobody can say that the answer is wrong.
    """
    numbers = form_steps(form)
    step_of = {f.key: numbers[part.id] for part in form.sections for f in part.fields if f.key}
    asks = [step_of[field.key] for field in form.fields if field.kind == "consent"]
    step_of["consents"] = max(asks, default=0)
    found: dict[str, int] = {}
    for path, field in form.walk():
        read = {name for check in field.checks for name in check.condition.reads}
        own = step_of.get(path.partition(".")[0], 0)
        found[path] = max([own, *(step_of.get(name, 0) for name in read)])
    return found


def fault_lines(drawn: Iterable[DrawnSection], lang: str) -> Iterator[FaultLine]:
    """One line for each fault, in the order of the page; with what the question is part of, so that
    two questions of one name differ.
    """
    for section in drawn:
        yield from _lines_of_faults(section.widgets, "", lang)


def _lines_of_faults(widgets: Iterable[Widget], around: str, lang: str) -> Iterator[FaultLine]:
    for widget in widgets:
        for fault in widget.faults:
            text = fault_text(fault, widget.label, widget.shape, lang)
            if text != say("form.required", lang, label=widget.label):
                text = f"{widget.label}: {text}"
            yield FaultLine(widget.path, f"{around}: {text}" if around else text)
        inside = widget.label if widget.shape in HOLDING else around
        yield from _lines_of_faults(widget.fields, inside, lang)
        for row in widget.rows:
            place = f"{widget.label} {row.number}"
            for fault in row.faults:
                yield FaultLine(row.path, f"{place}: {fault_text(fault, widget.label, '', lang)}")
            yield from _lines_of_faults(row.fields, place, lang)


def fault_text(fault: FieldFault, label: str, shape: str, lang: str) -> str:
    """What is wrong with an answer, as a sentence.

    Args:
        label, shape: of the question.
    """
    if fault.key == "form.required" and shape in ("radio", "checks", "select"):
        return say("form.required_choice", lang)
    if fault.key == "form.check":
        return str(fault.facts.get(lang) or fault.facts.get("sv"))
    return say(fault.key, lang, **{"label": label, "name": label, **fault.facts})


def _reviewed(
    session: FormSession[FormTarget], form: Form, checked: CheckedAnswers, widgets: Iterable[Widget]
) -> Iterable[ReviewedAnswer]:
    """The questions that are asked, with what is answered; as it was typed where it cannot be read.

    What is asked once for several consents stands with each of them.
    """
    for widget in widgets:
        if widget.hidden or widget.buttons or widget.shape in ("paragraph", "consents"):
            continue
        value = checked.answers.get(widget.key)
        lines = session.words.lines(form, form.field(widget.key), value)
        if widget.shape == "computed" and not widget.value:
            lines = ()  # what it is worked out from has no answer yet
        typed = (widget.value,) if widget.value else ()
        if lines or typed or not widget.live:
            computed = widget.shape == "computed"
            missing = widget.required and not lines and not computed
            yield ReviewedAnswer(widget.path, widget.label, lines or typed, missing, computed)
