"""Rules of approvals: read from their file, and refused where they say too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.casework.cases.protection import LOWER
from service.release.programme.approval_rules import read_approvals

SHIPPED = Path("workflows/config/approvals.toml").read_text(encoding="utf-8")
ROW = 'kind = "a"\nask = ["x"]\ndecide = ["y"]\nwaits = 1\nlasts = 1'


def test_the_shipped_file_has_the_acts_of_two_persons() -> None:
    rules = read_approvals(SHIPPED)
    protected = {"print_case", "print_task", "open_document", "make_paper", LOWER}
    of_process = {"publish_release", "publish_data_flow", "release_current", "migrate_cases"}
    kept = {"erase_early", "long_hold", "package_case"}
    timed = {"unmask_case", "open_ended_case"}
    within = {"correct_answer", "open_locked"}
    assert set(rules.kinds) == {*protected, *within, *timed, *of_process, *kept}
    hers = {"publish_data_flow", "long_hold", *timed}
    assert rules.decided_by({"data-protection"}) == protected | hers
    assert [kind for kind, rule in rules.kinds.items() if rule.other_office] == ["open_ended_case"]
    same = [kind for kind, rule in rules.kinds.items() if rule.same_office]
    assert same == ["erase_early", "package_case", "open_locked"]
    assert rules.decided_by({"auditor"}) == frozenset()
    assert read_approvals("").kinds == {}


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ('kind = "a"', "it lacks ask"),
        ('kind = "a"\nask = ["x"]\ndecide = []\nwaits = 1\nlasts = 1', "decide: this is empty"),
        ('kind = "a"\nask = ["x"]\ndecide = ["y"]\nwaits = 0\nlasts = 1', "waits: .* at least 1"),
        ('kind = "a"\nask = ["x"]\ndecide = ["y"]\nwaits = "s"\nlasts = 1', "waits: .* not a text"),
        (
            f"{ROW}\nsame_office = true\nother_office = true",
            "same_office and other_office say the opposite",
        ),
    ],
)
def test_a_row_that_says_too_little_is_refused(row: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^approval 1[:,] {wrong}"):
        read_approvals(f"[[approval]]\n{row}")
