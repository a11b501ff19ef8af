"""Running the scenarios of a draft, in a child process.

Whatever a diagram, a rule or a condition does while it runs, the server goes on answering, and a
scenario that never ends ends in a sentence.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from service.errors import BadDiagram, EngineStopped, UnusableFile
from service.release.bundle import Bundle, scenario_files, unpack
from service.release.prepared import build
from service.sandbox.child import serve
from service.sandbox.child_processes import ChildEnded, ChildProcesses
from service.sandbox.handlers import declared
from service.workshop.trial.draft_trial import DraftTrial
from service.workshop.trial.scenario_results import ScenarioFailure, ScenarioResult, result_from
from service.workshop.trial.scenarios import run_file, scenario_title
from service.workshop.trial.setting import TrialSetting, trial_of

SECONDS: Final = 20.0
"""Longest that one asking may take; the child's task may compute for ten seconds of them."""
LONGEST: Final = 5.0
"""Seconds that one scenario may take."""
TOGETHER: Final = 4.0
"""Seconds after which a task says what it has, and the rest is asked for anew."""
MOST_ENDS: Final = 4
"""Times that the child may end before the rest is not run."""
ANSWER_MOST: Final = 8 * 2**20
"""Longest answer, in bytes."""
CHILDREN, WAITING = 1, 4


class ScenarioProcesses:
    """A child that runs scenarios; shared by all threads of a program."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._children = ChildProcesses(
            "service.sandbox.scenario_runs",
            longest=ANSWER_MOST,
            several=CHILDREN,
            waiting=WAITING,
            seconds=seconds,
        )

    def run(self, bundle: Bundle, setting: TrialSetting) -> tuple[ScenarioResult, ...]:
        """Run every scenario of a draft that the linter found no error in.

        One that takes too much time or memory fails, and the others are run.

        Raises:
            Busy: too many others are having scenarios run.
        """
        declared()  # a module of handlers that cannot be loaded is named here; the child is silent
        files = scenario_files(bundle)
        found = list[ScenarioResult]()
        asked = {"bundle": base64.b64encode(bundle.pack()).decode(), "setting": setting.as_json()}
        ends = 0
        """How often the child ended without an answer: then each is run alone."""
        while len(found) < len(files):
            rest = list(files)[len(found) :]
            if ends > MOST_ENDS:
                return (*found, *(_failed(name, files, "trial.not_run") for name in rest))
            names = rest[:1] if ends else rest
            try:
                said = json.loads(self._children.ask(json.dumps({**asked, "files": names})))
            except ChildEnded:
                found += [_failed(names[0], files, "trial.too_slow")] if ends else []
                ends += 1
            else:
                found += [result_from(one) for one in said]
        return tuple(found)

    def close(self) -> None:
        """End the child."""
        self._children.close()


SHARED = ScenarioProcesses()
"""What runs the scenarios of this program; its child starts when it is first asked, and ends with
it."""


def _failed(name: str, files: Mapping[str, bytes], key: str) -> ScenarioResult:
    return ScenarioResult(name, scenario_title(name, files[name]), ScenarioFailure(key))


# ---- inside the child


def answer_one(line: str) -> str:
    """The child's answer to one line, as JSON: the results of the first of the named scenarios."""
    asked = json.loads(line)
    bundle = unpack(base64.b64decode(asked["bundle"]))
    files, names = bundle.files, asked["files"]
    try:
        results = _run(bundle, TrialSetting(**asked["setting"]), names)
    except (BadDiagram, UnusableFile):
        results = [_failed(name, files, "trial.broken_draft") for name in names]
    except Exception as e:  # noqa: BLE001 - a fault of ours in a file of others: a sentence, not a silence
        failure = ScenarioFailure("trial.fault_of_ours", facts={"fault": type(e).__name__})
        results = [ScenarioResult(names[0], scenario_title(names[0], files[names[0]]), failure)]
    return json.dumps([one.as_json() for one in results], default=str)


def _run(bundle: Bundle, setting: TrialSetting, names: Sequence[str]) -> list[ScenarioResult]:
    topics = declared()
    begun = time.monotonic()
    release = build(bundle, topics)

    def begin(at: datetime) -> DraftTrial:
        trial = trial_of(release, setting, topics, at)
        until = time.monotonic() + LONGEST
        trial.watch = lambda: _require_time(until)
        return trial

    found: list[ScenarioResult] = []
    for name in names:
        found.append(run_file(name, bundle.files[name], begin))
        if time.monotonic() - begun > TOGETHER:
            break
    return found


def _require_time(until: float) -> None:
    if time.monotonic() > until:
        raise EngineStopped("time", "", f"more than {LONGEST} s")


def main() -> None:
    """Run as the child: handlers are read for what they declare, and never called."""
    serve(answer_one, longest=ANSWER_MOST, prepare=declared)


if __name__ == "__main__":
    main()
