"""The matrix is changed cell by cell, a new role stands before the rows that narrow."""

from __future__ import annotations

from service.workshop.configuration import visibility
from service.workshop.configuration.visibility import FILE

TEXT = """# who
[a]
1 = "FS-O" # all

[[narrow]]
role = "a"
stage = [1]
class = "C1"
only = ["g"]
"""
ROLES = ("a", "b")


def test_a_cell_is_one_letter_and_comments_stay() -> None:
    assert visibility.cell_values(TEXT, ROLES, "1")["a.C1"] == "S"
    sent = {"a.C2": ["F"], "was.a.C2": ["-"]}
    made = visibility.save_cells(TEXT, ROLES, "1", sent).changed[FILE]
    assert made == TEXT.replace('"FS-O"', '"FSFO"').encode()


def test_a_role_without_letters_gets_some() -> None:
    sent = {"b.C0": ["S"], "was.b.C0": ["-"], "a.C0": ["O"], "was.a.C0": ["-"]}
    made = visibility.save_cells(TEXT, ROLES, "x", sent).changed[FILE]
    assert made is not None
    letters = visibility.read_letters(made.decode())
    assert letters == {"a": {"1": "FS-O", "x": "O---"}, "b": {"x": "S---"}}
    assert len(visibility.read_narrowings(made.decode())) == 1


def test_a_letter_that_there_is_not_is_refused() -> None:
    sent = {"a.C2": ["Q"], "was.a.C2": ["-"]}
    assert visibility.save_cells(TEXT, ROLES, "1", sent).faults == {"a.C2": "fault_value"}


def test_a_narrowing_is_added_and_taken_out_by_what_it_says() -> None:
    sent = {"new.role": ["b"], "new.how": ["never"], "new.stages": ["1", "x"]}
    sent |= {"new.classes": ["C2"], "new.groups": ["g"], "new.except_managers": ["yes"]}
    made = visibility.add_narrowing(TEXT, ROLES, sent).changed[FILE]
    assert made is not None
    first, second = visibility.read_narrowings(made.decode())
    assert (second.stages, second.how, second.except_managers) == (("1", "x"), "never", True)
    left = visibility.remove_narrowing(made.decode(), first.key).changed[FILE]
    assert left is not None
    assert [row.role for row in visibility.read_narrowings(left.decode())] == ["b"]
    assert visibility.remove_narrowing(TEXT, "gone").faults
    assert set(visibility.add_narrowing(TEXT, ROLES, {}).faults) == {
        *("new.role", "new.how", "new.stages", "new.classes", "new.groups"),
    }
