"""Rules of corrected answers, from `workflows/config/corrections.toml`: which steps are decisions,
which letter tells of a correction, and which message asks somebody to weigh it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CorrectionRules:
    """Rules of corrected answers of one programme."""

    decisions: frozenset[str] = frozenset()
    """Steps whose answer is a decision: it is changed by a new decision, never corrected."""
    letter: str = ""
    """Template of the letter to the offices that are concerned; "" for none."""
    message: str = ""
    """Message to the case when something rested on the value that was wrong; "" for none."""
    name: str = ""
    """Routing name in the message that says who weighs the correction."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Role of a step that rested on the wrong answer, to the value of the routing name."""
    otherwise: str = ""
    """The value for any other role."""

    def weigher(self, roles: Collection[str]) -> str:
        """Value of the routing name for a correction on which steps of these roles rested."""
        return next((to for role, to in self.values.items() if role in roles), self.otherwise)


def read_corrections(text: str) -> CorrectionRules:
    """Read `corrections.toml`; an empty text is a programme without decisions, in which nobody is
    written to about a correction.

    Raises:
        ValueError: a table `weigh` that lacks something, or a value that is no text.
    """
    table = tomllib.loads(text)
    weigh = table.get("weigh", {})
    if weigh and not {"message", "name", "otherwise"} <= weigh.keys():
        raise ValueError("[weigh] needs a message, a name and otherwise")
    return CorrectionRules(
        decisions=frozenset(map(str, table.get("decisions", ()))),
        letter=str(table.get("letter", "")),
        message=str(weigh.get("message", "")),
        name=str(weigh.get("name", "")),
        values={str(role): str(value) for role, value in weigh.get("roles", {}).items()},
        otherwise=str(weigh.get("otherwise", "")),
    )
