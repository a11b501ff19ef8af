"""A prepared release of the small process, for tests of the case file."""

from __future__ import annotations

from functools import cache

from service.actions.releases.prepared import PreparedRelease, prepare
from tests.actions.conftest import two_tasks
from tests.support.local_handlers import TOPICS


@cache
def release() -> PreparedRelease:
    """The release of two tasks, built once."""
    return prepare(two_tasks(), TOPICS, number=1, process="p")
