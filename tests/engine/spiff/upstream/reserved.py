"""An element whose id is `End` ends the process: the library has a task of that name itself.

A user task `End` is swallowed, and the user task behind it never opens.
"""

from __future__ import annotations

from typing import Any

EXPECTED = [["End"], False]
SEEN = [[], True]


def show(lib: Any) -> object:
    run = lib.case("reserved.bpmn")
    return [lib.ready(run), run.is_completed()]
