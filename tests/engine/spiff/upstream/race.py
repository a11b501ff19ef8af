"""Of two timers behind an event-based gateway the first does not fire, then the wrong one does.

They are due after one day and two, and share one due time. Open after 25 hours and after 49: b is
behind the timer of one day.
Source: BPMN 2.0.2, 13.4.4: the first event that occurs wins.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

EXPECTED = [["b"], ["b"]]
SEEN = [[], ["a"]]


def show(lib: Any) -> object:
    with lib.clock() as now:
        run = lib.case("race.bpmn")
        seen = []
        for hours in (25, 24):
            now.hands += timedelta(hours=hours)
            run.refresh_timers()
            run.do_engine_steps()
            seen.append(lib.ready(run))
        return seen
