"""A message that begins an event sub-process changes the spec, so later cases begin with it.

The first case gets the message. The second is new, got none, and its event sub-process runs.
"""

from __future__ import annotations

from typing import Any

EXPECTED = [False, 0]
SEEN = [True, 1]


def show(lib: Any) -> object:
    spec, subs = lib.parsed("event_sub.bpmn")
    first = lib.started(spec, subs)
    before = list(spec.start._outputs)
    lib.send(first)
    later = lib.started(spec, subs)
    return [before != list(spec.start._outputs), len(later.subprocesses)]
