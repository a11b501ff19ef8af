"""The history of a field: every value with who gave it, and who has read it since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.access import Viewer
from service.audit import field_history
from service.audit.case_replay import CaseReplay, load_case_replay
from service.casework.casefile import read_log
from service.errors import NotFound
from service.security.keyring import Keyring
from service.store.writing import write_last
from tests.casework.corrections.conftest import ANSWERED, START, correct, process
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, process())
    yield made
    made.database.close()


@pytest.fixture
def case(desk: World) -> str:
    """A case in which an open answer and a hidden one were given and corrected."""
    started = desk.start({"note": ["first words"]}, element=START).case_id
    desk.do(started, "a", ANSWERED)
    desk.later(hours=1)
    correct(desk, started, {"contact": ["0733"]}, why="A wrong number")
    return started


def auditor(desk: World) -> Viewer:
    return replace(desk.viewer(), office="audit", roles=frozenset({"auditor"}), lang="en")


def replay(desk: World, case: str) -> CaseReplay:
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        return load_case_replay(tx, services, auditor(desk), case, now)


def test_every_field_stands_under_its_form(desk: World, case: str) -> None:
    groups = field_history.case_fields(replay(desk, case))
    assert [group.title for group in groups][:2] == ["Plain", "Answered"]
    answered = {field.key: field for field in groups[1].fields}
    assert answered["contact"].times == 2, "sent, and corrected"
    assert (answered["answer"].label, answered["answer"].klass) == ("Answer", "C0")


def test_an_open_value_is_told_with_who_when_and_where(desk: World, case: str) -> None:
    field, values = field_history.field_values(replay(desk, case), "answer")
    assert field.label == "Answer"
    first = values[0]
    assert (first.before, first.after) == ("", "Ja")
    assert first.who.startswith("Sara")
    assert (first.release, first.correction, first.reason) == ("v1", False, "")
    assert first.form == "Answered"


def test_a_hidden_value_and_its_correction_are_two_lines(desk: World, case: str) -> None:
    _, values = field_history.field_values(replay(desk, case), "contact")
    hidden = [value for value in values if value.form == "Answered"]
    assert [value.after for value in hidden] == ["hidden from you"] * 2
    assert [value.correction for value in hidden] == [False, True]
    assert hidden[1].reason == "given, and hidden from you"
    assert "0733" not in str(values)
    assert "wrong number" not in str(values)


def test_who_has_read_it_since_is_listed_newest_first(desk: World, case: str) -> None:
    shown = replay(desk, case)
    field, values = field_history.field_values(shown, "contact")
    services = desk.program.services
    with desk.database.transaction() as tx:
        for purpose, classes in (("case", ("C0", "C1")), ("task", ("C1",)), ("audit", ("C0",))):
            now = desk.later(minutes=1)
            read_log.record_read(
                tx, by=desk.viewer(), case_id=case, purpose=purpose, classes=classes, now=now
            )
        write_last(tx)
        reads = field_history.field_reads(tx, services, shown, field, values[0].at)
    assert [read.purpose for read in reads.rows] == ["a task", "reading the case"]
    assert reads.total == 2
    assert reads.rows[0].who.startswith("Sara")


def test_a_field_that_the_case_never_had_is_not_found(desk: World, case: str) -> None:
    with pytest.raises(NotFound):
        field_history.field_values(replay(desk, case), "nothing")
