"""The four sentences a process can promise, proved on the graph."""

from __future__ import annotations

import pytest

from service.engine.lint import lint
from tests.lint.drawing import border, both, call, diagram, end, ext, process, props, release, start, sub, task, timer, xor


def _codes(*processes: str) -> set[str]:
    return {str(f.facts.get("sentence", f.code)) for f in lint(release(diagram(*processes), rules={})) if f.code == "D809"}


def _says(promise: str, body: str, flows: str) -> set[str]:
    return _codes(process(start() + body + end(), flows, head=ext(props(promise__1=promise))))


_CHOICE = task("a", "ask") + xor() + task("b") + task("c", "reader")
_CHOICE_WAYS = 's>a a>x x>b[answer = "YES"] x>c* b>c c>e'
_BLOCK = both("g") + task("a") + task("b") + both("h") + task("c")
_BLOCK_WAYS = "s>g g>a g>b a>h b>h h>c c>e"
_EMPTY = sub("c", start("s1") + end("e1"), "s1>e1")
_LATE = border("t", "b", timer("Duration", "P14D"))


@pytest.mark.parametrize(
    ("promise", "body", "flows", "verdict"),
    [
        ("never c before a", _CHOICE, _CHOICE_WAYS, set()),
        ("never c before b", _CHOICE, _CHOICE_WAYS, {"D809"}),
        ("never c before b", _BLOCK, _BLOCK_WAYS, set()),
        ("never a before a", _BLOCK, _BLOCK_WAYS, {"D809"}),
        ("a always followed by c", _CHOICE, _CHOICE_WAYS, set()),
        ("a always followed by b", _CHOICE, _CHOICE_WAYS, {"D809"}),
        ("a always followed by c", _BLOCK, _BLOCK_WAYS, set()),
        ("a always followed by c within 15 days", task("a") + task("b") + _LATE + _EMPTY, "s>a a>b b>c t>c c>e", {"D809.open"}),
        ("a always followed by e within 15 days", task("a") + task("b") + _LATE, "s>a a>b b>e t>e", set()),
        ("a always followed by e within 3 days", task("a") + task("b") + _LATE, "s>a a>b b>e t>e", {"D809.open"}),
        ("only Doer does a", task("a"), "s>a a>e", set()),
        ("only Boss does a", task("a"), "s>a a>e", {"D809"}),
        ("field givenNames never reaches Doer", task("a", "names"), "s>a a>e", {"D809"}),
        ("field givenNames never reaches Doer before a", task("a") + task("b", "names"), "s>a a>b b>e", set()),
        ("field givenNames never reaches Doer before b", task("a", "names") + task("b"), "s>a a>b b>e", {"D809"}),
        ("never gone before a", task("a"), "s>a a>e", {"D809.unread"}),
        ("a and b are friends", task("a"), "s>a a>e", {"D809.unread"}),
    ],
)  # fmt: skip
def test_a_promise_is_kept_broken_watched_or_not_understood(promise: str, body: str, flows: str, verdict: set[str]) -> None:
    assert _says(promise, body, flows) == verdict


def test_a_promise_reaches_over_calls() -> None:
    outer = process(start() + task("a") + call("c", "q") + end(), "s>a a>c c>e", head=ext(props(promise__1="never b before a", promise__2="never b before e")))
    inner = process(start("s1") + task("b") + end("e1"), "s1>b b>e1", id_="q")
    (broken,) = [f for f in lint(release(diagram(outer, inner), rules={})) if f.code == "D809"]
    assert broken.facts["promise"] == "never b before e"
    assert broken.facts["path"] == ["s", "a", "c", "s1", "b"]
