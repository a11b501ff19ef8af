"""Two words that somebody says find a case: the topic of a step that the worker does itself."""

from __future__ import annotations

from service.binding import Answer, Call, Sample, handler


class NotForHandlersError(Exception):
    """A step was handed to a handler that no handler does."""


@handler(
    "words.find",
    reads=("says",),
    answers=("wordsFound", "wrongToday"),
    samples=(
        Sample(
            "none",
            "Inget ärende",
            "No case",
            {"wordsFound": "NONE", "wrongToday": 0},
        ),
        Sample(
            "open",
            "Ett öppet ärende",
            "An open case",
            {"wordsFound": "OPEN", "wrongToday": 0},
        ),
        Sample(
            "ended",
            "Ett avslutat ärende",
            "An ended case",
            {"wordsFound": "ENDED", "wrongToday": 0},
        ),
        Sample(
            "tenth",
            "Inget ärende, för tionde gången i dag",
            "No case, for the tenth time today",
            {"wordsFound": "NONE", "wrongToday": 10},
        ),
    ),
)
def find(call: Call) -> Answer:
    """Find the case of the two words that were said, and bring there what the person says.

    The worker does this step itself, in one transaction with the case that it finds: a handler
    sees neither the words nor another case.

    Reads: ``says``.
    Writes: ``wordsFound``: OPEN, the open case has the message ``her_words``; ENDED, the call
        continues an ended case; NONE. ``wrongToday``: how many calls of this office had words
        today that find nothing, this one included; 0 when no words were said.
    Raises:
        NotForHandlersError: always.
    """
    raise NotForHandlersError(f"{call.topic} is done by the worker, and not by a handler")
