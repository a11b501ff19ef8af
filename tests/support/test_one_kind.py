"""Each test of a page runs on one kind of database."""

from __future__ import annotations

from tests.support.one_kind import other_kind

PAIRS = [
    f"tests/web/test_{n}.py::test_it[{kind}-x]"
    for n in range(40)
    for kind in ("sqlite", "postgresql")
]


def test_of_each_pair_one_run_is_left_out_and_both_kinds_are_met() -> None:
    left_out = other_kind(PAIRS)
    assert len(left_out) == len(PAIRS) // 2
    assert len({name.partition("::")[0] for name in left_out}) == len(left_out)
    assert 10 < sum("sqlite" in name for name in left_out) < 30


def test_the_choice_is_the_same_each_time() -> None:
    assert other_kind(PAIRS) == other_kind(reversed(PAIRS))


def test_who_asks_for_one_kind_gets_all_of_it() -> None:
    assert other_kind(name for name in PAIRS if "sqlite" in name) == set()


def test_tests_of_other_folders_run_on_both() -> None:
    assert other_kind(name.replace("tests/web/", "tests/casework/") for name in PAIRS) == set()
