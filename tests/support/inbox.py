"""A list of the inbox, loaded as its page and its route load it."""

from __future__ import annotations

from service.access import Viewer
from service.audit.log_review.questions import asked_since
from service.casework.tasks import inbox_list
from service.casework.tasks.inbox_list import Filter, LoadedInbox
from service.people import accounts
from service.store.keyset import PageRequest
from tests.support.world import World


def load_list(
    world: World,
    viewer: Viewer,
    asked: Filter | None = None,
    step: PageRequest | None = None,
    limit: int = 50,
) -> LoadedInbox:
    """The rows of a page of a list, and what is around them."""
    services, now = world.program.services, world.clock.now()
    with world.database.transaction(write=False) as tx:
        loaded = inbox_list.load_inbox(
            *(tx, services, viewer, now, asked or Filter(), step or PageRequest()),
            limit=limit,
            around=asked_since(now),
        )
        inbox_list.load_marks(tx, loaded)
        accounts.load_people(tx, loaded.at_hand, inbox_list.people_of(loaded))
    return loaded


def sizes(loaded: LoadedInbox) -> dict[str, int]:
    """How many tasks each list has."""
    assert loaded.overview is not None
    return {**loaded.overview.sizes}
