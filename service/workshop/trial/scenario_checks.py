"""Checks of a draft's scenarios: run once for the same content, in the child process.

Results are kept in memory by the digest of the draft and of what its forms know; they can
be found again at any time, so nothing of them is stored.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from service.errors import NotAllowed
from service.records.context import Services
from service.release.bundle import Bundle, scenario_files
from service.release.prepared import PreparedRelease
from service.release.recently_used import RecentlyUsed
from service.store.transaction import Tx
from service.workshop.trial.scenario_results import FailureWords, ScenarioResult
from service.workshop.trial.setting import TrialSetting, load_setting

KEPT: Final = 8
"""Drafts whose results are remembered."""
FAILING: Final = "scenarios_fail"


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """A scenario as pages and the command line tell it."""

    file: str
    name: str
    passed: bool
    reason: str
    """Why it does not pass: which step, what was expected, what came."""


@dataclass(frozen=True, slots=True)
class ScenarioSummary:
    """The scenarios of a draft: each with its result, and how many pass."""

    lines: tuple[ScenarioLine, ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.lines)

    @property
    def passed(self) -> int:
        """How many pass."""
        return sum(line.passed for line in self.lines)


def check_scenarios(
    tx: Tx, services: Services, release: PreparedRelease
) -> Callable[[], tuple[ScenarioResult, ...]]:
    """Read the setting for the scenarios of a draft; gives a function that runs them, to be called
    when the transaction is over.

    A draft without scenarios has no results, and nothing is run.
    """
    if not scenario_files(release.bundle):
        return tuple
    calendar = next(iter(release.definitions.values())).calendar
    setting = load_setting(tx, services, release, lang="sv", zone=str(calendar.zone))
    return lambda: RESULTS.results(
        release.bundle, setting, lambda: tuple(services.play(release.bundle, setting))
    )


def summary(
    release: PreparedRelease, results: Sequence[ScenarioResult], lang: str
) -> ScenarioSummary:
    """The results in a reader's language, those that fail first."""
    words = FailureWords(release, lang)
    lines = (
        ScenarioLine(one.file, one.name, one.passed, words.reason(one))
        for one in sorted(results, key=lambda one: one.passed)
    )
    return ScenarioSummary(tuple(lines))


def require_passed(bundle: Bundle, results: Sequence[ScenarioResult]) -> None:
    """Require that every scenario of a draft was run and passes.

    Raises:
        NotAllowed: one does not; `why` is `FAILING`.
    """
    run = {one.file for one in results if one.passed}
    if not run.issuperset(scenario_files(bundle)):
        raise NotAllowed(why=FAILING)


class _Results:
    """Cache of results by digest of bundle and setting; a second thread waits for the first run."""

    def __init__(self) -> None:
        self._found = RecentlyUsed[tuple[ScenarioResult, ...]](KEPT)
        self._running: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def results(
        self,
        bundle: Bundle,
        setting: TrialSetting,
        run: Callable[[], tuple[ScenarioResult, ...]],
    ) -> tuple[ScenarioResult, ...]:
        """Results from the cache, or of a run now."""
        known_facts = json.dumps(setting.as_json(), sort_keys=True, default=str)
        key = hashlib.sha256(f"{bundle.digest} {known_facts}".encode()).hexdigest()
        with self._lock:
            found, mine = self._found, self._running.setdefault(key, threading.Lock())
        with mine:
            made = found.get(key) or found.put(key, run())
        with self._lock:
            self._running.pop(key, None)
        return made

    def forget(self) -> None:
        """Forget everything, so that what took too long can be run again."""
        with self._lock:
            self._found = RecentlyUsed[tuple[ScenarioResult, ...]](KEPT)


RESULTS = _Results()
