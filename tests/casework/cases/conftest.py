"""A loaded case, and a way to read with a transaction, for tests of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from service.casework.cases.loaded_case import LoadedCase, load_case
from service.store.casefile import cases
from service.store.installation import offices
from service.store.transaction import Tx
from tests.support.world import World

Load: TypeAlias = Callable[[Tx], LoadedCase]


BOARD = offices.Office("board", "Board", "MYNDIGHET", [], [], "sweden", "Europe/Stockholm", "sv")
"""An office that no case is opened to by itself; a test adds it where it needs another one."""


@pytest.fixture
def tx(desk: World, case_id: str) -> Iterator[Tx]:
    """A transaction that writes, once the case is there."""
    assert desk.case(case_id).rev == 1
    with desk.database.transaction() as opened:
        yield opened
        opened.changes.bound.clear()  # parts of a turn write rows, and the turn the entry


@pytest.fixture
def load(desk: World, case_id: str) -> Load:
    """Opens the case for a turn."""

    def loaded(tx: Tx) -> LoadedCase:
        rows = cases.load(tx, case_id)
        assert rows is not None
        return load_case(tx, desk.program.services, rows)

    return loaded
