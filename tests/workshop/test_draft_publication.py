"""A draft is published as it was checked and approved, and never otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from service.errors import NotAllowed, Stale
from service.security.keyring import Keyring
from service.workshop.publish import require_publishable
from tests.support import small
from tests.support.world import World, open_world
from tests.workshop.test_dossier_record import Publication
from tests.workshop.test_drafts import OWNER, REVIEWER
from tests.workshop.test_reviews import PEOPLE


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1), directory=PEOPLE)
    yield made
    made.database.close()


def about(made: Publication) -> dict[str, Any]:
    draft, checked = made.draft, made.checked
    parts = {"checked": checked.release, "flows": checked.flows, "seen": checked.seen}
    return {"draft_id": draft.id, "rev": draft.rev, **parts}


def test_only_who_publishes_gets_so_far(desk: World) -> None:
    made = Publication(desk)
    with desk.database.transaction() as tx:
        assert require_publishable(tx, made.services, by=OWNER, **about(made)).id == made.draft.id
        with pytest.raises(NotAllowed):
            require_publishable(tx, made.services, by=REVIEWER, **about(made))


def test_flows_and_evidence_of_other_files_are_stale(desk: World) -> None:
    """Nobody publishes with what was worked out for other files."""
    made = Publication(desk)
    with desk.database.transaction() as tx:
        made.published(tx)
    again = Publication(desk)
    other = replace(again.checked.flows, digest="0" * 64)
    with pytest.raises(Stale), desk.database.transaction() as tx:
        require_publishable(tx, made.services, by=OWNER, **{**about(again), "flows": other})
