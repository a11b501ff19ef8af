"""Web processes take one processor each, while there are enough of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service import processors


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """What processes keep to, on a machine with three processors; nothing is kept in truth."""
    found: list[set[int]] = []
    monkeypatch.setattr(processors, "GIVEN", (2, 5, 7))
    monkeypatch.setattr(os, "sched_setaffinity", lambda _process, kept: found.append(set(kept)))
    return found


def test_each_process_takes_another_processor(kept: list[set[int]]) -> None:
    for number in range(3):
        processors.keep_to_one(number, 3)
    assert sorted(map(tuple, kept)) == [(2,), (5,), (7,)]


@pytest.mark.parametrize("parent", range(4))
@pytest.mark.parametrize("siblings", ["0-1 0-1 2-3 2-3", "0,2 1,3 0,2 1,3"])
def test_no_two_take_one_core_while_there_is_another(
    kept: list[set[int]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    parent: int,
    siblings: str,
) -> None:
    monkeypatch.setattr(processors, "GIVEN", (0, 1, 2, 3))
    monkeypatch.setattr(processors, "CORES", tmp_path)
    monkeypatch.setattr(os, "getppid", lambda: parent)
    for number, core in enumerate(siblings.split()):
        place = tmp_path / f"cpu{number}" / "topology" / "thread_siblings_list"
        place.parent.mkdir(parents=True)
        place.write_text(f"{core}\n")
    for number in range(4):
        processors.keep_to_one(number, 4)
    of_core = [siblings.split()[processor] for one in kept for processor in one]
    assert len(set(of_core[:2])) == 2
    assert {processor for one in kept for processor in one} == {0, 1, 2, 3}


def test_with_fewer_processors_than_processes_none_is_kept(kept: list[set[int]]) -> None:
    processors.keep_to_one(0, 4)
    assert kept == []


def test_a_system_that_forbids_the_choice_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(_process: int, _kept: object) -> None:
        raise PermissionError

    monkeypatch.setattr(processors, "GIVEN", (0,))
    monkeypatch.setattr(os, "sched_setaffinity", forbid)
    processors.keep_to_one(0, 1)
    processors.give_all(os.getpid())
