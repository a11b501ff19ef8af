"""The four sentences a process can promise, proved on the graph."""

from __future__ import annotations

from itertools import pairwise

import pytest

from service.engine.feel.types import Type
from service.engine.lint import lint
from service.engine.types import FormFacts
from tests.support.diagram_files import FORMS, RULE, TYPES, release
from tests.support.diagrams import (
    border,
    both,
    call,
    catch,
    document,
    end,
    ext,
    process,
    props,
    rule,
    start,
    sub,
    task,
    timer,
    xor,
)

WHEN = FormFacts(
    "when",
    {"answer": Type("string", ("YES", "NO")), "other": Type("duration"), "safe": TYPES["safe"]},
    frozenset({"answer", "other", "safe"}),
)
LIMITS = (
    RULE.replace(b'"pick"', b'"limits"')
    .replace(
        b'<rule id="r1">', b'<output id="o2" name="most" typeRef="dayTimeDuration"/><rule id="r1">'
    )
    .replace(
        b"</outputEntry></rule>",
        b'</outputEntry><outputEntry id="x"><text>@"P3D"</text></outputEntry></rule>',
        1,
    )
    .replace(
        b'<text>"B"</text></outputEntry></rule>',
        b'<text>"B"</text></outputEntry><outputEntry id="y"><text>@"P7D"</text>'
        b"</outputEntry></rule>",
    )
)
ALONE = (
    RULE.replace(b'"pick"', b'"alone"')
    .replace(
        b'name="picked" typeRef="string"><outputValues id="ov"><text>"A","B"</text></outputValues>',
        b'name="most" typeRef="dayTimeDuration">',
    )
    .replace(b'<text>"A"</text>', b'<text>@"P3D"</text>')
    .replace(b'<text>"B"</text>', b'<text>@"P7D"</text>')
)


def _codes(*processes: str) -> set[str]:
    return {
        str(f.facts.get("sentence", f.code))
        for f in lint(release(document(*processes), rules={}))
        if f.code == "D809"
    }


def _says(promise: str, body: str, flows: str) -> set[str]:
    return _codes(process("p", start() + body + end(), flows, head=ext(props(promise__1=promise))))


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
        ("never c before b", _CHOICE, _CHOICE_WAYS, {"D809.before"}),
        ("never c before b", _BLOCK, _BLOCK_WAYS, set()),
        ("never a before a", _BLOCK, _BLOCK_WAYS, {"D809.before"}),
        ("a always followed by c", _CHOICE, _CHOICE_WAYS, set()),
        ("a always followed by b", _CHOICE, _CHOICE_WAYS, {"D809.after"}),
        ("a always followed by c", _BLOCK, _BLOCK_WAYS, set()),
        (
            "a always followed by c within 15 days",
            task("a") + task("b") + _LATE + _EMPTY,
            "s>a a>b b>c t>c c>e",
            {"D809.open"},
        ),
        (
            "a always followed by e within 15 days",
            task("a") + task("b") + _LATE,
            "s>a a>b b>e t>e",
            set(),
        ),
        (
            "a always followed by e within 3 days",
            task("a") + task("b") + _LATE,
            "s>a a>b b>e t>e",
            {"D809.open"},
        ),
        ("only Doer does a", task("a"), "s>a a>e", set()),
        ("only Boss does a", task("a"), "s>a a>e", {"D809"}),
        ("field givenNames never reaches Doer", task("a", "names"), "s>a a>e", {"D809"}),
        (
            "field givenNames never reaches Doer before a",
            task("a") + task("b", "names"),
            "s>a a>b b>e",
            set(),
        ),
        (
            "field givenNames never reaches Doer before b",
            task("a", "names") + task("b"),
            "s>a a>b b>e",
            {"D809"},
        ),
        ("e always followed by a", task("a"), "s>a a>e", {"D809.after"}),
        ("never gone before a", task("a"), "s>a a>e", {"D809.element"}),
        ("only Nobody does a", task("a"), "s>a a>e", {"D809.role"}),
        ("field gone never reaches Doer", task("a", "names"), "s>a a>e", {"D809.field"}),
        ("a and b are friends", task("a"), "s>a a>e", {"D809.unread"}),
    ],
)
def test_a_promise_is_kept_broken_watched_or_not_understood(
    promise: str, body: str, flows: str, verdict: set[str]
) -> None:
    assert _says(promise, body, flows) == verdict


