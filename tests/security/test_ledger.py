"""The ledger notices whatever is changed, dropped, slipped in or swapped."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.security import ledger_lines
from service.security.ledger_lines import ChainBreak
from service.security.records import LedgerEntry

AT = datetime(2026, 3, 2, 9, 14, 7, 123456, tzinfo=UTC)


def stream(length: int, name: str = "case/c") -> list[LedgerEntry]:
    """A stream that holds."""
    end, lines = (0, ""), []
    for nth in range(length):
        line = ledger_lines.write(
            name,
            end,
            kind="complete",
            at=AT + timedelta(minutes=nth),
            actor="p",
            office="o",
            open_="aa" * 32,
            seal="bb" * 32,
            body={"rev": nth},
        )
        lines.append(line)
        end = (line.seq, line.hash)
    return lines


def test_a_value_is_written_in_one_way_only() -> None:
    assert (
        ledger_lines.canonical({"b": [1, True, None], "a": {"ö": "å"}})
        == '{"a":{"ö":"å"},"b":[1,true,null]}'.encode()
    )
    assert ledger_lines.digest({"a": 1, "b": 2}) == ledger_lines.digest({"b": 2, "a": 1})


@pytest.mark.parametrize(
    "value", [1.5, {"a": [0.1]}, {1: "a"}, {"at": AT}, {"set": {1}}, b"bytes"], ids=str
)
def test_what_can_be_written_in_two_ways_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        ledger_lines.canonical(value)  # type: ignore[arg-type]  # that is the fault


def test_a_line_is_hashed_as_a_leaf_and_names_the_one_before() -> None:
    first, second = stream(2)
    whole = (
        b'{"actor":"p","at":"2026-03-02T09:14:07.123456Z","kind":"complete","office":"o",'
        b'"open":"%s","prev":"","rev":0,"seal":"%s","seq":1,"stream":"case/c","v":2}'
    ) % (b"aa" * 32, b"bb" * 32)
    assert ledger_lines.text(first, "") == whole
    assert first.hash == sha256(b"\x00" + whole).hexdigest()
    assert second.hash == ledger_lines.leaf(ledger_lines.text(second, first.hash))
    assert b'"prev":"%s"' % first.hash.encode() in ledger_lines.text(second, first.hash)


def test_a_line_is_the_same_in_every_zone() -> None:
    stockholm = AT.astimezone(timezone(timedelta(hours=1)))
    assert (
        ledger_lines.write("system", (0, ""), kind="k", at=stockholm).hash
        == ledger_lines.write("system", (0, ""), kind="k", at=AT).hash
    )


def test_a_body_may_not_speak_for_the_line() -> None:
    with pytest.raises(ValueError, match="actor"):
        ledger_lines.write("system", (0, ""), kind="k", at=AT, body={"actor": "somebody else"})


def test_a_whole_stream_holds_and_so_does_its_rest() -> None:
    lines = stream(20)
    assert ledger_lines.verify("case/c", lines) == []
    assert ledger_lines.verify("case/c", lines[7:], after=(7, lines[6].hash)) == []
    assert ledger_lines.verify("case/c", lines, head=(12, lines[11].hash)) == []
    assert ledger_lines.verify("case/c", []) == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "fail"},
        {"actor": "q"},
        {"office": "q"},
        {"at": AT},
        {"body": '{"rev":9}'},
        {"open": "cc" * 32},
        {"seal": None},
        {"body": "{}"},
        {"hash": "00" * 32},
    ],
    ids=str,
)
def test_a_changed_line_is_named(change: dict[str, object]) -> None:
    lines = stream(5)
    lines[2] = replace(lines[2], **change)  # type: ignore[arg-type]  # fields of the line
    assert ledger_lines.verify("case/c", lines) == [ChainBreak("case/c", 3, "hash")], "and once"


def test_a_line_changed_and_hashed_anew_breaks_the_next_one() -> None:
    lines = stream(5)
    forged = ledger_lines.write("case/c", (2, lines[1].hash), kind="fail", at=AT)
    assert ledger_lines.verify("case/c", [*lines[:2], forged, *lines[3:]]) == [
        ChainBreak("case/c", 4, "hash")
    ]


def test_a_body_written_another_way_is_noticed() -> None:
    lines = stream(3)
    for body in (
        json.dumps(json.loads(lines[1].body), indent=1),
        '{"seq":9}',
        "[]",
        "{",
        '{"a":0.5}',
    ):
        assert ChainBreak("case/c", 2, "body") in ledger_lines.verify(
            "case/c", [lines[0], replace(lines[1], body=body), lines[2]]
        )


def test_dropped_doubled_swapped_and_foreign_lines_are_noticed() -> None:
    lines = stream(6)
    assert ledger_lines.verify("case/c", [*lines[:2], *lines[3:]]) == [
        ChainBreak("case/c", 3, "missing")
    ]
    assert ChainBreak("case/c", 3, "missing") in ledger_lines.verify(
        "case/c", [*lines[:3], lines[2], *lines[3:]]
    )
    assert ledger_lines.verify("case/c", [lines[0], lines[2], lines[1], *lines[3:]]) != []
    assert ChainBreak("case/c", 3, "stream") in ledger_lines.verify(
        "case/c", [*lines[:2], stream(3, "case/d")[2], *lines[3:]]
    )


def test_a_cut_or_rewritten_end_is_noticed_by_who_noted_a_head() -> None:
    lines = stream(6)
    head = (6, lines[5].hash)
    assert ledger_lines.verify("case/c", lines[:5]) == []
    assert ledger_lines.verify("case/c", lines[:5], head=head) == [ChainBreak("case/c", 6, "head")]
    rewritten = [*lines[:5], ledger_lines.write("case/c", (5, lines[4].hash), kind="fail", at=AT)]
    assert ledger_lines.verify("case/c", rewritten) == []
    assert ledger_lines.verify("case/c", rewritten, head=head) == [ChainBreak("case/c", 6, "head")]


@given(
    at=st.integers(0, 9),
    column=st.sampled_from(
        ["stream", "seq", "hash", "kind", "actor", "office", "body", "open", "seal"]
    ),
    noise=st.integers(0, 10**6),
)
def test_any_flip_in_any_column_of_any_line_is_noticed(at: int, column: str, noise: int) -> None:
    lines = stream(10)
    value = getattr(lines[at], column)
    if isinstance(value, int):
        changed: object = value + 1 + noise
    else:
        place = noise % (len(value) + 1)
        changed = value[:place] + chr(33 + noise % 90) + value[place + 1 :]
    if changed == value:
        return
    lines[at] = replace(lines[at], **{column: changed})  # type: ignore[arg-type]  # fields of the line
    assert ledger_lines.verify("case/c", lines) != []
