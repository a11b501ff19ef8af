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
from service.engine.migration.findings import KINDS, NOTES, SENTENCES
from service.engine.migration_check import check
from service.engine.spiff.codec import unpack
from service.engine.types import Complete, Message, Move, Restore, Start
from service.errors import CannotMove, TaskClosed, WrongDefinition
from service.text import move_text
from tests.engine.fold import fold
from tests.engine.moves import at_b, codes, moved, problems
from tests.engine.spiff.test_codec import Noted
from tests.engine.walks import MONDAY, Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    both,
    call,
    diagram,
    document,
    each,
    end,
    job,
    message,
    node,
    nodes,
    process,
    start,
    sub,
    timer,
)


def test_words_alone_may_always_change() -> None:
    walk = at_b()
    assert problems(walk, walk.definition) == ()


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


def test_a_step_of_another_kind_is_named_with_both_kinds() -> None:
    walk = at_b()
    problem = problems(
        walk, small(nodes("userTask", "a c") + job("b", name=""), "s>a a>b b>c c>e")
    )[0]
    assert problem.message == (
        "b is open as a task for a person, and the new version makes it a handler's work. "
        "Choose where to go."
    )
    many = small(
        nodes("userTask", "a c") + node("userTask", "b", each("list", "x")), "s>a a>b b>c c>e"
    )
    assert codes(walk, many) == [("kind", "b")]


def test_each_reason_exists_in_swedish_too() -> None:
    words = tomllib.loads(
        (Path(__file__).parents[2] / "service/text/lint_sv.toml").read_text("utf-8")
    )
    assert set(words["steps"]) == set(KINDS)
    assert {key: placeholders(text) for key, text in words["move"].items()} == {
        key: placeholders(text) for key, text in SENTENCES.items()
    }
    assert words["deadlines"].pop("no_date")
    assert {key: placeholders(text) for key, text in words["deadlines"].items()} == {
        key: placeholders(text) for key, text in NOTES.items()
    }
    problem = problems(
        at_b(), small(nodes("userTask", "a c") + job("b", name=""), "s>a a>b b>c c>e")
    )[0]
    swedish = move_text(problem.code, problem.message, dict(problem.facts), "sv")
    assert swedish == (
        "b är öppet som en uppgift för en person, och den nya utgåvan gör det till en hanterares "
        "arbete. Välj var ärendet ska fortsätta."
    )
    assert move_text(problem.code, problem.message, dict(problem.facts), "en") == problem.message


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_running_sub_process_must_still_be_there() -> None:
    inside = start("is") + nodes("userTask", "a") + end("ie")
    walk = Walk(small(sub("box", inside, "is>a a>ie"), "s>box box>e"))
    assert codes(walk, small(sub("other", inside, "is>a a>ie"), "s>other other>e")) == [
        ("scope", "box")
    ], "said once, of the sub-process and not of what is open in it"


def test_a_join_must_not_wait_for_a_branch_without_open_work() -> None:
    gates = nodes("parallelGateway", "f j")
    walk = Walk(small(gates + nodes("userTask", "a b"), "s>f f>a f>b a>j b>j j>e"))
    walk.do("a")
    three = small(gates + nodes("userTask", "a b c"), "s>f f>a f>b f>c a>j b>j c>j j>e")
    assert codes(walk, three) == [("waits", "j")]
    other = small(gates + nodes("userTask", "a b c"), "s>f f>a f>b a>c c>j b>j j>e")
    assert ("way", "j") in codes(walk, other)


def test_a_new_border_event_of_an_open_step_is_armed_at_the_move() -> None:
    walk = at_b()
    walk.later(days=1)
    more = (
        border("t", "b", timer("Duration", "P7D"), interrupting=False)
        + border("w", "b", message("M"))
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
    assert walk.steps_of("moved") == [("b", (b.id, "c"))]
    assert walk.do("c").finished


def test_a_step_takes_its_border_events_along() -> None:
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
    inside = start("is") + both("f") + nodes("userTask", "a b") + end("ie")
    drawn = small(
        sub("box", inside, "is>f f>a f>b a>ie b>ie") + nodes("userTask", "c"), "s>box box>c c>e"
    )
    walk = Walk(drawn)
    owner = unpack(walk.state).scopes[1][0]
    assert owner is not None
    moved(walk, drawn, Move(relocate={owner: "c"}))
    assert walk.open() == ["c"]


def test_an_earlier_state_comes_back_with_new_ids() -> None:
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


def test_what_is_to_go_elsewhere_must_be_open() -> None:
    walk = Walk(straight("a b"))
    with pytest.raises(TaskClosed):
        walk.act(Move(relocate={"9.9": "b"}))


def test_what_is_gone_has_the_name_that_people_know() -> None:
    def named(id_: str, name: str) -> Definition:
        task = node("userTask", id_, name=name)
        return definition(diagram(start() + task + end(), f"s>{id_} {id_}>e"))

    walk = Walk(named("Activity_0k3x", "Granska"))
    assert problems(walk, named("b", "Besluta"))[0].message == (
        "Granska is open, and the new version does not have it in p. Choose where to go."
    )


def test_a_reason_is_given_once() -> None:
    many = small(node("userTask", "a", each("list", "x")) + nodes("userTask", "b"), "s>a a>b b>e")
    walk = Walk(many, Start({"list": [1, 2, 3]}))
    assert codes(walk, small(nodes("userTask", "b"), "s>b b>e")) == [("gone", "a")]
    assert codes(walk, straight("a b")) == [("kind", "a")]


def test_a_called_process_that_is_gone_is_named() -> None:
    def calling(process_id: str) -> Definition:
        step = call("c", process_id)
        return definition(
            document(
                process("p", start() + step + end(), "s>c c>e"),
                process(
                    process_id,
                    start("qs") + nodes("userTask", "q1") + end("qe"),
                    "qs>q1 q1>qe",
                ),
            )
        )

    walk = Walk(calling("q"))
    assert codes(walk, calling("r")) == [("scope", "q")]


def test_a_case_moves_only_from_the_version_that_it_is_on() -> None:
    walk = at_b()
    with pytest.raises(WrongDefinition):
        check(walk.state, straight("x"), straight("a b"), now=walk.now)
    with pytest.raises(WrongDefinition):
        advance(straight("x b"), walk.state, Move(), now=walk.now, seed="9")


def test_a_case_that_moved_folds_to_the_same_state() -> None:
    old, new = straight("a b"), straight("a n b")
    walk = Walk(old)
    walk.do("a")
    moved(walk, new)
    walk.do("b")
    keys = [("1", "p")] * 2 + [("2", "p")] * 2
    facts = [Noted(key, *fact) for key, fact in zip(keys, walk.log, strict=True)]
    definitions = {("1", "p"): old, ("2", "p"): new}
    assert fold(definitions, facts) == walk.state
    with pytest.raises(WrongDefinition):
        fold({("2", "p"): new}, facts[2:], fold(definitions, facts[:2]))
