"""Each year has a counter, and a number that was not used is given again."""

from __future__ import annotations

import pytest

from service.store.casefile import case_numbers
from service.store.database import Database


class Refused(Exception):
    """What a start may end with."""


def refused(database: Database) -> None:
    """Take a number, and be rolled back."""
    with database.transaction() as tx:
        assert case_numbers.next_of(tx, 2026) == 2
        raise Refused


def test_each_year_counts_from_one(database: Database) -> None:
    with database.transaction() as tx:
        assert [case_numbers.next_of(tx, 2026) for _ in range(3)] == [1, 2, 3]
        assert case_numbers.next_of(tx, 2027) == 1
    with database.transaction() as tx:
        assert case_numbers.next_of(tx, 2026) == 4


def test_a_number_of_a_refused_start_goes_to_the_next(database: Database) -> None:
    with database.transaction() as tx:
        assert case_numbers.next_of(tx, 2026) == 1
    with pytest.raises(Refused):
        refused(database)
    with database.transaction() as tx:
        assert case_numbers.next_of(tx, 2026) == 2
