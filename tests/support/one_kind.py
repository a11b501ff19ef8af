"""The plugin that runs each test of a page on one kind of database, which its name decides.

A page asks the database by the actions, which are tested on both kinds, and each page has several
tests; so a page meets both. The long runs of `dev.py soak`, and `pytest --both-kinds`, leave none
out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from zlib import crc32

import pytest

from tests.support import scale
from tests.support.kinds import POSTGRESQL, SQLITE

PAGES: Final = "tests/web/"
"""Where tests of pages lie."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that leaves no test out."""
    about = "run tests of pages on both kinds of database, not each on the one that its name gives"
    parser.addoption("--both-kinds", action="store_true", help=about)


@pytest.hookimpl(trylast=True)  # after marks have chosen: who asks for one kind gets all of it
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out one of the two runs of each test of a page."""
    if scale.times() or config.getoption("--both-kinds"):
        return
    left_out = other_kind(item.nodeid for item in items)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
    items[:] = [item for item in items if item.nodeid not in left_out]


def other_kind(names: Iterable[str]) -> set[str]:
    """Of the tests of pages that would run on both kinds, the runs that are left out."""
    pairs: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if name.startswith(PAGES):
            pairs[name.replace(SQLITE, "").replace(POSTGRESQL, "")].append(name)
    return {sorted(pair)[crc32(key.encode()) % 2] for key, pair in pairs.items() if len(pair) > 1}
