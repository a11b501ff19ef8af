"""The cause goes before what follows from it."""

from __future__ import annotations

from service.engine import ChangedDecision, Open, Passage, RerunVerdict
from service.workshop.dry_run.verdicts import NewFields, judge, place

TASK, CALL = Open("task", "1", "ask", 1), Open("job", "2", "call", 1, what="letters.count")
ENDED = Passage(way=("s", "e"), ends=("e",), finished=True)
WAITS = Passage(way=("s", "ask"), waits=(TASK,))


def test_a_stop_goes_before_all() -> None:
    found = RerunVerdict("stops", "g", detail="no_way_out", decision=ChangedDecision("h"))
    outcome = judge(found, [])
    assert (outcome.verdict, outcome.element) == ("breaks", "g")


def test_a_decision_goes_before_the_question_behind_it() -> None:
    decision = ChangedDecision("g", ("g_a",), ("g_b",))
    found = RerunVerdict("asks more", "ask", 2, decision=decision, unanswered=(TASK,))
    outcome = judge(found, [NewFields("ask", ("phone",))])
    assert (outcome.verdict, outcome.element) == ("decides", "g")
    assert outcome.detail["then"] == ["ask"]


def test_a_person_is_asked_and_all_else_is_waited_for() -> None:
    asks = RerunVerdict("asks more", "ask", 2, unanswered=(TASK,), was=ENDED, becomes=WAITS)
    assert judge(asks, [NewFields("ask", ())]).verdict == "asks"
    assert judge(asks, []).verdict == "waits", "a step that the case had passed before"
    calls = RerunVerdict("asks more", "call", 2, unanswered=(CALL,))
    outcome = judge(calls, [])
    assert (outcome.verdict, outcome.detail["what"]) == ("waits", "letters.count")


def test_another_end_is_no_other_way() -> None:
    other = Passage(way=("s", "f"), ends=("f",), finished=True)
    assert judge(RerunVerdict("other way", "f", was=ENDED, becomes=other), []).verdict == (
        "other_end"
    )
    longer = Passage(way=("s", "x", "e"), ends=("e",), finished=True)
    outcome = judge(RerunVerdict("other way", "x", was=ENDED, becomes=longer), [])
    assert (outcome.verdict, outcome.detail["gained"]) == ("other_way", ["x"])
    assert outcome.detail["ways"] == {"was": ["s", "e"], "becomes": ["s", "x", "e"]}


def test_the_same_way_keeps_no_ways() -> None:
    outcome = judge(RerunVerdict("same", was=ENDED, becomes=ENDED), [])
    assert (outcome.verdict, "ways" in outcome.detail) == ("same", False)


def test_a_case_stands_at_its_end_or_where_somebody_works() -> None:
    timer = Open("timer", "3", "t", 1)
    assert place(finished=True, ends=("a", "b"), waits=()) == ["b"]
    assert place(finished=False, ends=(), waits=(timer, TASK)) == ["ask"]
    assert place(finished=False, ends=(), waits=(timer,)) == ["t"]
