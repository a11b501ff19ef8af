"""Comparison of a case with a draft: same, other way, asks more, no longer asked, stops."""

from __future__ import annotations

from service.engine.definition import Definition
from service.engine.feel.types import NUMBER, STRING
from service.engine.types import Answer, Move, Restore, Start
from tests.engine.fold import compare
from tests.engine.reruns import done, judged, summary
from tests.engine.spiff.test_codec import Noted
from tests.engine.walks import Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    each,
    end,
    event,
    ext,
    job,
    message,
    node,
    nodes,
    props,
    start,
    timer,
    xor,
)


def test_the_same_or_other_words_give_the_same_verdict() -> None:
    walk = done(straight("a b"), "a", "b")
    drawn = definition(
        diagram(
            start() + node("userTask", "a", name="Besluta") + nodes("userTask", "b") + end(),
            "s>a a>b b>e",
        )
    )
    assert summary(judged(walk, walk.definition)) == ("same", "", 0)
    verdict = judged(walk, drawn)
    assert (summary(verdict), verdict.ends) == (("same", "", 0), ("e",))
    assert verdict.visited == {"s", "a", "b", "e"}


def test_a_new_step_is_a_question_and_names_the_fact_before_it() -> None:
    verdict = judged(done(straight("a b"), "a", "b"), straight("a x b"))
    assert summary(verdict) == ("asks more", "x", 2)


def test_a_step_that_is_gone_is_no_longer_asked() -> None:
    verdict = judged(done(straight("a b c"), "a", "b", "c"), straight("a c"))
    assert summary(verdict) == ("no longer asked", "b", 2)


def choice(condition: str, more: str = "") -> Definition:
    return small(
        xor("g", default="g_e") + nodes("userTask", "a b") + more,
        f"s>a a>g g>e g>f[{condition}] b>e",
        "e f",
    )


def test_a_gateway_that_decides_otherwise_leads_to_another_end() -> None:
    walk = Walk(choice("n > 3"))
    walk.do("a", n=2)
    verdict = judged(walk, choice("n > 1"))
    assert (summary(verdict), verdict.ends) == (("other way", "f", 2), ("f",))


def test_a_case_that_could_not_go_on_names_place_and_kind() -> None:
    walk = Walk(choice("n > 3"))
    walk.do("a", n=2)
    gates = xor("g") + nodes("userTask", "a")
    verdict = judged(walk, small(gates, "s>a a>g g>e[n > 7] g>f[n < 1]", "e f"))
    assert (summary(verdict), verdict.detail) == (("stops", "g", 2), "no_way_out")


def test_timers_of_the_draft_fire_at_their_own_times() -> None:
    walk = Walk(straight("a b"))
    walk.later(days=3)
    walk.do("a")
    walk.do("b")
    guard = border("t", "a", timer("Duration", "P2D")) + nodes("userTask", "a b r")
    assert summary(judged(walk, small(guard, "s>a a>b b>e t>r r>e"))) == ("asks more", "r", 2)
    reminds = border("t", "a", timer("Duration", "P5D")) + nodes("userTask", "a b r")
    assert judged(walk, small(reminds, "s>a a>b b>e t>r r>e")).kind == "same"


def test_a_recorded_firing_without_a_timer_is_passed_over() -> None:
    walk = Walk(
        small(
            nodes("userTask", "a") + border("t", "a", timer("Duration", "P2D"), interrupting=False),
            "s>a a>e t>f",
            "e f",
        )
    )
    walk.do("t")
    walk.do("a")
    verdict = judged(walk, straight("a"))
    assert (verdict.kind, verdict.fact) == ("other way", 2)


def test_a_late_firing_counts_its_missed_rounds_again() -> None:
    walk = Walk(
        small(
            nodes("userTask", "a r")
            + border("t", "a", timer("Cycle", "R/P1D"), interrupting=False),
            "s>a a>e t>r r>f",
            "e f",
        )
    )
    walk.later(days=10)
    walk.do("t")
    walk.do("a")
    walk.do("r")
    assert judged(walk, walk.definition).kind == "same"


def test_a_draft_waits_for_its_own_timer_after_the_case_ended() -> None:
    walk = done(straight("a"), "a")
    draft = small(
        nodes("userTask", "a") + catch("w", timer("Duration", "P7D")),
        "s>a a>w w>e",
    )
    assert summary(judged(walk, draft)) == ("other way", "w", 2)
    assert judged(walk, draft).ends == ("e",)
    never = small(
        nodes("userTask", "a") + catch("w", timer("Date", "= text")),
        "s>a a>w w>e",
    )
    assert judged(walk, never).ends == ()
    asks = small(
        nodes("userTask", "a") + catch("w", message("M")),
        "s>a a>w w>e",
    )
    assert summary(judged(walk, asks)) == ("asks more", "w", 2)


def test_a_new_call_takes_the_sample_answer_or_the_run_waits() -> None:
    walk = done(straight("a b"), "a", "b")
    draft = small(nodes("userTask", "a b") + job("j"), "s>a a>j j>b b>e")
    assert summary(judged(walk, draft)) == ("asks more", "j", 2)
    assert summary(judged(walk, draft, letters_send={"n": 3})) == ("other way", "j", 2)


