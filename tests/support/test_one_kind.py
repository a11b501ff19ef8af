"""A test above the store runs on one kind of database."""

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


def test_tests_of_the_store_run_on_both() -> None:
    assert other_kind(name.replace("tests/web/", "tests/store/") for name in PAIRS) == set()


def test_a_file_with_one_world_has_one_kind() -> None:
    names = [name.replace("::test_it[", "::test_it[a-") for name in PAIRS]
    more = [name.replace("[a-", "[b-") for name in names]
    audits = [name.replace("tests/web/", "tests/audit/") for name in names + more]
    left_out = other_kind(audits)
    assert len(left_out) == len(audits) // 2
    files = {name.partition("::")[0] for name in audits}
    for file in files:
        kinds = {"sqlite" in name for name in left_out if name.startswith(file + "::")}
        assert len(kinds) == 1
