"""The search: a whole pseudonym or number, in capitals or not."""

from __future__ import annotations

from service.actions.pages.case_search import search_cases
from tests.support.world import World


def found(desk: World, words: str) -> tuple[str, list[str]]:
    services, viewer, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        by, hits = search_cases(tx, services, viewer, now, words)
    return by, [hit.id for hit in hits]


def test_a_case_is_found_by_pseudonym_and_by_number(desk: World, case: str) -> None:
    brief = desk.case(case)
    assert found(desk, f"  {brief.ref.upper()} ") == ("by_ref", [case])
    assert found(desk, brief.number.lower()) == ("by_number", [case])


def test_a_part_of_a_pseudonym_finds_nothing(desk: World, case: str) -> None:
    assert found(desk, desk.case(case).ref[:-1]) == ("by_name", [])


def test_too_short_a_word_finds_nothing(desk: World, case: str) -> None:
    assert case
    assert found(desk, "ab")[1] == []
