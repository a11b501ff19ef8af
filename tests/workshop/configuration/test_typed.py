"""Only what was changed on a page is written, and what somebody else changed is asked."""

from __future__ import annotations

from typing import Any

from service.release.bundle import Bundle
from service.workshop.configuration.typed import (
    OTHERS,
    Value,
    changes,
    edited,
    read_table,
    shown,
    text_of,
)

NOW: dict[str, Value] = {"a": "1", "b": "2", "list": ("x", "y")}


def test_what_stayed_as_it_was_is_no_change() -> None:
    sent = {"a": ["1"], "was.a": ["1"], "list": ["y", "x"], "was.list": ["x", "y"]}
    assert changes(sent, NOW) == ({}, {})
    assert changes({}, NOW) == ({}, {})


def test_a_change_beside_another_one_is_kept() -> None:
    sent = {"a": ["9"], "was.a": ["1"], "b": ["old"], "was.b": ["old"], "was.list": ["x", "y"]}
    found, faults = changes(sent, NOW)
    assert (found, faults) == ({"a": "9", "list": ()}, {})
    assert shown(sent, NOW) == {"a": "9", "b": "2", "list": ()}


def test_two_changes_of_one_value_are_asked_unless_they_are_one() -> None:
    assert changes({"b": ["3"], "was.b": ["1"]}, NOW)[1] == {"b": OTHERS}
    assert changes({"b": ["2"], "was.b": ["1"]}, NOW) == ({"b": "2"}, {})


def test_comments_and_order_of_a_file_stay() -> None:
    text = "# why\nz = 1 # so\n\n[a]\nb = 'c'\n"

    def change(document: Any) -> None:
        document["z"] = 2

    assert edited(text, "f", change).changed == {"f": text.replace("= 1", "= 2").encode()}
    assert edited(text, "f", lambda _: None).changed == {}
    assert edited("= no", "f", change).faults == {"": "fault_unreadable"}
    assert edited(text, "f", lambda _: ["z"]).faults == {"z": "fault_value"}


def test_a_file_that_is_not_there_or_cannot_be_read_is_empty() -> None:
    assert text_of(Bundle({}), "f", "otherwise") == "otherwise"
    assert read_table("= no") == {}
