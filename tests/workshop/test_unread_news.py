"""What a release brought is news for those whose steps it changed, until they have read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from service.errors import NotFound
from service.store.installation import people
from service.workshop.release_news import (
    READ,
    ReleaseNews,
    begin_reading,
    load_step_news,
    mark_news_read,
    mark_step_known,
    release_news,
)
from tests.support.world import NOON, World, shipped
from tests.workshop.test_changed_steps import FIRST, changed_form, later


def settings(world: World, name: str) -> Mapping[str, Any]:
    return dict(world.person(name).settings)


def sign_in(world: World, *names: str) -> None:
    """They sign in for the first time."""
    with world.database.transaction() as tx:
        for name in names:
            begin_reading(tx, world.program.services, world.viewer(name).person)


def news(world: World, name: str) -> ReleaseNews | None:
    with world.database.transaction(write=False) as tx:
        return release_news(tx, world.program.services, world.viewer(name), settings(world, name))


def told(world: World, name: str, release: str, element: str = FIRST) -> bool:
    """Whether the step says to her, on a case of a release, that it changed."""
    services = world.program.services
    with world.database.transaction(write=False) as tx:
        found = load_step_news(
            tx,
            services,
            world.viewer(name),
            settings(world, name),
            release=services.release(tx, release),
            element=element,
        )
    return found is not None


def read(world: World, name: str, release: str) -> None:
    with world.database.transaction() as tx:
        mark_news_read(
            tx,
            world.program.services,
            world.viewer(name),
            NOON,
            release_id=release,
            settings=settings(world, name),
        )


def test_only_those_whose_steps_changed_are_told(shipped_world: World) -> None:
    sign_in(shipped_world, "sara", "omar")
    assert news(shipped_world, "sara") is None
    shipped_world.publish(later())
    found = news(shipped_world, "sara")
    assert found is not None
    assert (found.name, found.back, [step.element for step in found.steps]) == (
        "v2",
        False,
        [FIRST],
    )
    assert news(shipped_world, "omar") is None, "no step of the county board changed"


def test_who_signs_in_after_a_release_has_no_news_of_it(shipped_world: World) -> None:
    shipped_world.publish(later())
    assert news(shipped_world, "sara") is None, "she has never signed in"
    sign_in(shipped_world, "sara")
    assert news(shipped_world, "sara") is None
    assert settings(shipped_world, "sara")[READ] == later().digest


def test_news_that_was_read_is_gone_and_the_step_still_tells(shipped_world: World) -> None:
    sign_in(shipped_world, "sara")
    shipped_world.publish(later())
    read(shipped_world, "sara", later().digest)
    assert news(shipped_world, "sara") is None
    assert told(shipped_world, "sara", later().digest)
    assert not told(shipped_world, "sara", shipped().digest), "a case of the older release"


def test_a_step_tells_of_its_change_until_it_was_done_once(shipped_world: World) -> None:
    sign_in(shipped_world, "sara")
    shipped_world.publish(later())
    assert told(shipped_world, "sara", later().digest)
    with shipped_world.database.transaction() as tx:
        services, sara = shipped_world.program.services, shipped_world.viewer("sara")
        mark_step_known(tx, services, sara, element=FIRST, release_id=later().digest)
        mark_step_known(tx, services, sara, element="Task_None", release_id=later().digest)
        mark_step_known(tx, services, sara, element=FIRST, release_id="0" * 64)
    assert not told(shipped_world, "sara", later().digest)
    assert len(settings(shipped_world, "sara")) == len(settings(shipped_world, "omar")) + 2
    shipped_world.publish(changed_form("new_case", "Kontakt", "Nå"))
    newest = changed_form("new_case", "Kontakt", "Nå").digest
    assert told(shipped_world, "sara", newest), "it has changed again"


def test_news_of_no_release_is_not_read(shipped_world: World) -> None:
    sign_in(shipped_world, "sara")
    with pytest.raises(NotFound):
        read(shipped_world, "sara", "0" * 64)
    with shipped_world.database.transaction() as tx:
        begin_reading(tx, shipped_world.program.services, "p_nobody")
    with shipped_world.database.transaction(write=False) as tx:
        assert people.get(tx, "p_nobody") is None
