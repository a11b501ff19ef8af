"""Errors of FEEL, and the sentences about them.

Neither class leaves the engine: a `FeelError` becomes a finding, a `FuelSpent` stops the case.
"""

from __future__ import annotations

from typing import Final

from service.engine.feel.types import WORDS

SENTENCES: Final = {
    "unexpected": (
        "{found} does not fit here. A sign, a bracket or a comma is missing before it, or it is "
        "one too many."
    ),
    "end": "The expression stops too early. Go on with a value, or close the bracket.",
    "character": (
        "The character {found} has no meaning in an expression. Texts stand between double quotes."
    ),
    "empty": "The expression is empty. Write it, or take it away.",
    "arguments": "Values that {name} takes: {wanted}. Here are {count}.",
    "tests": "Several tests may stand only behind in, in not( ) of a rule cell, or in a rule cell.",
    "test": "A test such as < 3 needs something that is tested. Put it behind in.",
    "question": (
        "? stands for the tested value and has a meaning only in a rule cell. Name a variable."
    ),
    "literal": (
        "{found} is no date, date and time, time, or duration. Write it as 2026-03-01, "
        "2026-03-01T09:00:00Z, 09:00:00, P3D or P2M."
    ),
    "twice": "{found} stands twice between the braces. Write each part once.",
    "pattern": "{found} is no pattern, or one too large. Patterns are those of RE2.",
    "pattern constant": (
        "The pattern of {name}, and its letters, must stand in the expression between double "
        "quotes."
    ),
    "pattern empty": (
        "The pattern {found} also fits where nothing stands, so {name} has no result. Write + "
        "instead of *."
    ),
    "pattern length": "The pattern has more than {most} characters. Use several shorter ones.",
    "flags": "{found} are no letters of a pattern. Use i, m or s.",
    "count": "A count goes from number to number, not from {left}. Write 1..3.",
    "escape": "{found} is no character. Double a backslash that shall be read as one.",
    "name": (
        "{name} is not a variable of this process.{nearest} Forms, handlers and rules give "
        "variables."
    ),
    "field": "{owner} has no part {name}.{nearest} Its parts: {parts}.",
    "function": "There is no function {name}.{nearest} The reference lists those that there are.",
    "refused": "{found} is not used here. {use}",
    "range": (
        "A range may stand only behind in, or in a rule cell. For a list, write its items with "
        "commas."
    ),
    "compare": (
        "This compares {left} with {right}, which is never true. Compare values of one kind."
    ),
    "order": "{left} and {right} have no order. Compare them with = or !=.",
    "calculate": (
        "{left} {sign} {right} has no result. Numbers go with numbers, times with durations."
    ),
    "logic": "{word} needs yes or no, not {left}. Compare it with something.",
    "argument": "{name} cannot take {left}. It takes {takes}.",
    "part": (
        "{left} has no part {name}. Days have year, month, day and weekday; times have hour, "
        "minute and second; durations have days, hours, minutes, seconds, or years and months."
    ),
    "items": "{word} needs a list, not {left}. Name a list behind in.",
    "length": "The expression has more than {most} characters. Let a rule decide a part of it.",
    "words": "The expression has more than {most} words. Let a rule decide a part of it.",
    "nodes": "The expression has more than {most} parts. Let a rule decide a part of it.",
    "depth": (
        "The expression has more than {most} levels of brackets. Let a rule decide a part of it."
    ),
    "condition": "A condition must give yes or no, not {left}. Compare it with something.",
    "work": "This takes more work than a turn may, and would stop the case. Use shorter lists.",
    "value": "{found} is not a value of {name}, so this is always {always}.{nearest}",
    "always": (
        "This is always {always}. Ask for something that can change, or take the condition away."
    ),
    "backwards": (
        "The range goes from high to low, so nothing lies in it. Write its lower end first."
    ),
}
"""English sentences by reason.

`facts` carries what they name (kinds as `Type.kind`), so that another language can say the same.
"""


INSTEAD: Final = {
    "power": "Multiply instead.",
    "define": "Use the functions that are there.",
    "type": "The type of a variable is declared by its form or rule.",
    "context": "Write the parts between braces: {a: 1}.",
    "named": "Give the values in their order, without names.",
    "comment": "Write comments in the documentation of the step.",
    "bounds": "Write ( and ) for a range without its ends.",
    "least": "Use min or max.",
    "same": "Compare values of one kind.",
    "timer": "Use a duration or a date.",
    "round": "Use decimal, floor or ceiling.",
    "equal": "Use =.",
}
"""What to use instead of other FEEL, by `facts["instead"]`."""


class FeelError(Exception):
    """A fault of an expression.

    Attributes:
        code: D901 (not FEEL) to D908, D913, as the linter reports it.
        position: where in the text as it was given, from 0.
        why: key of `SENTENCES`.
        facts: values of the sentence's placeholders.
    """

    def __init__(self, code: str, position: int, why: str, **facts: object) -> None:
        self.code = code
        self.position = position
        self.why = why
        self.facts = facts
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The English sentence."""
        near = self.facts.get("near")
        values = {
            key: WORDS[str(value)] if key in ("left", "right") else value
            for key, value in self.facts.items()
        }
        values["nearest"] = (
            f" Did you mean {' or '.join(near)}?" if isinstance(near, tuple) and near else ""
        )
        takes = self.facts.get("takes")
        values["takes"] = (
            " or ".join(WORDS[str(kind)] for kind in takes) if isinstance(takes, tuple) else ""
        )
        values["use"] = INSTEAD.get(str(self.facts.get("instead")), "")
        values["always"] = "true" if self.facts.get("always") else "false"
        return SENTENCES[self.why].format_map(values)


class FuelSpent(Exception):
    """An evaluation did more work than `limits` allows."""
