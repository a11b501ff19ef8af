"""Forms that belong to no task: starting a case, and sending it a message.

They are drawn, previewed and checked as the form of a task is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import CLASSES, Viewer, holds
from service.casework.casefile import form_context
from service.casework.casefile.answer_text import Pair
from service.casework.casefile.case_view import CaseView
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.loaded_case import LoadedCase
from service.casework.commands import button_preview, case_message, case_start
from service.casework.commands.button_consequences import Consequence
from service.casework.pages.message_buttons import is_about_danger, message_buttons, message_name
from service.casework.tasks import unsent_answers
from service.casework.tasks.form_session import FormSession, load_saved, open_form_session
from service.casework.tasks.send_buttons import SEND, send_buttons
from service.casework.tasks.task_page import danger_numbers, numbers_to_call
from service.engine import Element
from service.errors import FieldFault, NotAllowed, NotFound
from service.forms import CheckedAnswers, DrawnSection, Raw
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import facts
from service.store.installation import releases
from service.store.transaction import Tx
from service.text import say

RECEIPT: Final = "receipt.sv"
"""Property of a start: the one sentence that answers who sends it."""


@dataclass(frozen=True, slots=True)
class StartOption:
    """One start that this person may make."""

    process: str
    element: str
    title: str
    text: str
    has_receipt: bool = False
    """Whether its sender is answered by one sentence, whatever follows."""


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
class StartFormTarget:
    """The start of a case whose form one person fills in."""

    release: PreparedRelease
    element: Element
    loaded: None = None
    answers: None = None
    step: unsent_answers.AnsweredStep = unsent_answers.NO_STEP

    @property
    def shown(self) -> Mapping[str, GivenAnswer]:
        """Nothing: there is no case before it begins."""
        return {}

    @property
    def unsent_key(self) -> str:
        """Key of the unsent answers."""
        return case_start.unsent_key(self.element.id)

    def send_button(self, lang: str) -> tuple[str, str]:
        """Value and label of the button."""
        return SEND, say("act.call" if RECEIPT in self.element.properties else "act.start", lang)

    def preview(
        self,
        reader: Reader,
        services: Services,
        viewer: Viewer,
        checked: CheckedAnswers,
        now: datetime,
    ) -> tuple[Consequence, ...]:
        """The consequences of starting the case."""
        return button_preview.preview_start(
            reader, services, viewer, self.release, self.element.id, checked, now
        )


@dataclass(frozen=True)
class MessageFormTarget:
    """A message to a case whose form one person fills in."""

    view: CaseView
    loaded: LoadedCase
    place: case_message.MessagePlace
    message: str
    work: str = ""
    """Which place is meant, when several wait."""
    answers: None = None
    step: unsent_answers.AnsweredStep = unsent_answers.NO_STEP

    @property
    def element(self) -> Element:
        """The element that catches the message."""
        return self.place.element

    @property
    def release(self) -> PreparedRelease:
        """The release that the case is on."""
        return self.view.visibility.release

    @property
    def shown(self) -> Mapping[str, GivenAnswer]:
        """The newest answer of each key of the case that the viewer may see."""
        return self.view.shown

    @property
    def unsent_key(self) -> str:
        """Key of the unsent answers."""
        return case_message.unsent_key(self.loaded.case.id, self.message, self.work)

    def send_button(self, lang: str) -> tuple[str, str]:  # noqa: ARG002 - the view has its own
        """Value and label of the button: the act itself, so that nobody presses *Send* and ends a
        case.
        """
        return SEND, message_name(self.view, self.element, self.message)

    def preview(
        self,
        reader: Reader,
        services: Services,
        viewer: Viewer,
        checked: CheckedAnswers,
        now: datetime,
    ) -> tuple[Consequence, ...]:
        """The consequences of sending the message."""
        place = self.place if self.work else None
        stimulus = case_message.message_stimulus(self.message, checked.routing, place)
        return button_preview.preview_message(
            reader, services, viewer, self.loaded, stimulus, checked, now
        )


def start_options(
    reader: Reader, services: Services, viewer: Viewer, lang: str
) -> list[StartOption]:
    """The starts that this person may make, the programme's own process first."""
    release, own = services.current(reader), services.programme.process
    options = [
        _start_option(release, process, element, lang, own=process == own)
        for process, element in _starts(release, viewer)
    ]
    return sorted(options, key=lambda option: (option.process != own, option.title))


def _start_option(
    release: PreparedRelease, process: str, element: Element, lang: str, *, own: bool
) -> StartOption:
    names = release.definitions[process].names.get(process, {})
    title = names.get(lang) or names.get("sv") or element_name(element, lang)
    drawn = "" if own else element.properties.get(f"plain.{lang}", "")
    text = drawn or say("cases.start_for" if own else "cases.start_anonymous_for", lang)
    return StartOption(process, element.id, title, text, RECEIPT in element.properties)


