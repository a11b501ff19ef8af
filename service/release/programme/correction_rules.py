"""Rules of corrected answers, from `workflows/config/corrections.toml`: which steps are decisions,
which letter tells of a correction, and which message asks somebody to weigh it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from service.release.programme.typed_tables import Text, plain_table, refuse_unknown, typed


@dataclass(frozen=True, slots=True)
class Weighing:
    """Who weighs a correction when something rested on the value that was wrong."""

    message: Text
    """Message to the case; "" for none."""
    name: Text
    """Routing name in the message that says who weighs the correction."""
    otherwise: Text
    """The value for any role that `roles` does not name."""
    roles: Mapping[str, Text] = field(default_factory=dict)
    """Role of a step that rested on the wrong answer, to the value of the routing name."""


@dataclass(frozen=True, slots=True)
class CorrectionRules:
    """Rules of corrected answers of one programme."""

    decisions: frozenset[str] = frozenset()
    """Steps whose answer is a decision: it is changed by a new decision, never corrected."""
    letter: str = ""
    """Template of the letter to the offices that are concerned; "" for none."""
    weigh: Weighing = field(default=Weighing("", "", ""))

    def weigher(self, roles: Collection[str]) -> str:
        """Value of the routing name for a correction on which steps of these roles rested."""
        values = self.weigh.roles.items()
        return next((to for role, to in values if role in roles), self.weigh.otherwise)


def read_corrections(text: str) -> CorrectionRules:
    """Read `corrections.toml`; an empty text is a programme without decisions, in which nobody is
    written to about a correction.

    Raises:
        WrongTable: a table `weigh` that lacks something, a value that is no text, or a key that
            means nothing: were `decisions` misspelt, decisions could be corrected.
    """
    table = plain_table(text)
    refuse_unknown(table, CorrectionRules)
    return typed(table, CorrectionRules)
