"""The guided walk comes from the referral to the follow-up at home, each time to a task that is
filled in.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from service.app import assemble
from service.casework.tasks import unsent_answers
from service.clock import SetClock, ShiftedClock
from service.demo import seed, state
from service.demo.tour import DemoTour
from service.people import accounts
from service.security.keyring import Keyring
from service.security.passwords import Passwords
from service.settings import Settings
from service.store.installation import installation_values as kept
from service.store.work import tasks
from tests.support.shipped import publish_shipped

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_the_tour_leads_through_all_steps_and_moves_the_clock(
    database_url: str, keyring: Keyring
) -> None:
    settings = Settings(database_url=database_url, secret_key=secrets.token_urlsafe(16))
    program = assemble(
        settings,
        clock=ShiftedClock(SetClock(NOON)),
        keyring=keyring,
        passwords=Passwords(memory=64, rounds=1),
    )
    people = seed.seed_directory(program, NOON)
    publish_shipped(program, NOON)
    walker, case, seen = DemoTour(program), "", []
    for step in range(1, 6):
        who, case, key = walker.play(step, case)
        with program.database.transaction(write=False) as tx:
            task = tasks.get(tx, key)
            viewer = accounts.load_viewer(tx, people[who])
            assert task is not None
            assert viewer is not None
            assert task.claimed_by == viewer.person
            assert unsent_answers.load_unsent(tx, program.services, viewer, key).raw
        seen.append((who, task.element))
    assert seen == list(zip(("sara", "omar", "sara", "aino", "iva"), walker.stops, strict=True))
    assert program.clock.now() - NOON > timedelta(days=1)
    with program.database.transaction(write=False) as tx:
        assert state.shift_of(kept.get(tx, state.CLOCK)) > timedelta(days=1)
    program.database.close()
