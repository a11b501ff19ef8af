"""The buttons that send a form, each with the consequences that a preview finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.casework.commands.button_consequences import (
    END,
    UNKNOWN,
    Consequence,
    consequence_texts,
)
from service.casework.tasks.form_session import FormSession, FormTarget
from service.forms import DrawnSection, DrawnStep, Raw, Widget, drawn_steps
from service.text import say

SEND = "send"
"""Name of the one button of a form whose answers steer nothing by themselves."""


@dataclass(frozen=True, slots=True)
class SendButton:
    """One way to send, and what it leads to."""

    name: str
    value: str
    label: str
    tone: str
    lines: tuple[str, ...]
    """Its consequences in sentences."""
    late: bool
    """Whether those show only once the deciding answers are there."""
    ends: bool
    """Whether the case ends with it, at once or after what Tresteg does by itself."""


def send_buttons(session: FormSession[FormTarget], values: Raw) -> Iterable[SendButton]:
    """The buttons of a form with these texts; the first one is the primary one."""
    for number, way in enumerate(_ways(session)):
        raw = {**values, way.name: [way.value]} if way.name != SEND else values
        yield _previewed(session, raw, way, number)


def pressed_button(
    session: FormSession[FormTarget], values: Raw, found: Sequence[Consequence]
) -> SendButton:
    """The button with which a form was sent.

    Args:
        found: its consequences, as they are known.
    """
    ways = _ways(session)
    plain = _Way(SEND, *session.target.send_button(session.viewer.lang))
    pressed = (way for way in ways if [way.value] == list(values.get(way.name, ())))
    return _button(session, next(pressed, plain), found)


@dataclass(frozen=True, slots=True)
class _Way:
    """A button before anybody knows what it leads to."""

    name: str
    value: str
    label: str


def _ways(session: FormSession[FormTarget]) -> list[_Way]:
    """The buttons of a form: each option of its button field, else the one that sends it."""
    form, lang = session.form, session.viewer.lang
    field = form.button if form is not None else None
    if form is None or field is None or not field.options:
        return [_Way(field.key if field else SEND, *session.target.send_button(lang))]
    return [_Way(field.key, one.value, form.say(one.label, lang)) for one in field.options]


def _previewed(session: FormSession[FormTarget], raw: Raw, way: _Way, number: int) -> SendButton:
    found = session.target.preview(
        session.reader, session.services, session.viewer, session.check(raw), session.now
    )
    return _button(session, way, found, number)


def _button(
    session: FormSession[FormTarget], way: _Way, found: Sequence[Consequence], number: int = 0
) -> SendButton:
    ends = any(c.kind == END and not c.usual for c in found)
    unknown = all(c.kind == UNKNOWN for c in found)
    return SendButton(
        name=way.name,
        value=way.value,
        label=way.label,
        tone="danger" if ends else "secondary" if number else "primary",
        lines=() if unknown else tuple(consequence_texts(found, session.viewer, session.now)),
        late=unknown,
        ends=any(c.kind == END for c in found),
    )


def preview_buttons(session: FormSession[FormTarget], raw: Raw) -> dict[str, object]:
    """The answer to the page's script while somebody types, as JSON.

    The lines of each button, which questions are asked now, and how many answers of each section
    or step are left; under "" how many in all.
    """
    own = session.own(raw)
    buttons = tuple(send_buttons(session, own))
    drawn = session.draw(own)
    questions = widgets(drawn)
    return {
        "left": left_texts(drawn, session.viewer.lang),
        "buttons": {b.value: list(b.lines) for b in buttons if not b.late},
        "late": all(b.late for b in buttons),
        "widgets": {w.path: widget_state(w, session.viewer.lang) for w in questions},
    }


def left_texts(drawn: Iterable[DrawnSection], lang: str) -> dict[str, str]:
    """How many answers each section or step still needs, and under "" the whole form; "" for one
    that needs none at all.
    """
    parts = drawn_steps(drawn)
    left = sum(part.left for part in parts)
    every = say("task.left", lang, n=left) if left else ""
    return {"": every, **{part.id: _left(part, lang) for part in parts}}


def _left(part: DrawnStep, lang: str) -> str:
    if part.left:
        return say("task.left", lang, n=part.left)
    return say("task.part_done", lang) if part.needed else ""


def widget_state(widget: Widget, lang: str) -> dict[str, object]:
    """One question as the page's script reads it: whether it is asked, and its computed text."""
    state: dict[str, object] = {"hidden": widget.hidden, "hint": widget.hint}
    if widget.shape == "computed":
        words = {"true": say("word.yes", lang), "false": say("word.no", lang)}
        state["result"] = words.get(widget.value, widget.value)
    return state


def widgets(drawn: Iterable[DrawnSection]) -> Iterable[Widget]:
    """Every question of a drawn form, those inside others too."""
    for section in drawn:
        yield from _with_inner(section.widgets)


def _with_inner(outer: Iterable[Widget]) -> Iterable[Widget]:
    for widget in outer:
        yield widget
        yield from _with_inner(widget.fields)
        for row in widget.rows:
            yield from _with_inner(row.fields)
