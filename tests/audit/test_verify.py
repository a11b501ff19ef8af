"""Whatever is changed behind the program's back, `verify` names it: the case, the fact, the row."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest

from service.audit import case_replay, verify
from service.records import fact_format
from tests.support.damaged_case import FACT, LINE, DamagedCase


@pytest.mark.parametrize(
    "change",
    [
        "element = 'b'",
        "actor = 'p_stina'",
        "office = 'other'",
        "kind = 'answer'",
        "nth = 2",
        "work_id = '1.1'",
        "form = 'plain'",
        "release = 99",
    ],
)
def test_a_changed_fact_is_named(damaged: DamagedCase, change: str) -> None:
    damaged.update("fact", change, FACT)
    found = damaged.places()
    assert ("I10", "fact 2") in found
    assert {place for _, place in found} <= {"fact 2", "case"}


@pytest.mark.parametrize(
    ("column", "before", "after"),
    [
        ("engine", "tzdata", "another"),
        ("turn", '"id"', '"ie"'),
        ("turn", '"a"', '"b"'),
        ("turn", '"steps":[', '"steps":{'),
        ("turn", '"open":[', '"open":[[],'),
    ],
)
def test_a_fact_that_tells_otherwise_is_named(
    damaged: DamagedCase, column: str, before: str, after: str
) -> None:
    damaged.retold(column, before, after)
    found = damaged.places()
    assert found & {("I10", "fact 2"), ("I3", "fact 2")}
    assert {place for _, place in found} == {"fact 2"}


@pytest.mark.parametrize("column", ["state", "engine", "turn"])
def test_one_bit_of_a_fact_is_named(damaged: DamagedCase, column: str) -> None:
    damaged.flip("fact", column, FACT)
    found = damaged.places()
    assert found & {("I10", "fact 2"), ("I3", "fact 2")}
    assert {place for _, place in found} == {"fact 2"}


def test_a_fact_that_is_gone_is_named(damaged: DamagedCase) -> None:
    damaged.delete("fact", FACT)
    found = damaged.places()
    assert {("I3", "fact 2"), ("I10", "fact 2")} <= found


def test_the_last_fact_cannot_be_taken_away_unseen(damaged: DamagedCase) -> None:
    damaged.delete("fact", "case_id = :case AND rev = 3")
    assert {("I10", "fact 3"), ("I3", "case"), ("I3", "snapshot")} <= damaged.places()


def test_one_bit_of_a_snapshot_is_named(damaged: DamagedCase) -> None:
    damaged.flip("cases", "snapshot", "id = :case")
    assert damaged.places() == {("I11", "snapshot")}


def test_an_old_snapshot_does_not_pass(damaged: DamagedCase) -> None:
    damaged.update("cases", "snapshot = :old", "id = :case", old=damaged.old)
    assert damaged.places() == {("I11", "snapshot")}


@pytest.mark.parametrize("column", fact_format.PURPOSES)
def test_one_bit_of_a_sealed_value_is_named(damaged: DamagedCase, column: str) -> None:
    damaged.flip("fact_payload", column, FACT)
    values = "payload" if column == fact_format.ROUTING else f"values {column}"
    assert damaged.places() == {("I11", f"{values} of fact 2")}


def test_an_answer_that_is_gone_is_named(damaged: DamagedCase) -> None:
    damaged.update("fact_payload", "c2 = NULL", FACT)
    assert damaged.places() == {("I11", "values of fact 2")}


def test_an_answer_of_another_class_is_named(damaged: DamagedCase) -> None:
    damaged.update("fact_payload", "c2 = c1, c1 = c2", FACT)
    assert damaged.places() == {("I11", f"values {column} of fact 2") for column in ("c1", "c2")}


def test_sealed_values_that_are_gone_are_named(damaged: DamagedCase) -> None:
    damaged.delete("fact_payload", FACT)
    assert damaged.places() == {("I11", "payload of fact 2")}


def test_one_bit_of_the_cases_key_is_named(damaged: DamagedCase) -> None:
    damaged.flip("vault_key", "wrapped", "owner = 'case:' || :case")
    assert damaged.places() == {("I11", "vault_key")}


@pytest.mark.parametrize("change", ["actor = 'p_stina'", "kind = 'fail'", "office = ''"])
def test_a_changed_line_is_named(damaged: DamagedCase, change: str) -> None:
    damaged.update("line", change, LINE)
    assert damaged.places() == {("I10", "line 2")}


@pytest.mark.parametrize("column", ["open", "seal", "hash", "body"])
def test_one_bit_of_a_line_is_named(damaged: DamagedCase, column: str) -> None:
    damaged.flip("line", column, LINE)
    assert ("I10", "line 2") in damaged.places()
    named = {place.partition(" 01")[0].partition(":")[0] for _, place in damaged.places()}
    of_line = {"case_officer", "vault_key records"}
    assert named <= {"line 2", "fact 2", "values of fact 2", *of_line}


def test_a_line_that_is_about_another_fact_is_named(damaged: DamagedCase) -> None:
    damaged.retold("body", '"rev":2', '"rev":7')
    assert ("I10", "line 2") in damaged.places()


def test_a_line_that_is_gone_is_named_once(damaged: DamagedCase) -> None:
    damaged.delete("line", LINE)
    # the line bound who handles the case besides, and a key that was made
    bound = ("case_officer ", "vault_key records:")
    rows = {one for one in damaged.places() if one[1].startswith(bound)}
    assert damaged.places() - rows == {("I10", "line 2")}


def test_a_line_of_another_stream_is_named_by_its_stream(damaged: DamagedCase) -> None:
    damaged.update(
        "line",
        "actor = 'nobody'",
        "stream = :social AND seq = 1",
        social=damaged.number("office/social"),
    )
    assert [(f.invariant, f.case, f.place) for f in damaged.faults()] == [
        ("I10", "office/social", "line 1")
    ]


@pytest.mark.parametrize(
    ("statement", "invariant", "what"),
    [
        ("DELETE FROM task WHERE case_id = :case AND element = 'b'", "I3", "task"),
        ("UPDATE task SET nth = 7 WHERE case_id = :case AND element = 'b'", "I3", "task"),
        ("DELETE FROM job WHERE case_id = :case AND element = 'w'", "I4", "job"),
        ("UPDATE job SET nth = 7 WHERE case_id = :case AND element = 'w'", "I4", "job"),
    ],
)
def test_a_row_that_waits_no_more_or_otherwise_is_named(
    damaged: DamagedCase, statement: str, invariant: str, what: str
) -> None:
    damaged.change(statement)
    [(found, place)] = damaged.places()
    assert (found, place.split()[0]) == (invariant, what)


@pytest.mark.parametrize("table", ["task", "job"])
def test_a_changed_due_is_named(damaged: DamagedCase, table: str) -> None:
    element = {"task": "b", "job": "w"}[table]
    other = damaged.value("SELECT opened_at FROM cases WHERE id = :case")
    damaged.update(table, "due = :other", f"case_id = :case AND element = '{element}'", other=other)
    [(_, place)] = damaged.places()
    assert place.startswith(table)


@pytest.mark.parametrize(
    ("change", "invariant"),
    [
        ("status = 'ended'", "I8"),
        ("stage = '3'", "I3"),
        ("station = 'home'", "I3"),
        ("next_due = NULL", "I3"),
        ("\"end\" = 'e'", "I3"),
    ],
)
def test_a_changed_case_is_named(damaged: DamagedCase, change: str, invariant: str) -> None:
    damaged.update("cases", change, "id = :case")
    assert damaged.places() == {(invariant, "case")}


def test_some_cases_are_verified_without_the_others(damaged: DamagedCase) -> None:
    every = verify.case_ids(damaged.tx)
    assert len(every) == 3
    damaged.flip("cases", "snapshot", "id = :case")
    some = verify.verify_some(
        damaged.tx,
        damaged.desk.program.services,
        [id_ for id_ in every if id_ != damaged.case],
        now=damaged.desk.clock.now(),
    )
    assert (some.cases, some.faults) == (2, ())


def test_verify_never_prints_an_answer(damaged: DamagedCase) -> None:
    damaged.retold("turn", '"a"', '"b"')
    said = "\n".join(map(str, damaged.faults()))
    assert said
    for typed in ("ringer", "telefon", "Stockholm", base64.b64encode(b"ringer").decode()):
        assert typed not in said


ORPHAN = (
    "INSERT INTO fact_payload (case_id, rev, c1)"
    " SELECT case_id, 9, c1 FROM fact_payload WHERE case_id = :case AND rev = 2"
)
NAMED = (
    "INSERT INTO named_person (case_id, person_id, by, at)"
    " SELECT id, 'p_sara', 'p_sara', opened_at FROM cases WHERE id = :case"
)


def test_values_of_no_fact_are_named(damaged: DamagedCase) -> None:
    damaged.change(ORPHAN)
    assert ("I12", "values of fact 9") in damaged.places()


@pytest.mark.parametrize(
    "damage",
    [
        "",
        ORPHAN,
        "UPDATE task SET nth = 7 WHERE case_id = :case",
        "UPDATE job SET priority = 7 WHERE case_id = :case",
        "UPDATE letter SET role = 'other' WHERE case_id = :case",
        "UPDATE fact_payload SET c2 = c1, c1 = c2 WHERE case_id = :case AND rev = 2",
        "UPDATE fact SET turn = fact.state WHERE case_id = :case AND rev = 2",
        "DELETE FROM fact WHERE case_id = :case AND rev = 3",
        NAMED,
    ],
)
def test_a_case_is_verified_alike_behind_its_replay(damaged: DamagedCase, damage: str) -> None:
    """An auditor's page asks for the rows together, and has read some of them already."""
    tx, services, now = damaged.tx, damaged.desk.program.services, damaged.desk.clock.now()
    if damage:
        damaged.change(damage)
    wanted = verify.verify(tx, services, damaged.case, now=now)
    _ = tx.conn  # who takes it may change anything, so nothing counts as read
    with suppress(Exception):  # of a fact that cannot be read there is no replay
        case_replay.load_case_replay(tx, services, damaged.desk.viewer(), damaged.case, now)
    assert verify.verify_alone(tx, services, damaged.case, now=now) == wanted
    assert bool(wanted.faults) == bool(damage)
