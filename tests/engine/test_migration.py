"""Moving a running case to another version, and putting it back: what is open stays as it is, or a
sentence says why not.
"""

from __future__ import annotations

import string
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.migration_checks import KINDS, SENTENCES, check
from service.engine.spiff.codec import unpack
from service.engine.types import Advance, Complete, Message, Move, Restore, Start
from service.errors import CannotMove, TaskClosed
from service.text import move_text
from tests.engine.drawing import (
    MONDAY,
    Walk,
    border,
    definition,
    diagram,
    each,
    job,
    node,
    nodes,
    ref,
    small,
    straight,
    sub,
    timer,
)


def at_b(**given: int) -> Walk:
    """A case whose task b is open."""
    walk = Walk(straight("a b c"), Start(dict(given)))
    walk.do("a")
    return walk


def moved(walk: Walk, new: Definition, move: Move | None = None) -> Advance:
    """Go on with another definition."""
    walk.definition = new
    return walk.act(move or Move())


def codes(walk: Walk, new: Definition) -> list[tuple[str, str]]:
    return [(p.code, p.element) for p in check(walk.state, new)]


def test_words_alone_may_always_change() -> None:
    walk = at_b()
    assert check(walk.state, walk.definition) == []


def test_steps_added_before_and_behind_do_not_touch_what_is_open() -> None:
    walk = at_b()
    before = walk.turn.open
    assert moved(walk, straight("n b m c")).open == before
    walk.do("b")
    assert walk.open() == ["m"]


def test_a_step_that_is_open_and_gone_is_named_with_what_to_do() -> None:
    walk = at_b()
    assert codes(walk, straight("a c")) == [("gone", "b")]
    with pytest.raises(CannotMove) as refused:
        moved(walk, straight("a c"))
    assert refused.value.problems == (
        "b is open, and the new version does not have it in p. Choose where to go.",
    )


def test_a_step_that_became_another_kind_is_named_with_both_kinds() -> None:
    walk = at_b()
    problem = check(walk.state, small(nodes("userTask", "a c") + job("b"), "s>a a>b b>c c>e"))[0]
    assert (
        problem.message
        == "b is open as a task for a person, and the new version makes it a handler's work. Choose where to go."
    )
    many = small(
        nodes("userTask", "a c") + node("userTask", "b", each("list", "x")), "s>a a>b b>c c>e"
    )
    assert codes(walk, many) == [("kind", "b")]


def test_each_reason_is_told_in_swedish_too() -> None:
    words = tomllib.loads(
        (Path(__file__).parents[2] / "service/text/lint_sv.toml").read_text("utf-8")
    )
    assert set(words["steps"]) == set(KINDS)
    assert {key: placeholders(text) for key, text in words["move"].items()} == {
        key: placeholders(text) for key, text in SENTENCES.items()
    }
    problem = check(at_b().state, small(nodes("userTask", "a c") + job("b"), "s>a a>b b>c c>e"))[0]
    told = move_text(problem.code, problem.message, dict(problem.facts), "sv")
    assert (
        told
        == "b är öppet som en uppgift för en person, och den nya utgåvan gör det till en hanterares arbete. Välj var ärendet ska fortsätta."
    )
    assert move_text(problem.code, problem.message, dict(problem.facts), "en") == problem.message


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_running_sub_process_must_still_be_there() -> None:
    inside = nodes("startEvent", "is") + nodes("userTask", "a") + nodes("endEvent", "ie")
    walk = Walk(small(sub("box", inside, "is>a a>ie"), "s>box box>e"))
    assert ("scope", "box") in codes(
        walk, small(sub("other", inside, "is>a a>ie"), "s>other other>e")
    )


def test_a_join_must_not_wait_for_a_branch_in_which_nothing_is_open() -> None:
    gates = nodes("parallelGateway", "f j")
    walk = Walk(small(gates + nodes("userTask", "a b"), "s>f f>a f>b a>j b>j j>e"))
    walk.do("a")
    three = small(gates + nodes("userTask", "a b c"), "s>f f>a f>b f>c a>j b>j c>j j>e")
    assert codes(walk, three) == [("waits", "j")]
    other = small(gates + nodes("userTask", "a b c"), "s>f f>a f>b a>c c>j b>j j>e")
    assert ("way", "j") in codes(walk, other)


