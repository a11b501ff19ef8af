"""Rules of approvals: read from their file, and refused where they say too little."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from service.casework.cases.protection import LOWER
from service.release.programme.approval_rules import read_approvals

SHIPPED = Path("workflows/config/approvals.toml").read_text(encoding="utf-8")
ROW = 'kind = "a"\nask = ["x"]\ndecide = ["y"]\nwaits = 1\nlasts = 1'
GLASS_ROW = ROW.replace('"a"', '"break_glass"')
OPENS = 'opens = "f"\nground = "NOD"'


def test_the_shipped_file_has_the_acts_of_two_persons() -> None:
    rules = read_approvals(SHIPPED)
    protected = {"print_case", "print_task", "open_document", "make_paper", LOWER}
    of_process = {"publish_release", "publish_data_flow", "release_current", "migrate_cases"}
    kept = {"erase_early", "long_hold", "package_case"}
    timed = {"unmask_case", "open_ended_case"}
    within = {"correct_answer", "open_locked", "break_glass"}
    assert set(rules.kinds) == {*protected, *within, *timed, *of_process, *kept}
    hers = {"publish_data_flow", "long_hold", "break_glass", *timed}
    assert rules.decided_by({"data-protection"}) == protected | hers
    others = [kind for kind, rule in rules.kinds.items() if rule.other_office]
    assert others == ["open_ended_case", "break_glass"]
    same = [kind for kind, rule in rules.kinds.items() if rule.same_office]
    assert same == ["erase_early", "package_case", "open_locked"]
    assert rules.decided_by({"auditor"}) == frozenset()
    assert read_approvals("").kinds == {}


def test_breaking_the_glass_is_counted_in_minutes_and_says_what_opens() -> None:
    rules = read_approvals(SHIPPED)
    glass, unmask = rules.kinds["break_glass"], rules.kinds["unmask_case"]
    assert (glass.waits, glass.lasts) == (timedelta(minutes=15), timedelta(hours=1))
    assert glass.on_duty
    assert unmask.lasts == timedelta(hours=1)
    assert rules.glass is not None
    assert rules.glass.opens == "work_alarm"
    assert read_approvals(f"[[approval]]\n{ROW}").glass is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"[[approval]]\n{GLASS_ROW}", "break_glass: it lacks"),
        (f"[break_glass]\nclasses = ['C0']\n{OPENS}", "break_glass: it lacks"),
        (f"[[approval]]\n{GLASS_ROW}\n[break_glass]\nclasses = ['C9']\n{OPENS}", "there is no C9"),
        (f'[[approval]]\n{ROW}\nunit = "days"', "unit"),
    ],
)
def test_half_of_breaking_the_glass_is_refused(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        read_approvals(text)


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
