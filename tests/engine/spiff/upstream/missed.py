"""After a pause each look at the clock makes up for one missed round of a cycle.

A reminder each hour, thirty hours without a look: how many have been sent after each of three
looks. How far behind the reminders are depends on how often somebody looks.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

EXPECTED = [30, 30, 30]
SEEN = [1, 2, 3]


def show(lib: Any) -> object:
    with lib.clock() as now:
        run = lib.case("missed.bpmn")
        now.hands += timedelta(hours=30, minutes=1)
        seen = []
        for _ in range(3):
            run.do_engine_steps()
            seen.append(lib.ready(run).count("r"))
        return seen
