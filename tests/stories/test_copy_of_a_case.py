"""What persons get who ask about cases of the shipped programme: each office gives its own part and
nothing of another's; who may be involved, has her card or is a stranger gets the same words.
"""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from service.access import Viewer
from service.casework.cases import given_answers
from service.casework.subject_requests import asking
from service.casework.subject_requests.copy_parts import load_copy
from service.casework.subject_requests.request_page import compose_answer
from service.demo.scenarios import read_scenarios
from service.security.keyring import Keyring
from service.store.casefile import cases, facts
from tests.support.played_cases import SCENARIOS, UNTIL, Played, play

pytestmark = pytest.mark.slow
SEVERAL, INVOLVED = "walk", "guardian-involved"
"""A story in which several offices write, and one of a child whose guardian may be involved."""


def officer(office: str) -> Viewer:
    """A records officer of an office."""
    return Viewer(f"p_{office}", office, frozenset({"records-officer"}))


def test_each_answer_is_in_the_copy_of_the_office_that_wrote_it_and_in_no_other(
    played: Played,
) -> None:
    case_id, services = played.cases[SEVERAL], played.program.services
    with played.program.database.transaction(write=False) as tx:
        case = cases.get(tx, case_id)
        assert case is not None
        wrote = {fact.office for fact in facts.of_case(tx, case_id)} - {""}
        found = given_answers.load_answers(tx, services.case_keys(tx, case_id), case_id)
        answered = defaultdict[str, set[str]](set)
        for answer in found:
            answered[answer.office].add(f"a.{answer.rev}.{answer.key}")
        copies = {
            office: {part.id for part in load_copy(tx, services, officer(office), case, "sv")}
            for office in wrote
        }
    assert len(answered) >= 3, "a story of several offices"
    for office, ids in copies.items():
        assert {id_ for id_ in ids if id_.startswith("a.")} == answered[office]


GUARDIAN = (("guardian", "document"), ("guardian", "known"))
NOBODY = (("herself", "NOT"), ("other", "document"), ("other", "NOT"))


@pytest.mark.parametrize(
    ("ref", "asking_ones"), [(SEVERAL, NOBODY), (INVOLVED, (*GUARDIAN, *NOBODY))]
)
def test_who_may_be_involved_has_her_card_or_is_a_stranger_gets_the_same_words(
    database_url: str, keyring: Keyring, ref: str, asking_ones: tuple[tuple[str, str], ...]
) -> None:
    told = [one for one in read_scenarios(SCENARIOS) if one.name == ref]
    played, papers = play(database_url, keyring, told), set()
    services, case_id = played.program.services, played.cases[ref]
    for who, proven in asking_ones:
        with played.program.database.transaction() as tx:
            case = cases.get(tx, case_id)
            assert case is not None
            by = officer(facts.of_case(tx, case_id)[0].office)
            asked = asking.ask(
                *(tx, services, by, UNTIL),
                case_id=case_id,
                kind="copy",
                who=who,
                proven=proven,
                everywhere=False,
                person=True,
                wish="",
            )
            paper = compose_answer(tx, services, by, UNTIL, request=asked, lang="sv")
        text = json.dumps(paper.data, ensure_ascii=False)
        assert case.number not in text
        assert case.ref not in text
        papers.add((paper.name, text))
    played.program.database.close()
    assert len(papers) == 1
