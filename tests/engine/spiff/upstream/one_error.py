"""Two faults in one file: the parser fails while it reports the first, and names no line.

Two catch events name messages that do not exist. Is `TypeError` in the text, and is there a line?
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

EXPECTED = [False, True]
SEEN = [True, False]


def show(lib: Any) -> object:
    try:
        lib.parsed("one_error.bpmn")
    except ValidationException as error:
        return ["TypeError" in str(error), bool(error.line_number)]
    return []
