"""An installation whose cases move between releases of small processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.actions.cases.turn import TurnResult
from service.actions.migrations.case_move import move_case
from service.actions.migrations.case_undo import undo_move
from service.actions.releases.bundle import Bundle
from service.security.keyring import Keyring
from service.store.installation import releases
from tests.support.directory import THREE_OFFICES
from tests.support.world import SEED, World, open_world, small_process


class Moving(World):
    """A world whose cases can be moved and put back."""

    def published(self, bundle: Bundle) -> str:
        """Publish files as a release; gives its id."""
        self.publish(bundle)
        with self.database.transaction(write=False) as tx:
            live = releases.live(tx, self.program.services.programme.process)
        assert live is not None
        return live.id

    def migrate(self, case_id: str, release_id: str, **more: Any) -> TurnResult:
        """Move a case to a release."""
        about: dict[str, Any] = {"by": SEED, "now": self.clock.now(), "case_id": case_id, **more}
        services = self.program.services
        return self.move(lambda tx: move_case(tx, services, release_id=release_id, **about))

    def put_back(self, case_id: str) -> TurnResult:
        """Take the move of a case back."""
        about: dict[str, Any] = {"by": SEED, "now": self.clock.now(), "case_id": case_id}
        return self.move(lambda tx: undo_move(tx, self.program.services, **about))


@pytest.fixture
def moving(database_url: str, keyring: Keyring) -> Iterator[Moving]:
    made = small_process(open_world(database_url, keyring, directory=THREE_OFFICES))
    world = Moving(made.program, made.clock, made.functions, THREE_OFFICES)
    yield world
    made.database.close()
