"""The rights that an upgrade gives the service on PostgreSQL suffice for all that people do, and so
do the rows that its policies give the office of who acts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from service.access import Viewer
from service.application.submit import submit
from service.audit import verify
from service.casework.commands.command import Command
from service.clock import SetClock
from service.demo import seed, steps
from service.records.context import Services
from service.security.keyring import Keyring
from service.store.database import Database
from service.store.drivers.transaction_scope import TransactionScope
from tests.golden.make_installation import UNTIL, begun, played
from tests.support.roles import two_roles
from tests.support.shipped import publish_shipped

Result = TypeVar("Result")


def by_office(
    database: Database,
    services: Services,
    command: Command[Result],
    *,
    by: Viewer,
    now: datetime,
) -> Result:
    """Submit a command as a page does: its transaction gets the cases of that office."""
    scoped = database.within(TransactionScope(by.office, now))
    return submit(scoped, services, command, by=by, now=now)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_service_without_power_does_all_that_people_do(
    database_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "submit", by_office)
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
    assert program.database.has_row_security()
    with program.database.transaction(write=False) as tx:
        report = verify.verify_all(tx, program.services, now=clock.now())
    assert (report.faults, report.cases > 0) == ((), True)
    program.database.close()
