"""Forms that are no task: beginning a case, and the messages of *Act now*.

The same drawing, the same preview, the same check.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer, holds
from service.actions.casefile import form_context
from service.actions.casefile.case_view import CaseView
from service.actions.commands import case_commands
from service.actions.context import Services
from service.actions.pages import case_page
from service.actions.releases.labels import element_name
from service.actions.releases.prepared import PreparedRelease
from service.actions.tasks import preview, task_page, unsent_answers
from service.engine import Element
from service.errors import FieldFault, NotAllowed, NotFound
from service.forms import CheckedAnswers, DrawnSection, Form, FormContext, Raw, check, draw, fill_in
from service.store.transaction import Tx
from service.text import say

SEND = "send"


@dataclass(frozen=True, slots=True)
class StartOption:
    """One thing that this person may begin."""

    process: str
    element: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageFormPage:
    """A form as its page shows it."""

    form: tuple[DrawnSection, ...]
    faults: tuple[FieldFault, ...]
    lines: tuple[str, ...]
    late: bool
    label: str
    danger: tuple[tuple[str, str], ...]
    fill_rev: int


@dataclass(frozen=True)
class MessageFormSession:
    """A form that somebody is about to fill in, and all that it may know."""

    services: Services
    viewer: Viewer
    now: datetime
    release: PreparedRelease
    element: Element
    form: Form | None
    context: FormContext
    base: dict[str, list[str]]
    key: str
    """Of its unsent answers."""
    stand: CaseView | None = None
    message: str = ""

    def check(self, raw: Raw) -> CheckedAnswers:
        """What can be read of some texts now."""
        return (
            check(self.form, raw, self.context)
            if self.form is not None
            else case_commands.NO_ANSWERS
        )

    def own(self, raw: Raw) -> dict[str, list[str]]:
        """The texts that belong to fields of the form."""
        keys = {f.key for f in self.form.fields if f.key} if self.form is not None else set()
        return {path: list(texts) for path, texts in raw.items() if path.partition(".")[0] in keys}


def start_options(tx: Tx, services: Services, viewer: Viewer, lang: str) -> list[StartOption]:
    """What this person may begin, the programme's own process first."""
    release = services.current(tx)
    found = []
    for process, definition in release.definitions.items():
        for id_ in definition.starts:
            element = definition.elements[id_]
            if element.form and holds(viewer, element.roles):
                key = (
                    "cases.start_for"
                    if process == services.programme.process
                    else "cases.start_anonymous_for"
                )
                name = definition.names.get(process, {})
                found.append(
                    StartOption(
                        process,
                        id_,
                        name.get(lang) or name.get("sv") or element_name(element, lang),
                        say(key, lang),
                    )
                )
    return sorted(found, key=lambda s: (s.process != services.programme.process, s.title))


def can_start(tx: Tx, services: Services, viewer: Viewer, lang: str) -> bool:
    """Whether this person may begin anything; nobody may before the first release."""
    return not services.has_no_release(tx) and bool(start_options(tx, services, viewer, lang))


def open_start_form(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, element: str
) -> MessageFormSession:
    """The form of a start.

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
    if message not in {act.message for act in case_page.message_buttons(at)}:
        raise NotAllowed(why="message")
    element = case_commands.message_catchers(at.loaded, message, at.viewer)[0]
    context = form_context.load_form_context(
        tx, at.services, at.viewer, at.visibility.release, at.loaded, at.now
    )
    form = form_context.require_form(at.visibility.release, element.form)
    base = (
        fill_in(form, {key: one.value for key, one in at.shown.items()}, context)
        if form is not None
        else {}
    )
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
    blank: MessageFormSession,
    *,
    typed: Raw | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> MessageFormPage:
    """Draw the form."""
    saved = unsent_answers.load_unsent(tx, blank.services, blank.viewer, blank.key)
    values = dict(typed) if typed is not None else unsent_answers.merge_unsent(blank.base, saved)
    drawn = _drawn(blank, values, faults)
    found = _consequences(tx, blank, values)
    unknown = all(c.kind == preview.UNKNOWN for c in found)
    numbers = task_page.danger_numbers(blank.services, blank.viewer.lang)
    offered = any(w.offer == "danger" for w in task_page.widgets(drawn))
    about = blank.stand is None or offered or case_page.is_about_danger(blank.stand, blank.element)
    lines = () if unknown else tuple(preview.consequence_texts(found, blank.viewer))
    return MessageFormPage(
        drawn, faults, lines, unknown, _label(blank), numbers if about else (), saved.rev
    )


def _label(blank: MessageFormSession) -> str:
    """What the button says: the act itself, so that nobody presses *Send* and ends a case."""
    lang = blank.viewer.lang
    return (
        case_page.message_name(blank.element, blank.message, lang)
        if blank.stand is not None
        else say("act.start", lang)
    )


def _drawn(
    blank: MessageFormSession, values: Raw, faults: Iterable[FieldFault]
) -> tuple[DrawnSection, ...]:
    return (
        draw(blank.form, values, lang=blank.viewer.lang, faults=faults, context=blank.context)
        if blank.form is not None
        else ()
    )


def _consequences(
    tx: Tx, blank: MessageFormSession, values: Raw
) -> tuple[preview.Consequence, ...]:
    checked = blank.check(values)
    if blank.stand is None or blank.stand.loaded is None:
        return preview.preview_start(
            tx,
            blank.services,
            blank.viewer,
            blank.release,
            blank.element.id,
            checked,
            blank.now,
        )
    return preview.preview_message(
        tx,
        blank.services,
        blank.viewer,
        blank.stand.loaded,
        blank.message,
        checked,
        blank.now,
    )


def preview_message_form(tx: Tx, blank: MessageFormSession, raw: Raw) -> dict[str, object]:
    """What the page's script asks for while somebody types."""
    made = load_message_form_page(tx, blank, typed=blank.own(raw))
    widgets = {
        w.path: task_page.widget_state(w, blank.viewer.lang) for w in task_page.widgets(made.form)
    }
    return {"buttons": {SEND: list(made.lines)}, "late": made.late, "widgets": widgets}


def keep_message_answers(
    tx: Tx, blank: MessageFormSession, raw: Raw, rev: int
) -> unsent_answers.SavedAnswers:
    """Keep what was typed."""
    case_id = blank.stand.case.id if blank.stand is not None else None
    return unsent_answers.save_unsent(
        tx,
        blank.services,
        by=blank.viewer,
        key=blank.key,
        case_id=case_id,
        raw=blank.own(raw),
        base=blank.base,
        rev=rev,
        now=blank.now,
    )
