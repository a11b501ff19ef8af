"""A timer that is due now has not fired: the library asks for earlier, not for earlier or now."""

from __future__ import annotations

from typing import Any

EXPECTED = True
SEEN = False


def show(lib: Any) -> object:
    with lib.clock():
        return lib.case("due_now.bpmn").is_completed()
