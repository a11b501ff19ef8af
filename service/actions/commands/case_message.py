"""The command that sends a message to a case: consent withdrawn, an alert, no more contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.actions.casefile import form_context
from service.actions.cases import case_visibility
from service.actions.cases.loaded_case import LoadedCase, load_case
from service.actions.cases.turn import TurnResult
from service.actions.commands.consequences import Origin, take_turn
from service.actions.commands.submitted_answers import EarlierAnswers, check_answers, submission
from service.actions.context import Services
from service.engine import Element, Expression, Message, Type, typed
from service.errors import NotAllowed, NotFound
from service.forms import Raw
from service.store.casefile import cases
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send a message to a case, with the answers of its form."""

    case_id: str
    name: str
    answers: Raw

    def perform(self, tx: Tx, services: Services, *, by: Viewer, now: datetime) -> TurnResult:
        """Send it, as `send_message` does."""
        return send_message(
            tx,
            services,
            by=by,
            now=now,
            case_id=self.case_id,
            name=self.name,
            answers=self.answers,
        )


def unsent_key(case_id: str, name: str) -> str:
    """Key of what a person has typed for a message and not sent."""
    return f"message/{case_id}/{name}"


def send_message(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    name: str,
    answers: Raw,
) -> TurnResult:
    """Send a message to a case.

    Raises:
        NotFound: `by` may not know of the case, or it knows no such message.
        NotAllowed: not for this role, or not now.
        NotWaiting: nothing in the case waits for it.   InvalidAnswers: field by field.
    Source: programme.md 4.2; engine.md 11.1.
    """
    rows = cases.load(tx, case_id)
    if rows is None:
        raise NotFound
    case_visibility.load_case_visibility(tx, services, by, rows.case, now)
    loaded = load_case(tx, services, rows)
    element = _require_catcher(loaded, name, by)
    form = form_context.require_form(loaded.release, element.form)
    earlier = EarlierAnswers(tx, loaded, form, everything=False)
    checked = check_answers(tx, services, by, loaded.release, element, earlier, answers, now)
    given = submission(loaded, element, checked, by, now)
    origin = Origin(by, checked, unsent_key(case_id, name))
    return take_turn(tx, services, loaded, Message(name, checked.routing), given, origin)


def _require_catcher(loaded: LoadedCase, name: str, by: Viewer) -> Element:
    """The element that catches a message of this viewer.

    Raises:
        NotFound: the diagram has no such message.
        NotAllowed: none that she may address now.
    """
    if name not in loaded.definition.messages:
        raise NotFound
    catchers = message_catchers(loaded, name, by)
    if not catchers:
        raise NotAllowed(why="message")
    return catchers[0]


def message_catchers(loaded: LoadedCase, name: str, by: Viewer) -> list[Element]:
    """Elements of the case's diagram that can catch a message, and that `by` may address now by
    role and by `allowed_when`.
    """
    elements = [loaded.definition.elements[id_] for id_ in loaded.definition.messages.get(name, ())]
    return [
        element
        for element in elements
        if any(
            role in by.lane_roles and loaded.parties.get(role) == by.office
            for role in element.roles
        )
        and _is_allowed(loaded, element)
    ]


def _is_allowed(loaded: LoadedCase, element: Element) -> bool:
    """The property `allowed_when`, FEEL over routing names; without it always allowed."""
    text = element.properties.get("allowed_when", "")
    if not text:
        return True
    types: Mapping[str, Type] = loaded.definition.types
    values = {name: typed(loaded.variables.get(name), type_) for name, type_ in types.items()}
    return Expression(text, types).evaluate(values) is True
