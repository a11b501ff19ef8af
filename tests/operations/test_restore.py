"""A restore goes into an empty database only, checks what it reads, and lets nothing act."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.audit import verify
from service.binding import Answer, Call
from service.casework import clock_guard, restored_copy
from service.casework.restored_copy import OutsideHeads
from service.errors import NotConfirmed, UnusableFile, UnusableWord
from service.mail import MailServer
from service.operations.backup import stream_ends
from service.operations.outside_checkpoint import newest_heads, set_aside
from service.operations.restore import hold_older_database, refuse_unless_empty, restore_backup
from service.operations.sequencer import sequence_all
from service.records.context import Actor
from service.security import ledger_lines
from service.security.keyring import Keyring, make_keyring
from service.security.vault import Vault
from service.store import dump
from service.store.database import Database
from service.store.installation import ledger_entries
from service.store.work import letters
from service.store.work.letters import Letter
from service.text import say
from tests.support.backups import OPERATOR, BackupFiles, backup_files
from tests.support.world import NOON, World, open_world, settle
from tests.worker.test_letters import Postbox, writes
from tests.worker.test_letters import postbox as postbox  # noqa: PLC0414 - a fixture
from tests.worker.world import CALLS, WAITS

ANNA = Actor("p_sara", "north")


@pytest.fixture
def files(tmp_path: Path) -> BackupFiles:
    return backup_files(tmp_path / "backups")


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'elsewhere.db'}"


Desks = Callable[..., World]


@pytest.fixture
def desks(database_url: str, keyring: Keyring) -> Iterator[Desks]:
    made: list[World] = []

    def make(bundle: object, **functions: Callable[[Call], Answer]) -> World:
        given = {name.replace("_", "."): function for name, function in functions.items()}
        given.setdefault("letters.send", lambda _: Answer())
        given.setdefault("letters.count", lambda _: Answer())
        desk = open_world(database_url, keyring, bundle, functions=given)  # type: ignore[arg-type]  # a bundle
        made.append(desk)
        return desk

    yield make
    for desk in made:
        desk.database.close()


def restored_world(desk: World, files: BackupFiles, url: str) -> World:
    return replace(desk, program=files.restore(desk.program, url))


def heads_of(desk: World) -> OutsideHeads:
    """How far the ledger has come now, as a checkpoint outside would say."""
    with desk.database.transaction(write=False) as tx:
        return OutsideHeads(desk.clock.now(), "d" * 64, dict(stream_ends(tx)))


def confirm(
    desk: World, outside: OutsideHeads | None = None, lost_at: datetime | None = None
) -> None:
    with desk.database.transaction() as tx:
        now = desk.clock.now()
        restored_copy.confirm(tx, by=ANNA, now=now, outside=outside, lost_at=lost_at)


def pick(desk: World, *keys: str, kinds: tuple[str, ...] = ()) -> int:
    """Send held letters by id or kind; gives how many."""
    with desk.database.transaction() as tx:
        now = desk.clock.now()
        return len(restored_copy.pick_letters(tx, keys=keys, templates=kinds, by=ANNA, now=now))


def test_a_restored_copy_fires_nothing_until_confirmed(
    desks: Desks, files: BackupFiles, elsewhere: str
) -> None:
    desk = desks(WAITS)
    case = desk.start().case_id
    files.backup(desk.program)
    desk.later(days=21)
    settle(desk.worker())
    assert [fact.kind for fact in desk.facts(case)] == ["start", "due"]
    copy = restored_world(desk, files, elsewhere)
    assert settle(copy.worker()) == 0
    assert [fact.kind for fact in copy.facts(case)] == ["start"]
    with copy.database.transaction(write=False) as tx:
        assert clock_guard.why_paused(tx) == clock_guard.RESTORED
        [waiting] = restored_copy.find_gap(tx, now=copy.clock.now(), outside=None).jobs
    assert (waiting.kind, waiting.case_id) == ("timer", case)
    confirm(copy)
    assert settle(copy.worker()) > 0
    assert [fact.kind for fact in copy.facts(case)] == ["start", "due"]
    assert copy.faults() == []
    copy.database.close()


def test_what_needs_a_timer_first_waits_with_its_text(
    desks: Desks, files: BackupFiles, elsewhere: str
) -> None:
    desk = desks(WAITS)
    case = desk.start().case_id
    files.backup(desk.program)
    desk.later(days=21)
    copy = restored_world(desk, files, elsewhere)
    with pytest.raises(NotConfirmed):
        copy.do(case, "a")
    confirm(copy)
    copy.database.close()


def test_no_handler_is_called_before_it_is_confirmed(
    desks: Desks, files: BackupFiles, elsewhere: str
) -> None:
    calls: list[str] = []

    def handler(call: Call) -> Answer:
        calls.append(call.key)
        return Answer()

    desk = desks(CALLS, letters_send=handler)
    desk.start()
    files.backup(desk.program)
    copy = restored_world(desk, files, elsewhere)
    assert (settle(copy.worker()), calls) == (0, [])
    confirm(copy)
    settle(copy.worker())
    assert len(calls) == 1
    copy.database.close()


def test_letters_that_may_have_left_leave_again_only_where_a_person_picks_them(
    desks: Desks, files: BackupFiles, elsewhere: str, postbox: tuple[Postbox, MailServer]
) -> None:
    box, server = postbox
    desk = desks(CALLS, letters_send=writes())
    desk.start()
    settle(desk.worker(mail=server))
    [known] = desk_letters(desk)
    assert (known.state, len(box.taken)) == ("sent", 1)
    cases = [desk.start().case_id for _ in range(6)]
    desk.worker().timers_and_calls()
    files.backup(desk.program)
    desk.later(minutes=5)
    settle(desk.worker(mail=server))
    assert len(box.taken) == 7
    copy = restored_world(desk, files, elsewhere)
    worker = copy.worker(mail=server)
    settle(worker)
    confirm(copy)
    settle(worker)
    assert len(box.taken) == 7, "nothing left that had left"
    held = [letter for case in cases for letter in copy.letters(case)]
    assert [letter.state for letter in held] == ["held"] * 6
    with copy.database.transaction(write=False) as tx:
        listed = restored_copy.held_letters(tx)
        assert {one.key for one in listed} == {one.key for one in held}
    for keys, kinds in (((), ()), ((known.key,), ()), (("none",), ()), ((), ("reminder",))):
        with pytest.raises(UnusableWord):
            pick(copy, *keys, kinds=kinds)
    assert pick(copy, held[0].key) == 1
    with pytest.raises(UnusableWord):
        pick(copy, held[0].key)
    settle(worker)
    assert len(box.taken) == 8
    assert pick(copy, kinds=("news",)) == 5
    settle(worker)
    assert (len(box.taken), len(set(box.taken))) == (13, 7), "with the Message-ID of the first"
    assert {letter.state for letter in desk_letters(copy)} == {"sent"}
    assert copy.faults() == []
    copy.database.close()


def desk_letters(desk: World) -> list[Letter]:
    """All letters of an installation."""
    with desk.database.transaction(write=False) as tx:
        return letters.latest(tx)


@pytest.mark.parametrize(("minutes", "states"), [(10, ["held", "waiting"]), (None, ["held"] * 2)])
def test_what_fell_due_after_the_loss_goes(
    desks: Desks, files: BackupFiles, elsewhere: str, minutes: int | None, states: list[str]
) -> None:
    desk = desks(CALLS, letters_send=writes())
    first, second = desk.start().case_id, desk.start().case_id
    desk.worker().timers_and_calls()
    with desk.database.transaction() as tx:
        now = desk.clock.now()
        for letter in letters.lease(tx, now=now, who="w", seconds=60):
            later = timedelta(minutes=0 if letter.case_id == first else 30)
            letters.retry(tx, letter.key, "w", at=now + later, error="x")
    files.backup(desk.program)
    copied = desk.clock.now()
    desk.later(hours=1)
    copy = restored_world(desk, files, elsewhere)
    for wrong in (copied - timedelta(minutes=1), desk.clock.now() + timedelta(minutes=1)):
        with pytest.raises(UnusableWord, match="it was lost between the two"):
            confirm(copy, lost_at=wrong)
    confirm(copy, lost_at=None if minutes is None else copied + timedelta(minutes=minutes))
    assert [copy.letters(case)[0].state for case in (first, second)] == states
    copy.database.close()


def test_a_letter_in_the_hands_of_a_worker_may_have_left(
    desks: Desks, files: BackupFiles, elsewhere: str
) -> None:
    desk = desks(CALLS, letters_send=writes())
    case = desk.start().case_id
    desk.worker().timers_and_calls()
    with desk.database.transaction() as tx:
        assert letters.lease(tx, now=desk.clock.now(), who="w", seconds=600)
    files.backup(desk.program)
    copy = restored_world(desk, files, elsewhere)
    confirm(copy)
    assert [letter.state for letter in copy.letters(case)] == ["held"]
    copy.database.close()


def test_numbers_go_on_above_those_of_lost_cases(
    desks: Desks, files: BackupFiles, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(WAITS)
    first = desk.case(desk.start().case_id).number
    files.backup(desk.program)
    desk.later(hours=1)
    lost = [desk.case(desk.start().case_id).number for _ in range(3)]
    outside = heads_of(desk)
    monkeypatch.setattr("service.operations.restore.newest_heads", lambda _: outside)
    copy = restored_world(desk, files, elsewhere)
    before = copy.case(copy.start().case_id).number
    assert before == "2026-0005", "even before it is confirmed"
    assert before > max(lost) > first
    with copy.database.transaction(write=False) as tx:
        gap = restored_copy.find_gap(tx, now=copy.clock.now(), outside=outside)
    assert gap.lost_cases == 3
    assert gap.entries >= 3
    confirm(copy, outside)
    assert copy.case(copy.start().case_id).number > before
    with copy.database.transaction(write=False) as tx:
        entry = ledger_entries.latest(tx, "system", limit=1)[0]
    body = json.loads(entry.body)
    assert (entry.kind, entry.actor) == ("restore_confirmed", ANNA.id)
    assert len(body["missing"]) == len(gap.streams)
    assert body["number"] == before
    copy.database.close()


def test_a_stream_goes_on_above_what_was_named(
    desks: Desks, files: BackupFiles, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desks(WAITS)
    case, quiet = desk.start().case_id, desk.start().case_id
    files.backup(desk.program)
    desk.do(case, "a")
    outside = heads_of(desk)
    monkeypatch.setattr("service.operations.restore.newest_heads", lambda _: outside)
    copy = restored_world(desk, files, elsewhere)
    with copy.database.transaction(write=False) as tx:
        gap = restored_copy.find_gap(tx, now=copy.clock.now(), outside=outside)
        streams = {name: ledger_entries.of_stream(tx, name) for name, _ in stream_ends(tx)}
    missing = {one.stream: (one.copied, one.named) for one in gap.streams}
    copied, named = missing[f"case/{case}"]
    assert named > copied
    assert f"case/{quiet}" not in missing
    assert "system" in missing, "the entry of the backup itself"
    entry = streams[f"case/{case}"][-1]
    assert (entry.kind, entry.seq) == ("restore_gap", named + 1)
    before = streams[f"case/{case}"][-2].hash
    assert entry.hash == ledger_lines.leaf(ledger_lines.text(entry, before))
    copy.do(case, "a")
    assert copy.faults() == []
    confirm(copy, outside)
    with copy.database.transaction(write=False) as tx:
        numbers = [one.seq for one in ledger_entries.of_stream(tx, f"case/{case}")]
    assert not set(range(copied + 1, named + 1)) & set(numbers)
    copy.database.close()


def test_a_number_that_an_operator_knows_is_kept(
    desks: Desks, files: BackupFiles, elsewhere: str
) -> None:
    desk = desks(WAITS)
    desk.start()
    files.backup(desk.program)
    copy = restored_world(desk, files, elsewhere)
    with copy.database.transaction() as tx:
        restored_copy.confirm(
            tx, by=ANNA, now=copy.clock.now(), outside=None, last_number="2026-0450"
        )
    assert copy.case(copy.start().case_id).number == "2026-0451"
    copy.database.close()


def test_everybody_is_signed_out_and_keys_of_requests_stay(
    world: World, files: BackupFiles, elsewhere: str
) -> None:
    desk = world
    desk.browser("sara")
    rows = dump.counts(desk.database)
    assert rows["login_session"] == 1
    files.backup(desk.program)
    copy = restored_world(desk, files, elsewhere)
    assert dump.counts(copy.database)["login_session"] == 0
    assert dump.counts(copy.database)["once"] == rows["once"]
    copy.database.close()


def test_nothing_is_restored_over_what_is_there(
    desks: Desks, files: BackupFiles, database_url: str
) -> None:
    desk = desks(WAITS)
    desk.start()
    files.backup(desk.program)
    before = dump.counts(desk.database)
    with pytest.raises(UnusableFile, match="is not empty, and nothing is restored over it"):
        files.restore(desk.program, database_url)
    assert dump.counts(desk.database) == before


def test_a_wal_of_another_database_is_named(desks: Desks, tmp_path: Path, elsewhere: str) -> None:
    desk = desks(WAITS)
    program = replace(desk.program, database=Database(elsewhere))
    refuse_unless_empty(program)
    (tmp_path / "elsewhere.db-wal").write_bytes(b"pages of another database")
    with pytest.raises(UnusableFile, match=r"elsewhere.db-wal of another database lies next to"):
        refuse_unless_empty(program)


def test_a_backup_of_another_installation_is_refused(
    desks: Desks, files: BackupFiles, elsewhere: str, tmp_path: Path
) -> None:
    desk = desks(WAITS)
    files.backup(desk.program)
    foreign = Vault(make_keyring(demo=True))
    services = replace(desk.program.services, vault=foreign)
    program = replace(desk.program, services=services, database=Database(elsewhere))
    with pytest.raises(UnusableFile, match="was not made by the installation of this keyring"):
        restore_backup(
            program,
            files.folder / "one.backup",
            files.private,
            by=OPERATOR,
            now=desk.clock.now(),
        )
    assert not (tmp_path / "elsewhere.db").exists()
    assert list(tmp_path.glob(".tresteg-restore-*")) == []


def test_a_damaged_backup_leaves_the_database_empty(
    desks: Desks, files: BackupFiles, elsewhere: str, tmp_path: Path
) -> None:
    desk = desks(WAITS)
    done = files.backup(desk.program)
    sealed = bytearray(done.file.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    (files.folder / "damaged.backup").write_bytes(sealed)
    with pytest.raises(UnusableFile, match=r"damaged.backup is damaged in its chunk \d+, from"):
        files.restore(desk.program, elsewhere, files.folder / "damaged.backup")
    assert not (tmp_path / "elsewhere.db").exists()
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_time_that_passed_is_no_jump_of_the_clock(
    desks: Desks, files: BackupFiles, elsewhere: str
) -> None:
    desk = desks(WAITS)
    files.backup(desk.program)
    desk.later(days=3)
    copy = restored_world(desk, files, elsewhere)
    with copy.database.transaction() as tx:
        assert clock_guard.pause(tx, by=timedelta(hours=1), now=copy.clock.now())
    confirm(copy)
    with copy.database.transaction(write=False) as tx:
        assert clock_guard.why_paused(tx) == clock_guard.CLOCK, "the other reason stays"
    copy.database.close()


def with_folder(desk: World, folder: Path) -> World:
    """The desk with a folder of checkpoints, and everything so far in it."""
    folder.mkdir(exist_ok=True)
    settings = replace(desk.program.settings, checkpoints_dir=str(folder))
    made = replace(desk, program=replace(desk.program, settings=settings))
    sequence_all(made.program)
    return made


def test_a_restore_is_compared_with_the_folder_of_checkpoints(
    desks: Desks, files: BackupFiles, elsewhere: str, tmp_path: Path
) -> None:
    desk = with_folder(desks(WAITS), tmp_path / "checkpoints")
    case = desk.start().case_id
    files.backup(desk.program)
    desk.do(case, "a")
    lost = desk.case(desk.start().case_id).number
    sequence_all(desk.program)
    copy = restored_world(desk, files, elsewhere)
    outside = newest_heads(copy.program)
    assert outside is not None
    with copy.database.transaction(write=False) as tx:
        gap = restored_copy.find_gap(tx, now=copy.clock.now(), outside=outside)
    assert (gap.lost_cases, f"case/{case}" in {one.stream for one in gap.streams}) == (1, True)
    assert copy.case(copy.start().case_id).number > lost
    confirm(copy, outside)
    set_aside(copy.program, outside)
    copy.do(case, "a")
    sequence_all(copy.program)
    with copy.database.transaction(write=False) as tx:
        kept = copy.program.checkpoint_folder
        assert kept is not None
        report = verify.verify_all(tx, copy.program.services, now=NOON, outside=kept.read())
    assert report.faults == ()
    assert not hold_older_database(copy.program, by=OPERATOR, now=copy.clock.now())
    copy.database.close()


def test_a_copy_that_was_put_back_by_hand_is_held(
    desks: Desks, elsewhere: str, tmp_path: Path
) -> None:
    desk = with_folder(desks(WAITS), tmp_path / "checkpoints")
    desk.start()
    sequence_all(desk.program)
    older = Database(elsewhere)
    dump.dump(desk.database, older)
    assert not hold_older_database(desk.program, by=OPERATOR, now=desk.clock.now())
    desk.start()
    sequence_all(desk.program)
    back = replace(desk, program=replace(desk.program, database=older))
    assert hold_older_database(back.program, by=OPERATOR, now=back.clock.now())
    assert hold_older_database(back.program, by=OPERATOR, now=back.clock.now()), "and stays so"
    back.later(days=21)
    assert settle(back.worker()) == 0
    outside = newest_heads(back.program)
    confirm(back, outside)
    assert not hold_older_database(back.program, by=OPERATOR, now=back.clock.now())
    assert settle(back.worker()) > 0
    sequence_all(back.program)
    assert back.faults() == []
    older.close()


def test_where_a_checkpoint_cannot_be_read_the_lists_decide(
    desks: Desks, elsewhere: str, tmp_path: Path
) -> None:
    desk = with_folder(desks(WAITS), tmp_path / "checkpoints")
    older = Database(elsewhere)
    dump.dump(desk.database, older)
    desk.start()
    sequence_all(desk.program)
    (tmp_path / "checkpoints" / "newest.checkpoint").write_text("nothing", "utf-8")
    assert not hold_older_database(desk.program, by=OPERATOR, now=desk.clock.now())
    back = replace(desk, program=replace(desk.program, database=older))
    assert hold_older_database(back.program, by=OPERATOR, now=back.clock.now())
    older.close()


def test_staff_are_told_until_it_is_confirmed(
    world: World, files: BackupFiles, elsewhere: str
) -> None:
    told = say("nav.restored", "en")
    files.backup(world.program)
    assert told not in world.browser("sara").get("/settings").text
    copy = restored_world(world, files, elsewhere)
    browser = copy.browser("sara")
    assert told in browser.get("/settings").text
    assert '"restored":"not confirmed"' in browser.get("/readyz").text
    confirm(copy)
    assert told not in browser.get("/settings").text
    assert "restored" not in browser.get("/readyz").text
    copy.database.close()
