"""Forms that belong to no task: starting a case, and sending it a message.

They are drawn, previewed and checked as the form of a task is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer, holds
from service.actions.casefile import form_context
from service.actions.casefile.answer_text import Pair
from service.actions.casefile.case_view import CaseView
from service.actions.commands import case_commands
from service.actions.context import Services
from service.actions.pages.message_buttons import (
    is_about_danger,
    message_buttons,
    message_name,
)
from service.actions.releases.labels import element_name
from service.actions.releases.prepared import PreparedRelease
from service.actions.tasks import preview, unsent_answers
from service.actions.tasks.consequences import UNKNOWN, Consequence, consequence_texts
from service.actions.tasks.send_buttons import widget_state, widgets
from service.actions.tasks.task_page import danger_numbers
from service.engine import Element
from service.errors import FieldFault, NotAllowed, NotFound
from service.forms import CheckedAnswers, DrawnSection, Form, FormContext, Raw, check, draw, fill_in
from service.store.transaction import Tx
from service.text import say

SEND = "send"


@dataclass(frozen=True, slots=True)
class StartOption:
    """One start that this person may make."""

    process: str
    element: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageFormPage:
    """The form of a start or a message as its page shows it."""

    form: tuple[DrawnSection, ...]
    faults: tuple[FieldFault, ...]
    lines: tuple[str, ...]
    late: bool
    label: str
    danger: tuple[Pair, ...]
    fill_rev: int


@dataclass(frozen=True)
class MessageFormSession:
    """The form of a start or a message for one person, as `FormSession` is for a task."""

    services: Services
    viewer: Viewer
    now: datetime
    release: PreparedRelease
    element: Element
    form: Form | None
    context: FormContext
    base: dict[str, list[str]]
    key: str
    """Key of its unsent answers."""
    view: CaseView | None = None
    """The case that a message is for; None for a start."""
    message: str = ""

    def check(self, raw: Raw) -> CheckedAnswers:
        """Some texts, read and checked."""
        if self.form is None:
            return case_commands.NO_ANSWERS
        return check(self.form, raw, self.context)

    def draw(self, values: Raw, faults: Iterable[FieldFault]) -> tuple[DrawnSection, ...]:
        """The form with these texts."""
        if self.form is None:
            return ()
        return draw(self.form, values, lang=self.viewer.lang, faults=faults, context=self.context)

    def own(self, raw: Raw) -> dict[str, list[str]]:
        """The texts that belong to fields of the form."""
        keys = {f.key for f in self.form.fields if f.key} if self.form is not None else set()
        return {path: list(texts) for path, texts in raw.items() if path.partition(".")[0] in keys}


def start_options(tx: Tx, services: Services, viewer: Viewer, lang: str) -> list[StartOption]:
    """The starts that this person may make, the programme's own process first."""
    release, own = services.current(tx), services.programme.process
    options = [
        _start_option(release, process, definition.elements[id_], lang, own=process == own)
        for process, definition in release.definitions.items()
        for id_ in definition.starts
        if definition.elements[id_].form and holds(viewer, definition.elements[id_].roles)
    ]
    return sorted(options, key=lambda option: (option.process != own, option.title))


def _start_option(
    release: PreparedRelease, process: str, element: Element, lang: str, *, own: bool
) -> StartOption:
    names = release.definitions[process].names.get(process, {})
    title = names.get(lang) or names.get("sv") or element_name(element, lang)
    text = say("cases.start_for" if own else "cases.start_anonymous_for", lang)
    return StartOption(process, element.id, title, text)


def can_start(tx: Tx, services: Services, viewer: Viewer, lang: str) -> bool:
    """Whether this person may begin anything; nobody may before the first release."""
    return not services.has_no_release(tx) and bool(start_options(tx, services, viewer, lang))


def open_start_form(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, element: str
) -> MessageFormSession:
    """Open the form of a start.

    Raises:
        NotFound: there is no such start, or it is not for this person.
    """
    release = services.current(tx)
    definition = next((d for d in release.definitions.values() if element in d.starts), None)
    if definition is None or not holds(viewer, definition.elements[element].roles):
        raise NotFound
    context = form_context.load_form_context(tx, services, viewer, release, None, now)
    form = form_context.require_form(release, definition.elements[element].form)
    base = fill_in(form, {}, context) if form is not None else {}
    return MessageFormSession(
        services,
        viewer,
        now,
        release,
        definition.elements[element],
        form,
        context,
        base,
        f"start/{element}",
    )


