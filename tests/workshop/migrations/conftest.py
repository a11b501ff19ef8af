"""An installation whose cases move between releases of small processes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

import pytest

from service.casework.cases.turn import TurnResult
from service.casework.commands.command import Command
from service.records.context import Actor, release_stream
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.store.installation import releases
from service.workshop.migrations import plan_page
from service.workshop.migrations.case_move import move_case, undo_move
from service.workshop.migrations.plan_review import MIGRATE, ask_review, decide_plan
from service.workshop.migrations.plans import stored_plan
from tests.support.directory import THREE_OFFICES
from tests.support.world import SEED, World, open_world, settle, small_process

Result = TypeVar("Result")
PLAN: Final = "plan"
"""The plan of what is moved by itself."""


class Moving(World):
    """A world whose cases can be moved and put back."""

    def published(self, bundle: Bundle) -> str:
        """Publish files as a release; gives its id."""
        self.publish(bundle)
        with self.database.transaction(write=False) as tx:
            live = releases.live(tx, self.program.services.programme.process)
        assert live is not None
        return live.id

    def migrate(self, case_id: str, release_id: str, plan: str = PLAN, **more: Any) -> TurnResult:
        """Move a case to a release, as a run of a plan would that was begun and approved."""
        services, now = self.program.services, self.clock.now()
        approval = {"approval": ulid(now), "what": MIGRATE}
        digest, lasts = {"digest": "d"}, {"until": (now + timedelta(days=1)).isoformat()}
        reviewer, stream = Actor("p_nils", ""), release_stream(services)
        begun = {"plan": plan, "release": release_id, "approval": approval["approval"]}
        with self.database.transaction() as tx:
            for name, kind, by, body in (
                ("system", "approval_asked", SEED, {**approval, **digest, **lasts}),
                ("system", "approval_given", reviewer, {**approval, **digest, **lasts}),
                ("system", "approval_used", SEED, {**approval, **digest}),
                (stream, "migration_started", SEED, begun),
            ):
                append_entry(tx, name, kind, by=by, now=now, body=body)
        about: dict[str, Any] = {"by": SEED, "now": now, "case_id": case_id, "plan": plan, **more}
        return self.move(lambda tx: move_case(tx, services, release_id=release_id, **about))

    def begin_undo(self, plan: str, by: Actor) -> None:
        """Write that a person has the moves of a plan taken back."""
        stream, body = release_stream(self.program.services), {"plan": plan, "release": ""}
        with self.database.transaction() as tx:
            append_entry(tx, stream, "migration_undone", by=by, now=self.clock.now(), body=body)

    def put_back(self, case_id: str) -> TurnResult:
        """Take the move of a case back, as a run of a plan would that was begun."""
        self.begin_undo(PLAN, SEED)
        about: dict[str, Any] = {"by": SEED, "now": self.clock.now(), "case_id": case_id}
        about["plan"] = PLAN
        return self.move(lambda tx: undo_move(tx, self.program.services, **about))

    def perform(self, command: Command[Result], by: str = "maja") -> Result:
        """Perform a command of a person."""
        services, now = self.program.services, self.clock.now()
        with self.database.transaction() as tx:
            return command(tx, services, self.viewer(by), now)

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
    return world.perform(
        partial(ask_review, plan_id=plan_id, rev=rev, note="The new rules hold"), by
    )


def approved(world: Moving, plan_id: str) -> None:
    """Have a plan approved."""
    world.perform(
        partial(decide_plan, request_id=ask(world, plan_id), approve=True, plan_id=plan_id), "nils"
    )


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
