"""The buttons of a case's page that send a message of its diagram, such as the withdraw button.

Every message that an open catch event or a start event waits for has one: a consent is withdrawn,
a person is in danger, the returnee changes her mind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.actions.casefile.case_view import CaseView
from service.actions.commands.case_message import message_catchers
from service.actions.releases.labels import element_name
from service.engine import Element, message_starts
from service.text import known, say


@dataclass(frozen=True, slots=True)
class MessageButton:
    """A message that the diagram can catch now, and that this person may send."""

    message: str
    label: str
    text: str
    danger: bool


def message_buttons(view: CaseView) -> Sequence[MessageButton]:
    """What may be sent to the case now; messages about danger come first."""
    if view.loaded is None or view.case.status != "open" or not view.visibility.by_office:
        return []
    waiting = {id_ for kind, id_, _ in view.history[-1].open_after if kind == "message"}
    starts = message_starts(view.loaded.definition, view.loaded.state)
    buttons = []
    for message in view.visibility.definition.messages:
        catchers = message_catchers(view.loaded, message, view.viewer)
        able = [e for e in catchers if e.id in waiting or e.id in starts]
        if able:
            label, text = (
                message_name(able[0], message, view.lang),
                message_text(message, view.lang),
            )
            buttons.append(MessageButton(message, label, text, is_about_danger(view, able[0])))
    return sorted(buttons, key=lambda button: not button.danger)


def message_name(element: Element, message: str, lang: str) -> str:
    """What a message is called on its button."""
    return say(f"act.{message}", lang) if known(f"act.{message}") else element_name(element, lang)


def message_text(message: str, lang: str) -> str:
    """What a message is for, in one sentence; "" when nothing is said of it."""
    return say(f"act.{message}_for", lang) if known(f"act.{message}_for") else ""


def is_about_danger(view: CaseView, element: Element) -> bool:
    """Whether a message's form asks about danger: then the numbers to call are shown."""
    form = view.visibility.release.forms.get(element.form)
    return form is not None and any(f.properties.get("offer") == "danger" for f in form.fields)
