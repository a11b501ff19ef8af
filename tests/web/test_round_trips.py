"""Round trips to PostgreSQL: few for each request, counted on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert

from service.binding import Answer, Letter
from service.errors import Busy, CaseMoved
from service.security.keyring import Keyring
from service.security.vault import Vault
from service.settings import Settings
from service.store.casefile import cases
from service.store.database import Database
from service.store.installation import installation_values, people
from service.store.prepared import PreparedStatement
from service.store.tables import membership
from service.worker.loop import Worker
from tests.conftest import new_database
from tests.store.sample_rows import SampleRows
from tests.support import small
from tests.support.browser import PASSWORD
from tests.support.directory import ONE_OFFICE, ROLE, THREE_OFFICES
from tests.support.kinds import POSTGRESQL
from tests.support.wire import Wire, relayed
from tests.support.world import World, open_world, settle, shipped
from tests.web.program import Program
from tests.web.story import Story
from tests.worker.world import CALLS

COMPLETION, PAGE, REPLAY = 4, 5, 7
"""Most round trips of a request, with everything: session, rate limit, idempotency, act, commit.

A replay asks for the matter, what it shows, names, and what its verification compares."""
LOOK = 1
"""Round trips of a worker that looks and finds nothing."""
CALL, LETTER = 7, 4
"""Round trips of a call that a worker was woken for: its lease 3, what the handler reads 1,
its answer with the lease of its letter 3; and of that letter: its message 1, that it was sent 3."""


@pytest.fixture(params=[pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
def wired(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Wire]]:
    """The address of a new database by way of a relay that counts."""
    with new_database(request, tmp_path) as url, relayed(url) as found:
        yield found


def test_a_completion_takes_few_round_trips(wired: tuple[str, Wire], keyring: Keyring) -> None:
    url, wire = wired
    world = open_world(
        url, keyring, small.bench(), directory=replace(ONE_OFFICE, password=PASSWORD)
    )
    program, worker, trips = Program(world, "sara"), world.worker(), list[int]()
    for _ in range(2):  # the first time every statement is prepared too
        begun = program.post("/v1/cases", {"element": "s", "answers": _answers(asks=False)})
        case = begun.get_json()["id"]
        while waiting := _waiting(world, worker, case):
            task, rev = waiting
            for asks in (False, True):
                wire.begin()
                sent = {"rev": rev, "answers": _answers(asks=asks)}
                answer = program.post(f"/v1/tasks/{task}/completion", sent)
                if answer.status_code == 200:
                    break
            assert answer.status_code == 200, answer.text
            trips.append(wire.trips)
    assert len(trips) == 2 * 20
    assert {*trips[20:]} <= {COMPLETION, COMPLETION + 1}, (trips, wire.texts)
    assert sorted(trips)[len(trips) // 2] == COMPLETION, "once a minute a session is seen, too"
    assert wire.opened == 0
    world.database.close()


def _answers(*, asks: bool) -> dict[str, str]:
    given = {key: texts[0] for key, texts in small.ANSWERS.items()}
    return given if asks else {key: text for key, text in given.items() if key != "answer"}


def _waiting(world: World, worker: Worker, case: str) -> tuple[str, int] | None:
    settle(worker)
    world.later(seconds=3)  # nobody is faster than the rate limit
    waiting = world.tasks(case)
    return (waiting[0].key, world.case(case).rev) if waiting else None


def test_pages_take_few_round_trips(wired: tuple[str, Wire], keyring: Keyring) -> None:
    url, wire = wired
    settings = Settings(database_url=url, secret_key="x" * 32, base_url="http://localhost")
    world = open_world(settings, keyring, directory=THREE_OFFICES, topics=None)
    world.publish(shipped())
    story = Story(world)
    task = story.until("Task_CheckApplication")
    browser, program = world.browser("aino"), Program(world, "aino")
    lists = ("/inbox", "/inbox?box=waiting", "/cases", "/cases?state=every", "/office")
    for path in (f"/cases/{story.case}", f"/tasks/{task}", "/help", *lists):
        assert browser.client.get(path).status_code == 200
        wire.begin()
        assert browser.client.get(path).status_code == 200
        assert wire.trips <= PAGE, (path, wire.texts)
    for path in (f"/v1/cases/{story.case}", f"/v1/tasks/{task}", "/v1/tasks", "/v1/cases"):
        program.get(path)
        wire.begin()
        program.get(path)
        assert wire.trips <= PAGE, (path, wire.texts)
    auditor, replay = world.browser("greta"), f"/audit/cases/{story.case}/replay"
    assert auditor.get(replay).status_code == 200
    wire.begin()
    assert auditor.get(replay).status_code == 200
    assert wire.trips <= REPLAY, wire.texts
    story.close()
    world.database.close()


def test_a_worker_that_finds_nothing_asks_once(wired: tuple[str, Wire], keyring: Keyring) -> None:
    url, wire = wired
    worker = open_world(url, keyring, small.bench()).worker()
    settle(worker)
    worker._work()
    wire.begin()
    assert worker._work() == 0
    assert wire.trips == LOOK, wire.texts
    worker.database.close()


def test_a_call_and_its_letter_take_few_round_trips(
    wired: tuple[str, Wire], keyring: Keyring
) -> None:
    url, wire = wired
    world = open_world(url, keyring, CALLS)
    world.functions = {"letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),))}
    worker = world.worker()
    worker.runs = True
    worker._work()
    trips = list[tuple[int, int]]()
    for _ in range(2):  # the first time every statement is prepared too
        case = world.start().case_id
        wire.begin()
        worker.wake()
        assert worker._round() == 1
        worker.to_call.put(None)
        worker._call()
        call = wire.trips
        wire.begin()
        assert worker._letters() == 1
        trips.append((call, wire.trips))
        assert [letter.state for letter in world.letters(case)] == ["sent"]
    assert trips[-1] == (CALL, LETTER)
    world.database.close()


def test_a_worker_that_finds_nothing_wakes_no_other_thread(
    wired: tuple[str, Wire], keyring: Keyring
) -> None:
    worker = open_world(wired[0], keyring, small.bench()).worker()
    settle(worker)
    worker.letters_woken.clear()
    assert worker._work() == 0
    assert not worker.letters_woken.is_set()
    assert not worker.has_more
    worker.database.close()


@pytest.fixture
def database(wired: tuple[str, Wire], vault: Vault) -> Iterator[Database]:
    database = Database(wired[0])
    database.row_mac = vault.row_mac
    with database.transaction() as tx:
        installation_values.put(tx, "colour", "blue")
    yield database
    database.close()


def test_all_that_is_written_and_the_commit_are_one_trip(
    wired: tuple[str, Wire], database: Database
) -> None:
    wire = wired[1]
    wire.begin()
    with database.transaction() as tx:
        tx.later(installation_values.CHANGE, {"b_name": "colour", "b_value": "red"})
        tx.later(installation_values.CHANGE, {"b_name": "colour", "b_value": "green"})
    assert wire.trips == 1
    assert colour(database) == "green"


def test_a_transaction_that_does_nothing_takes_no_trip(
    wired: tuple[str, Wire], database: Database
) -> None:
    wired[1].begin()
    with database.transaction(), database.transaction(write=False):
        pass
    assert wired[1].trips == 0


def test_when_one_write_of_a_trip_fails_none_is_kept(database: Database) -> None:
    with pytest.raises(psycopg.Error), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        tx.later(installation_values.CHANGE, {"b_name": "colour", "b_value": "red"})
        people.ROLES.add(tx, people.Membership("nobody", "r"), stream="office/north")
    assert colour(database) == "blue"


def test_who_was_slower_keeps_nothing_of_the_trip(database: Database) -> None:
    samples = SampleRows()
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
    with pytest.raises(CaseMoved), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        tx.later(installation_values.CHANGE, {"b_name": "colour", "b_value": "red"})
        cases.save(tx, replace(samples.case("c000"), rev=7), sums=b"")
    assert colour(database) == "blue"


ADD_ROLE = PreparedStatement(insert(membership))


def test_a_fault_that_was_swallowed_is_no_commit(database: Database) -> None:
    with pytest.raises(Busy), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        tx.run(installation_values.CHANGE, {"b_name": "colour", "b_value": "red"})
        with pytest.raises(psycopg.Error):
            tx.run(ADD_ROLE, {"person_id": "nobody", "role": "r", "mac": b"m"})
    assert colour(database) == "blue"


def test_a_lost_connection_is_made_anew_at_the_beginning(
    wired: tuple[str, Wire], database: Database
) -> None:
    colour(database)
    end_all_connections(wired[0])
    assert colour(database) == "blue"
    end_all_connections(wired[0])
    with database.transaction() as tx:
        assert installation_values.get(tx, "colour") == "blue"
        tx.run(installation_values.CHANGE, {"b_name": "colour", "b_value": "red"})
    assert colour(database) == "red"


def test_one_that_is_lost_later_is_busy_and_nothing_is_kept(
    wired: tuple[str, Wire], database: Database
) -> None:
    with pytest.raises(Busy), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        tx.run(installation_values.CHANGE, {"b_name": "colour", "b_value": "red"})
        end_all_connections(wired[0])
        tx.value(installation_values.GET, {"name": "other"})
    assert colour(database) == "blue"


def test_what_the_server_has_prepared_outlives_a_rollback(
    wired: tuple[str, Wire], database: Database
) -> None:
    colour(database)
    with pytest.raises(RuntimeError), database.transaction() as tx:  # noqa: PT012 - the whole block is what fails
        installation_values.get(tx, "colour")
        raise RuntimeError
    wired[1].begin()
    assert colour(database) == "blue"
    assert not [text for trip in wired[1].texts for text in trip if "parse SELECT" in text]


def colour(database: Database) -> str:
    with database.transaction(write=False) as tx:
        return installation_values.get(tx, "colour")


def end_all_connections(url: str) -> None:
    """As an administrator does, or a server that begins anew."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
