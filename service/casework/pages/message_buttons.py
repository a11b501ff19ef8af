"""The buttons of a case's page that send a message of its diagram, such as the withdraw button.

Every message that an open catch event or a start event waits for has one: a consent is withdrawn,
a person is in danger, the returnee changes her mind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.casework.casefile.case_view import CaseView
from service.casework.commands.case_message import MessagePlace, message_catchers, message_places
from service.engine import Element, waiting_messages
from service.forms.values import to_text
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.release.programme.vocabulary import MESSAGE, MESSAGE_USE


@dataclass(frozen=True, slots=True)
class MessageButton:
    """A message that the diagram can catch now, and that this person may send."""

    message: str
    label: str
    text: str
    danger: bool
    work: str = ""
    """Which place is meant, when several wait for the message."""


def message_buttons(view: CaseView) -> Sequence[MessageButton]:
    """What may be sent to the case now; messages about danger come first."""
    if view.loaded is None or view.case.status != "open" or not view.visibility.by_office:
        return []
    open_now = waiting_messages(view.loaded.definition, view.loaded.state)
    buttons: list[MessageButton] = []
    for message in view.visibility.definition.messages:
        catchers = message_catchers(view.loaded, message, view.viewer)
        places = message_places(open_now, message, catchers)
        text = message_text(view, message)
        for place, label in _labels(view, message, places):
            work = place.work if len(places) > 1 else ""
            danger = is_about_danger(view, place.element)
            buttons.append(MessageButton(message, label, text, danger, work))
    return sorted(buttons, key=lambda button: not button.danger)


def _labels(
    view: CaseView, message: str, places: Sequence[MessagePlace]
) -> Iterator[tuple[MessagePlace, str]]:
    """Each place with what its button says: no two say the same."""
    named = [(place, place_name(view, message, place)) for place in places]
    count = Counter(name for _, name in named)
    for place, name in named:
        yield place, f"{name} ({place.nth})" if count[name] > 1 and place.nth else name


def place_name(view: CaseView, message: str, place: MessagePlace) -> str:
    """What a message is called, with the item of the instance that waits for it."""
    name = message_name(view, place.element, message)
    if place.item is None:
        return name
    return f"{name}: {item_text(view.visibility.release, place.item, view.viewer)}"


def item_text(release: PreparedRelease, item: object, viewer: Viewer) -> str:
    """The item of an instance in words: the label of a choice, else the value."""
    parts = item.values() if isinstance(item, dict) else item if isinstance(item, list) else None
    if parts is not None:
        return ", ".join(item_text(release, part, viewer) for part in parts)
    value = item if isinstance(item, bool | int | str) else None
    text = to_text("", value, viewer.lang, ZoneInfo(viewer.zone))
    labels = (
        form.option_label(field, text, viewer.lang)
        for form in release.forms.values()
        for _, field in form.walk()
        if field.routing
    )
    return next((label for label in labels if label != text), text)


def message_name(view: CaseView, element: Element, message: str) -> str:
    """What a message is called on its button: by the programme, else as its event is drawn."""
    word = view.term(MESSAGE, message)
    return word if word != message else element_name(element, view.lang)


def message_text(view: CaseView, message: str) -> str:
    """What a message is for, in one sentence; "" when nothing is said of it."""
    use = view.term(MESSAGE_USE, message)
    return use if use != message else ""


def is_about_danger(view: CaseView, element: Element) -> bool:
    """Whether a message's form asks about danger: then the numbers to call are shown."""
    form = view.visibility.release.forms.get(element.form)
    return form is not None and any(f.properties.get("offer") == "danger" for f in form.fields)
