"""What is said of a migration, in sentences: problems refuse it, notes tell what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.engine.definition import Definition
from service.engine.types import Open

SENTENCES = {
    "gone": "{x} is open, and the new version does not have it in {scope}. Choose where to go.",
    "elsewhere": (
        "{x} is open in {scope}, and the new version has it in {there}. Open work goes along only "
        "into a new sub-process that is drawn around it. Choose where to go."
    ),
    "kind": "{x} is open as {kind}, and the new version makes it {other}. Choose where to go.",
    "scope": "{x} is running, and the new version has none of that name. Choose where to go.",
    "no_end": (
        "{x} is running and is all that is left of the case, and the new version makes it an event "
        "sub-process that does not interrupt. Choose where to go."
    ),
    "way": (
        "The branch through {way} already arrived at {x}, and the new version leads it elsewhere."
    ),
    "waits": "{x} would wait for the branch through {way}, where nothing is open.",
    "one": "{x} is open once for each item of a list. One of them cannot go elsewhere alone.",
    "target": "{x} cannot be the place to go on: it is not a step of {scope}.",
    "ends": "The case would come to its end {x} as soon as it had moved. Choose where to go.",
    "stops": "The case would stop at {x} as soon as it had moved.",
}
"""Why a case may not move: English sentences by code; `service/text` has the same in Swedish."""

NOTES = {
    "kept": "{x} is drawn with another time. What is open keeps its own: due {was}.",
    "repeats": "{x} comes {was} as before, and then repeats as the new version says.",
    "once": "{x} comes {was} as before, and then no more.",
    "due": "{x} was due {was}, and becomes due {becomes}.",
    "again": "{x} repeats from now on as the new version says: due {becomes}.",
    "added": "{x} is new and counts from now: due {becomes}.",
    "ended": "{x}, due {was}, is not waited for any more.",
    "anew": "{x}, due {was}, begins anew: due {becomes}.",
    "redrawn": "{x}, due {was}, is replaced by {y}, which counts from now: due {becomes}.",
}
"""What a move does to the deadlines of a case; Swedish as above."""

NO_DATE = "on a day not yet known"
"""The moment of a timer whose date is still empty, in a note."""

OTHER = "Other"
"""Key in `KINDS` for what nothing waits at."""

KINDS = {
    "Person": "a task for a person",
    "Job": "a handler's work",
    "JobThrow": "a message on the way",
    "JobEnd": "a message at the end",
    "Catch": "an event that waits",
    "Race": "an event gateway",
    "Sub": "a sub-process",
    "Call": "a called process",
    "Each": "a step for each item of a list",
    "EachInTurn": "a step for each item of a list, in turn",
    "And": "a parallel gateway",
    "Or": "an inclusive gateway",
    OTHER: "something else",
}
"""What a step is, by the code of the class that runs it (`codec.CODES`)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a case may not move.

    `message` is English; `code` and `facts` let `service/text` say it in Swedish (`move_text`).
    Facts hold keys of `KINDS`, not their words.
    """

    code: str
    element: str
    message: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MigrationNote:
    """One deadline that a move changes; it does not keep the case from moving.

    Words as of `Problem`; a moment in `facts` is civil time in the zone of the process, empty while
    the date is not known.
    """

    code: str
    element: str
    message: str
    facts: Mapping[str, str]
    was: datetime | None
    """When it was due before; None: no date yet, or it did not wait."""
    becomes: datetime | None
    """When it is due after the move; None: no date yet, or it waits no more."""


@dataclass(frozen=True, slots=True)
class MigrationCheck:
    """What a move would do: it is refused when there are problems; notes are to be read first."""

    problems: tuple[Problem, ...] = ()
    notes: tuple[MigrationNote, ...] = ()
    timers: tuple[Open, ...] = ()
    """Timers that run before the move and go on after it, and that could begin anew instead."""


def problem(code: str, element: str, facts: Mapping[str, str]) -> Problem:
    """A problem with its sentence."""
    words = {
        name: KINDS[value] if name in {"kind", "other"} else value for name, value in facts.items()
    }
    return Problem(code, element, SENTENCES[code].format(**words), facts)


def label(element: str, *definitions: Definition) -> str:
    """The drawn name of an element, process or sub-process, in the first definition that has it;
    without a name its id.
    """
    for definition in definitions:
        facts = definition.elements.get(element)
        names = facts.names if facts is not None else definition.names.get(element, {})
        if name := names.get("sv"):
            return name
    return element
