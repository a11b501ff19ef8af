"""The command that sends a message to a case: consent withdrawn, an alert, no more contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import Viewer
from service.casework.casefile import form_context
from service.casework.cases import case_visibility
from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.turn import TurnResult
from service.casework.commands import button_preview, party_binding, turn_consequences
from service.casework.commands.submitted_answers import EarlierAnswers, check_answers, submission
from service.casework.commands.turn_consequences import Origin, follow
from service.engine import (
    Element,
    Expression,
    Message,
    Open,
    Type,
    Variables,
    typed,
    waiting_messages,
)
from service.errors import NotAllowed, NotFound, NotWaiting
from service.forms import Form, Raw
from service.records.context import Services
from service.store.at_hand import Read
from service.store.changes import Changes
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.writing import write


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """One place of a case at which a message can arrive now."""

    element: Element
    work: str = ""
    """Id of what waits, which a sender names when several places do."""
    nth: int = 0
    item: object = None
    """The item of the instance that waits."""

    @property
    def is_grave(self) -> bool:
        """Whether the message stops what runs now."""
        return self.element.interrupting and self.element.kind == "boundaryEvent"

    def stimulus(self, name: str, values: Variables) -> Message:
        """The message for this place."""
        return Message(name, values, self.element.id, id=self.work)


def unsent_key(case_id: str, name: str, work: str = "") -> str:
    """Key of what a person has typed for a message, to one place if several wait, and not sent."""
    return f"message/{case_id}/{name}" + (f"/{work}" if work else "")


def send_message(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    name: str,
    answers: Raw,
    work: str = "",
    end_confirmed: bool = False,
) -> TurnResult:
    """Send a message to a case.

    Args:
        work: which place is meant, when several wait.
        end_confirmed: whether it may end the case unasked.
    Raises:
        NotFound: `by` may not know of the case, or it knows no such message.
        ReasonNeeded: she must say first why she opens it.
        NotAllowed: not for this role, or not now.
        NotWaiting: nothing in the case waits for it.   InvalidAnswers: field by field.
        SeveralWait: several places wait, and none is named.
        EndNotConfirmed: the case would end with it; nothing has changed.
    """
    sight = case_visibility.reads_of_visibility(case_id)
    found = turn_rows.read_of_case(tx, case_id, *sight)
    if found is None:
        raise NotFound
    rows, at_hand = found
    services.release(tx, rows.case.release_id)
    case_visibility.load_case_visibility(at_hand, services, by, rows.case, now)
    loaded = load_case(at_hand, services, rows)
    element = require_place(loaded, name, by, work).element
    form = form_context.require_form(loaded.release, element.form)
    needs = _needs(services, loaded, element, form, by)
    if not end_confirmed:
        needs += button_preview.reads_of_end_check()
    if needs:
        loaded.take(tx.read(*needs))
    changes = Changes.of(tx)
    given = _require_message(services, loaded, name, answers, by=by, now=now, work=work)
    moved = follow(services, loaded, *given, changes)
    if not end_confirmed:
        button_preview.require_end_confirmed(services, loaded, moved, by, now)
    write(tx, changes)
    return moved.result


def _needs(
    services: Services, loaded: LoadedCase, element: Element, form: Form | None, by: Viewer
) -> list[Read]:
    """What the answers to a message need besides, and what follows from them."""
    configuration = services.configuration(loaded.release)
    reads = [
        *turn_consequences.reads_of_follow(loaded),
        *turn_consequences.reads_of_step(configuration, loaded, element, form),
        *form_context.reads_of_check(services, loaded.release, form, by.lang, loaded.case.id),
    ]
    if party_binding.may_rebind(configuration, form):
        reads += party_binding.reads_of_binding(loaded.case.id)
    return reads


def _require_message(
    services: Services,
    loaded: LoadedCase,
    name: str,
    answers: Raw,
    *,
    by: Viewer,
    now: datetime,
    work: str,
) -> tuple[Message, Submission, Origin]:
    """Whether a message may be sent with these answers; what its turn is given.

    Raises:
        As `send_message`.
    """
    place = require_place(loaded, name, by, work)
    element = place.element
    form = form_context.require_form(loaded.release, element.form)
    everything = party_binding.may_rebind(services.configuration(loaded.release), form)
    earlier = EarlierAnswers(loaded, form, everything=everything)
    about = (element, earlier, answers, now)
    checked = check_answers(loaded.at_hand, services, by, loaded.release, *about)
    read = checked.answers, lambda: earlier.answers
    bound, calendars = party_binding.rebind_parties(services, loaded, *read)
    given = replace(submission(loaded, element, checked, by, now), parties=bound)
    origin = Origin(by, checked, unsent_key(loaded.case.id, name, work))
    stimulus = message_stimulus(name, checked.routing, place if work else None)
    return replace(stimulus, calendars=calendars), given, origin


def message_stimulus(name: str, values: Variables, place: MessagePlace | None) -> Message:
    """A message for one place, or for the only one that waits for it."""
    return Message(name, values) if place is None else place.stimulus(name, values)


def require_place(loaded: LoadedCase, name: str, by: Viewer, work: str = "") -> MessagePlace:
    """The place at which a message of this viewer arrives: the one that she names, else the first
    of the diagram.

    Raises:
        NotFound: the diagram has no such message.
        NotAllowed: none that she may address now.
        NotWaiting: the one that she names does not wait.
    """
    if name not in loaded.definition.messages:
        raise NotFound
    catchers = message_catchers(loaded, name, by)
    if not catchers:
        raise NotAllowed(why="message")
    if not work:
        return MessagePlace(catchers[0])
    open_now = waiting_messages(loaded.definition, loaded.state)
    places = message_places(open_now, name, catchers)
    named = next((place for place in places if place.work == work), None)
    if named is None:
        raise NotWaiting(name, name=name)
    return named


def message_places(
    open_now: Iterable[Open], name: str, catchers: Sequence[Element]
) -> list[MessagePlace]:
    """The places at which a message can arrive now, at some elements.

    Args:
        open_now: all that can take a message in the case.
    """
    known = {element.id: element for element in catchers}
    return [
        MessagePlace(known[work.element], work.id, work.nth, work.item)
        for work in open_now
        if work.what == name and work.element in known
    ]


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
    return Expression(text, types).try_evaluate(values) is True
