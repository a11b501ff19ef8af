"""The file of a scenario: a story of a case as steps, and the state that it must have at the end.

One format, for the scenarios of a draft (`scenarios/*.scenario.json`, `trial.scenarios` runs them)
and for the stories of the demo (`workflows/scenarios`, `service.demo.player` plays them).
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from dataclasses import field as attribute
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

JsonValue: TypeAlias = Any
"""An answer: any JSON."""
DOINGS: Final = ("start", "task", "message", "answer", "fail", "correct", "mark", "refer", "wait")
"""What a step can do; each step does one of these."""
NEXT: Final = "next"
"""A wait until the next timer, however long that is."""
MOST_STEPS: Final = 200
LENGTH: Final = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,2})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})D)?"
    r"(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,5})M)?)?"
)
"""A length of time: an ISO 8601 duration without weeks and seconds."""
BEFORE: Final = re.compile(r"(\d{1,4})([dw])(?: ([01]\d|2[0-3]):([0-5]\d))?|(\d{1,5})([hm])")
"""A moment counted back from the end of a story."""


class BadScenario(Exception):
    """A file is no scenario: a text key, the number of the step, 0 for none, and what the sentence
    names.
    """

    def __init__(self, key: str, step: int = 0, **facts: object) -> None:
        super().__init__(f"{key} {step} {facts}")
        self.key = key
        self.step = step
        self.facts = facts


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One step of a person, the answer of an automatic step, or a pause.

    Exactly one of `DOINGS` is given. Who acts, and what only somebody signed in can do (`correct`,
    `mark`, `refer`), is for stories that are played as cases.
    """

    by: str = ""
    start: str = ""
    task: str = ""
    message: str = ""
    answer: str = ""
    """An automatic step, which answers with `answers`."""
    fail: str = ""
    """An automatic step, which ends with the error `code`."""
    code: str = ""
    sample: str = ""
    """Of an `answer`: which of the answers that the handler declares as samples it gives."""
    correct: str = ""
    """A step whose sent answer is corrected; `answers` holds what is to be another."""
    mark: str = ""
    """A protection marking that is set on the case."""
    why: str = ""
    """The reason of a marking or a correction."""
    refer: str = ""
    """The purpose of a referral by hand; what goes along is what is proposed."""
    to: str = ""
    """The office that it goes to."""
    previous: str = ""
    """Of a start: the pseudonym of an ended case that the new one continues."""
    wait: str = ""
    """How long to wait, as ISO 8601 duration, or `next` for the next timer."""
    at: str = ""
    """When, counted back from the end of the story: `9d 10:00` (nine days before it, at ten), `2w
    10:00` (working days), `3h`, `40m`."""
    after: str = ""
    """How long after the step before it, as ISO 8601 duration; counts where `at` says nothing."""
    answers: Mapping[str, JsonValue] = attribute(default_factory=dict)
    """The answers; those of a form differ from its usual ones, and null takes a usual one out."""
    values: Mapping[str, JsonValue] | None = None
    """Routing values that are set past any form: those of a real case, or what a message that no
    person sends brings; `@now` is the moment of the step."""
    only_claim: bool = False
    where: str = ""
    """An element that the case's release must draw; without it the step is passed over."""
    unless: str = ""
    """An element that the case's release must not draw; where it does, the step is passed over."""

    @property
    def doing(self) -> str:
        """Which of `DOINGS` it is."""
        return next((name for name in DOINGS if getattr(self, name)), "")

    @property
    def target(self) -> str:
        """What it is about: an element, the name of a message, a length of time."""
        return str(getattr(self, self.doing)) if self.doing else ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case's story, and the state that it must have at the end."""

    name: str
    ref: str
    begins: str
    """How long before the end of the story it begins, as ISO 8601 duration; or the moment at which
    it begins, and then it ends with its last step. A first step with `at` says it better."""
    steps: tuple[ScenarioStep, ...]
    open: tuple[str, ...] = ()
    """Tasks that are open at the end."""
    late: tuple[str, ...] = ()
    """Tasks of `open` that are overdue."""
    waits: tuple[str, ...] = ()
    """Timers that run and calls that rest, among others."""
    end: str = ""
    """The end event, of the case or inside it."""
    release: str = ""
    """`v1`, `v2`, `v3`: the release of the demo on which it begins."""
    calendar: str = "sweden"
    """Whose working days `at` counts."""
    about: str = ""
    by_hand: bool = False
    """Whether automatic steps are answered by steps of the file alone. Else they answer by
    themselves: handlers do when a case is played, and their first sample does when a draft is
    tried."""

    @property
    def begun_at(self) -> datetime | None:
        """The moment at which it begins, where it names one."""
        return None if self.begins.startswith("P") else _moment(self.begins)


