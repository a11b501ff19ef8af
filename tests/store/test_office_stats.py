"""Numbers that an office reads about its own work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.casework.incidents import record_engine_stop
from service.errors import EngineStopped
from service.store.casefile import cases, grants
from service.store.database import Database
from service.store.lists import case_access
from service.store.read_models import office_stats
from service.store.read_models.list_reader import InboxReader
from service.store.transaction import Tx
from service.store.work import incidents, jobs
from tests.store.sample_rows import SampleRows


def grant(tx: Tx, samples: SampleRows, case_id: str, office: str) -> None:
    row = grants.GrantRow(
        f"g-{case_id}-{office}", case_id, office, "Helper", "G1", "C0", "", "", samples.noon
    )
    grants.add(tx, row)
    samples.put_in_lists(tx, case_id)


def stop(tx: Tx, samples: SampleRows, case_id: str, element: str) -> None:
    """A call of a case that the engine cannot go on from, written as the worker writes it."""
    job = replace(samples.job(case_id, element), element=element)
    jobs.arm(tx, job)
    fault = EngineStopped("error_uncaught", element)
    record_engine_stop(tx, case_id=case_id, job_key=job.key, stop=fault, now=samples.noon)


@pytest.fixture
def stopped(database: Database, samples: SampleRows) -> Database:
    """North sees cases 0 to 2. Cases 0, 1 and 3 stopped, case 0 at two places."""
    with database.transaction() as tx:
        samples.found(tx, cases_=4)
        for case_id in ("c000", "c001", "c002"):
            grant(tx, samples, case_id, "north")
        for case_id, element in (("c000", "a"), ("c000", "b"), ("c001", "a"), ("c003", "a")):
            stop(tx, samples, case_id, element)
    return database


def count(database: Database, samples: SampleRows) -> int:
    with database.transaction(write=False) as tx:
        return office_stats.incidents(
            tx, InboxReader("p-north", "north", frozenset({"Helper"}), samples.noon)
        )


def test_an_office_counts_its_cases_that_stopped(stopped: Database, samples: SampleRows) -> None:
    assert count(stopped, samples) == 2


def test_a_case_counts_until_its_last_incident_is_closed(
    stopped: Database, samples: SampleRows
) -> None:
    left = []
    with stopped.transaction(write=False) as tx:
        rows = incidents.of_case(tx, "c000")
    for row in rows:
        with stopped.transaction() as tx:
            assert incidents.close(tx, row.id, at=samples.noon, by="p-north")
        left.append(count(stopped, samples))
    assert left == [2, 1]


def test_a_case_that_stopped_is_so_for_who_gets_it_later(
    stopped: Database, samples: SampleRows
) -> None:
    """Each row of a case in lists says since when it is stopped, whichever was written first."""
    with stopped.transaction() as tx:
        grant(tx, samples, "c001", "south")
        found = {row.office_id for row in case_access.of_case(tx, "c001")}
        assert found == {"north", "south"}
        assert case_access.wrong_stops(tx, "c001") == []
        for one in incidents.of_case(tx, "c001"):
            incidents.close(tx, one.id, at=samples.noon, by="p-north")
        assert case_access.wrong_stops(tx, "c001") == []


def test_a_case_that_has_ended_is_not_counted(stopped: Database, samples: SampleRows) -> None:
    with stopped.transaction() as tx:
        ended = replace(samples.case("c001", rev=2), status="ended", closed_at=samples.noon)
        cases.save(tx, ended, sums=samples.sums(tx, "c001"))
        samples.put_in_lists(tx, "c001")
    assert count(stopped, samples) == 1
