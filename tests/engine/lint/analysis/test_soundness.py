"""Markings of small nets: what is found, by which way, and what is left alone."""

from __future__ import annotations

from service.engine.bpmn.parser import read_trees
from service.engine.lint.analysis.soundness import search
from service.engine.lint.context import build_context
from service.engine.lint.scopes import ScopeView
from tests.support.diagram_files import release
from tests.support.diagrams import border, both, diagram, end, event, node, start, task, timer, xor


def _view(body: str, flows: str) -> ScopeView:
    files = release(diagram(start() + body + end(), flows), rules={})
    return build_context(files, read_trees(files)).views[0]


def test_a_block_that_joins_is_sound_with_branches_open_together() -> None:
    verdict = search(
        _view(both("g") + task("a") + task("b") + both("h"), "s>g g>a g>b a>h b>h h>e")
    )
    assert verdict.bad == ()
    assert "b" in verdict.together["a"]


def test_a_block_inside_a_loop_is_sound() -> None:
    body = xor("y") + both("g") + task("a") + task("b") + both("h") + xor("x")
    assert search(_view(body, "s>y y>g g>a g>b a>h b>h h>x x>e x>y")).bad == ()


def test_the_shortest_way_to_a_join_that_waits_for_ever_is_named() -> None:
    (bad,) = search(
        _view(xor("x") + task("a") + task("b") + both("h"), "s>x x>a x>b a>h b>h h>e")
    ).bad
    assert (bad.code, bad.element) == ("D803", "h")
    assert bad.way == ("x", "a", "a")


def test_an_inclusive_join_waits_only_for_possible_tokens() -> None:
    body = (
        node("inclusiveGateway", "g")
        + task("a")
        + task("b")
        + task("c")
        + node("inclusiveGateway", "h")
    )
    assert search(_view(body, "s>g g>a[safe] g>b[safe] g>c a>h b>h c>h h>e")).bad == ()


def test_an_inclusive_join_ignores_tokens_for_filled_ways() -> None:
    body = (
        both("g")
        + xor("m")
        + task("a")
        + task("t")
        + xor("x")
        + node("inclusiveGateway", "h")
        + task("c")
    )
    verdict = search(_view(body, "s>g g>m g>t m>a a>h t>x x>m x>h h>c c>e"))
    assert "t" in verdict.together["c"]


def test_an_inclusive_gateway_takes_at_least_one_way() -> None:
    one, two = (node("inclusiveGateway", id_) for id_ in "gh")
    verdict = search(
        _view(one + task("a") + task("b") + two, "s>g g>a[safe] g>b[safe] a>h b>h h>e")
    )
    assert verdict.bad == ()
    assert verdict.markings == 15, "and none of them is without a token before the end"


def test_an_error_leaves_no_token_behind() -> None:
    """The first flow of the file leads to a join, where a token left would wait for ever."""
    error = end("out", event("error", "E"))
    body = both("g") + task("a") + task("b") + both("h") + xor("x") + error
    assert search(_view(body, "a>h s>g g>a g>b b>x x>h x>out h>e")).bad == ()


def test_an_inclusive_join_waits_for_a_boundary_events_token() -> None:
    body = (
        node("inclusiveGateway", "g")
        + task("a")
        + task("b")
        + border("t", "b", timer("Duration", "P1D"))
        + node("inclusiveGateway", "h")
    )
    verdict = search(_view(body + task("c") + end("e2"), "s>g g>a[safe] g>b a>h t>h h>c c>e b>e2"))
    assert "b" not in verdict.together["c"], "the join would not have waited"


def test_every_join_that_starves_is_named() -> None:
    body = (
        xor("x") + both("h") + both("k") + task("a") + task("b") + task("c") + task("d") + xor("y")
    )
    found = search(_view(body, "s>x x>a x>b x>c x>d a>h b>h c>k d>k h>y k>y y>e")).bad
    assert [(bad.code, bad.element) for bad in found] == [("D803", "h"), ("D803", "k")]


def test_a_second_token_on_a_flow_is_bad() -> None:
    (bad,) = search(
        _view(both("g") + xor("x") + both("h") + task("a"), "s>g g>x g>x g>h x>h h>a a>e")
    ).bad
    assert bad.code == "D805"


def test_a_side_path_may_outlive_the_main_way() -> None:
    body = (
        task("a")
        + border("t", "a", timer("Duration", "P1D"), interrupting=False)
        + task("b")
        + end("e2")
    )
    assert search(_view(body, "s>a a>e t>b b>e2")).bad == ()


def test_a_running_case_may_be_on_a_side_path_that_joins_again() -> None:
    body = task("a") + border("t", "a", timer("Duration", "P1D"), interrupting=False)
    side = xor("x") + task("b") + task("c") + xor("y") + task("d") + end("e2")
    view = _view(body + side, "s>a a>e t>x x>b[safe] x>c* b>y c>y y>d d>e2")
    assert search(view, standing=("n:a", "n:d")).bad == ()
    assert search(view, standing=("n:a", "n:b", "n:c")).bad != (), (
        "one round of the side path cannot have opened both"
    )


def test_the_border_event_that_leaves_a_block_is_named() -> None:
    body = (
        both("g")
        + task("a")
        + task("b")
        + both("h")
        + border("t", "a", timer("Duration", "P1D"))
        + end("e2")
    )
    (bad,) = search(_view(body, "s>g g>a g>b a>h b>h h>e t>e2")).bad
    assert (bad.code, bad.element, bad.cause) == ("D810", "h", "t")


def test_the_search_stops_at_its_limit_and_says_so() -> None:
    body = both("g") + task("a") + task("b") + both("h")
    verdict = search(_view(body, "s>g g>a g>b a>h b>h h>e"), most=3)
    assert not verdict.complete
