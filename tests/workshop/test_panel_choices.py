"""The panel of the editor offers what the draft has: forms, roles, handlers, names with types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.security.keyring import Keyring
from service.workshop import panel_choices
from tests.support import small
from tests.support.world import World, open_world, shipped


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def test_the_choices_are_those_of_the_release(desk: World) -> None:
    choices = panel_choices.editor_choices(small.row_of_tasks(1), desk.program.services, "en")
    assert [value for value, _ in choices["forms"]] == ["ask", "plain"]
    assert choices["roles"] == [["ReferringPartner", "Referring"]]
    assert [value for value, _ in choices["topics"]] == ["letters.count", "letters.send"]
    assert ["answer", "answer"] in choices["names"]


def test_names_come_with_their_types_and_values(desk: World) -> None:
    names = panel_choices.expression_names(small.row_of_tasks(1), desk.program.services)
    answer = next(name for name in names if name["name"] == "answer")
    assert answer["kind"] == "string"
    assert isinstance(answer["values"], list)


def test_lengths_of_time_come_with_the_step_and_rows_of_their_rule(desk: World) -> None:
    services = desk.program.services
    lengths = panel_choices.rule_lengths(shipped(), services, "en")
    counsel = lengths["deadline.counsel"]
    assert counsel["step"] == "Set deadlines"
    assert isinstance(counsel["rows"], list)
    assert counsel["rows"][1:] == [['"URGENT"', "P1D"], ['"ACUTE"', "PT4H"]]
    swedish = panel_choices.rule_lengths(shipped(), services, "sv")["deadline.counsel"]
    assert isinstance(swedish["rows"], list)
    assert swedish["rows"][2] == ["Akut: inom 72 timmar", "PT4H"]
    assert panel_choices.rule_lengths(small.row_of_tasks(1), services, "en") == {}


def test_a_handler_tells_what_it_does_and_reads(desk: World) -> None:
    contracts = panel_choices.handler_contracts(desk.program.services.topics)
    assert sorted(contracts) == ["letters.count", "letters.send"]
    assert contracts["letters.send"].keys() == {"summary", "reads", "answers", "errors", "letters"}
