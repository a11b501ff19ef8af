"""What the linter claims of the ways of a case is what the engine does."""

from __future__ import annotations

from random import Random

import pytest

from service.engine.bpmn.parser import read_trees
from service.engine.definition import define
from service.engine.lint import lint
from service.engine.lint.analysis.soundness import SoundnessVerdict, search
from service.engine.lint.context import build_context
from service.engine.types import Files
from tests.engine.lint.engine_runs import Runs, explore
from tests.engine.walks import TYPES, Walk, small
from tests.support.diagram_files import release
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    end,
    mapping,
    message,
    node,
    nodes,
    start,
    sub,
    task,
    timer,
    xor,
)

DAY = timer("Duration", "P1D")
MESSAGE = message("M")
OR = node("inclusiveGateway", "f", default="f_b") + nodes("inclusiveGateway", "j")
AND = nodes("parallelGateway", "f j")
OR_BLOCK = "s>f f>a[yes] f>b a>j b>j j>z z>e"
AND_BLOCK = "s>f f>a f>b a>j b>j j>z z>e"
ENDS_BOTH = "s>f f>a f>b a>e b>k"


def both(inside: str, flow: str, ends: str = "e") -> tuple[SoundnessVerdict, Runs]:
    """What the search says of a diagram, and what the engine does."""
    data = diagram(start() + inside + nodes("endEvent", ends), flow)
    files = Files({"p.bpmn": data}, types=TYPES)
    reading = read_trees(files)
    view = build_context(files, reading).views[0]
    return search(view), explore(define(files, reading.model)["p"])


def side(event: str, host: str = "a", *, interrupting: bool = False) -> str:
    return border("t", host, event, interrupting=interrupting)


