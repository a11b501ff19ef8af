"""The sample of small faults is the same for the same seed, and each is named by its place."""

from __future__ import annotations

from pathlib import Path

from tests.tools.mutate import chosen, line_of

NAMES = [f"service.engine.lint.x_lint__mutmut_{n}" for n in range(1, 100)] + [
    "service.engine.feel.x_plain__mutmut_1"
]


def test_a_seed_draws_the_same_faults_each_time() -> None:
    assert (
        chosen(NAMES, [], 10, seed=7)
        == chosen(NAMES, [], 10, seed=7)
        != chosen(NAMES, [], 10, seed=8)
    )
    assert len(set(chosen(NAMES, [], 10, seed=7))) == 10
    assert sorted(chosen(NAMES, [], 500, seed=7)) == sorted(NAMES)


def test_what_is_asked_for_is_taken_whole() -> None:
    assert chosen(NAMES, ["service.engine.feel.*"], 1, seed=7) == NAMES[-1:]


def test_a_fault_is_found_in_its_function(tmp_path: Path) -> None:
    file = tmp_path / "probe.py"
    file.write_text(
        "def one():\n    return 1\n\n\nclass Two:\n    def one(self):\n        return 2\n", "utf-8"
    )
    assert (line_of(file, "probe.x_one__mutmut_1"), line_of(file, "probe.xǁTwoǁone__mutmut_3")) == (
        1,
        6,
    )
