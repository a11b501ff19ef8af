"""Scenarios of a draft: trials that were saved with the end that they must come to.

A scenario is a file `scenarios/<name>.scenario.json` of the draft, and of the releases made of it:
the acts of a trial by the elements that they are about, and what must be so after the last.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from service.actions.publishing.trial.acts import ANSWER, COMPLETE, FAIL, KINDS, MOST_ACTS, Act
from service.actions.publishing.trial.run import DraftTrial
from service.actions.releases.bundle import SCENARIO, SCENARIOS, Bundle
from service.actions.releases.labels import element_name
from service.errors import InvalidAnswers, TrestegError
from service.forms.answer_checker import PERSONAL_NUMBER
from service.text import known, say

LONGEST: Final = 60
"""Characters of a scenario's name."""
BY_ELEMENT: Final = {COMPLETE: "task", ANSWER: "job", FAIL: "job"}
"""Kinds of acts that are about open work, and what kind that is."""
NOT_PLAIN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class TrialScenario:
    """A saved trial. `end` is the end event that it must come to; without one, `open` are the tasks
    that must be open.
    """

    name: str
    begins: datetime
    acts: tuple[Act, ...]
    end: str = ""
    open: tuple[str, ...] = ()

    def content(self) -> bytes:
        """The file."""
        acts = [
            {
                "kind": act.kind,
                "element": act.target,
                **({"answers": act.answers} if act.answers else {}),
                **({"code": act.code} if act.code else {}),
            }
            for act in self.acts
        ]
        expect = {"end": self.end} if self.end else {"open": list(self.open)}
        made = {
            "name": self.name,
            "begins": self.begins.isoformat(),
            "stimuli": acts,
            "expect": expect,
        }
        return (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode()


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What came of a scenario; `reason` says why it did not pass."""

    name: str
    passed: bool
    reason: str
    done: frozenset[str]
    """Elements and ways that it visited."""


def saved_trial(trial: DraftTrial, name: str, begins: datetime) -> TrialScenario:
    """A trial as a scenario that must come to where it stands now."""
    acts = tuple(
        Act(act.kind, element or act.target, act.answers, act.code) for act, element in trial.played
    )
    return TrialScenario(name, begins, acts, end_of(trial), open_tasks(trial))


def end_of(trial: DraftTrial) -> str:
    """Id of the end event that a trial came to; empty while something waits."""
    outcome = trial.outcome
    if outcome is None or not outcome.finished:
        return ""
    return outcome.inner_end or (outcome.ends[-1] if outcome.ends else "")


def open_tasks(trial: DraftTrial) -> tuple[str, ...]:
    """The tasks that are open, by element."""
    return tuple(sorted(work.element for work in trial.open if work.kind == "task"))


def file_name(name: str) -> str:
    """Name of the file of a scenario in a bundle; empty when nothing of the name can be kept."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = NOT_PLAIN.sub("-", plain).strip("-")
    return f"{SCENARIOS}{slug}{SCENARIO}" if slug else ""


def name_fault(name: str) -> str:
    """Text key of what is wrong with the name of a scenario; empty when nothing is."""
    if not file_name(name) or len(name) > LONGEST:
        return "trial.bad_name"
    return "trial.personal_number" if PERSONAL_NUMBER.search(name) else ""


def read_scenarios(bundle: Bundle) -> dict[str, TrialScenario | None]:
    """The scenarios of a bundle by file; None for one that cannot be read."""
    return {
        name: read_scenario(content)
        for name, content in sorted(bundle.files.items())
        if name.startswith(SCENARIOS)
    }


def read_scenario(content: bytes) -> TrialScenario | None:
    """Read one scenario file; None when it is none."""
    try:
        found = json.loads(content)
        expect = found["expect"]
        begins = datetime.fromisoformat(found["begins"]).astimezone(UTC)
        acts = tuple(_act(one) for one in found["stimuli"])
        opened = tuple(sorted(str(element) for element in expect.get("open", ())))
        name = str(found["name"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    if len(acts) > MOST_ACTS:
        return None
    return TrialScenario(name, begins, acts, str(expect.get("end", "")), opened)


def _act(one: Mapping[str, Any]) -> Act:
    if one["kind"] not in KINDS:
        raise ValueError(one["kind"])
    answers = {str(k): [str(text) for text in v] for k, v in one.get("answers", {}).items()}
    return Act(one["kind"], str(one["element"]), answers, str(one.get("code", "")))


def run_scenarios(
    scenarios: Mapping[str, TrialScenario | None],
    begin: Callable[[datetime], DraftTrial],
    lang: str,
) -> tuple[ScenarioResult, ...]:
    """Run scenarios one after the other, each on a trial of its own."""
    return tuple(
        run_scenario(scenario, begin, lang)
        if scenario is not None
        else ScenarioResult(file, False, say("trial.unreadable", lang), frozenset())
        for file, scenario in scenarios.items()
    )


def run_scenario(
    scenario: TrialScenario, begin: Callable[[datetime], DraftTrial], lang: str
) -> ScenarioResult:
    """Run one scenario; it passes when every act can be done and it comes where it must."""
    trial, reason = begin(scenario.begins), ""
    for number, act in enumerate(scenario.acts, 1):
        try:
            trial.play(_aimed(trial, act))
        except TrestegError as e:
            facts = {
                "n": number,
                "x": _named(trial, [act.target], lang),
                "reason": _why(trial, act, e, lang),
            }
            reason = say("trial.act_refused", lang, **facts)
            break
    ends, opened = end_of(trial), open_tasks(trial)
    if not reason and ends != scenario.end:
        facts = {"was": _named(trial, [scenario.end], lang), "now": _named(trial, [ends], lang)}
        reason = say("trial.other_end", lang, **facts)
    elif not reason and not scenario.end and opened != scenario.open:
        facts = {"was": _named(trial, scenario.open, lang), "now": _named(trial, opened, lang)}
        reason = say("trial.other_tasks", lang, **facts)
    return ScenarioResult(scenario.name, not reason, reason, frozenset(trial.done))


def _aimed(trial: DraftTrial, act: Act) -> Act:
    """An act about an element, as one about the work that is open there."""
    kind = BY_ELEMENT.get(act.kind, "")
    if not kind:
        return act
    works = (work.id for work in trial.open if (work.kind, work.element) == (kind, act.target))
    return Act(act.kind, next(works, ""), act.answers, act.code)


def _why(trial: DraftTrial, act: Act, e: TrestegError, lang: str) -> str:
    if isinstance(e, InvalidAnswers):
        labels = _labels(trial, act.target, lang)
        named = ((labels.get(fault.path, fault.path), fault) for fault in e.faults)
        faults = (
            f"{label}: {say(fault.key, lang, **{'label': label, **fault.facts})}"
            for label, fault in named
        )
        return " ".join(faults)
    key = "trial.not_open" if e.code == "not_found" else f"error.{e.code}.text"
    return say(key, lang) if known(key) else str(e)


def _labels(trial: DraftTrial, element: str, lang: str) -> dict[str, str]:
    """What the form of a step calls its questions, by path."""
    definitions = trial.release.definitions.values()
    drawn = next((d.elements[element] for d in definitions if element in d.elements), None)
    form = trial.form(drawn) if drawn is not None else None
    if form is None:
        return {}
    return {path: form.label(field, lang) or path for path, field in form.walk()}


def _named(trial: DraftTrial, ids: Iterable[str], lang: str) -> str:
    """Names of elements of the draft; of what it does not draw, the id; a dash for nothing."""
    definitions = trial.release.definitions.values()
    elements = {id_: one for definition in definitions for id_, one in definition.elements.items()}
    names = (element_name(elements[i], lang) if i in elements else i for i in ids if i)
    return ", ".join(names) or "–"
