"""Result of a scenario: that it passed, or which step went otherwise and how.

Ids alone, no words: the child process finds them, and `failure_words` tells them in a language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ScenarioFailure:
    """Why a scenario did not pass.

    Attributes:
        key: of the sentence.
        step: number of the step; 0 where it is about none.
        element: what the step is about.
        wanted, found: ids of what was expected, and of what came.
        faults: of a form that refuses: path, text key and facts of each.
        facts: what the sentence names besides.
    """

    key: str
    step: int = 0
    element: str = ""
    wanted: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    faults: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What came of a scenario."""

    file: str
    name: str
    failure: ScenarioFailure | None
    done: frozenset[str] = frozenset()
    """Elements and ways that it visited."""

    @property
    def passed(self) -> bool:
        """Whether it came where it must."""
        return self.failure is None

    def as_json(self) -> dict[str, Any]:
        """The result as JSON keeps it."""
        return asdict(self) | {"done": sorted(self.done)}


def result_from(said: Mapping[str, Any]) -> ScenarioResult:
    """A result, as `ScenarioResult.said` wrote it."""
    failure = said["failure"]
    if failure is not None:
        faults = tuple((path, key, facts) for path, key, facts in failure["faults"])
        lists = {name: tuple(failure[name]) for name in ("wanted", "found")}
        failure = ScenarioFailure(**{**failure, **lists, "faults": faults})
    return ScenarioResult(said["file"], said["name"], failure, frozenset(said["done"]))