def test_a_promise_reaches_over_calls() -> None:
    outer = process(
        "p",
        start() + task("a") + call("c", "q") + end(),
        "s>a a>c c>e",
        head=ext(props(promise__1="never b before a", promise__2="never b before e")),
    )
    inner = process("q", start("s1") + task("b") + end("e1"), "s1>b b>e1")
    (broken,) = [f for f in lint(release(document(outer, inner), rules={})) if f.code == "D809"]
    assert broken.facts["promise"] == "never b before e"
    assert broken.facts["path"] == ["s", "a", "c", "s1", "b"]


def test_the_way_that_breaks_a_promise_is_the_shortest_one() -> None:
    body = task("a", "ask") + xor() + task("b") + task("c") + xor("y") + task("d") + end("e2")
    ways = 's>a a>x x>b[answer = "YES"] x>c* b>y c>y y>d d>e'
    outer = process(
        "p",
        start() + body + end(),
        ways.replace("d>e", "d>e2"),
        head=ext(props(promise__1="a always followed by e")),
    )
    (broken,) = [f for f in lint(release(document(outer), rules={})) if f.code == "D809"]
    assert broken.facts["path"] == ["a", "x", "b", "y", "d", "e2"]


@pytest.mark.parametrize(
    ("way", "text", "days", "verdict"),
    [
        ("Duration", "P2M", 62, set()),
        ("Duration", "P2M", 61, {"D809.open"}),
        ("Duration", "P1M3D", 34, set()),
        ("Duration", "P1M3D", 33, {"D809.open"}),
        ("Duration", '=duration("P3D")', 3, set()),
        ("Duration", '=duration("P3D")', 2, {"D809.open"}),
        ("Date", "2099-01-01", 9999, {"D809.open"}),
        ("Duration", "=limit.most", 7, set()),
        ("Duration", "=limit.most", 6, {"D809.open"}),
        ("Duration", "=other", 9999, {"D809.open"}),
        ("Duration", "=if safe then limit.most else limit.most", 9999, {"D809.open"}),
        ("Duration", "=alone", 9999, {"D809.open"}),
    ],
)
def test_a_time_is_promised_where_every_deadline_is_known(
    way: str, text: str, days: int, verdict: set[str]
) -> None:
    """`limit` comes from a rule of two outputs, `other` from a form, `alone` from a rule of one
    output.
    """
    body = (
        task("z", "when")
        + rule("r", "limits", "limit")
        + rule("q", "alone", "alone")
        + task("a")
        + task("b")
        + border("t", "b", timer(way, text))
    )
    promised = process(
        "p",
        start() + body + end(),
        "s>z z>r r>q q>a a>b b>e t>e",
        head=ext(props(promise__1=f"a always followed by e within {days} days")),
    )
    found = lint(
        release(
            document(promised),
            rules={"limits.dmn": LIMITS, "alone.dmn": ALONE},
            forms={**FORMS, "when": WHEN},
        )
    )
    assert {str(f.facts.get("sentence", f.code)) for f in found if f.code == "D809"} == verdict


def test_working_days_have_no_fixed_length() -> None:
    late = border("t", "b", timer("Duration", "P3D") + ext(props(days="working")))
    assert _says(
        "a always followed by e within 9999 days", task("a") + task("b") + late, "s>a a>b b>e t>e"
    ) == {"D809.open"}


def test_a_very_long_way_is_watched() -> None:
    names = [f"a{n}" for n in range(205)]
    body = "".join(catch(name, timer("Duration", "P1D")) for name in names)
    way = "s>a0 " + " ".join(f"{one}>{other}" for one, other in pairwise([*names, "e"]))
    assert _says("a0 always followed by e within 9999 days", body, way) == {"D809.open"}
    assert _says("a50 always followed by e within 9999 days", body, way) == set()


def test_a_broken_order_is_reported_by_the_names_of_its_steps() -> None:
    file = document(
        process(
            "p",
            start() + _CHOICE + end(),
            _CHOICE_WAYS,
            head=ext(props(promise__1="never c before b")),
        )
    )
    (found,) = (f for f in lint(release(file, rules={})) if f.code == "D809")
    assert found.message == '"C" can be reached before "B" is done: A → C.'
    assert found.facts["path"] == ["s", "a", "x", "c"]
