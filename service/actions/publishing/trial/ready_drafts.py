"""Drafts made ready to run: the last few are remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from service.actions.context import Services
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
