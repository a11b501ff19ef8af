"""Drafts made ready to run: the last few are remembered."""

from __future__ import annotations

from typing import Final

from service.errors import BadDiagram
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.prepared import PreparedRelease
from service.release.recently_used import RecentlyUsed

KEPT: Final = 4
"""Drafts that are remembered."""


class ReadyDrafts:
    """Drafts that were linted in the child process, and built, by the digest of their files."""

    def __init__(self) -> None:
        self._ready = RecentlyUsed[PreparedRelease](KEPT)

    def prepare(self, services: Services, bundle: Bundle) -> PreparedRelease:
        """A draft, ready to run.

        Raises:
            BadDiagram: with every finding, when one is an error.
            Busy: too many others are having files read.
        """
        ready = self._ready.get(bundle.digest)
        if ready is not None:
            return ready
        findings = tuple(services.judge(bundle, ""))
        if any(found.severity == "E" for found in findings):
            raise BadDiagram(findings)
        made = services.prepared.build(bundle, process=services.programme.process)
        return self._ready.put(bundle.digest, made)


READY = ReadyDrafts()
