"""An ad hoc sub-process whose steps come in turn is run as if all came at once.

The parser refuses `ordering`, but asks for it with a prefix that no tool writes.
Source: BPMN 2.0.2, table 10.22: attributes of the element have no prefix.
"""

from __future__ import annotations

from typing import Any

EXPECTED = "ValidationException"
SEEN = "passes"


def show(lib: Any) -> object:
    return lib.fails(lambda: lib.parsed("ad_hoc.bpmn"))
