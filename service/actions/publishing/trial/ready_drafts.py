"""Drafts made ready to run, and what came of their scenarios: the last few are remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

from service.actions.context import Services
from service.actions.publishing.trial.run import DraftTrial
from service.actions.publishing.trial.scenarios import (
    ScenarioResult,
    read_scenarios,
    run_scenarios,
)
from service.actions.releases.bundle import Bundle
from service.actions.releases.prepared import PreparedRelease

KEPT: Final = 4
"""Drafts that are remembered."""


class ReadyDrafts:
    """Drafts that were linted and built, by the digest of their files; the oldest leaves first."""

    def __init__(self) -> None:
        self._ready: OrderedDict[str, PreparedRelease] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, services: Services, bundle: Bundle) -> PreparedRelease:
        """A draft, ready to run.

        Raises:
            BadDiagram: with every finding, when one is an error.
        """
        with self._lock:
            if bundle.digest in self._ready:
                return self._ready[bundle.digest]
        made = services.prepared.prepare(bundle, process=services.programme.process)
        with self._lock:
            self._ready[bundle.digest] = made
            while len(self._ready) > KEPT:
                self._ready.popitem(last=False)
        return made


READY = ReadyDrafts()


def run_all(
    bundle: Bundle,
    begin: Callable[[datetime], DraftTrial],
    lang: str,
) -> tuple[ScenarioResult, ...]:
    """Run every scenario of a draft; the last drafts' results are remembered.

    Only names of offices could change them, and those steer nothing.
    """
    return RAN.results(
        bundle.digest, lang, lambda: run_scenarios(read_scenarios(bundle), begin, lang)
    )


class _Results:
    """Results of the scenarios of drafts, by the digest of their files and by language."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, str], tuple[ScenarioResult, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def results(
        self, digest: str, lang: str, run: Callable[[], tuple[ScenarioResult, ...]]
    ) -> tuple[ScenarioResult, ...]:
        """What is remembered, or what running them gives."""
        with self._lock:
            known_results = self._found.get((digest, lang))
        if known_results is not None:
            return known_results
        made = run()
        with self._lock:
            self._found[digest, lang] = made
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
        return made


RAN = _Results()
