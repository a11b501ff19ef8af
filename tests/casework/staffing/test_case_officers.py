"""Case officers: who begins a case for an office has it there, until it is given to a colleague."""

from __future__ import annotations

import pytest

from service.casework.cases.case_officers import candidates, give_case
from service.casework.tasks import claims
from service.errors import InvalidAnswers, NotFound
from service.people.absences import NOBODY_AWAY
from service.store.casefile import case_officers, parties
from service.store.installation import ledger_entries
from service.store.read_models import office_stats
from service.store.read_models.list_reader import InboxReader
from tests.support.directory import OFFICE
from tests.support.world import World


def officer(desk: World, case: str) -> str:
    with desk.database.transaction(write=False) as tx:
        return case_officers.of_case(tx, case).get(OFFICE, "")


def give(desk: World, case: str, to: str, *, by: str = "sara") -> None:
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        give_case(tx, services, desk.viewer(by), now, case_id=case, to_person=to)


def kinds(desk: World, case: str) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        return [entry.kind for entry in ledger_entries.of_stream(tx, f"case/{case}")]


def test_who_claims_the_first_task_handles_the_case(desk: World, case: str) -> None:
    assert officer(desk, case) == ""
    now = desk.clock.now()
    with desk.database.transaction() as tx:
        claims.claim(
            tx,
            desk.program.services,
            by=desk.viewer("stina"),
            now=now,
            task_key=desk.key(case, "a"),
        )
    assert officer(desk, case) == "p_stina"
    desk.do(case, "a", by="stina")
    desk.do(case, "b", {"answer": ["YES"]}, by="sara")
    assert officer(desk, case) == "p_stina"
    assert "officer" not in kinds(desk, case)


def test_who_sends_the_first_task_handles_the_case(desk: World, case: str) -> None:
    desk.do(case, "a")
    assert officer(desk, case) == "p_sara"


def test_who_is_handed_the_first_task_handles_the_case(desk: World, case: str) -> None:
    key, now = desk.key(case, "a"), desk.clock.now()
    with desk.database.transaction() as tx:
        claims.hand_over(tx, by=desk.viewer(), now=now, task_key=key, to_person="p_stina")
    assert officer(desk, case) == "p_stina"


def test_a_case_is_given_to_a_colleague_with_an_entry(desk: World, case: str) -> None:
    give(desk, case, "p_stina")
    assert (officer(desk, case), kinds(desk, case)[-1]) == ("p_stina", "officer")
    give(desk, case, "p_sara", by="stina")
    assert officer(desk, case) == "p_sara"
    give(desk, case, "p_sara", by="stina")
    assert kinds(desk, case).count("officer") == 2


def test_a_stranger_gets_no_case(desk: World, case: str) -> None:
    with pytest.raises(InvalidAnswers):
        give(desk, case, "p_nobody")
    with pytest.raises(NotFound):
        give(desk, "no-case", "p_stina")
    assert officer(desk, case) == ""


def test_people_with_a_role_in_the_case_are_offered(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        holders = parties.of_case(tx, case)
        found = candidates(tx, desk.program.services, desk.viewer(), holders, NOBODY_AWAY)
    assert [id_ for id_, _ in found] == ["p_sara", "p_stina"]


def handled(desk: World) -> dict[str, int]:
    """How many open cases each person of the office handles, as its page says."""
    with desk.database.transaction(write=False) as tx:
        reader = InboxReader("p_sara", OFFICE, frozenset(), desk.clock.now())
        found = office_stats.people(tx, reader, persons=["p_sara", "p_stina"])
    return {person: one.handled for person, one in found.items()}


def test_open_cases_are_counted_for_who_handles_them(desk: World, case: str) -> None:
    desk.start()
    assert handled(desk) == {"p_sara": 0, "p_stina": 0}
    desk.do(case, "a")
    assert handled(desk) == {"p_sara": 1, "p_stina": 0}
    give(desk, case, "p_stina")
    assert handled(desk) == {"p_sara": 0, "p_stina": 1}
    desk.do(case, "b", {"answer": ["YES"]}, by="sara")
    assert desk.case(case).status == "ended"
    assert handled(desk) == {"p_sara": 0, "p_stina": 0}
