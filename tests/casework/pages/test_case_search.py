"""The search: a part of a pseudonym or number, in capitals or not, with or without its hyphen."""

from __future__ import annotations

import pytest

from service.casework.pages.case_search import SearchResult, search_cases
from tests.support.world import World


def search(desk: World, words: str) -> SearchResult:
    services, viewer, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        return search_cases(tx, services, viewer, now, words)


def found(desk: World, words: str) -> tuple[str, list[str]]:
    result = search(desk, words)
    return result.by, [found.row.case.id for found in result.cases]


def test_a_case_is_found_by_pseudonym_and_by_number(desk: World, case: str) -> None:
    brief = desk.case(case)
    for words in (f"  {brief.ref.upper()} ", brief.ref.replace("-", " ")):
        assert found(desk, words) == ("by_ref", [case])
        assert search(desk, words).exact == case
    assert found(desk, brief.number.lower()) == ("by_number", [case])
    assert search(desk, brief.number).exact == case


@pytest.mark.parametrize("part", ["first word", "end", "both words", "with accents"])
def test_a_case_is_found_by_a_part_of_its_pseudonym(desk: World, case: str, part: str) -> None:
    ref = desk.case(case).ref
    first, _, second = ref.partition("-")
    words = {
        "first word": first,
        "end": second[-2:],
        "both words": f"{first[:2]} {second[:3]}",
        "with accents": first.replace("a", "å").replace("o", "Ö").replace("e", "é"),
    }[part]
    assert case in found(desk, words)[1]
    assert search(desk, words).exact == ""


def test_a_part_of_a_number_finds_it(desk: World, case: str) -> None:
    year, _, rest = desk.case(case).number.partition("-")
    assert found(desk, f"{year} {rest[1:]}") == ("by_number", [case])


def test_a_sign_of_a_pattern_is_a_sign(desk: World, case: str) -> None:
    assert case
    for words in ("%%", "__", "a_b", "'--"):
        assert found(desk, words)[1] == []


def test_too_short_a_word_finds_nothing(desk: World, case: str) -> None:
    assert case
    assert found(desk, desk.case(case).ref[0])[1] == []
    assert found(desk, " - ")[1] == []


def test_more_cases_take_no_more_statements_to_search(desk: World, case: str) -> None:
    def counted(words: str) -> int:
        sent = list[str]()
        with desk.program.database.listening(
            lambda statement, _values, _many: sent.append(statement)
        ):
            search(desk, words)
        return sum(not one.startswith("BEGIN") for one in sent)

    word = desk.case(case).ref[:2]
    few = counted(word), counted("no such name")
    for _ in range(9):
        desk.start(element="Start_PersonIdentified")
    assert (counted(word), counted("no such name")) == few
    assert max(few) <= 12
