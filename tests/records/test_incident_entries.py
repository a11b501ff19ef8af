"""Where a case cannot go on is a row for operators and an entry in the stream of the case."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.casework.incidents import record_engine_stop
from service.errors import EngineStopped
from service.security.keyring import Keyring
from service.store.installation import ledger_entries
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.one(d.job("j"), "s>j j>e"))
    yield made
    made.database.close()


def test_a_stop_rests_its_job_and_is_written_down(desk: World) -> None:
    case, now = desk.start().case_id, desk.clock.now()
    [job] = desk.jobs(case)
    with desk.database.transaction() as tx:
        stop = EngineStopped("steps", "j", "too many")
        record_engine_stop(tx, case_id=case, job_key=job.key, stop=stop, now=now)
    [incident] = desk.incidents(case)
    assert (incident.job_key, incident.kind, incident.element) == (job.key, "steps", "j")
    assert [j.state for j in desk.jobs(case)] == ["stopped"]
    with desk.database.transaction(write=False) as tx:
        last = ledger_entries.of_stream(tx, f"case/{case}")[-1]
    assert last.kind == "incident"
    assert desk.faults() == []
