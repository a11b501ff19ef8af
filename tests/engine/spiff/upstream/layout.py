"""Which condition of an exclusive gateway is asked first depends on where its target is drawn.

Two conditions are true. Both files say the same, but that a is drawn above b in one and below it in
the other: moving a shape moves the case.
Source: BPMN 2.0.2, 13.4.2 (conditions are evaluated in order), and the order of the file.
"""

from __future__ import annotations

from typing import Any

EXPECTED = [["a"], ["a"]]
SEEN = [["a"], ["b"]]


def show(lib: Any) -> object:
    return [lib.ready(lib.case(f"layout_{place}.bpmn", yes=True)) for place in ("above", "below")]
