"""The timer of an event sub-process keeps its process open after the last end event.

a is done and the end event reached. The process is not completed, and two hours later the timer
opens b in it.
Source: BPMN 2.0.2, 13.5.4: an event sub-process can begin only while its process is active.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

EXPECTED = [True, []]
SEEN = [False, ["b"]]


def show(lib: Any) -> object:
    with lib.clock() as now:
        run = lib.do(lib.case("event_sub_timer.bpmn"), "a")
        completed = run.is_completed()
        now.hands += timedelta(hours=2)
        run.refresh_timers()
        run.do_engine_steps()
        return [completed, lib.ready(run)]
