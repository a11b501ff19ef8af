"""Codes of a stored state that are read outside the codec too; the whole table is
`spiff/task_codes`.
"""

from __future__ import annotations

from typing import Final

SPLIT: Final = "Split"
BOUNDARY: Final = "Boundary"
CLOSE: Final = "Close"
PARALLEL: Final = "And"
INCLUSIVE: Final = "Or"
