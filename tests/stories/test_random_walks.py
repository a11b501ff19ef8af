"""Random cases: people choose by lot what they answer, send and wait for; no promise breaks.

Every walk has its own seed, which stands in the name of what it breaks.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from service.access import Viewer
from service.audit import verify
from service.clock import SetClock
from service.demo import seed
from service.demo.player import Player, make_player
from service.errors import TrestegError
from service.security.keyring import Keyring
from service.store.casefile import cases, parties
from service.store.work import tasks
from service.workshop.trial.scenario_file import ScenarioStep
from tests.stories.history import history
from tests.stories.promises import PROMISES
from tests.support.played_cases import UNTIL, Played, program_at
from tests.support.scale import figure
from tests.support.shipped import publish_shipped

pytestmark = pytest.mark.slow
WALKS = figure("walks")
LONGEST, TRIES = 70, 2
MESSAGES = (
    *("withdraw", "death_report", "contact_lost", "travel_alone"),
    *("alert", "hold_journey", "no_more_contact") * 2,
)
OFTEN, CHANGED = 0.05, 0.2
"""How often somebody sends a message instead of doing a task, and how often an answer is another
than the usual one."""


@dataclass
class Wanderer(Player):
    """Plays a case by lot."""

    lot: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - a test wants the same walk again
    bold: bool = True
    """Whether answers differ from the usual ones; they do not once the form has refused too often.
    """

    def answers(
        self,
        form: str,
        own: Mapping[str, Any],
        viewer: Viewer,
        now: datetime,
        until: datetime | None = None,
    ) -> dict[str, list[str]]:
        found = super().answers(form, own, viewer, now, until)
        with self.program.database.transaction(write=False) as tx:
            fields = dict(self.program.services.current(tx).forms[form].walk()) if form else {}
        for path in list(found) if self.bold else ():
            plain = ".".join(part for part in path.split(".") if not part.isdecimal())
            if plain in fields and fields[plain].values and self.lot.random() < CHANGED:
                found[path] = [self.lot.choice(fields[plain].values)]
        return found

    def wander(self, number: int) -> str:
        """One case from its start until it ends or the walk is long enough; gives its id."""
        self.lot = random.Random(number)  # noqa: S311 - a test wants the same walk again
        case = self._some(
            lambda: self.act(
                ScenarioStep(by="sara", start="Start_PersonIdentified"), "", ref=f"walk-{number}"
            )
        )
        for _ in range(LONGEST):
            self.pass_time(self.clock.now() + timedelta(minutes=1))
            with self.program.database.transaction(write=False) as tx:
                brief, waiting = cases.get(tx, case), tasks.of_case(tx, case)
            if brief is None or brief.status == "ended":
                break
            if not waiting or self.lot.random() < 2 * OFTEN:
                self.pass_time(self.clock.now() + timedelta(hours=self.lot.choice((3, 30, 300))))
            elif self.lot.random() < OFTEN:
                self._by_anybody(ScenarioStep(by="", message=self.lot.choice(MESSAGES)), case)
            else:
                self._by_anybody(
                    ScenarioStep(
                        by="", task=self.lot.choice(sorted(one.element for one in waiting))
                    ),
                    case,
                )
        return case

    def _by_anybody(self, step: ScenarioStep, case: str) -> None:
        """Whoever may do it does it; a message that nobody may send now is not sent."""
        for who in self.lot.sample(sorted(self.people), len(self.people)):
            viewer, _ = self.signed_in(who)
            with self.program.database.transaction(write=False) as tx:
                loaded = {
                    role
                    for role, office in parties.of_case(tx, case).items()
                    if office == viewer.office
                }
            if loaded & viewer.lane_roles and self._some(
                partial(self.act, replace(step, by=who), case)
            ):
                return

    def _some(self, act: Callable[[], str]) -> str:
        """Try bold answers some times, then the usual ones; empty when nothing is accepted."""
        for n in range(TRIES + 1):
            self.bold = n < TRIES
            try:
                return act()
            except (TrestegError, LookupError):
                continue
        return ""


@pytest.fixture(scope="module")
def wandered(
    empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keyring: Keyring
) -> Iterator[Played]:
    """Walks on the shipped release."""
    path = tmp_path_factory.mktemp("walks") / "walks.db"
    shutil.copyfile(empty_sqlite, path)
    program = program_at(f"sqlite:///{path}", keyring, UNTIL)
    people = seed.seed_directory(program, UNTIL)
    publish_shipped(program, UNTIL)
    assert isinstance(program.clock, SetClock)
    like = make_player(program, program.clock, people)
    player = Wanderer(program, program.clock, people, like.usual, like.calendars)
    yield Played(program, {f"walk-{n}": player.wander(n) for n in range(WALKS)})
    player.close()
    program.database.close()


def test_the_walks_go_far_and_end_in_different_ways(wandered: Played) -> None:
    with wandered.program.database.transaction(write=False) as tx:
        found = [cases.get(tx, id_) for id_ in wandered.cases.values()]
    assert {case.stage for case in found if case is not None} & {"2", "3"}
    assert len({case.inner_end or case.end for case in found if case is not None}) >= 2


def test_no_walk_breaks_a_promise_and_every_history_is_whole(wandered: Played) -> None:
    now = wandered.program.clock.now()
    with wandered.program.database.transaction(write=False) as tx:
        told = [
            history(tx, wandered.program.services, case, now)
            for case in cases.listed(tx, process="return_case")
        ]
        verified = verify.verify_all(tx, wandered.program.services, now=now)
    assert [
        f"{number}: {one.ref}: {broken}"
        for one in told
        for number, promise in PROMISES
        for broken in promise(one)
    ] == []
    assert (verified.faults, verified.breaches) == ((), ())
