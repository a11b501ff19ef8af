"""A prepared release of the small process, for tests of the case file."""

from __future__ import annotations

from functools import cache

from service.release.prepared import PreparedRelease, prepare
from tests.support.local_handlers import TOPICS
from tests.support.small_desk import two_tasks


@cache
def release() -> PreparedRelease:
    """The release of two tasks, built once."""
    return prepare(two_tasks(), TOPICS, number=1, process="p")
