"""What the tests of the worker ask for: an installation with handlers of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from service.binding import Answer, Call
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from tests.support.world import World, open_world
from tests.worker.world import Opened


@pytest.fixture
def opened(database_url: str, keyring: Keyring) -> Iterator[Opened]:
    desks: list[World] = []

    def make(bundle: Bundle, **functions: Callable[[Call], Answer]) -> World:
        given = {name.replace("_", "."): function for name, function in functions.items()}
        desks.append(
            open_world(
                database_url,
                keyring,
                bundle,
                functions={
                    "letters.send": lambda _: Answer(),
                    "letters.count": lambda _: Answer(),
                    **given,
                },
            )
        )
        return desks[-1]

    yield make
    for desk in desks:
        desk.database.close()
