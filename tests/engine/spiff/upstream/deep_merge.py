"""Merging the list [3] into [1, 2] gives [1]: neither of them, nor both.

Two branches that write the same list leave that behind their join.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.deep_merge import DeepMerge

EXPECTED = [3]
SEEN = [1]


def show(_lib: Any) -> object:
    return DeepMerge.merge({"a": [1, 2]}, {"a": [3]})["a"]