def test_a_border_event_that_is_new_on_an_open_step_is_armed_at_the_move() -> None:
    walk = at_b()
    walk.later(days=1)
    more = (
        border("t", "b", timer("Duration", "P7D"), interrupting=False)
        + border("w", "b", ref("message", "M"))
        + nodes("userTask", "r")
    )
    turn = moved(
        walk, small(nodes("userTask", "a b c") + more, "s>a a>b b>c c>e t>r r>f w>e", "e f")
    )
    assert turn.next_due == MONDAY + timedelta(days=8)
    assert walk.open() == ["b", "t", "w"]
    assert walk.act(Message("M")).finished


def test_a_border_event_that_is_gone_waits_no_longer() -> None:
    guard = border("t", "b", timer("Duration", "P7D"))
    walk = Walk(small(nodes("userTask", "a b r") + guard, "s>a a>b b>e t>r r>e"))
    walk.do("a")
    assert walk.open() == ["b", "t"]
    moved(walk, straight("a b"))
    assert walk.open() == ["b"]
    assert walk.do("b").finished


def test_a_running_deadline_stays_unless_the_move_arms_it_anew() -> None:
    def drawn(text: str) -> Definition:
        return small(
            nodes("userTask", "b r") + border("t", "b", timer("Duration", text)), "s>b b>e t>r r>e"
        )

    walk = Walk(drawn("P7D"))
    walk.later(days=1)
    assert moved(walk, drawn("P2D")).next_due == MONDAY + timedelta(days=7)
    timer_id = walk.one("t").id
    assert moved(
        walk, drawn("P3D"), Move(rearm=frozenset({timer_id}))
    ).next_due == MONDAY + timedelta(days=4)
    with pytest.raises(TaskClosed):
        moved(walk, drawn("P4D"), Move(rearm=frozenset({"9.9"})))


def test_a_token_can_be_put_on_another_step() -> None:
    walk = at_b()
    b = walk.one("b")
    with pytest.raises(CannotMove):
        moved(walk, straight("a c"), Move(relocate={b.id: "nowhere"}))
    moved(walk, straight("a c"), Move(relocate={b.id: "c"}))
    assert walk.open() == ["c"]
    assert walk.told("moved") == [("b", (b.id, "c"))]
    assert walk.do("c").finished


def test_a_step_with_border_events_takes_them_along_when_it_is_left_and_arms_them_when_it_is_entered() -> (
    None
):
    guards = (
        border("t", "b", timer("Duration", "P7D"))
        + border("u", "c", timer("Duration", "P1D"))
        + nodes("userTask", "r")
    )
    drawn = small(nodes("userTask", "a b c") + guards, "s>a a>b b>c c>e t>r u>r r>e")
    walk = Walk(drawn)
    walk.do("a")
    moved(walk, drawn, Move(relocate={walk.one("b").id: "c"}))
    assert walk.open() == ["c", "u"]
    assert walk.do("c").finished


def test_a_sub_process_is_left_with_all_that_runs_in_it() -> None:
    inside = (
        nodes("startEvent", "is")
        + nodes("parallelGateway", "f")
        + nodes("userTask", "a b")
        + nodes("endEvent", "ie")
    )
    drawn = small(
        sub("box", inside, "is>f f>a f>b a>ie b>ie") + nodes("userTask", "c"), "s>box box>c c>e"
    )
    walk = Walk(drawn)
    owner = unpack(walk.state).scopes[1][0]
    assert owner is not None
    moved(walk, drawn, Move(relocate={owner: "c"}))
    assert walk.open() == ["c"]


