"""An installation whose cases move between releases of small processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import pytest

from service.casework.cases.turn import TurnResult
from service.casework.commands.command import Command
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.store.installation import releases
from service.workshop.migrations import plan_page
from service.workshop.migrations.case_move import move_case, undo_move
from service.workshop.migrations.plan_review import AskReview, DecidePlan
from service.workshop.migrations.plans import stored_plan
from tests.support.directory import THREE_OFFICES
from tests.support.world import SEED, World, open_world, settle, small_process

Result = TypeVar("Result")


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

    def perform(self, command: Command[Result], by: str = "maja") -> Result:
        """Perform a command of a person."""
        services, now = self.program.services, self.clock.now()
        with self.database.transaction() as tx:
            return command.perform(tx, services, by=self.viewer(by), now=now)

    def work(self) -> None:
        """Let a worker do all that is due."""
        settle(self.worker())


@pytest.fixture
def moving(database_url: str, keyring: Keyring) -> Iterator[Moving]:
    made = small_process(open_world(database_url, keyring, directory=THREE_OFFICES))
    world = Moving(made.program, made.clock, made.functions, THREE_OFFICES)
    yield world
    made.database.close()


def ask(world: Moving, plan_id: str, *, by: str = "maja") -> str:
    """Send a plan for review; gives the id of the request."""
    with world.database.transaction(write=False) as tx:
        rev = stored_plan(tx, plan_id).rev
    return world.perform(AskReview(plan_id, rev, "The new rules hold"), by)


def approved(world: Moving, plan_id: str) -> None:
    """Have a plan approved."""
    world.perform(DecidePlan(ask(world, plan_id), approve=True, plan_id=plan_id), "nils")


def page(world: Moving, plan_id: str, who: str = "maja") -> plan_page.PlanPage:
    """The page of a plan."""
    with world.database.transaction(write=False) as tx:
        return plan_page.load_plan_page(
            tx,
            world.program.services,
            world.viewer(who),
            plan_id=plan_id,
            now=world.clock.now(),
            xml=lambda release, file: f"{release}/{file}",
        )