def may_start(services: Services, viewer: Viewer) -> bool:
    """Whether the viewer may begin a case, by the newest release that is ready."""
    newest = newest_ready(services)
    return newest is not None and any(_starts(newest, viewer))


def newest_ready(services: Services) -> PreparedRelease | None:
    """The newest release that is ready; None where none is. Asks no database."""
    ready = (services.prepared.ready(id_) for id_ in services.prepared.names())
    return max((one for one in ready if one is not None), key=_number, default=None)


def _number(release: PreparedRelease) -> int:
    return release.number


def _starts(release: PreparedRelease, viewer: Viewer) -> Iterator[tuple[str, Element]]:
    """Process and start event of each case that a person may begin."""
    for process, definition in release.definitions.items():
        for element in (definition.elements[id_] for id_ in definition.starts):
            if element.form and holds(viewer, element.roles):
                yield process, element


def can_start(reader: Reader, services: Services, viewer: Viewer, lang: str) -> bool:
    """Whether this person may begin anything; nobody may before the first release."""
    return not services.has_no_release(reader) and bool(
        start_options(reader, services, viewer, lang)
    )


def load_start_options(tx: Tx, services: Services, *more: Read) -> AtHand:
    """Load what `start_options` reads, with the release in force made ready; `more` is what is read
    besides.
    """
    at_hand = tx.read((releases.LIVE, {"process": services.programme.process}), *more)
    live = releases.live(at_hand, services.programme.process)
    if live is not None:
        services.release(tx, live.id)
    return at_hand


def open_start_form(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    element: str,
    at_hand: AtHand | None = None,
) -> FormSession[StartFormTarget]:
    """Load and open the form of a start.

    Args:
        at_hand: what `load_start_options` gave, where that is loaded already.
    Raises:
        NotFound: there is no such start, or it is not for this person.
    """
    at_hand = at_hand or load_start_options(tx, services)
    release = services.current(at_hand)
    definition = next((d for d in release.definitions.values() if element in d.starts), None)
    if definition is None or not holds(viewer, definition.elements[element].roles):
        raise NotFound
    target = StartFormTarget(release, definition.elements[element])
    unsent = unsent_answers.reads_of_unsent(viewer, target.unsent_key)
    at_hand.take(tx.read(*form_context.reads_of_context(), *unsent))
    return open_form_session(at_hand, services, viewer, target, now)


def reads_of_message_form(viewer: Viewer, case_id: str, message: str, work: str = "") -> list[Read]:
    """What `open_message_form` and its page read besides the view of the case."""
    key = case_message.unsent_key(case_id, message, work)
    return [
        *form_context.reads_of_context(case_id),
        *facts.reads_of_answers(case_id, CLASSES),
        *unsent_answers.reads_of_unsent(viewer, key, case_id),
    ]


def open_message_form(at: CaseView, message: str, work: str = "") -> FormSession[MessageFormTarget]:
    """Open the form of a message that this person may send now.

    Args:
        at: loaded with `reads_of_message_form`.
        work: which place is meant, when several wait.
    Raises:
        NotFound: the case knows no such message.   NotAllowed: not for this role, or not now.
        NotWaiting: the place that is meant does not wait.
    """
    if at.loaded is None or message not in at.visibility.definition.messages:
        raise NotFound
    if message not in {button.message for button in message_buttons(at)}:
        raise NotAllowed(why="message")
    place = case_message.require_place(at.loaded, message, at.viewer, work)
    target = MessageFormTarget(at, at.loaded, place, message, work)
    return open_form_session(at.at_hand, at.services, at.viewer, target, at.now)


def load_message_form_page(
    session: FormSession[StartFormTarget | MessageFormTarget],
    *,
    typed: Raw | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> MessageFormPage:
    """Load the page of the form."""
    saved = load_saved(session)
    values = dict(typed) if typed is not None else unsent_answers.merge_unsent(session.base, saved)
    drawn = session.draw(values, faults)
    button, *_ = send_buttons(session, values)
    return MessageFormPage(
        form=drawn,
        faults=faults,
        lines=button.lines,
        late=button.late,
        label=button.label,
        danger=_danger(session, drawn),
        fill_rev=saved.rev,
    )


def _danger(
    session: FormSession[StartFormTarget | MessageFormTarget], drawn: Iterable[DrawnSection]
) -> tuple[Pair, ...]:
    """The numbers to call: on every start, and where the form asks about danger."""
    target = session.target
    if isinstance(target, StartFormTarget) or is_about_danger(target.view, target.element):
        return danger_numbers(session.services, session.viewer.lang)
    return numbers_to_call(session, drawn)