EXPECTED: Final = ("open", "late", "waits", "end")
"""Attributes of a scenario that its file keeps under `expect`."""


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """Where a case stands: open tasks, the overdue ones, timers and calls, ends; by element."""

    open: tuple[str, ...]
    late: tuple[str, ...]
    waits: frozenset[str]
    ends: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unmet:
    """What a scenario expects and a case has not: which of `EXPECTED`, what was and what came."""

    what: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


def unmet(scenario: Scenario, stands: CaseStanding) -> Unmet | None:
    """The first expectation of a scenario that a case does not meet; None when it meets all."""
    if scenario.end and scenario.end not in stands.ends:
        return Unmet("end", (scenario.end,), tuple(sorted(stands.ends)))
    for what, wanted, found in (
        ("open", scenario.open, stands.open),
        ("late", scenario.late, stands.late),
    ):
        if sorted(wanted) != sorted(found):
            return Unmet(what, tuple(sorted(wanted)), tuple(sorted(found)))
    if not stands.waits.issuperset(scenario.waits):
        return Unmet("waits", scenario.waits, tuple(sorted(stands.waits)))
    return None


def scenario_content(scenario: Scenario) -> bytes:
    """The file of a scenario: what goes without saying is left out."""
    said = _said(scenario)
    steps = [_said(step) for step in said.pop("steps", ())]
    expect = {name: said.pop(name) for name in EXPECTED if name in said}
    made = {**said, "steps": steps, "expect": expect}
    return (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode()


def _said(value: Scenario | ScenarioStep) -> dict[str, Any]:
    found = {one.name: getattr(value, one.name) for one in fields(value)}
    usual = {one.name: "" if one.default is MISSING else one.default for one in fields(value)}
    return {
        name: one
        for name, one in found.items()
        if one is not None and one != usual[name] and (one or name == "values")
    }


def read_scenario(content: bytes | str, name: str) -> Scenario:
    """Read a scenario file.

    Args:
        name: of the file, without its ending; what a scenario without a name is called.
    Raises:
        BadScenario: it is none.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as e:
        raise BadScenario("trial.unreadable") from e
    if not isinstance(found, dict) or not isinstance(found.get("steps"), list):
        raise BadScenario("trial.unreadable")
    expect = found.pop("expect", {})
    if not isinstance(expect, dict) or not expect.keys() <= set(EXPECTED):
        raise BadScenario("trial.bad_expect", names=", ".join(EXPECTED))
    if len(found["steps"]) > MOST_STEPS:
        raise BadScenario("trial.too_long", most=MOST_STEPS)
    found["steps"] = tuple(_step(number, one) for number, one in enumerate(found["steps"], 1))
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in {"name": name, "ref": "", "begins": "P0D", **found, **expect}.items()
    }
    _require_shape(values, Scenario, 0)
    scenario = Scenario(**values)
    if scenario.begins.startswith("P"):
        if LENGTH.fullmatch(scenario.begins) is None:
            raise BadScenario("trial.bad_begins", text=scenario.begins)
    else:
        _moment(scenario.begins)
        if any(step.at for step in scenario.steps):
            raise BadScenario("trial.at_and_begins")
    return scenario


def _step(number: int, found: JsonValue) -> ScenarioStep:
    if not isinstance(found, dict):
        raise BadScenario("trial.bad_step", number)
    _require_shape(found, ScenarioStep, number)
    step = ScenarioStep(**found)
    if sum(bool(getattr(step, name)) for name in DOINGS) != 1:
        raise BadScenario("trial.one_doing", number, names=", ".join(DOINGS))
    lengths = (step.after, "" if step.wait == NEXT else step.wait)
    for text, pattern in ((step.at, BEFORE), *((text, LENGTH) for text in lengths)):
        if text and pattern.fullmatch(text) is None:
            raise BadScenario("trial.bad_length", number, text=text)
    return step


_SHAPES: Final[Mapping[str, type | types.UnionType]] = {
    "answers": dict,
    "values": dict,
    "only_claim": bool,
    "by_hand": bool,
    "steps": tuple,
    "open": tuple,
    "late": tuple,
    "waits": tuple,
}
"""Types of what is no text."""


def _require_shape(found: Mapping[str, Any], kind: type, number: int) -> None:
    """Require that a file names nothing that nobody reads, and everything in its type."""
    known = {one.name for one in fields(kind)}
    for key, value in found.items():
        if key not in known:
            raise BadScenario("trial.unknown_key", number, word=key)
        inside = value if key in EXPECTED and isinstance(value, tuple) else ()
        if not isinstance(value, _SHAPES.get(key, str)) or not all(
            isinstance(one, str) for one in inside
        ):
            raise BadScenario("trial.wrong_type", number, word=key)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as e:
        raise BadScenario("trial.bad_begins", text=text) from e
