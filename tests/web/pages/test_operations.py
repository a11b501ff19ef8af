"""The page of whoever runs the installation: a restored copy is seen and confirmed there, and what
else waits for an operator stands there too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.access import CLASSES
from service.casework import clock_guard, restored_copy
from service.casework.restored_copy import OutsideHeads
from service.casework.retention.erasure import ErasureOrder, erase
from service.operations import background
from service.operations.backup import stream_ends
from service.operations.outside_checkpoint import newest_heads
from service.operations.restore import hold_older_database
from service.operations.sequencer import sequence_all
from service.people import programs
from service.security.erasure_list import NAME
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.database import Database
from service.store.installation import ledger_entries
from service.store.work import letters
from service.store.work.letters import Letter
from tests.support import small
from tests.support.backups import backup_files
from tests.support.directory import BOARD, OFFICE, ROLE, THREE_OFFICES, PersonPlan
from tests.support.small_plan import ONE
from tests.support.world import SEED, World, open_world

STAFFED = replace(
    THREE_OFFICES, people=(*THREE_OFFICES.people, PersonPlan("tor", BOARD, ("operator",)))
)
EMPTY = {"lost_at": "", "last_number": "", "do": "confirm"}


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """An installation with an operator, and a case."""
    made = open_world(database_url, keyring, ONE, directory=STAFFED)
    made.start()
    yield made
    made.database.close()


def ends(desk: World) -> OutsideHeads:
    """How far the ledger has come now, as a checkpoint outside would say."""
    with desk.database.transaction(write=False) as tx:
        return OutsideHeads(desk.clock.now(), "d" * 64, dict(stream_ends(tx)))


def hold(desk: World, outside: OutsideHeads | None = None) -> None:
    """Make the installation a restored copy of an hour ago."""
    now = desk.clock.now()
    copied_at = now - timedelta(hours=1)
    with desk.database.transaction() as tx:
        restored_copy.hold(
            tx, by=SEED, now=now, copied_at=copied_at, outside=outside, found="restore"
        )


def is_held(desk: World) -> bool:
    with desk.database.transaction(write=False) as tx:
        return restored_copy.is_held(tx)


def erase_all(desk: World, case: str) -> None:
    """Erase everything that the office wrote in an ended case."""
    with desk.database.transaction() as tx:
        services = desk.program.services
        order = ErasureOrder(case, OFFICE, CLASSES, "R4", services.current(tx).id)
        erase(tx, services, order, by=SEED, now=desk.clock.now())


def test_it_is_for_operators_alone(desk: World) -> None:
    hold(desk)
    for name in ("sara", "maja", "greta", "disa"):
        assert desk.browser(name).get("/operations").status_code == 404, name
        assert desk.browser(name).post("/operations", EMPTY).status_code == 404, name
    assert is_held(desk)


def test_an_operator_begins_there(desk: World) -> None:
    home = desk.browser("tor").get("/")
    assert home.headers["Location"] == "/operations"


def test_with_nothing_to_do_each_part_says_so(desk: World) -> None:
    page = desk.browser("tor").get("/operations").text
    for said in ("No part is known to stand still.", "Every erasure is confirmed.", "by epoch 1"):
        assert said in page
    assert "Confirm the copy" not in page
    assert "message-box" not in page


def test_a_restored_copy_is_confirmed_as_by_the_command(desk: World) -> None:
    hold(desk)
    tor = desk.browser("tor")
    page = tor.get("/operations").text
    assert "This restored copy waits for you" in page
    assert "There is no checkpoint outside the database" in page
    answer = tor.post("/operations", {**EMPTY, "last_number": "2026-0412"})
    assert answer.headers["Location"] == "/operations?done=confirmed"
    assert not is_held(desk)
    with desk.database.transaction(write=False) as tx:
        (entry,) = ledger_entries.latest(tx, "system", kinds=("restore_confirmed",), limit=1)
    assert entry.actor == "p_tor"
    assert '"number":"2026-0412"' in entry.body
    page = tor.get(answer.headers["Location"]).text
    assert "The copy works from now on" in page
    assert "Confirm the copy" not in page
    assert desk.start().case_id
    assert desk.faults() == []


def test_who_was_slower_is_refused(desk: World) -> None:
    hold(desk)
    tor, other = desk.browser("tor"), desk.browser("tor")
    tor.get("/operations")
    other.get("/operations")
    assert tor.post("/operations", EMPTY).status_code == 303
    assert other.post("/operations", EMPTY).status_code == 409
    with desk.database.transaction(write=False) as tx:
        assert len(ledger_entries.latest(tx, "system", kinds=("restore_confirmed",), limit=9)) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"lost_at": "yesterday"}, "This is no moment"),
        ({"lost_at": "2026-03-02 10:59"}, "still worked at 2026-03-02 11:00 UTC"),
        ({"lost_at": "2026-03-02 12:01"}, "was restored at 2026-03-02 12:00 UTC"),
        ({"last_number": "412"}, "This is no case number"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(desk: World, typed: dict[str, str], said: str) -> None:
    hold(desk)
    tor = desk.browser("tor")
    tor.get("/operations")
    answer = tor.post("/operations", {**EMPTY, **typed})
    assert answer.status_code == 422
    assert said in answer.text
    (value,) = typed.values()
    assert f'value="{value}"' in answer.text
    assert is_held(desk)


def test_the_minute_of_the_copy_may_be_named(desk: World) -> None:
    desk.clock.set(desk.clock.now() + timedelta(seconds=40))
    hold(desk)
    tor = desk.browser("tor")
    tor.get("/operations")
    assert tor.post("/operations", {**EMPTY, "lost_at": "2026-03-02 11:00"}).status_code == 303
    assert not is_held(desk)


def test_enter_in_a_field_confirms_nothing(desk: World) -> None:
    hold(desk)
    tor = desk.browser("tor")
    tor.get("/operations")
    answer = tor.post("/operations", {**EMPTY, "lost_at": "2026-03-02 11:30", "do": "show"})
    assert answer.status_code == 200
    assert 'value="2026-03-02 11:30"' in answer.text
    assert is_held(desk)


@pytest.fixture
def kept_outside(tmp_path: Path, keyring: Keyring) -> Iterator[World]:
    """An installation whose checkpoints and list of erasures are kept in a folder."""
    folder = tmp_path / "log"
    folder.mkdir()
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'one.db'}", checkpoints_dir=str(folder)
    )
    Database(settings.database_url).upgrade()
    made = open_world(settings, keyring, ONE, directory=STAFFED)
    services = replace(made.program.services, erasures=folder / NAME)
    yield replace(made, program=replace(made.program, services=services))
    made.database.close()


def test_what_the_copy_lacks_and_what_was_erased_again_is_listed(
    kept_outside: World, tmp_path: Path
) -> None:
    desk, files = kept_outside, backup_files(tmp_path / "backups")
    case = desk.start().case_id
    desk.do(case, "a", small.ANSWERS)
    files.backup(desk.program)
    erase_all(desk, case)
    lost = desk.start().case_id
    sequence_all(desk.program)
    copy = replace(desk, program=files.restore(desk.program, f"sqlite:///{tmp_path / 'two.db'}"))
    tor = copy.browser("tor")
    page = re.sub(r"<[^>]+>", "", tor.get("/operations").text)
    assert f"what is gone from 1 case, {desk.case(case).ref} (1 erasures in all)" in page
    assert f"case/{lost}" in page
    assert "1 case is lost" in page
    assert "Highest case number" not in page, "the checkpoint names it"
    assert tor.post("/operations", EMPTY).status_code == 303
    assert not is_held(copy)
    assert list((tmp_path / "log").glob("before-restore-*")), "those of before are set aside"
    sequence_all(copy.program)
    assert copy.faults() == []
    copy.database.close()


def test_checkpoints_that_cannot_be_moved_are_at_the_next_start(
    kept_outside: World, tmp_path: Path
) -> None:
    desk, files = kept_outside, backup_files(tmp_path / "backups")
    files.backup(desk.program)
    desk.start()
    sequence_all(desk.program)
    copy = replace(desk, program=files.restore(desk.program, f"sqlite:///{tmp_path / 'two.db'}"))
    before = newest_heads(copy.program)
    assert before is not None
    in_the_way = tmp_path / "log" / f"before-restore-{before.digest[:16]}"
    in_the_way.touch()
    tor = copy.browser("tor")
    tor.get("/operations")
    assert tor.post("/operations", EMPTY).status_code == 303
    assert not is_held(copy)
    assert newest_heads(copy.program) == before
    in_the_way.unlink()
    assert not hold_older_database(copy.program, by=SEED, now=copy.clock.now())
    assert newest_heads(copy.program) is None
    copy.database.close()


def test_letters_that_may_have_left_are_counted_and_held(desk: World) -> None:
    case = desk.start().case_id
    with desk.database.transaction() as tx:
        made_at = desk.clock.now()
        waiting = Letter(f"{case}:9", case, OFFICE, ROLE, "reminder", "sv", {}, "", made_at)
        letters.add(tx, [waiting])
    desk.clock.set(desk.clock.now() + timedelta(minutes=1))
    hold(desk)
    tor = desk.browser("tor")
    page = tor.get("/operations").text
    assert "1 letter was due, and may have left already" in page
    assert "<li>reminder, <code>reminder</code>: 1</li>" in page
    tor.post("/operations", EMPTY)
    page = tor.get("/operations").text
    assert "1 letter may have left before the restore, and is held" in page


def test_epochs_erasures_and_stops_are_said(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "a", small.ANSWERS)
    erase_all(desk, case)
    now = desk.clock.now()
    with desk.database.transaction() as tx:
        clock_guard.pause(tx, by=timedelta(hours=1), now=now)
        background.record_failing(tx, background.MAIL, "w1", failures=3, now=now)
    page = desk.browser("tor").get("/operations").text
    assert f"{desk.case(case).ref}, Social" in page
    assert "Look at the mail server and at TRESTEG_MAIL_URL" in page
    assert "The clock jumped, and no timer fires" in page
    desk.clock.set(desk.clock.now() + timedelta(days=101))
    page = desk.browser("tor").get("/operations").text
    assert "Epoch 1 is old" in page
    assert "<code>tresteg keys rotate --begin</code>" in page
    assert "(101 days)" in page


def test_an_operator_sees_programs_and_ends_one(desk: World) -> None:
    with desk.database.transaction() as tx:
        made = programs.add_program(
            tx,
            desk.program.services,
            by=SEED,
            now=desk.clock.now(),
            name="Nightly export",
            office=OFFICE,
            roles=(ROLE,),
            operations=("list_cases",),
            known=("list_cases",),
            days=30,
            language="en",
        )
    tor, other = desk.browser("tor"), desk.browser("tor")
    other.get("/operations/programs")
    assert 'href="/operations/programs"' in tor.get("/operations").text
    page = tor.get("/operations/programs").text
    for said in ("Nightly export", "Referring: list_cases", "Never"):
        assert said in page
    assert made.token not in page
    assert tor.post("/operations/programs/p_sara/end", {}).status_code == 404
    tor.get("/operations/programs")
    assert tor.post(f"/operations/programs/{made.id}/end", {}).status_code == 303
    page = tor.get("/operations/programs?done=ended").text
    assert "No program has a token." in page
    assert "Programs whose token has ended" in page
    assert other.post(f"/operations/programs/{made.id}/end", {}).status_code == 409


def test_programs_are_for_operators_alone(desk: World) -> None:
    for name in ("sara", "maja", "greta", "disa"):
        assert desk.browser(name).get("/operations/programs").status_code == 404, name
        assert desk.browser(name).post("/operations/programs/x/end", {}).status_code == 404, name
