"""A form may read the answers, values, consents and directories of its own case."""

from __future__ import annotations

import pytest

from service.casework.casefile.form_context import (
    LazyMapping,
    load_check_context,
    load_directories,
    load_form_context,
    require_form,
)
from service.casework.cases import given_answers
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.release.names_read import OPEN_ALERTS, holder_name
from service.store.casefile import cases
from service.store.transaction import Tx
from tests.casework.casefile.conftest import release
from tests.support.directory import OFFICE, ROLE
from tests.support.world import NOON, World


def loaded(tx: Tx, desk: World, case_id: str) -> LoadedCase:
    rows = cases.load(tx, case_id)
    assert rows is not None
    return load_case(tx, desk.program.services, rows)


def test_a_form_reads_what_its_case_has_answered(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "note": ["second words"]})
    services = desk.program.services
    with desk.database.transaction(write=False) as tx:
        case = loaded(tx, desk, case_id)
        context = load_form_context(tx, services, desk.viewer(), case.release, case, NOON)
    assert context.earlier["note"] == "second words"
    assert context.before["note"] == ["first words", "second words"]
    assert (context.routing["answer"], context.routing[OPEN_ALERTS]) == ("YES", 0)
    assert context.routing[holder_name(ROLE)] == OFFICE
    assert context.documents == frozenset()
    assert context.proposals["iomOffice"] == services.programme.offices["iom"]


def test_a_form_that_starts_a_case_has_no_earlier_answers(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction(write=False) as tx:
        context = load_form_context(tx, services, desk.viewer(), services.current(tx), None, NOON)
    assert (context.earlier, context.routing, context.documents) == ({}, {}, None)


def test_a_check_reads_only_what_the_form_asks(desk: World, case_id: str) -> None:
    services = desk.program.services
    with desk.database.transaction(write=False) as tx:
        case = loaded(tx, desk, case_id)
        form = case.release.forms["ask"]
        opened: list[str] = []

        def load_earlier() -> list[given_answers.GivenAnswer]:
            opened.append(case_id)
            return given_answers.load_answers(tx, case.keys, case_id)

        context = load_check_context(
            tx, services, desk.viewer(), case.release, case, NOON, form, load_earlier
        )
        assert opened == []
        assert context.earlier["note"] == "first words"
        assert opened == [case_id]
        assert OPEN_ALERTS not in context.routing
        assert context.routing[holder_name(ROLE)] == OFFICE


def test_a_lazy_mapping_is_fetched_once_and_only_when_asked() -> None:
    fetched: list[str] = []

    def fetch() -> dict[str, int]:
        fetched.append("now")
        return {"a": 1, "b": 2}

    mapping = LazyMapping(fetch, {"b": 3})
    assert (mapping["b"], fetched) == (3, [])
    assert (mapping["a"], len(mapping), list(mapping), fetched) == (1, 2, ["a", "b"], ["now"])
    with pytest.raises(KeyError):
        mapping["c"]


def test_directories_have_offices_by_the_roles_of_their_people(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        directories = load_directories(tx, desk.program.services, "en")
    assert directories["offices"] == ((OFFICE, "Social"),)
    assert directories[f"offices.{ROLE}"] == ((OFFICE, "Social"),)
    assert ("SE", "Sweden") in directories["countries"]


def test_a_step_without_a_form_is_a_single_button() -> None:
    assert require_form(release(), "") is None
    assert require_form(release(), "gone") is None
    assert require_form(release(), "ask") is release().forms["ask"]
