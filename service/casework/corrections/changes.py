"""Changes of a correction: answers and routing values, each with its value before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.access import CLASSES
from service.casework.cases import given_answers
from service.casework.cases.given_answers import REASON
from service.casework.corrections.sent_answer import SentAnswer
from service.engine import Variables
from service.forms import CheckedAnswers, Json
from service.security import ledger
from service.security.purposes import CORRECTION


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """What is different after a correction; empty when nothing is."""

    answers: Mapping[str, Json] = field(default_factory=dict)
    """Field to its new value; None where it has no answer any more."""
    variables: Variables = field(default_factory=dict)
    """Routing name to its new value. One that something else has set since is left out: the case
    goes by that."""

    @classmethod
    def between(
        cls, sent: SentAnswer, before: CheckedAnswers, after: CheckedAnswers
    ) -> AnswerChanges:
        """Compare two readings of a form as of the same moment, so that values which only time has
        changed do not count as changes.
        """
        known = sent.loaded.variables
        variables = {
            name: after.routing.get(name)
            for name in _differing(before.routing, after.routing, sent.fixed)
            if known.get(name) == before.routing.get(name)
        }
        changed = _differing(before.answers, after.answers, sent.fixed)
        return cls({key: after.answers.get(key) for key in changed}, variables)

    def classes(self, sent: SentAnswer) -> list[str]:
        """The classes of the fields, the most sensitive last."""
        of_field = _classes(sent)
        return sorted({of_field.get(key, ("C3", ""))[0] for key in self.answers}, key=CLASSES.index)

    def sealed(self, sent: SentAnswer, reason: str) -> dict[str, dict[str, Json]]:
        """The new answers by class, and among the most sensitive of them the reason."""
        by_class = given_answers.by_class(self.answers, _classes(sent))
        by_class[self.classes(sent)[-1]][REASON] = reason
        return by_class

    def digest(self, sent: SentAnswer) -> str:
        """A keyed digest of exactly this correction, for who approves it: hex."""
        what: dict[str, Any] = {"fact": sent.fact.rev, "answers": dict(self.answers)}
        return sent.loaded.key.digest(CORRECTION, ledger.canonical(what))


def _differing(
    before: Mapping[str, Json], after: Mapping[str, Json], fixed: Collection[str]
) -> list[str]:
    names = [name for name in {**before, **after} if name not in fixed]
    return [name for name in names if before.get(name) != after.get(name)]


def _classes(sent: SentAnswer) -> Mapping[str, tuple[str, str]]:
    return {one.key: (one.data_class, one.group) for one in sent.form.fields}


@dataclass(frozen=True, slots=True)
class CorrectedAnswer:
    """A field that was corrected: what it said before, and what it says since."""

    new: given_answers.GivenAnswer
    old: given_answers.GivenAnswer | None


def corrected_answers(
    answers: Collection[given_answers.GivenAnswer],
) -> dict[int, list[CorrectedAnswer]]:
    """The fields that each correction of a case changed, by the number of its fact.

    Args:
        answers: of the case, oldest first.
    """
    before: dict[tuple[str, str, int], given_answers.GivenAnswer] = {}
    found: dict[int, list[CorrectedAnswer]] = {}
    for answer in answers:
        if answer.correction:
            old = before.get(answer.place)
            found.setdefault(answer.rev, []).append(CorrectedAnswer(answer, old))
        before[answer.place] = answer
    return found
