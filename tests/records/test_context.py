"""Services hand out keys and releases; the history names people by ids only."""

from __future__ import annotations

import pytest

from service.access import Viewer
from service.errors import NotFound
from service.records.context import Actor, actor
from tests.support.by_hand import entry
from tests.support.world import World

PLACE = {"table": "note", "column": "sealed", "row": "r"}


def test_a_new_key_is_kept_and_opens_what_it_sealed(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        sealed = services.new_key(tx, "case:x", stream="case/x").seal("notes", b"words", **PLACE)
        entry(tx, "case/x")
    with desk.database.transaction(write=False) as tx:
        key = services.key(tx, "case:x")
        assert key is not None
        assert key.open("notes", sealed, **PLACE) == b"words"
        assert services.key(tx, "case:y") is None


def test_the_current_release_is_the_one_that_was_published(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction(write=False) as tx:
        current = services.current(tx)
        assert not services.has_no_release(tx)
        assert services.release(tx, current.id) is current, "it is prepared once"
        with pytest.raises(NotFound):
            services.release(tx, "0" * 64)


def test_a_person_acts_with_her_id_and_her_office() -> None:
    assert actor(Viewer("p_sara", "social", frozenset({"X"}))) == Actor("p_sara", "social")
