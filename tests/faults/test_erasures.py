"""F1, e1 and e2: cases are erased while people work, with kills on the way and backups between.
Nothing of them comes back, and nothing of them lies in a file.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from service import fault_points
from service.access import CLASSES, RECORDS_OFFICER, Viewer
from service.casework.approvals import requests
from service.casework.cases.given_answers import load_answers
from service.casework.retention import early, holds
from service.errors import CannotOpen, CaseMoved, NotErasable, TaskClosed, TrestegError
from service.records.context import actor
from service.security.keyring import Keyring
from service.store import live_files
from service.store.casefile import approvals, erasing, retention_acts
from service.store.casefile import cases as case_rows
from service.store.installation import keys
from service.store.read_models import whole_rows
from service.worker.erasures import look_after_erasures, settle_list
from tests.operations.test_key_epochs import announced, begun_with, retired, rotated
from tests.support import small
from tests.support.backups import backup_files
from tests.support.directory import OFFICE, ROLE, THREE_OFFICES, PersonPlan
from tests.support.erasures import list_of, open_with_list
from tests.support.filled_case import TWO, erased, fill_case
from tests.support.forks import fork, status_of
from tests.support.scale import figure, seeded
from tests.support.world import World

ERASURES: Final = figure("erasures")
ROUNDS: Final = max(5, ERASURES // 100)
"""Each with a backup before it and a kill in it; all places have their turn."""
PLACES: Final = ("e1", "w7", "w8", "e2", "")
LOAD, AT_WORK = 6, 2
"""Acts of one person in a round, and how many people there are."""
MARK: Final = "qzjxkvbwpf"
DIRECTORY: Final = replace(
    THREE_OFFICES,
    people=(PersonPlan("sara", OFFICE, (ROLE, RECORDS_OFFICER)), *THREE_OFFICES.people[1:]),
)
SARA: Final = Viewer("p_sara", OFFICE, frozenset({ROLE, RECORDS_OFFICER}))
STINA: Final = Viewer("p_stina", OFFICE, frozenset({ROLE}))
OF_THE_ACT: Final = {("approval", "reason")}
"""Why two persons erased, under the key of their office."""


@pytest.fixture
def desk(database_url: str, keyring: Keyring, tmp_path: Path) -> Iterator[World]:
    outside = tmp_path / "outside"
    with open_with_list(database_url, keyring, TWO, outside, DIRECTORY) as made:
        yield made


def filled(desk: World, number: int) -> str:
    """A case in one of the states in which cases are erased: ended, with everything that can be
    sealed in one, with answers alone, or with some of it erased already; and open.
    """
    if number % 4 == 0:
        return fill_case(desk, MARK)
    case, answers = desk.start().case_id, {**small.ANSWERS, "note": [MARK]}
    desk.do(case, "a", answers)
    if number % 4 == 3:
        return case
    desk.do(case, "b", answers)
    if number % 4 == 1:
        erased(desk, case, ["C3"])
    return case


def erase_case(desk: World, case: str) -> None:
    """Erase a case: an ended one as a rule does, an open one because two persons said so."""
    if desk.case(case).status == "ended":
        erased(desk, case)
        return
    act(desk, SARA, early.ask_early, case_id=case, classes=CLASSES, why="A mistake")
    with desk.database.transaction(write=False) as tx:
        asked = early.own_request(tx, SARA, case, desk.clock.now())
    assert asked is not None
    if asked.state == approvals.ASKED:
        act(desk, STINA, requests.decide, id_=asked.id, approve=True)
    act(desk, SARA, early.erase_early, case_id=case, approval=asked.id)


def act(desk: World, by: Viewer, command: Callable[..., object], **given: object) -> None:
    with desk.database.transaction() as tx:
        command(tx, desk.program.services, by=by, now=desk.clock.now(), **given)


def hold(desk: World, case: str) -> str:
    """Order that nothing of a case is erased."""
    now, until = desk.clock.now(), desk.clock.now() + timedelta(days=20)
    with desk.database.transaction() as tx:
        holds.set_hold(
            *(tx, desk.program.services),
            by=actor(SARA),
            now=now,
            case_id=case,
            until=until,
            reason="Inspection",
        )
    return case


def erase_each(parent: World, cases: Sequence[str], die_at: str, passes: int) -> None:
    """Erase cases, one after another; the process is killed at a place when it passes it for the
    n-th time, and nowhere when it is named none.
    """
    left = [passes]

    def passing(place: str) -> None:
        left[0] -= place == die_at
        if place == die_at and left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    world = parent.again()
    fault_points.arm(passing)
    for case in cases:
        erase_case(world, case)


def work(parent: World, cases: Sequence[str], seed: int) -> None:
    """People begin cases, complete tasks, and read cases that are being erased."""
    chance = random.Random(seed)  # noqa: S311 - a test wants the same acts again
    world = parent.again()
    with world.database.transaction(write=False) as tx:
        known = [case.id for case in case_rows.listed(tx, status="open", limit=50)]
    browser = world.browser("sara")
    for _ in range(LOAD):
        assert browser.get("/inbox").status_code == 200
        read_answers(world, chance.choice(cases))
        if not known or chance.random() < 0.5:
            known.append(world.start(small.ANSWERS).case_id)
        elif waiting := world.tasks(chance.choice(known)):
            try:
                world.complete(chance.choice(waiting).key, small.ANSWERS)
            except (TaskClosed, CaseMoved):
                continue  # the other one was faster
    world.database.close()


def read_answers(world: World, case: str) -> None:
    """Read a case that may be erased meanwhile: what opens is what was written."""
    with world.database.transaction(write=False) as tx:
        try:
            found = load_answers(tx, world.program.services.case_keys(tx, case), case)
        except CannotOpen:
            return
    written = {MARK, small.NOTE.strip(), small.NOTE + MARK}
    assert {one.value for one in found if one.key == "note"} <= written


def gone(desk: World) -> set[str]:
    """The cases that the list outside names as erased whole, or begun."""
    return {
        one.case_id
        for one in list_of(desk).read().named(begun=True)
        if {"C0", "C1", "C2"} <= {*one.classes}
    }


def left_of(desk: World, cases: set[str]) -> list[str]:
    """What is there of cases of which nothing may be: owners of keys."""
    with desk.database.transaction(write=False) as tx:
        return sorted(key.owner for found in keys.of_cases(tx, cases).values() for key in found)


def key_bytes(desk: World) -> set[bytes]:
    """The ids of all keys that went, as they lie in files."""
    with desk.database.transaction(write=False) as tx:
        acts = retention_acts.every(tx)
    return {bytes.fromhex(key) for act in acts for key in act.keys}


def sealed_of(desk: World, cases: set[str]) -> set[tuple[str, str]]:
    """Table and column of everything sealed that is there of some cases."""
    with desk.database.transaction(write=False) as tx:
        documents = {row["id"]: row["case_id"] for row in whole_rows.stored(tx, "document")}
        return {
            (table, column)
            for table, column in erasing.HOW
            for row in whole_rows.stored(tx, table)
            if row[column]
            and (row.get("case_id") or documents.get(row.get("document_id"), row.get("id")))
            in cases
        }


def round_of(desk: World, number: int, kept: Sequence[str]) -> list[str]:
    """Erase cases while people work, with a kill at one place; gives the cases. What the kill left
    over is erased after it.
    """
    each, place = ERASURES // ROUNDS, PLACES[number % len(PLACES)]
    cases = [filled(desk, nth) for nth in range(each)]
    passes = 1 + number * each // (2 * ROUNDS)
    desk.database.close()
    with seeded(number):
        busy = [
            fork(partial(work, desk, [*cases, *kept], number * 100 + who)) for who in range(AT_WORK)
        ]
        ended = status_of(fork(partial(erase_each, desk, cases, place, passes)))
        assert os.WIFSIGNALED(ended) == bool(place), "it ends where it is told to"
        assert place or ended == 0, "cases could not be erased"
        assert [status_of(child) for child in busy] == [0] * AT_WORK
    settle_list(desk.worker(), desk.clock.now())
    for case in sorted({*cases} - gone(desk)):
        erase_case(desk, case)
    for case in kept:
        with pytest.raises(NotErasable):
            act(desk, SARA, early.ask_early, case_id=case, classes=CLASSES, why="A mistake")
    return cases


def test_nothing_of_what_is_erased_under_load_and_kills_comes_back(
    desk: World, keyring: Keyring, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = backup_files(tmp_path / "backups")
    kept, begun = [hold(desk, filled(desk, nth)) for nth in range(4)], set[str]()
    for number in range(ROUNDS):
        desk.later(minutes=1)
        if number:
            files.backup(desk.program, f"{number}.backup")
        begun |= {*round_of(desk, number, kept)}
    assert gone(desk) == begun
    assert look_after_erasures(desk.worker(), desk.clock.now()) >= len(begun)
    assert left_of(desk, begun) == []
    assert sealed_of(desk, begun) <= OF_THE_ACT
    assert len(sealed_of(desk, {*kept})) > LOAD, "others are as they were"
    assert desk.faults() == []
    if not desk.database.postgres:
        assert not live_files.found_in_files(desk.database.file, key_bytes(desk))
        assert not live_files.found_in_files(desk.database.file, {MARK.encode()})
    for number in range(1, ROUNDS):
        file = f"sqlite:///{tmp_path / str(number)}.db"
        program = files.restore(desk.program, file, files.folder / f"{number}.backup")
        copy = replace(desk, program=program)
        assert left_of(copy, begun) == []
        assert sealed_of(copy, begun) <= OF_THE_ACT
        assert left_of(copy, {*kept}) == left_of(desk, {*kept}) != []
        assert number % 4 != 1 or copy.faults() == []
        copy.database.close()
    following = announced(desk, keyring)
    turned = rotated(desk, following)
    last = begun_with(turned, retired(turned, following))
    for number in range(1, ROUNDS):
        with pytest.raises(TrestegError):
            files.restore(
                last.program,
                f"sqlite:///{tmp_path}/old{number}.db",
                files.folder / f"{number}.backup",
            )
    assert MARK not in "".join(capfd.readouterr())
    assert [file for file in tmp_path.rglob("*") if file.is_file() and is_marked(file)] == []


def is_marked(file: Path) -> bool:
    """Whether the mark lies in a file."""
    return MARK.encode() in file.read_bytes()
