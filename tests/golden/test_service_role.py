"""The rights that an upgrade gives the service on PostgreSQL suffice for all that people do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.actions.history import verify
from service.clock import SetClock
from service.demo import seed
from service.security.keyring import Keyring
from service.store.database import Database
from tests.golden.make_installation import UNTIL, begun, played
from tests.support.roles import two_roles
from tests.support.shipped import publish_shipped


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_service_without_power_does_all_that_people_do(
    database_url: str, keyring: Keyring
) -> None:
    addresses = two_roles(database_url)
    owned = Database(addresses.service, owner=addresses.owner)
    owned.upgrade()
    owned.close()
    clock = SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS))
    program = begun(addresses.service, keyring, clock)
    people = seed.seed_directory(program, clock.now())
    publish_shipped(program, clock.now())
    played(program, clock, people)
    assert program.database.role_faults() == []
    with program.database.transaction(write=False) as tx:
        report = verify.verify_all(tx, program.services, now=clock.now())
    assert (report.faults, report.cases > 0) == ((), True)
    program.database.close()
