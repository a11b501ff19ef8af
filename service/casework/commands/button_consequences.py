"""The consequences of sending a form, as a preview finds them, and the same in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.engine import Element
from service.release.labels import element_name
from service.text import say

TASK, GONE, CALL, LETTER, TIMER, END = "task", "gone", "call", "letter", "timer", "end"
STAYS, UNKNOWN, UNFINISHED = "stays", "unknown", "unfinished"
LATE, STOPS, DEPENDS, WRONG = "late", "stops", "depends", "wrong"
TEXTS = {
    CALL: "task.does",
    STAYS: "task.gets_none",
    UNKNOWN: "task.preview_later",
    LATE: "task.preview_late",
    STOPS: "task.preview_stops",
    DEPENDS: "task.depends",
}
"""Kind to the key of its sentence, where that names nothing but the step."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that will happen.

    `usual`: it follows a handler's answer, which nobody knows beforehand, and only usually happens.
    """

    kind: str
    element: Element | None = None
    office: str = ""
    due: datetime | None = None
    role: str = ""
    usual: bool = False
    question: str = ""
    """The question whose answer is missing or wrong."""


def consequence_texts(found: Sequence[Consequence], viewer: Viewer, now: datetime) -> list[str]:
    """Consequences in sentences.

    First what surely happens, then what Tresteg does, then what only usually follows, and in one
    sentence who gets a letter.
    """
    others = [c for c in found if c.kind not in (LETTER, CALL)]
    sure = [c for c in others if not c.usual and c.kind != DEPENDS]
    calls = [c for c in found if not c.usual and c.kind == CALL]
    later = [c for c in others if c.usual or c.kind == DEPENDS]
    sentences = [_sentence(c, viewer, now) for c in (*sure, *calls, *later)]
    letters = list(dict.fromkeys(c.office for c in found if c.kind == LETTER))
    if letters:
        receivers = _enumeration(letters, viewer.lang)
        sentences.append(say("task.letter_goes", viewer.lang, who=receivers))
    return list(dict.fromkeys(sentences))


def _sentence(found: Consequence, viewer: Viewer, now: datetime) -> str:
    lang, usual = viewer.lang, found.usual
    name = element_name(found.element, lang) if found.element is not None else ""
    date = viewer.deadline(found.due, now) if found.due is not None else ""
    if found.kind == TASK:
        key = "task.gets_usually" if usual else "task.gets" if date else "task.gets_soon"
        return say(key, lang, office=found.office, task=name, date=date)
    if found.kind == GONE:
        return say("task.gone", lang, office=found.office, task=name)
    if found.kind == TIMER:
        return say("task.timer" if date else "task.timer_open", lang, date=date, task=name)
    if found.kind in (UNFINISHED, WRONG):
        key = "task.preview_wrong" if found.kind == WRONG else "task.preview_missing"
        key = key if found.question else "task.preview_unfinished"
        return say(key, lang, question=found.question)
    if found.kind == END:
        return say("task.case_ends_usually" if usual else "task.case_ends", lang, end=name)
    return say(TEXTS[found.kind], lang, task=name)


def _enumeration(names: Sequence[str], lang: str) -> str:
    """`A`, `A and B`, `A, B and C`."""
    *first, last = names
    return f"{', '.join(first)} {say('word.and', lang)} {last}" if first else last
