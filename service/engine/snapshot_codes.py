"""Codes of task classes in stored rows that are read outside `spiff` too, by the checks of a
migration; the whole table is `spiff.codec.CODES`.
"""

from __future__ import annotations

from typing import Final

SPLIT: Final = "Split"
BOUNDARY: Final = "Boundary"
CLOSE: Final = "Close"
EVENT_TIMER: Final = "EventTimer"
PARALLEL: Final = "And"
INCLUSIVE: Final = "Or"
