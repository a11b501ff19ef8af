"""Forked children of a test, which end: each with its test's process, and after a while by itself.

A fork of a process with threads may stand still for ever, at a lock that another thread held. It
also holds the pipes of its pytest worker open, so that nobody would notice that this has died.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
import traceback
from collections.abc import Callable
from typing import Final

from service.sandbox.child import die_with_parent

LONGEST: Final = 120
"""Seconds that a child may live; most take less than one."""
STDERR: Final = 2
AT_A_DATABASE: Final = threading.Lock()
"""Held by a thread of a site while it works at a SQLite file, and by who forks.

SQLite has locks of its own in the process. A child that was forked while another thread held one of
them would wait for it for ever.
"""


def fork(run: Callable[[], object], longest: int = LONGEST) -> int:
    """Run a function in a forked child, which never comes back from it.

    Args:
        longest: seconds; a child that takes longer prints where it stands, and ends.

    Returns:
        The child's process id.
    """
    assert AT_A_DATABASE.acquire(timeout=LONGEST), "a site's worker does not come to its end"
    try:
        child = os.fork()
    finally:
        AT_A_DATABASE.release()
    if child:
        return child
    code = 1
    try:
        die_with_parent()
        faulthandler.register(signal.SIGALRM, file=STDERR, chain=True)
        signal.alarm(longest)
        run()
        code = 0
    except BaseException:  # noqa: BLE001 - a child that went on would be a second pytest
        traceback.print_exc()
    finally:
        os._exit(code)


def status_of(child: int) -> int:
    """How a child ended, as `os.waitpid` tells it; one whose time was up fails the test."""
    _, status = os.waitpid(child, 0)
    was_late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
    assert not was_late, "a forked child stood still; where it stood was printed"
    return status