def test_recorded_acts_find_their_work_by_name_and_number() -> None:
    guards = border("x", "j", event("error", "E")) + border(
        "m", "a", message("M"), interrupting=False
    )
    drawn = small(job("j") + guards + nodes("userTask", "a r"), "s>j j>e x>a a>e m>r r>f", "e f")
    walk = Walk(drawn)
    walk.fail("j", "E")
    walk.do("m")
    walk.do("r")
    walk.do("a")
    assert judged(walk, drawn).kind == "same"
    assert summary(
        judged(
            walk,
            small(
                job("j")
                + guards.partition('<bpmn:boundaryEvent id="m"')[0]
                + nodes("userTask", "a"),
                "s>j j>e x>a a>e",
            ),
        )
    )[:2] == (
        "no longer asked",
        "m",
    )
    answered = Walk(drawn)
    answered.act(Answer(answered.one("j").id, {"n": 1}))
    assert judged(answered, drawn).kind == "same"


def test_values_that_the_draft_does_not_declare_are_left_out() -> None:
    walk = Walk(choice("n > 3"))
    walk.do("a", n=9, text="x")
    draft = definition(
        diagram(start() + nodes("userTask", "a") + end("f"), "s>a a>f"),
        types={"n": STRING, "other": NUMBER},
    )
    assert judged(walk, draft).ends == ("f",)


def test_an_item_finds_its_instance_in_another_order() -> None:
    work = node("userTask", "a", each("list", "x", "out", "x", sequential=True))
    walk = done(small(work, "s>a a>e"), "a", "a", start=Start({"list": [7, 8]}))
    backwards = small(node("userTask", "a", each("[8,7]", "x", "out", "x")), "s>a a>e")
    assert judged(walk, backwards).ends == ("e",)


def test_a_case_that_was_put_back_is_put_back_on_the_draft_too() -> None:
    walk = done(straight("a b"), "a")
    then = walk.state
    walk.do("b")
    walk.act(Restore(then))
    walk.do("b")
    assert judged(walk, walk.definition).kind == "same"
    assert judged(walk, straight("a b x")).element == "x"


def test_a_move_is_passed_over_on_the_draft() -> None:
    walk = Walk(straight("a b"))
    facts = [Noted(("1", "p"), *walk.log[0])]
    old, walk.definition = walk.definition, straight("a b c")
    walk.act(Move())
    for name in "abc":
        walk.do(name)
    facts += [Noted(("2", "p"), *line) for line in walk.log[1:]]
    definitions = {("1", "p"): old, ("2", "p"): walk.definition}
    assert compare(definitions, walk.definition, facts).kind == "same"
    assert summary(compare(definitions, old, facts)) == ("no longer asked", "c", 4)


def test_a_start_that_the_draft_lacks_is_no_longer_asked() -> None:
    starts = start() + start("m", message("M"))
    walk = Walk(
        definition(diagram(starts + nodes("userTask", "a") + end(), "s>a m>a a>e")),
        Start(element="m"),
    )
    walk.do("a")
    verdict = judged(walk, straight("a"))
    assert (summary(verdict), verdict.visited, verdict.ends) == (
        ("no longer asked", "m", 1),
        frozenset(),
        (),
    )


def test_an_open_case_is_compared_as_far_as_it_has_come() -> None:
    walk = done(straight("a b"), "a")
    assert judged(walk, straight("a b c")).kind == "same"
    assert summary(judged(walk, straight("a x b"))) == ("asks more", "x", 2)


def test_a_message_finds_nothing_in_a_case_without_a_start() -> None:
    starts = start() + start("m", message("M"))
    guard = nodes("userTask", "a") + border("n", "a", message("N"))
    walk = Walk(
        definition(diagram(starts + guard + end(), "s>a m>a a>e n>e")),
        Start(element="m"),
    )
    walk.do("n")
    assert summary(judged(walk, straight("a"))) == ("no longer asked", "m", 1)


def test_an_hourly_reminder_of_the_draft_does_not_fire_for_years() -> None:
    walk = Walk(straight("a"))
    walk.later(days=1_000)
    walk.do("a")
    draft = small(
        nodes("userTask", "a") + border("t", "a", timer("Cycle", "R/PT1H"), interrupting=False),
        "s>a a>e t>f",
        "e f",
    )
    verdict = judged(walk, draft)
    assert (summary(verdict), verdict.ends) == (("other way", "t", 2), ("f", "e"))
    never = border(
        "t", "a", ext(props(missed="all")) + timer("Cycle", "R/PT1H"), interrupting=False
    )
    assert (
        summary(judged(walk, small(nodes("userTask", "a") + never, "s>a a>e t>f", "e f")))[0]
        == "asks more"
    )
    endless = xor("m") + catch("w", timer("Duration", "PT1H"))
    assert (
        judged(
            done(straight("a"), "a"), small(nodes("userTask", "a") + endless, "s>a a>m m>w w>m")
        ).ends
        == ()
    )


def test_a_sample_answer_waits_until_history_fired_what_was_due() -> None:
    waits = "".join(catch(f"w{days}", timer("Duration", f"P{days}D")) for days in (1, 2))
    gates = nodes("parallelGateway", "f j") + waits
    walk = Walk(small(gates, "s>f f>w1 f>w2 w1>j w2>j j>e"))
    walk.later(days=5)
    walk.do("w1")
    walk.do("w2")
    draft = small(gates + job("c"), "s>f f>w1 f>w2 w1>c c>j w2>j j>e")
    assert summary(judged(walk, draft, letters_send={})) == ("other way", "c", 2)
    assert judged(walk, draft, letters_send={}).ends == ("e",)
