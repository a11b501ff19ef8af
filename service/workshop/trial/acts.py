"""Acts of a trial, as text that its page carries from one request to the next.

Nothing of a trial is stored. The text comes back from a browser, so it is read like anything that
was typed: whoever may read a draft can only make herself another trial of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from service.errors import NotFound
from service.forms import Json, Raw

START, COMPLETE, MESSAGE = "start", "complete", "message"
ANSWER, FAIL, WAIT, CORRECT = "answer", "fail", "wait", "correct"
KINDS: Final = frozenset({START, COMPLETE, MESSAGE, ANSWER, FAIL, WAIT, CORRECT})
MOST_ACTS: Final = 400
MOST_TEXT: Final = 1024 * 1024
"""Characters of the text of a whole trial."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act of a trial.

    `target` is the element of a start, the work of a task or an automatic step, the name of a
    message, or how long to wait: `PT1H`, `P1D`, or `next` for the next timer; of a correction the
    element whose answer is corrected.
    """

    kind: str
    target: str
    answers: Raw = field(default_factory=dict)
    """What was typed into a form, or for the answers of an automatic step."""
    code: str = ""
    """Of an automatic step that failed: its error."""
    sample: str = ""
    """Of an automatic step: the answer that its handler declares under this name."""
    values: Mapping[str, Json] | None = None
    """Routing values that are set past any form: those of a real case, of which nothing else is
    taken. None where the form is filled in."""


@dataclass(frozen=True, slots=True)
class TrialActs:
    """A trial: when its own clock begins, and what was done since."""

    begins: datetime
    acts: tuple[Act, ...] = ()

    def text(self) -> str:
        """The trial as text."""
        acts = [
            {k: v for k, v in asdict(act).items() if v or (k == "values" and v is not None)}
            for act in self.acts
        ]
        return json.dumps({"begins": self.begins.isoformat(), "acts": acts}, ensure_ascii=False)

    def then(self, act: Act) -> TrialActs:
        """The same trial with one more act.

        Raises:
            NotFound: it has as many as a trial may have.
        """
        if len(self.acts) >= MOST_ACTS:
            raise NotFound
        return TrialActs(self.begins, (*self.acts, act))

    def without_last(self) -> TrialActs:
        """The same trial before its last act."""
        return TrialActs(self.begins, self.acts[:-1])


def read_trial(text: str, now: datetime) -> TrialActs:
    """Read the text of a trial; one without any text begins now.

    Raises:
        NotFound: it is none.
    """
    if not text:
        return TrialActs(now)
    if len(text) > MOST_TEXT:
        raise NotFound
    try:
        found = json.loads(text)
        begins = datetime.fromisoformat(found["begins"]).astimezone(UTC)
        acts = tuple(_act(one) for one in found["acts"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as e:
        raise NotFound from e
    if len(acts) > MOST_ACTS:
        raise NotFound
    return TrialActs(begins, acts)


def _act(one: Mapping[str, Any]) -> Act:
    kind, target = one["kind"], one["target"]
    code = one.get("code", "")
    sample = one.get("sample", "")
    answers: Mapping[str, Sequence[str]] = one.get("answers", {})
    texts = {str(key): [str(text) for text in typed] for key, typed in answers.items()}
    words, values = (target, code, sample), one.get("values")
    if kind not in KINDS or not all(isinstance(word, str) for word in words):
        raise ValueError(kind)
    if values is not None and not isinstance(values, dict):
        raise ValueError(kind)
    return Act(kind, target, texts, code, sample, values)
