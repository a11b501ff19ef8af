"""The former names of `tests.support.world`, for tests that have not moved yet."""

from __future__ import annotations

from service.application.container import Tresteg
from service.clock import SetClock
from service.security.keyring import Keyring
from service.settings import Settings
from tests.support.directory import OFFICE, ONE_OFFICE, ROLE
from tests.support.local_handlers import TOPICS, LocalHandlers, declare
from tests.support.programs import make_program
from tests.support.world import NOON, SEED, World, open_world, settle

PEOPLE = tuple(person.name for person in ONE_OFFICE.people)
Desk = World
Hands = LocalHandlers
open_desk = open_world


def rooms(keyring: Keyring) -> Tresteg:
    """A program without a database of its own."""
    return make_program(Settings(database_url="sqlite://"), keyring, SetClock(NOON))


__all__ = [
    "NOON",
    "OFFICE",
    "PEOPLE",
    "ROLE",
    "SEED",
    "TOPICS",
    "Desk",
    "Hands",
    "declare",
    "open_desk",
    "rooms",
    "settle",
]
