"""Files that are brought into a draft find their place, and each is told what became of it."""

from __future__ import annotations

from service.errors import Finding
from service.release.bundle import Bundle
from service.workshop import uploads
from service.workshop.drafts import LARGEST

BUNDLE = Bundle(
    {
        "workflows/case.bpmn": b"<case/>",
        "forms/ask.form": b"{}",
        "workflows/config/consents/refer.sv.md": b"Ja",
        "workflows/config/roles.toml": b"",
    }
)


def test_a_file_finds_its_place_by_its_name() -> None:
    places = {
        "case.bpmn": "workflows/case.bpmn",
        "C:\\drawings\\case.bpmn": "workflows/case.bpmn",
        "forms/ask.form": "forms/ask.form",
        "refer.sv.md": "workflows/config/consents/refer.sv.md",
        "roles.toml": "workflows/config/roles.toml",
        "new.bpmn": "workflows/new.bpmn",
        "new.dmn": "workflows/new.dmn",
        "new.form": "forms/new.form",
        "norway.json": "workflows/calendars/norway.json",
        "card.typ": "workflows/papers/card.typ",
        "way.scenario.json": "scenarios/way.scenario.json",
        "workflows/config/consents/refer.en.md": "workflows/config/consents/refer.en.md",
    }
    assert {file: uploads.place(BUNDLE, file) for file in places} == places
    for file in ("new.md", "channels.toml", "a.exe", "a", "", ".", "../a.bpmn/..", "x/../y"):
        assert uploads.place(BUNDLE, file) == "", file


def test_each_file_is_told_what_became_of_it() -> None:
    brought = [
        ("case.bpmn", b"<other/>"),
        ("ask.form", b"{}"),
        ("new.form", b"{}"),
        ("folder/new.form", b"[]"),
        ("large.dmn", b" " * (LARGEST + 1)),
        ("notes.txt", b""),
    ]
    placed = uploads.place_files(BUNDLE, brought)
    assert [one.fate for one in placed] == ["changed", "same", "new", "twice", "large", "unknown"]
    assert uploads.kept_files(placed) == {
        "workflows/case.bpmn": b"<other/>",
        "forms/new.form": b"{}",
    }


def test_one_unreadable_file_does_not_stop_the_others() -> None:
    placed = uploads.place_files(BUNDLE, [("case.bpmn", b"<x"), ("new.form", b"{}")])
    unreadable = Finding("X102", "E", "case.bpmn", "", "This is not a readable file.")
    told = uploads.refuse_unreadable(placed, [unreadable, Finding("D1", "E", "new.form", "", "")])
    assert [one.fate for one in told] == ["unreadable", "new"]
    assert told[0].reason == (unreadable,)
    assert list(uploads.kept_files(told)) == ["forms/new.form"]


def test_no_more_files_are_read_than_may_be_brought() -> None:
    brought = [(f"f{n}.form", b"{}") for n in range(uploads.MOST + 1)]
    placed = uploads.place_files(BUNDLE, brought)
    assert len(uploads.kept_files(placed)) == uploads.MOST
    assert placed[-1].fate == "many"


def test_a_table_of_the_configuration_has_its_place() -> None:
    assert uploads.place(Bundle({}), "visibility.toml") == "workflows/config/visibility.toml"
    assert uploads.place(Bundle({}), "countries.toml") == ""


def test_a_file_is_not_blamed_for_one_whose_name_ends_alike() -> None:
    placed = uploads.place_files(BUNDLE, [("a.bpmn", b"<a/>"), ("aa.bpmn", b"<x")])
    found = [Finding("X102", "E", "workflows/aa.bpmn", "", "This is not a readable file.")]
    assert [one.fate for one in uploads.refuse_unreadable(placed, found)] == ["new", "unreadable"]


def test_of_files_that_take_too_long_together_none_is_taken() -> None:
    slow = [Finding("X110", "E", "workflows/a.bpmn", "", "The file is too slow to read.")]
    both = uploads.place_files(BUNDLE, [("a.bpmn", b"<a/>"), ("b.bpmn", b"<b/>"), ("c.exe", b"")])
    told = uploads.refuse_unreadable(both, slow)
    assert [one.fate for one in told] == ["slow", "slow", "unknown"]
    assert uploads.kept_files(told) == {}
    alone = uploads.place_files(BUNDLE, [("a.bpmn", b"<a/>")])
    assert uploads.refuse_unreadable(alone, slow)[0].reason == tuple(slow)
