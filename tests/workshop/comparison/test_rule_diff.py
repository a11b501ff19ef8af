"""Two versions of a decision table differ cell by cell; rows are known by their ids."""

from __future__ import annotations

import re

from service.engine import DrawnTable, Files, survey
from service.workshop.comparison.release_changes import ChangeTexts
from service.workshop.comparison.rule_diff import diff_table
from tests.support.diagram_files import RULE

ROW = (
    b'<rule id="r2"><inputEntry id="c2"><text></text></inputEntry>'
    b'<outputEntry id="o2"><text>"B"</text></outputEntry></rule>'
)


def table(data: bytes) -> DrawnTable:
    (found,) = survey(Files({}, rules={"pick.dmn": data})).tables.values()
    return found


def sentences(was: bytes, now: bytes, *, data: bytes = RULE) -> list[tuple[str, str, str]]:
    assert was in data
    changes = diff_table(
        table(data), table(data.replace(was, now)), "workflows/pick.dmn", ChangeTexts("en")
    )
    return [(one.kind, one.element, one.text) for one in changes]


def test_a_cell_says_row_column_and_both_values() -> None:
    assert sentences(b'"YES"</text></inputEntry>', b'"NO"</text></inputEntry>') == [
        ("rule", "r1", 'The rule “pick”, row 1, “answer”: was "YES", is now "NO".')
    ]
    assert sentences(b'"B"</text></outputEntry>', b'"A"</text></outputEntry>') == [
        ("rule", "r2", 'The rule “pick”, row 2, “picked”: was "B", is now "A".')
    ]


def test_a_row_in_the_middle_leaves_the_others_as_they_are() -> None:
    new = ROW.replace(b"r2", b"r3").replace(b'"B"', b'"A"').replace(b"c2", b"c3")
    ((kind, element, text),) = sentences(ROW, new.replace(b"o2", b"o3") + ROW)
    assert (kind, element) == ("rule", "r3")
    assert text == 'The rule “pick”, new row 2: – → "A"'
    ((_, _, text),) = sentences(ROW, b"")
    assert text == 'The rule “pick”, row 2 is gone: – → "B"'


def test_a_row_that_moved_is_told_as_that() -> None:
    first = RULE[RULE.index(b'<rule id="r1">') : RULE.index(b'<rule id="r2">')]
    ((kind, _, text),) = sentences(first + ROW, ROW + first)
    assert kind == "rule"
    assert re.fullmatch(r"The rule “pick”: row (\d) now stands as row (?!\1)\d\.", text)


def test_columns_and_the_way_rows_are_chosen() -> None:
    assert sentences(b'hitPolicy="FIRST"', b'hitPolicy="UNIQUE"') == [
        ("rule", "pick", "The rule “pick”, how rows are chosen: changed.")
    ]
    assert sentences(b'<output id="o" ', b'<output id="o" label="Way" ') == [
        ("text", "pick", "The rule “pick”, column “Way”, heading: changed.")
    ]
    assert sentences(b'"A","B"', b'"A","B","C"') == [
        ("rule", "pick", "The rule “pick”, column “picked”, allowed values: changed.")
    ]


def test_a_new_column_is_named_and_other_cells_stay() -> None:
    column = b'<input id="i2"><inputExpression id="x" typeRef="number"><text>sent</text>'
    column += b"</inputExpression></input>"
    data = RULE.replace(b'<output id="o"', column + b'<output id="o"')
    cell = b'<inputEntry id="n%d"><text></text></inputEntry><outputEntry id="o%d">'
    for n in (1, 2):
        data = data.replace(b'<outputEntry id="o%d">' % n, cell % (n, n))
    changes = diff_table(table(RULE), table(data), "workflows/pick.dmn", ChangeTexts("en"))
    assert [one.text for one in changes] == ["The rule “pick” has a new column: “sent”."]


def test_a_note_is_words() -> None:
    note = b'<rule id="r2"><description>Else</description>'
    assert sentences(b'<rule id="r2">', note) == [
        ("text", "r2", "The rule “pick”, row 2: the note has other words.")
    ]