def open_message_form(tx: Tx, at: CaseView, message: str) -> MessageFormSession:
    """The form of a message that this person may send now.

    Raises:
        NotFound: the case knows no such message.   NotAllowed: not for this role, or not now.
    """
    if at.loaded is None or message not in at.visibility.definition.messages:
        raise NotFound
    if message not in {button.message for button in message_buttons(at)}:
        raise NotAllowed(why="message")
    element = case_commands.message_catchers(at.loaded, message, at.viewer)[0]
    context = form_context.load_form_context(
        tx, at.services, at.viewer, at.visibility.release, at.loaded, at.now
    )
    form = form_context.require_form(at.visibility.release, element.form)
    values = {key: answer.value for key, answer in at.shown.items()}
    base = fill_in(form, values, context) if form is not None else {}
    return MessageFormSession(
        at.services,
        at.viewer,
        at.now,
        at.visibility.release,
        element,
        form,
        context,
        base,
        f"message/{at.case.id}/{message}",
        at,
        message,
    )


def load_message_form_page(
    tx: Tx,
    session: MessageFormSession,
    *,
    typed: Raw | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> MessageFormPage:
    """Load the page of the form."""
    saved = unsent_answers.load_unsent(tx, session.services, session.viewer, session.key)
    values = dict(typed) if typed is not None else unsent_answers.merge_unsent(session.base, saved)
    drawn, viewer = session.draw(values, faults), session.viewer
    found = _consequences(tx, session, values)
    unknown = all(c.kind == UNKNOWN for c in found)
    return MessageFormPage(
        form=drawn,
        faults=faults,
        lines=() if unknown else tuple(consequence_texts(found, viewer)),
        late=unknown,
        label=_label(session),
        danger=_danger(session, drawn),
        fill_rev=saved.rev,
    )


def _danger(session: MessageFormSession, drawn: Iterable[DrawnSection]) -> tuple[Pair, ...]:
    """The numbers to call: on every start, and where the form asks about danger."""
    offered = any(widget.offer == "danger" for widget in widgets(drawn))
    view = session.view
    if view is None or offered or is_about_danger(view, session.element):
        return danger_numbers(session.services, session.viewer.lang)
    return ()


def _label(session: MessageFormSession) -> str:
    """The text of the button: the act itself, so that nobody presses *Send* and ends a case."""
    if session.view is None:
        return say("act.start", session.viewer.lang)
    return message_name(session.element, session.message, session.viewer.lang)


def _consequences(tx: Tx, session: MessageFormSession, values: Raw) -> tuple[Consequence, ...]:
    services, viewer, now = session.services, session.viewer, session.now
    checked, loaded = session.check(values), session.view.loaded if session.view else None
    if loaded is None:
        return preview.preview_start(
            tx, services, viewer, session.release, session.element.id, checked, now
        )
    return preview.preview_message(tx, services, viewer, loaded, session.message, checked, now)


def preview_message_form(tx: Tx, session: MessageFormSession, raw: Raw) -> dict[str, object]:
    """The answer to the page's script while somebody types, as JSON."""
    page = load_message_form_page(tx, session, typed=session.own(raw))
    questions = {w.path: widget_state(w, session.viewer.lang) for w in widgets(page.form)}
    return {"buttons": {SEND: list(page.lines)}, "late": page.late, "widgets": questions}


def keep_message_answers(
    tx: Tx, session: MessageFormSession, raw: Raw, rev: int
) -> unsent_answers.SavedAnswers:
    """Save what was typed as unsent answers."""
    case_id = session.view.case.id if session.view is not None else None
    return unsent_answers.save_unsent(
        tx,
        session.services,
        by=session.viewer,
        key=session.key,
        case_id=case_id,
        raw=session.own(raw),
        base=session.base,
        rev=rev,
        now=session.now,
    )