def test_an_earlier_state_comes_back_with_new_ids_and_counters_that_go_on() -> None:
    walk = Walk(
        small(
            nodes("userTask", "a b c") + border("t", "b", timer("Duration", "P7D")),
            "s>a a>b b>c c>e t>e",
        )
    )
    walk.do("a", n=1)
    then, old = walk.state, walk.one("b")
    walk.later(days=2)
    walk.do("b", n=2)
    walk.act(Restore(then))
    new = walk.one("b")
    assert new.id != old.id
    assert walk.one("t").due == MONDAY + timedelta(days=7)
    assert walk.turn.variables == {"n": 1}
    with pytest.raises(TaskClosed):
        walk.act(Complete(old.id))
    walk.do("b")
    assert walk.one("c").nth == 2


def test_a_case_that_ended_by_mistake_can_be_put_back() -> None:
    walk = Walk(straight("a"))
    then = walk.state
    assert walk.do("a").finished
    walk.act(Restore(then))
    assert walk.open() == ["a"]
    assert walk.do("a").finished


def side_by_side(gate: str, join: str, behind: str = "") -> Definition:
    """Steps a and b between two gateways."""
    gates = node(
        f"{gate}Gateway", "f", **({"default": "f_b"} if gate != "parallel" else {})
    ) + nodes(f"{join}Gateway", "j")
    asks = "[yes]" if gate != "parallel" else ""
    return small(
        gates + nodes("userTask", f"a b {behind}"),
        f"s>f f>a{asks} f>b a>j b>j " + (f"j>{behind} {behind}>e" if behind else "j>e"),
    )


def test_a_token_in_one_branch_may_not_come_before_a_join_that_needs_both() -> None:
    walk = Walk(side_by_side("exclusive", "exclusive"), Start({"yes": True}))
    problem = check(walk.state, side_by_side("parallel", "parallel"))[0]
    assert (problem.code, problem.message) == (
        "D803",
        "Here the case would wait for ever at j: a → j.",
    )
    assert (
        move_text(problem.code, problem.message, dict(problem.facts), "sv")
        == "Här skulle ärendet vänta för alltid vid j: a → j."
    )


def test_two_tokens_may_not_come_to_where_only_one_can_be() -> None:
    walk = Walk(side_by_side("parallel", "parallel", "c"))
    problem = check(walk.state, side_by_side("exclusive", "exclusive", "c"))[0]
    assert (problem.code, problem.message) == (
        "D805",
        "c could be reached twice at once: a → j → c → b → j → c.",
    )


def test_a_case_may_not_end_while_other_work_would_still_be_open() -> None:
    walk = Walk(side_by_side("parallel", "parallel"))
    new = small(
        node("exclusiveGateway", "f", default="f_b") + nodes("userTask", "a b"),
        "s>f f>a[yes] f>b a>e b>k",
        "e k",
    )
    problem = check(walk.state, new)[0]
    assert (problem.code, problem.message) == (
        "D804",
        "The case could end while b is still open: a → e → b.",
    )


def test_a_border_event_that_would_leave_a_block_is_named() -> None:
    walk = Walk(side_by_side("parallel", "parallel"))
    gates = nodes("parallelGateway", "f j") + border("t", "a", timer("Duration", "P1D"))
    problem = check(
        walk.state, small(gates + nodes("userTask", "a b"), "s>f f>a f>b a>j b>j j>e t>k", "e k")
    )[0]
    assert (problem.code, problem.element) == ("D810", "t")


def test_a_side_path_that_is_open_does_not_keep_a_case_from_moving() -> None:
    more = border("m", "a", ref("message", "M"), interrupting=False) + nodes("userTask", "a b r")
    walk = Walk(small(more, "s>a a>b b>e m>r r>k", "e k"))
    walk.act(Message("M"))
    walk.act(Message("M"))
    moved(walk, small(more + nodes("userTask", "c"), "s>a a>b b>c c>e m>r r>k", "e k"))
    assert walk.open("task") == ["a", "r", "r"]


def test_an_inclusive_block_is_judged_by_what_its_conditions_allow() -> None:
    def drawn(second: str) -> Definition:
        gates = node("inclusiveGateway", "f", default="f_c") + nodes("exclusiveGateway", "j")
        return small(
            gates + nodes("userTask", "z a b c d"),
            f"s>z z>f f>a[yes] f>b[{second}] f>c a>j b>j c>j j>d d>e",
        )

    walk = Walk(straight("z a"))
    assert check(walk.state, drawn("not(yes)")) == []
    assert [p.code for p in check(walk.state, drawn("n~>~1"))] == ["D805"]


