"""What was erased does not come back with a copy of before: the list outside names it."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.access import CLASSES
from service.casework import restored_copy
from service.casework.retention.erasure import erase_path, path_order
from service.errors import NotErasable, TaskClosed
from service.operations.erased_again import ErasedAgain, erase_listed, erased_again
from service.operations.restore import hold_older_database
from service.security.erasure_list import BEGUN, DONE, ErasureList, ListedErasure
from service.security.keyring import Keyring, make_keyring
from service.security.vault import Vault
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation import keys, ledger_entries
from service.store.lists import case_access
from service.worker.erasures import settle_list
from tests.support import small
from tests.support.backups import OPERATOR, BackupFiles, backup_files
from tests.support.directory import OFFICE
from tests.support.erasures import erase_in_child, list_of, open_with_list
from tests.support.filled_case import TWO, erased, fill_case, sealed_values
from tests.support.world import SEED, World, open_world

EVERYTHING = set(CLASSES)


@pytest.fixture
def files(tmp_path: Path) -> BackupFiles:
    return backup_files(tmp_path / "backups")


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'elsewhere.db'}"


@pytest.fixture
def desk(database_url: str, keyring: Keyring, tmp_path: Path) -> Iterator[World]:
    with open_with_list(database_url, keyring, TWO, tmp_path / "outside") as made:
        yield made


def restored(desk: World, files: BackupFiles, url: str) -> World:
    return replace(desk, program=files.restore(desk.program, url))


def acts_of(desk: World, case: str) -> list[RetentionAct]:
    with desk.database.transaction(write=False) as tx:
        return retention_acts.of_case(tx, case)


def key_ids(desk: World, case: str) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        return sorted(key.key_id for key in keys.of_case(tx, case))


def said(desk: World) -> ErasedAgain:
    with desk.database.transaction(write=False) as tx:
        return erased_again(tx)


def test_an_erasure_is_listed_before_it_is_committed_and_again_when_it_is(desk: World) -> None:
    case = fill_case(desk)
    act = erased(desk, case)
    record = list_of(desk).read()
    listed = record.erasures[act.id]
    assert (listed.case_id, listed.office, {*listed.classes}) == (case, OFFICE, EVERYTHING)
    assert (listed.rule, listed.by, [*listed.keys]) == ("R6", SEED.id, act.keys)
    assert record.states == {act.id: DONE}


def test_a_path_that_ended_ends_in_every_copy_of_before(
    desk: World, files: BackupFiles, elsewhere: str
) -> None:
    case, other = fill_case(desk), fill_case(desk)
    files.backup(desk.program)
    erased(desk, case)
    with desk.database.transaction() as tx:
        order = path_order(case, "PATH", desk.program.services.current(tx).id)
        act = erase_path(tx, desk.program.services, order, by=SEED, now=desk.clock.now())
    assert list_of(desk).read().erasures[act.id].classes == (cases.PATH,)
    copy = restored(desk, files, elsewhere)
    with copy.database.transaction(write=False) as tx:
        assert [one.id for one in cases.listed(tx)] == [other]
        assert act.id in [one.id for one in retention_acts.of_case(tx, case)]
    assert said(copy).acts == 2
    assert copy.faults() == []


def test_what_cannot_be_listed_is_not_erased(desk: World) -> None:
    case = fill_case(desk)
    before = sealed_values(desk)
    shutil.rmtree(list_of(desk).file.parent)
    with pytest.raises(NotErasable):
        erased(desk, case)
    assert sealed_values(desk) == before
    assert acts_of(desk, case) == []


def test_a_backup_of_before_brings_nothing_back(
    desk: World, files: BackupFiles, elsewhere: str
) -> None:
    case, other = fill_case(desk), fill_case(desk)
    kept = sealed_values(desk)
    files.backup(desk.program)
    gone = key_ids(desk, case)
    act = erased(desk, case)
    copy = restored(desk, files, elsewhere)
    with copy.database.transaction(write=False) as tx:
        assert keys.of_case(tx, case) == []
        (entry,) = ledger_entries.latest(tx, f"case/{case}", kinds=["erased"])
    assert '"again":true' in entry.body
    assert entry.actor == OPERATOR.id
    assert {place: 2 * n for place, n in sealed_values(copy).items()} == kept
    (again,) = acts_of(copy, case)
    assert (again.id, again.at, again.by) == (act.id, act.at, act.by)
    assert {*again.keys} == {*act.keys} == {*gone}
    assert key_ids(copy, other) == key_ids(desk, other)
    assert said(copy) == ErasedAgain((copy.case(case).ref,), 1)
    assert copy.faults() == []
    with copy.database.transaction() as tx:
        restored_copy.confirm(tx, by=OPERATOR, now=copy.clock.now(), outside=None)
    assert said(copy) == ErasedAgain()
    copy.database.close()


def test_a_class_that_was_erased_alone_goes_alone(
    desk: World, files: BackupFiles, elsewhere: str
) -> None:
    case = fill_case(desk)
    files.backup(desk.program)
    erased(desk, case, ["C3"])
    copy = restored(desk, files, elsewhere)
    assert sealed_values(copy) == sealed_values(desk)
    assert key_ids(copy, case) == key_ids(desk, case) != []
    erased(desk, case, ["C0", "C1", "C2"])
    erase_listed(
        copy.database, copy.program.services, by=OPERATOR, now=copy.clock.now(), is_copy=True
    )
    assert sealed_values(copy) == {}
    assert said(copy) == ErasedAgain((copy.case(case).ref,), 2)
    assert copy.faults() == []
    copy.database.close()


def test_a_case_that_was_open_in_the_copy_ends_as_erased(
    desk: World, files: BackupFiles, elsewhere: str
) -> None:
    case = desk.start().case_id
    desk.do(case, "a", small.ANSWERS)
    (open_task,) = desk.tasks(case)
    open_still = desk.start().case_id
    files.backup(desk.program)
    desk.do(case, "b", small.ANSWERS)
    erased(desk, case)
    copy = restored(desk, files, elsewhere)
    row = copy.case(case)
    assert (row.status, row.end, row.closed_at) == ("ended", cases.ERASED, copy.clock.now())
    assert (copy.tasks(case), copy.jobs(case)) == ([], [])
    assert key_ids(copy, case) == []
    with pytest.raises(TaskClosed):
        copy.complete(open_task.key, small.ANSWERS)
    assert len(copy.tasks(open_still)) == 1
    with copy.database.transaction(write=False) as tx:
        assert {row.ended for row in case_access.of_case(tx, case)} <= {1}
    assert copy.faults() == []
    copy.database.close()


def test_an_older_copy_that_was_put_back_by_hand_is_erased_at_the_start(
    desk: World, files: BackupFiles, elsewhere: str
) -> None:
    case = fill_case(desk)
    files.backup(desk.program)
    aside = ErasureList(list_of(desk).file.with_name("other"), desk.program.services.vault.row_mac)
    without = replace(desk.program, services=replace(desk.program.services, erasures=aside.file))
    copy = replace(desk, program=files.restore(without, elsewhere))
    erased(desk, case)
    assert key_ids(copy, case) != []
    copy = replace(copy, program=replace(copy.program, services=desk.program.services))
    hold_older_database(copy.program, by=OPERATOR, now=copy.clock.now())
    assert (key_ids(copy, case), copy.faults()) == ([], [])
    hold_older_database(copy.program, by=OPERATOR, now=copy.clock.now())
    assert len(acts_of(copy, case)) == 1
    copy.database.close()


@pytest.mark.parametrize("place", ["e1", "w7", "w8", "e2"])
def test_who_is_killed_on_the_way_leaves_no_copy_that_is_read(
    desk: World, files: BackupFiles, elsewhere: str, place: str
) -> None:
    case = fill_case(desk)
    files.backup(desk.program)
    erase_in_child(desk, case, place)
    assert [*list_of(desk).read().states.values()] == [BEGUN]
    assert bool(acts_of(desk, case)) == (place in ("w8", "e2"))
    copy = restored(desk, files, elsewhere)
    assert sealed_values(copy) == {}
    assert copy.faults() == []
    copy.database.close()


def test_a_forged_list_erases_nothing_and_is_said(
    desk: World, files: BackupFiles, elsewhere: str
) -> None:
    case = fill_case(desk)
    files.backup(desk.program)
    before = sealed_values(desk)
    stranger = Vault(make_keyring(demo=True))
    theirs = replace(desk.program.services, vault=stranger).erasure_list
    assert theirs is not None
    act = erased(desk, fill_case(desk))
    listed = list_of(desk).read().erasures[act.id]
    list_of(desk).file.unlink()
    theirs.begin(replace(listed, id="forged", case_id=case))
    theirs.settle("forged", DONE)
    copy = restored(desk, files, elsewhere)
    assert sealed_values(copy) == before
    assert said(copy) == ErasedAgain(untrusted=2)
    copy.database.close()


def test_without_a_list_nothing_breaks(
    database_url: str, keyring: Keyring, files: BackupFiles, elsewhere: str
) -> None:
    plain = open_world(database_url, keyring, TWO)
    assert plain.program.services.erasure_list is None
    case = fill_case(plain)
    files.backup(plain.program)
    erased(plain, case)
    copy = restored(plain, files, elsewhere)
    assert said(copy) == ErasedAgain()
    assert key_ids(copy, case) != []
    for world in (plain, copy):
        world.database.close()


def test_an_open_case_of_the_shipped_process_ends_with_all_that_waits(
    shipped_world: World, tmp_path: Path
) -> None:
    services = replace(shipped_world.program.services, erasures=tmp_path / "erasures")
    desk = replace(shipped_world, program=replace(shipped_world.program, services=services))
    case = desk.start_case().case_id
    office = desk.loaded_viewer("sara").office
    assert desk.tasks(case)
    waits = desk.browser("sara").get("/inbox").text
    ref = desk.case(case).ref
    assert ref in waits
    listed = ListedErasure(
        id="01J00000000000000000000000",
        case_id=case,
        office=office,
        classes=CLASSES,
        keys=(),
        rule="R6",
        plan=desk.case(case).release_id,
        approval="",
        by="seed",
        at=desk.clock.now().isoformat(),
    )
    list_of(desk).begin(listed)
    for is_copy, ended in ((False, "open"), (True, "ended")):
        erase_listed(*(desk.database, services), by=OPERATOR, now=desk.clock.now(), is_copy=is_copy)
        assert desk.case(case).status == ended
    assert (desk.tasks(case), desk.jobs(case)) == ([], [])
    assert {letter.state for letter in desk.letters(case)} <= {"held", "sent"}
    browser = desk.browser("sara")
    assert browser.get(f"/cases/{case}").status_code == 410
    assert ref not in browser.get("/inbox").text
    assert desk.faults() == []


def test_no_backup_of_before_brings_back_what_was_erased_between_kills(
    desk: World, files: BackupFiles, tmp_path: Path
) -> None:
    cases = [fill_case(desk) for _ in range(9)]
    places = itertools.cycle(["e1", "w7", "w8", "e2", ""])
    backups: list[str] = []
    for number, case in enumerate(cases[:-1]):
        if number % 3 == 0:
            backups.append(f"{number}.backup")
            files.backup(desk.program, backups[-1])
        if place := next(places):
            erase_in_child(desk, case, place)
        else:
            erased(desk, case)
    erased_or_begun = {one.case_id for one in list_of(desk).read().named(begun=True)}
    assert erased_or_begun == {*cases[:-1]}
    for name in backups:
        url = f"sqlite:///{tmp_path / name}.db"
        copy = replace(desk, program=files.restore(desk.program, url, files.folder / name))
        assert [bool(key_ids(copy, case)) for case in cases] == [False] * 8 + [True]
        assert copy.faults() == []
        copy.database.close()
    settle_list(desk.worker(), desk.clock.now())
    done = {one.case_id for one in list_of(desk).read().named(begun=True)}
    assert done == {case for case in cases if acts_of(desk, case)}
    assert [case for case in cases if case not in done and not key_ids(desk, case)] == []
