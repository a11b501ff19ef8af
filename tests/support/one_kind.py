"""The plugin that runs a test above the store on one kind of database, which its name decides.

What differs between SQLite and PostgreSQL lies in `service/store`, whose tests run on both, as do
those of transactions, of killed processes and of kept databases, and each test or file
with the mark `both_kinds`: it races, or rests on what one kind does. Everything else asks the
database by the functions of the store, and each subject has several tests; so it meets both. The
long runs of `dev.py soak`, and `pytest --both-kinds`, leave none out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from zlib import crc32

import pytest

from tests.support import scale
from tests.support.kinds import POSTGRESQL, SQLITE

BOTH: Final = (
    "tests/application/",
    "tests/bench/",
    "tests/faults/",
    "tests/golden/",
    "tests/store/",
)
"""Where tests run on both kinds."""
BY_FILE: Final = ("tests/audit/",)
"""Where one world serves a whole file: its kind is the file's."""
MARK: Final = "both_kinds"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that leaves no test out."""
    about = "run each test on both kinds of database, not on the one that its name gives"
    parser.addoption("--both-kinds", action="store_true", help=about)


@pytest.hookimpl(trylast=True)  # after marks have chosen: who asks for one kind gets all of it
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out one of the two runs of each test that needs no more than one."""
    if scale.times() or config.getoption("--both-kinds"):
        return
    wanted = (item.nodeid for item in items if item.get_closest_marker(MARK) is None)
    left_out = other_kind(wanted)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
    items[:] = [item for item in items if item.nodeid not in left_out]


def other_kind(names: Iterable[str]) -> set[str]:
    """Of the tests that would run on both kinds, the runs that are left out."""
    pairs: dict[str, list[str]] = defaultdict(list)
    for name in names:
        if not name.startswith(BOTH):
            pairs[name.replace(SQLITE, "").replace(POSTGRESQL, "")].append(name)
    return {
        sorted(pair)[crc32(_decider(key).encode()) % 2]
        for key, pair in pairs.items()
        if len(pair) > 1
    }


def _decider(name: str) -> str:
    """What decides on which kind a test runs: its own name, or its file's."""
    return name.partition("::")[0] if name.startswith(BY_FILE) else name