def test_a_token_is_put_only_where_one_can_be() -> None:
    inside = nodes("startEvent", "is") + nodes("userTask", "x") + nodes("endEvent", "ie")
    race_ = (
        node("eventBasedGateway", "g")
        + node("intermediateCatchEvent", "w", timer("Duration", "P1D"))
        + node("intermediateCatchEvent", "v", ref("message", "M"))
    )
    drawn = small(
        nodes("userTask", "a b") + sub("box", inside, "is>x x>ie") + race_,
        "s>a a>box box>g g>w g>v w>b v>b b>e",
    )
    walk = Walk(drawn)
    a = walk.one("a").id
    for wrong in ("w", "x", "s", "nowhere"):
        assert [p.code for p in check(walk.state, drawn, {a: wrong})] == ["target"], wrong
    for right, opened in (("b", ["b"]), ("g", ["v", "w"]), ("box", ["x"])):
        assert [
            o.element
            for o in advance(
                drawn, walk.state, Move(relocate={a: right}), now=MONDAY, seed="2"
            ).open
        ] == opened


def test_one_of_many_cannot_go_elsewhere_alone_but_all_of_them_can() -> None:
    drawn = small(
        node("userTask", "a", each("list", "x"))
        + border("t", "a", timer("Duration", "P1D"))
        + nodes("userTask", "b"),
        "s>a a>b b>e t>b",
    )
    walk = Walk(drawn, Start({"list": [1, 2]}))
    assert [p.code for p in check(walk.state, drawn, {walk.one("a").id: "b"})] == ["one"]
    all_of_them = next(row[0] for row in unpack(walk.state).scopes[0][2] if row[3] == "Each")
    walk.act(Move(relocate={all_of_them: "b"}))
    assert walk.open() == ["b"]
    assert walk.told("moved") == [("a", (all_of_them, "b"))]


def test_an_event_gateway_gets_the_event_that_was_added_and_loses_the_one_that_is_gone() -> None:
    def drawn(ways: str) -> Definition:
        waits = "".join(node("intermediateCatchEvent", w, ref("message", w.upper())) for w in ways)
        return small(
            node("eventBasedGateway", "g") + waits, "s>g " + " ".join(f"g>{w} {w}>e" for w in ways)
        )

    walk = Walk(drawn("mn"))
    moved(walk, drawn("no"))
    assert walk.open() == ["n", "o"]
    assert walk.act(Message("O")).finished


def test_an_inclusive_join_waits_for_a_token_that_was_put_elsewhere() -> None:
    gates = node("inclusiveGateway", "f", default="f_x") + nodes("inclusiveGateway", "j")
    walk = Walk(
        small(
            gates + nodes("userTask", "a b c d x"),
            "s>f f>a[yes] f>b[yes] f>x a>d d>j b>j x>j j>c c>e",
        ),
        Start({"yes": True}),
    )
    walk.do("b")
    moved(walk, walk.definition, Move(relocate={walk.one("a").id: "d"}))
    assert walk.open() == ["d", "j"]
    assert [o.element for o in walk.do("d").open] == ["c"]


def test_what_is_to_go_elsewhere_must_be_open() -> None:
    walk = Walk(straight("a b"))
    with pytest.raises(TaskClosed):
        walk.act(Move(relocate={"9.9": "b"}))


def test_the_diagram_of_a_case_is_read_from_its_file() -> None:
    drawn = definition(
        diagram(
            node("startEvent", "s") + node("userTask", "b", name="Besluta") + node("endEvent", "e"),
            "s>b b>e",
        )
    )
    walk = Walk(small(nodes("userTask", "b"), "s>b b>e"))
    assert check(walk.state, drawn) == []
    gone = definition(
        diagram(
            node("startEvent", "s")
            + node("callActivity", "b", name="Besluta")
            + node("endEvent", "e"),
            "s>e",
        )
    )
    assert check(walk.state, gone)[0].message.startswith("Besluta is open as")
