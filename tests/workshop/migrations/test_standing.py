"""Open cases are told apart by their release and the places of their tokens."""

from __future__ import annotations

from service.store.installation import keys
from service.workshop.migrations.standing import standing_cases
from tests.support import small
from tests.support.world import SMALL
from tests.workshop.migrations.conftest import Moving
from tests.workshop.migrations.processes import THREE, TWO


def places(moving: Moving, *releases: str) -> list[tuple[str, tuple[str, ...]]]:
    with moving.database.transaction(write=False) as tx:
        found = standing_cases(tx, moving.program.services, SMALL, releases)
        return [(one.case.id, tuple(e for _, e in one.places)) for one in found]


def test_cases_at_one_place_have_one_key(moving: Moving) -> None:
    old = moving.published(TWO)
    first, second, third = sorted(moving.start().case_id for _ in range(3))
    moving.do(third, "a", small.ANSWERS)
    with moving.database.transaction(write=False) as tx:
        found = standing_cases(tx, moving.program.services, SMALL, [old])
        key = {one.case.id: one.key for one in found}
    assert key[first] == key[second] != key[third]
    assert places(moving, old) == [(first, ("a",)), (second, ("a",)), (third, ("b",))]


def test_a_place_on_another_release_is_another(moving: Moving) -> None:
    old = moving.published(TWO)
    moving.start()
    new = moving.published(THREE)
    moving.start()
    with moving.database.transaction(write=False) as tx:
        found = [*standing_cases(tx, moving.program.services, SMALL, [old, new])]
    assert len({one.key for one in found}) == 2


def test_ended_and_erased_cases_stand_nowhere(moving: Moving) -> None:
    old = moving.published(TWO)
    ended, erased = (moving.start().case_id for _ in range(2))
    moving.do(ended, "a", small.ANSWERS)
    moving.do(ended, "b")
    with moving.database.transaction() as tx:
        keys.drop(tx, f"case:{erased}", stream=f"case/{erased}")
        tx.changes.bound.clear()
    assert places(moving, old) == []
