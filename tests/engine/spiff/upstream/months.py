"""A month from 31 January is 3 March, and each month of a cycle that begins there is of 31 days.

Source: ISO 8601 durations, as BPMN 2.0.2 has them: the day is kept, or the last of the month.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

EXPECTED = ["2026-02-28", 28]
SEEN = ["2026-03-03", 31]


def show(_lib: Any) -> object:
    first = datetime(2026, 1, 31, tzinfo=UTC)
    month = TimerEventDefinition.get_timedelta_from_start({"months": 1}, first)
    cycle = TimerEventDefinition.parse_iso_recurring_interval("R3/2026-01-31T00:00:00+00:00/P1M")
    return [(first + month).date().isoformat(), cycle[2].days]
