"""What somebody has just sent: said to her alone, with what comes next in its case."""

from __future__ import annotations

from service.casework.pages.sent_task import SentTask, load_sent_task
from tests.support.world import NOON, World


def sent(desk: World, case: str, rev: int, who: str = "sara") -> SentTask | None:
    with desk.database.transaction(write=False) as tx:
        services, viewer = desk.program.services, desk.viewer(who)
        return load_sent_task(tx, services, viewer, case, rev, NOON)


def test_a_sent_step_leads_to_the_next_one(desk: World, case: str) -> None:
    desk.do(case, "a", {"answer": ["YES"]})
    found = sent(desk, case, 2)
    assert found is not None
    assert found.title == f"”A” i {desk.case(case).ref} är skickat."
    assert found.sentences == ("Nu har ditt kontor ärendet: ”B”.",)
    assert found.own is not None
    assert (found.own.key, found.own.name) == (desk.key(case, "b"), "B")


def test_the_last_step_says_how_the_case_ended(desk: World, case: str) -> None:
    desk.do(case, "a", {"answer": ["YES"]})
    desk.do(case, "b", {"answer": ["YES"]})
    found = sent(desk, case, 3)
    assert found is not None
    (sentence,) = found.sentences
    assert sentence.startswith("Ärendet avslutades")
    assert found.own is None


def test_a_new_case_says_that_it_is_open(desk: World, case: str) -> None:
    found = sent(desk, case, 1)
    assert found is not None
    assert found.title == f"Ärendet {desk.case(case).ref} är öppnat."


def test_nobody_else_is_told_and_no_other_fact_is_named(desk: World, case: str) -> None:
    desk.do(case, "a", {"answer": ["YES"]})
    assert sent(desk, case, 9) is None
    assert sent(desk, "0" * 26, 2) is None
    other = next(p.name for p in desk.directory.people if p.name != "sara")
    assert sent(desk, case, 2, other) is None
