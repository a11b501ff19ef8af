"""F1, e1 and e2: cases in every state are erased while people work, with kills on the way and
backups between. Nothing of them comes back, nothing of them lies in a file, and what is held stays.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from service import fault_points
from service.casework.cases.given_answers import load_answers
from service.casework.retention import due_runs
from service.errors import CannotOpen, CaseMoved, TaskClosed, TrestegError
from service.operations.erased_again import erased_again
from service.release.programme.retention_rules import DESTROY
from service.security.keyring import Keyring
from service.store import live_files
from service.store.casefile import cases as case_rows
from service.store.casefile import erasing, retention_acts
from service.store.installation import keys
from service.store.read_models import whole_rows
from service.worker.erasures import look_after_erasures, settle_list
from service.worker.retention import run_retention
from tests.operations.test_key_epochs import announced, begun_with, retired, rotated
from tests.support import small
from tests.support.backups import BackupFiles, backup_files
from tests.support.early import DIRECTORY, approved, erased_early, hold, refuse_held
from tests.support.erasures import list_of, open_with_list
from tests.support.filled_case import TWO, erased, fill_case
from tests.support.forks import fork, status_of
from tests.support.plans import FILE, rule, signed
from tests.support.scale import figure, seeded
from tests.support.small_plan import HEAD
from tests.support.world import World

ERASURES: Final = figure("erasures")
ROUNDS: Final = max(5, ERASURES // 100)
"""Each with a backup before it and a kill in it; all places have their turn."""
PLACES: Final = ("e1", "w7", "w8", "e2", "")
LOAD, AT_WORK = 6, 2
"""Acts of one person in a round, and how many people there are."""
MARK: Final = "qzjxkvbwpf"
FACTS_OF_OPEN: Final = 2
"""Of a case that was begun, and in which one task is done."""
PLAN: Final = signed(HEAD + rule("ALL", DESTROY, "P1D"), "SOCIALTJANST")
"""Everything of an ended case goes after a day, which no round lasts."""
OF_THE_ACT: Final = {("approval", "reason")}
"""Why two persons erased, under the key of their office."""


@dataclass(frozen=True)
class Round:
    """The cases of a round, all of which are erased in it."""

    ended: Sequence[str]
    """As a rule erases them."""
    open: Sequence[str]
    """As two persons do."""

    @property
    def cases(self) -> set[str]:
        return {*self.ended, *self.open}


@dataclass(frozen=True)
class Held:
    """The cases that are held all the time, and what can be read in them."""

    asked: Mapping[str, str]
    """Case to the request to erase it that was approved before it was held."""
    answers: set[tuple[str, str, str]]


@pytest.fixture
def desk(database_url: str, keyring: Keyring, tmp_path: Path) -> Iterator[World]:
    outside, release = tmp_path / "outside", TWO.with_file(FILE, PLAN.encode())
    with open_with_list(database_url, keyring, release, outside, DIRECTORY) as made:
        yield made


def filled(desk: World, number: int) -> str:
    """An ended case, in one of the states in which cases end: with everything that can be sealed in
    one, with answers alone, or with some of it erased already.
    """
    if number % 3 == 0:
        return fill_case(desk, MARK)
    case = opened(desk)
    desk.do(case, "b", {**small.ANSWERS, "note": [MARK]})
    if number % 3 == 1:
        erased(desk, case, ["C3"])
    return case


def opened(desk: World) -> str:
    """An open case, in which the office has written and goes on."""
    case = desk.start().case_id
    desk.do(case, "a", {**small.ANSWERS, "note": [MARK]})
    return case


def filled_round(desk: World, number: int) -> Round:
    """The cases of a round: every fourth is open."""
    each = ERASURES // ROUNDS
    ended = [filled(desk, number + nth) for nth in range(each - each // 4)]
    return Round(ended, [opened(desk) for _ in range(each // 4)])


def held_cases(desk: World) -> Held:
    """A case in every state, each held after two persons had agreed to erase it."""
    asked = {}
    for case in [*(filled(desk, nth) for nth in range(3)), opened(desk)]:
        asked[case] = approved(desk, case)
        hold(desk, case)
    return Held(asked, answers_of(desk, asked))


def erase_each(
    parent: World,
    cases: Sequence[str],
    erase: Callable[[World, str], object],
    number: int,
) -> None:
    """Erase cases, one after another; the process is killed at the place of the round when it has
    passed it some times, the later the round the more; and nowhere when it is named none.
    """
    die_at, left = place_of(number), [1 + number * len(cases) // (2 * ROUNDS)]

    def passing(place: str) -> None:
        left[0] -= place == die_at
        if place == die_at and left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    world = parent.again()
    fault_points.arm(passing)
    for case in cases:
        erase(world, case)


def place_of(number: int) -> str:
    """Where those who erase are killed in a round; "" for nowhere."""
    return PLACES[number % len(PLACES)]


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


def answers_of(desk: World, cases: Collection[str]) -> set[tuple[str, str, str]]:
    """What can be read in cases: case, field and text."""
    with desk.database.transaction(write=False) as tx:
        return {
            (case, one.key, str(one.value))
            for case in cases
            for one in load_answers(tx, desk.program.services.case_keys(tx, case), case)
        }


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


def round_of(desk: World, number: int, made: Round, held: Held) -> None:
    """Erase cases while people work, and both who erase are killed at one place. What the kills
    left over is erased after them.
    """
    desk.database.close()
    known = [*made.ended, *made.open, *held.asked]
    with seeded(number):
        busy = [fork(partial(work, desk, known, number * 100 + who)) for who in range(AT_WORK)]
        erasing_each = [
            fork(partial(erase_each, desk, made.ended, erased, number)),
            fork(partial(erase_each, desk, made.open, erased_early, number)),
        ]
        for ended in [status_of(child) for child in erasing_each]:
            assert os.WIFSIGNALED(ended) == bool(place_of(number)), "it ends where it is told to"
            assert place_of(number) or ended == 0, "cases could not be erased"
        assert [status_of(child) for child in busy] == [0] * AT_WORK
    settle_list(desk.worker(), desk.clock.now())
    left = made.cases - gone(desk)
    for case in sorted(left.intersection(made.ended)):
        erased(desk, case)
    for case in sorted(left.intersection(made.open)):
        erased_early(desk, case)


def run_rules(desk: World) -> set[str]:
    """Let the rules run when everything that has ended is due; gives the cases that they erased."""
    before = gone(desk)
    desk.later(days=3)
    run_retention(desk.worker(), desk.clock.now())
    return gone(desk) - before


def check_open(desk: World, made: Round) -> None:
    """An open case ends as erased, unless somebody ended it before."""
    untouched = [case for case in made.open if len(desk.facts(case)) == FACTS_OF_OPEN]
    assert untouched, "people were faster in every case"
    assert {desk.case(case).end for case in untouched} == {case_rows.ERASED}
    assert {desk.case(case).status for case in made.open} == {"ended"}


def check_held(desk: World, held: Held) -> None:
    """What is held is erased neither by a rule nor early, and what was in it is read."""
    for case, asked in held.asked.items():
        refuse_held(desk, case, asked)
        with desk.database.transaction() as tx:
            assert due_runs.run_case(tx, desk.program.services, case, desk.clock.now()) == []
    assert held.answers <= answers_of(desk, held.asked)


def check_copy(desk: World, copy: World, made: Round, begun: set[str]) -> None:
    """A copy from before a round was erased again, and its open cases ended by it; its file is
    clear once its worker has said so.
    """
    with copy.database.transaction(write=False) as tx:
        assert erased_again(tx).acts >= len(made.cases)
    assert left_of(copy, begun) == []
    assert sealed_of(copy, begun) <= OF_THE_ACT
    assert look_after_erasures(copy.worker(), copy.clock.now()) >= len(made.cases)
    assert not live_files.found_in_files(copy.database.file, key_bytes(desk))
    assert {copy.case(case).end for case in made.open} == {case_rows.ERASED}


def restored(desk: World, files: BackupFiles, number: int, name: str = "copy") -> World:
    """The copy that a backup holds, as it is restored now into a file of its own."""
    file = f"sqlite:///{files.folder.parent}/{name}{number}.db"
    program = files.restore(desk.program, file, files.folder / f"{number}.backup")
    return replace(desk, program=program)


def check_erased(desk: World, cases: set[str]) -> None:
    """Nothing is left of cases, neither in a table nor in a live file, and all else is sound."""
    assert look_after_erasures(desk.worker(), desk.clock.now()) >= len(cases)
    assert left_of(desk, cases) == []
    assert sealed_of(desk, cases) <= OF_THE_ACT
    assert desk.faults() == []
    if not desk.database.postgres:
        assert not live_files.found_in_files(desk.database.file, key_bytes(desk))
        assert not live_files.found_in_files(desk.database.file, {MARK.encode()})


def turned_keyring(desk: World, keyring: Keyring) -> World:
    """The installation once the keys under which backups were made are retired."""
    following = announced(desk, keyring)
    turned = rotated(desk, following)
    return begun_with(turned, retired(turned, following))


def test_nothing_of_what_is_erased_under_load_and_kills_comes_back(
    desk: World, keyring: Keyring, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files, rounds = backup_files(tmp_path / "backups"), list[Round]()
    held, forgotten = held_cases(desk), filled(desk, 2)
    for number in range(ROUNDS):
        desk.later(minutes=1)
        rounds.append(filled_round(desk, number))
        files.backup(desk.program, f"{number}.backup")
        round_of(desk, number, rounds[-1], held)
        check_open(desk, rounds[-1])
    begun = {case for made in rounds for case in made.cases}
    assert gone(desk) == begun
    by_rule = run_rules(desk)
    assert forgotten in by_rule, "a rule erases what nobody holds"
    begun |= by_rule
    check_held(desk, held)
    check_erased(desk, begun)
    for number, made in enumerate(rounds):
        copy = restored(desk, files, number)
        check_copy(desk, copy, made, begun)
        check_held(copy, held)
        assert number % 4 or copy.faults() == []
        copy.database.close()
    last = turned_keyring(desk, keyring)
    for number in range(ROUNDS):
        with pytest.raises(TrestegError):
            restored(last, files, number, "old")
    assert MARK not in "".join(capfd.readouterr())
    assert [file for file in tmp_path.rglob("*") if file.is_file() and is_marked(file)] == []


def is_marked(file: Path) -> bool:
    """Whether the mark lies in a file."""
    return MARK.encode() in file.read_bytes()
