"""Texts are compared line by line; a patch is the last resort for any file."""

from __future__ import annotations

from service.workshop.comparison.line_diff import MOST_LINES, changed_lines, patch


def test_changed_lines_have_their_number_and_both_sides() -> None:
    assert list(changed_lines("a\nb\nc", "a\nB\nc\nd")) == [(2, "b", "B"), (4, "", "d")]
    assert list(changed_lines("a", "a")) == []


def test_a_patch_names_both_sides() -> None:
    assert patch(b"a\nb", b"a\nc", ("v1", "v2")) == [
        "--- v1",
        "+++ v2",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
    ]
    assert patch(None, b"a", ("v1", "v2")) == ["--- v1", "+++ v2", "@@ -0,0 +1 @@", "+a"]


def test_what_is_no_text_or_too_long_has_no_patch() -> None:
    assert patch(b"\xff", b"a", ("v1", "v2")) is None
    assert patch(b"a", b"a\n" * (MOST_LINES + 1), ("v1", "v2")) is None
    assert list(changed_lines("a", "b\n" * (MOST_LINES + 1))) == []
