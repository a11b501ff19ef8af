"""The plugin that leaves tests with the mark `soak` to the long runs of `dev.py soak`: what a usual
run asks once of each kind, they ask once more of another of the same kind.
"""

from __future__ import annotations

from typing import Final

import pytest

from tests.support import scale

MARK: Final = "soak"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only a long run asks."""
    if scale.times():
        return
    left_out = [item for item in items if item.get_closest_marker(MARK)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
