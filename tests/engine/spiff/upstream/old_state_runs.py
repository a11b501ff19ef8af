"""Reading a state of format 1.2 runs Python that stands in it.

The migration of timer expressions evaluates the text of the state, not only dates.
"""

from __future__ import annotations

import sys
from typing import Any

from SpiffWorkflow.bpmn.serializer.migration.version_1_2 import convert_timer_expressions

EXPECTED = False
SEEN = True


def show(_lib: Any) -> object:
    marks = "__import__('builtins').setattr(__import__('sys'), 'trodden', True)"
    definition = {
        "typename": "TimerEventDefinition",
        "label": "t",
        "dateTime": f"{marks} or datetime(2026, 1, 1)",
    }
    spec = {"name": "t", "event_definition": definition}
    convert_timer_expressions({"spec": {"task_specs": {"t": spec}}})
    return hasattr(sys, "trodden")
