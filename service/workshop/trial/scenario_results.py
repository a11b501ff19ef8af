"""Result of a scenario: that it passed, or which step went otherwise and how.

`ScenarioResult` has ids alone, as the child process finds them; `FailureWords` tells them in a
language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.text import known, say


@dataclass(frozen=True, slots=True)
class ScenarioFailure:
    """Failure of a scenario.

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
    """Result of a scenario; `failure` is None when it passed."""

    file: str
    name: str
    failure: ScenarioFailure | None
    done: frozenset[str] = frozenset()
    """Elements and ways that it visited."""

    @property
    def passed(self) -> bool:
        """Whether every step and the end were as expected."""
        return self.failure is None

    def as_json(self) -> dict[str, Any]:
        """The result as JSON keeps it."""
        return asdict(self) | {"done": sorted(self.done)}


def result_from(said: Mapping[str, Any]) -> ScenarioResult:
    """A result, from what `ScenarioResult.as_json` gave."""
    failure = said["failure"]
    if failure is not None:
        faults = tuple((path, key, facts) for path, key, facts in failure["faults"])
        lists = {name: tuple(failure[name]) for name in ("wanted", "found")}
        failure = ScenarioFailure(**{**failure, **lists, "faults": faults})
    return ScenarioResult(said["file"], said["name"], failure, frozenset(said["done"]))


class FailureWords:
    """Sentences about the scenarios of a draft.

    Args:
        release: the draft, for names of steps and questions.
    """

    def __init__(self, release: PreparedRelease, lang: str) -> None:
        self._release, self._lang = release, lang
        definitions = release.definitions.values()
        self._elements = {id_: e for one in definitions for id_, e in one.elements.items()}

    def reason(self, result: ScenarioResult) -> str:
        """Reason why a scenario did not pass, in a sentence; empty when it did."""
        failure = result.failure
        if failure is None:
            return ""
        sentence = self._sentence(failure)
        if not failure.step or failure.key == "trial.not_tried":
            return sentence
        if not failure.element:
            return say("trial.step_refused", self._lang, n=failure.step, reason=sentence)
        facts = {"n": failure.step, "x": self._named([failure.element]), "reason": sentence}
        return say("trial.act_refused", self._lang, **facts)

    def _sentence(self, failure: ScenarioFailure) -> str:
        if failure.faults:
            labels = self._labels(failure.element)
            named = ((labels.get(path, path), key, facts) for path, key, facts in failure.faults)
            return " ".join(
                f"{label}: {say(key, self._lang, **{'label': label, **facts})}"
                for label, key, facts in named
            )
        if not known(failure.key):
            return str(failure.facts.get("why", failure.key))
        facts = {"was": self._named(failure.wanted), "now": self._named(failure.found)}
        return say(failure.key, self._lang, **{"n": failure.step, **facts, **failure.facts})

    def _labels(self, element: str) -> dict[str, str]:
        """Labels of the questions of a step's form, by path."""
        drawn = self._elements.get(element)
        form = self._release.forms.get(drawn.form) if drawn is not None else None
        if form is None:
            return {}
        return {path: form.label(field, self._lang) or path for path, field in form.walk()}

    def _named(self, ids: Iterable[str]) -> str:
        """Names of elements of the draft; of what it does not draw, the id; a dash for nothing."""
        known_ids = (id_ for id_ in dict.fromkeys(ids) if id_)
        names = (
            element_name(self._elements[id_], self._lang) if id_ in self._elements else id_
            for id_ in known_ids
        )
        return ", ".join(names) or "–"