SOUND = {
    "a timer's side path joins": (OR + nodes("userTask", "a b h z") + side(DAY), "t>h h>j"),
    "a message's side path joins": (OR + nodes("userTask", "a b h z") + side(MESSAGE), "t>h h>j"),
    "an interrupting path joins": (
        OR + nodes("userTask", "a b h z") + side(DAY, interrupting=True),
        "t>h h>j",
    ),
    "two events of one host join": (
        OR
        + nodes("userTask", "a b h z")
        + side(DAY)
        + border("u", "a", MESSAGE)
        + nodes("userTask", "i"),
        "t>h h>j u>i i>j",
    ),
    "a side path of a sub-process joins": (
        OR
        + nodes("userTask", "b h z")
        + sub("a", start("is") + node("userTask", "x") + end("ie"),
              "is>x x>ie")
        + side(DAY),
        "t>h h>j",
    ),
    "a race of events joins": (
        OR
        + nodes("userTask", "b z")
        + node("eventBasedGateway", "a")
        + catch("c", DAY)
        + catch("d", MESSAGE),
        "a>c a>d c>j d>j",
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SOUND.values(), ids=SOUND.keys())
def test_an_inclusive_join_that_the_engine_passes_is_sound(shape: tuple[str, str]) -> None:
    inside, more = shape
    flow = OR_BLOCK.replace("a>j", "") if "eventBasedGateway" in inside else OR_BLOCK
    verdict, runs = both(inside, f"{flow} {more}")
    assert runs.finished
    assert (runs.stuck, runs.twice) == (set(), set())
    assert verdict.bad == ()


def test_a_join_waits_for_an_armed_event_that_alone_leads_to_it() -> None:
    """The host ends elsewhere; while it is open its event may still come."""
    inside = OR + nodes("userTask", "a b h z") + side(DAY, interrupting=True)
    verdict, runs = both(inside, OR_BLOCK.replace("a>j", "a>k") + " t>h h>j", "e k")
    assert (runs.stuck, runs.twice, verdict.bad) == (set(), set(), ())


def block(rng: Random) -> tuple[str, str, str]:
    """A random block of two or three branches, some with an event on the border."""
    fork, join = rng.choice(["inclusive", "parallel"]), rng.choice(["inclusive", "parallel"])
    branches = "abc"[: rng.choice([2, 3])]
    default = {"default": f"f_{branches[-1]}"} if fork == "inclusive" else {}
    inside = node(f"{fork}Gateway", "f", **default) + nodes(f"{join}Gateway", "j")
    flow, asks = "s>f j>z z>e", iter(["[yes]", "[not(yes)]"])
    for branch, name in zip(branches, "MNO", strict=False):
        asked = next(asks) if default and branch != branches[-1] else ""
        flow += f" f>{branch}{asked} {branch}>{rng.choice('jjk')}"
        inside += nodes("userTask", branch)
        if rng.random() < 0.5:
            inside += border(f"t{branch}", branch, message(name), interrupting=rng.random() < 0.5)
            inside += nodes("userTask", f"h{branch}")
            flow += f" t{branch}>h{branch} h{branch}>{rng.choice('jjk')}"
    return nodes("userTask", "z") + inside, flow, "e k"


@pytest.mark.parametrize("seed", range(30))
def test_random_blocks_get_stuck_where_the_search_says(seed: int) -> None:
    verdict, runs = both(*block(Random(seed)))  # noqa: S311 - a shape, no secret
    starves = {bad.element for bad in verdict.bad if bad.code in {"D803", "D810"}}
    assert starves == runs.stuck


BAD = {
    "D803": (
        node("exclusiveGateway", "f", default="f_b") + nodes("parallelGateway", "j")
        + nodes("userTask", "a b z"),
        OR_BLOCK,
        "e",
    ),
    "D805": (nodes("parallelGateway", "f") + nodes("exclusiveGateway", "j")
             + nodes("userTask", "a b z"), AND_BLOCK, "e"),
    "D810": (AND + nodes("userTask", "a b z") + side(DAY, interrupting=True),
             f"{AND_BLOCK} t>k", "e k"),
}  # fmt: skip


@pytest.mark.parametrize("code", BAD)
def test_what_the_search_calls_bad_happens_on_the_engine(code: str) -> None:
    verdict, runs = both(*BAD[code])
    (bad,) = verdict.bad
    assert bad.code == code
    assert bad.element in (runs.twice if code == "D805" else runs.stuck)


def test_two_branches_may_end_apart() -> None:
    """The engine waits until both are done, so nothing is wrong with it."""
    verdict, runs = both(AND.replace("j", "l") + nodes("userTask", "a b"), ENDS_BOTH, "e k")
    assert runs.finished
    assert runs.stuck == set()
    assert runs.open_at_end["e"] == {"b"}
    assert verdict.bad == ()
    assert verdict.left == {"e": {"b"}, "k": {"a"}}


def linted(inside: str, flow: str, ends: str = "e") -> dict[str, str]:
    """Codes of what the linter says, with the element."""
    data = diagram(start() + inside + nodes("endEvent", ends), flow)
    return {found.code: found.element for found in lint(release(data, types=TYPES, rules={}))}


ASKS = xor() + task("a") + task("b")
ASKED = "x>a[yes] x>b* a>e b>e"


def test_a_condition_that_nothing_answers_takes_the_default() -> None:
    assert linted(ASKS, f"s>x {ASKED}")["D820"] == "x"
    assert Walk(small(ASKS, f"s>x {ASKED}")).open() == ["b"]


def test_a_way_past_the_answer_takes_the_default() -> None:
    asks = (
        ASKS
        + xor("m")
        + task("z", extra=mapping({"yes": "= true"}))
        + side(DAY, "z", interrupting=True)
    )
    ways = f"s>z z>m t>m m>x {ASKED}"
    assert linted(asks, ways)["D821"] == "x"
    past, through = Walk(small(asks, ways)), Walk(small(asks, ways))
    past.do("t")
    through.do("z")
    assert (past.open(), through.open()) == (["b"], ["a"])


def test_the_later_of_two_writers_wins() -> None:
    def writes(id_: str, value: int) -> str:
        return task(id_, extra=mapping({"n": f"= {value}"}))

    inside = AND + writes("a", 1) + writes("b", 2) + nodes("userTask", "z")
    assert linted(inside, AND_BLOCK)["D822"] == "a"
    for first, later, value in (("a", "b", 2), ("b", "a", 1)):
        walk = Walk(small(inside, AND_BLOCK))
        walk.do(first)
        walk.do(later)
        assert walk.turn.variables["n"] == value


def test_a_decision_depends_on_who_is_faster() -> None:
    inside = AND + ASKS.replace('id="b"', 'id="c"') + nodes("userTask", "z h") + xor("m")
    inside += task("b", extra=mapping({"yes": "= true"}))
    ways = "s>f f>h h>x x>a[yes] x>c* a>m c>m m>j f>b b>j j>z z>e"
    assert linted(inside, ways)["D823"] == "x"
    one, other = Walk(small(inside, ways)), Walk(small(inside, ways))
    one.do("h")
    other.do("b")
    other.do("h")
    assert ("c" in one.open(), "a" in other.open()) == (True, True)


def test_a_terminate_end_leaves_nothing_open() -> None:
    inside = (
        nodes("parallelGateway", "f")
        + nodes("userTask", "a b")
        + end("k", "<bpmn:terminateEventDefinition/>")
    )
    verdict, runs = both(inside, ENDS_BOTH)
    assert runs.open_at_end["k"] == set()
    assert verdict.cut == {"k": {"a"}}


def test_a_loop_that_never_waits_is_stopped_by_the_engine() -> None:
    inside = (
        nodes("userTask", "a")
        + nodes("exclusiveGateway", "m")
        + node("exclusiveGateway", "x", default="x_e")
    )
    assert both(inside, "s>a a>m m>x x>m[yes] x>e")[1].stopped == {"steps"}


def test_what_is_never_reached_is_passed_on_no_way() -> None:
    assert "b" not in both(nodes("userTask", "a b"), "s>a a>e b>k", "e k")[1].reached


def test_from_where_no_end_is_reached_no_case_ends() -> None:
    runs = both(nodes("userTask", "a b"), "s>a a>b b>a")[1]
    assert (runs.finished, runs.stuck) == (False, set())
