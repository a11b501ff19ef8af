"""A multi-instance activity with `loopCardinality` and an output that exists raises NameError.

A slip in `init_data_output_with_cardinality`: `data_ouput`.
"""

from __future__ import annotations

from typing import Any

EXPECTED = "passes"
SEEN = "NameError"


def show(lib: Any) -> object:
    return lib.fails(lambda: lib.case("mi_cardinality.bpmn", out=[]))
