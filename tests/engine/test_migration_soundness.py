"""Migration of cases that could come to a bad end on the new version."""

from __future__ import annotations

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.spiff.codec import unpack
from service.engine.types import Message, Move, Start
from service.text import move_text
from tests.engine.moves import moved, problems
from tests.engine.walks import MONDAY, Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    each,
    end,
    event,
    message,
    node,
    nodes,
    start,
    sub,
    timer,
    xor,
)


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


def test_a_token_of_one_branch_may_not_skip_a_join_of_both() -> None:
    walk = Walk(side_by_side("exclusive", "exclusive"), Start({"yes": True}))
    problem = problems(walk, side_by_side("parallel", "parallel"))[0]
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
    problem = problems(walk, side_by_side("exclusive", "exclusive", "c"))[0]
    assert (problem.code, problem.message) == (
        "D805",
        "c could be reached twice at once: a → j → c → b → j → c.",
    )


def test_a_case_whose_branches_end_apart_goes_on_until_both_did() -> None:
    walk = Walk(side_by_side("parallel", "parallel"))
    new = small(
        xor("f", default="f_b") + nodes("userTask", "a b"),
        "s>f f>a[yes] f>b a>e b>k",
        "e k",
    )
    moved(walk, new)
    walk.do("a")
    assert not walk.turn.finished
    walk.do("b")
    assert walk.turn.finished


def test_a_border_event_that_would_leave_a_block_is_named() -> None:
    walk = Walk(side_by_side("parallel", "parallel"))
    gates = nodes("parallelGateway", "f j") + border("t", "a", timer("Duration", "P1D"))
    problem = problems(
        walk, small(gates + nodes("userTask", "a b"), "s>f f>a f>b a>j b>j j>e t>k", "e k")
    )[0]
    assert (problem.code, problem.element) == ("D810", "t")


def test_an_open_side_path_does_not_keep_a_case_from_moving() -> None:
    more = border("m", "a", message("M"), interrupting=False) + nodes("userTask", "a b r")
    walk = Walk(small(more, "s>a a>b b>e m>r r>k", "e k"))
    walk.act(Message("M"))
    walk.act(Message("M"))
    moved(walk, small(more + nodes("userTask", "c"), "s>a a>b b>c c>e m>r r>k", "e k"))
    assert walk.open("task") == ["a", "r", "r"]


def test_an_inclusive_block_is_judged_by_its_conditions() -> None:
    def drawn(second: str) -> Definition:
        gates = node("inclusiveGateway", "f", default="f_c") + xor("j")
        return small(
            gates + nodes("userTask", "z a b c d"),
            f"s>z z>f f>a[yes] f>b[{second}] f>c a>j b>j c>j j>d d>e",
        )

    walk = Walk(straight("z a"))
    assert problems(walk, drawn("not(yes)")) == ()
    assert [p.code for p in problems(walk, drawn("n > 1"))] == ["D805"]


def test_a_token_is_put_only_where_one_can_be() -> None:
    inside = start("is") + nodes("userTask", "x") + end("ie")
    race_ = (
        node("eventBasedGateway", "g")
        + catch("w", timer("Duration", "P1D"))
        + catch("v", message("M"))
    )
    drawn = small(
        nodes("userTask", "a b") + sub("box", inside, "is>x x>ie") + race_,
        "s>a a>box box>g g>w g>v w>b v>b b>e",
    )
    walk = Walk(drawn)
    a = walk.one("a").id
    for wrong in ("w", "x", "s", "nowhere"):
        assert [p.code for p in problems(walk, drawn, {a: wrong})] == ["target"], wrong
    for right, opened in (("b", ["b"]), ("g", ["v", "w"]), ("box", ["x"])):
        assert [
            o.element
            for o in advance(
                drawn, walk.state, Move(relocate={a: right}), now=MONDAY, seed="2"
            ).open
        ] == opened


def test_one_instance_cannot_go_elsewhere_alone_but_all_can() -> None:
    drawn = small(
        node("userTask", "a", each("list", "x"))
        + border("t", "a", timer("Duration", "P1D"))
        + nodes("userTask", "b"),
        "s>a a>b b>e t>b",
    )
    walk = Walk(drawn, Start({"list": [1, 2]}))
    assert [p.code for p in problems(walk, drawn, {walk.one("a").id: "b"})] == ["one"]
    all_of_them = next(row[0] for row in unpack(walk.state).scopes[0][2] if row[3] == "Each")
    walk.act(Move(relocate={all_of_them: "b"}))
    assert walk.open() == ["b"]
    assert walk.steps_of("moved") == [("a", (all_of_them, "b"))]


def test_an_event_gateway_gets_new_events_and_loses_gone_ones() -> None:
    def drawn(ways: str) -> Definition:
        waits = "".join(catch(w, event("message", w.upper())) for w in ways)
        return small(
            node("eventBasedGateway", "g") + waits, "s>g " + " ".join(f"g>{w} {w}>e" for w in ways)
        )

    walk = Walk(drawn("mn"))
    moved(walk, drawn("no"))
    assert walk.open() == ["n", "o"]
    assert walk.act(Message("O")).finished


def test_an_inclusive_join_waits_for_a_relocated_token() -> None:
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


def test_the_diagram_of_a_case_is_read_from_its_file() -> None:
    drawn = definition(
        diagram(
            start() + node("userTask", "b", name="Besluta") + end(),
            "s>b b>e",
        )
    )
    walk = Walk(small(nodes("userTask", "b"), "s>b b>e"))
    assert problems(walk, drawn) == ()
    gone = definition(
        diagram(
            start() + node("callActivity", "b", name="Besluta") + end(),
            "s>e",
        )
    )
    assert problems(walk, gone)[0].message.startswith("Besluta is open as")
