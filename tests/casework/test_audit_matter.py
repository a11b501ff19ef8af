"""The matter of an auditor: stated once a session, sealed, and never that of another person."""

from __future__ import annotations

import pytest

from service.casework.cases import audit_matter
from service.errors import InvalidAnswers
from service.records.context import actor
from service.records.ledger_append import append_entry
from tests.support.world import World


def state(world: World, words: str, who: str = "greta") -> None:
    with world.database.transaction() as tx:
        audit_matter.state_matter(
            tx,
            world.program.services,
            by=world.loaded_viewer(who),
            now=world.clock.now(),
            words=words,
        )


def stated(world: World, who: str = "greta") -> str:
    with world.database.transaction(write=False) as tx:
        return audit_matter.open_matter(tx, world.program.services, world.loaded_viewer(who))


def test_the_newest_words_count_and_are_her_own(shipped_world: World) -> None:
    assert stated(shipped_world) == ""
    state(shipped_world, "one")
    state(shipped_world, "  two   words ")
    assert stated(shipped_world) == "two words"
    assert stated(shipped_world, "maja") == ""


def test_a_new_session_asks_anew(shipped_world: World) -> None:
    state(shipped_world, "one")
    greta, now = shipped_world.loaded_viewer("greta"), shipped_world.clock.now()
    with shipped_world.database.transaction() as tx:
        body = {"until": now.isoformat()}
        append_entry(tx, f"office/{greta.office}", "sign_in", by=actor(greta), now=now, body=body)
    assert stated(shipped_world) == ""


@pytest.mark.parametrize("words", ["", "  ", "x" * (audit_matter.LONGEST + 1)])
def test_words_that_say_nothing_or_too_much_are_refused(shipped_world: World, words: str) -> None:
    with pytest.raises(InvalidAnswers):
        state(shipped_world, words)
    assert stated(shipped_world) == ""


def test_who_decides_opens_the_words_of_her_who_asks(shipped_world: World) -> None:
    state(shipped_world, "Supervision 12")
    services, office = shipped_world.program.services, shipped_world.loaded_viewer("greta").office
    with shipped_world.database.transaction(write=False) as tx:
        found = audit_matter.stated_matter(tx, shipped_world.loaded_viewer("greta"))
        assert found is not None

        def said(person: str, number: int) -> str:
            return audit_matter.words_of(tx, services, person, office, number)

        assert said("p_greta", found.seq) == "Supervision 12"
        assert said("p_disa", found.seq) == ""
        assert said("p_greta", 10_000) == ""
