"""Boundary events of open work when a case moves: each waits on the activity where the new version
draws it, and nowhere else.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from service.engine.definition import Definition
from service.engine.spiff.codec import unpack
from service.engine.types import Message, Start
from tests.engine.moves import moved, notes
from tests.engine.walks import MONDAY, Walk, definition, small
from tests.support.diagrams import (
    border,
    both,
    call,
    catch,
    document,
    each,
    end,
    event,
    job,
    mapping,
    node,
    nodes,
    process,
    start,
    sub,
    timer,
)

WEEK = timer("Duration", "P7D")
EVENTS = {
    "timer": WEEK,
    "message": event("message", "M"),
    "error": event("error", "E"),
    "escalation": event("escalation", "X"),
}
INSIDE = start("is") + nodes("userTask", "x") + end("ie")
HOSTS = {
    "task": nodes("userTask", "a"),
    "job": job("a", name=""),
    "receive": node("receiveTask", "a", messageRef="Msg_N"),
    "sub-process": sub("a", INSIDE, "is>x x>ie"),
    "list": node("userTask", "a", each("list", "i")),
    "list of sub-processes": sub("a", each("list", "i") + INSIDE, "is>x x>ie"),
    "list in turn": node("userTask", "a", each("list", "i", sequential=True)),
    "call": call("a", "q", name=""),
}


def drawn(host: str, events: str = "") -> Definition:
    """Step a of a kind, then task b, with boundary events whose way leads to task z."""
    inside = HOSTS[host] + nodes("userTask", "b z") + events
    ids = re.findall('boundaryEvent id="(.*?)"', events)
    ways = " ".join(f"{id_}>z" for id_ in ids) + (" z>k" if ids else "")
    top = process(
        "p",
        start() + inside + nodes("endEvent", "e k"),
        f"s>a a>b b>e {ways}",
    )
    return definition(document(top, process("q", INSIDE, "is>x x>ie")))


def started(on: Definition) -> Walk:
    return Walk(on, Start({"list": [1, 2]}))


def to_its_end(walk: Walk) -> None:
    """Complete what is open until the case ends; timers are left alone."""
    for _ in range(20):
        if walk.turn.finished:
            return
        walk.do(
            next(o.element for o in walk.turn.open if o.kind in {"task", "job"} or o.what == "N")
        )
    raise AssertionError(walk.open())


def orphans(walk: Walk) -> list[str]:
    """Boundary events that wait beside no activity."""
    return [
        row[2]
        for _, _, rows in unpack(walk.state).scopes
        for row in rows
        if row[3] == "Boundary"
        and (row[1] < 0 or not rows[row[1]][2].endswith(".BoundaryEventSplit"))
    ]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("host", HOSTS)
def test_an_event_that_is_dragged_away_leaves_nothing_behind(host: str, event: str) -> None:
    walk = started(drawn(host, border("t", "a", EVENTS[event])))
    moved(walk, drawn(host, border("t", "b", EVENTS[event])))
    assert orphans(walk) == []
    assert "t" not in walk.open()
    walk.later(days=8)
    to_its_end(walk)


@pytest.mark.parametrize("host", HOSTS)
def test_an_event_that_is_dragged_waits_where_it_is_drawn(host: str) -> None:
    def forked(at: str) -> Definition:
        return small(
            HOSTS["task"].replace('"a"', '"c"')
            + HOSTS[host if host != "call" else "task"]
            + nodes("userTask", "b z")
            + both("f")
            + both("j")
            + border("t", at, WEEK, interrupting=False),
            "s>f f>a f>c a>j c>j j>b b>e t>z z>k",
            "e k",
        )

    walk = started(forked("a"))
    walk.later(days=2)
    assert notes(walk, forked("c")) == [
        "t, due 2026-01-12 10:00, begins anew: due 2026-01-14 10:00."
    ]
    moved(walk, forked("c"))
    assert walk.one("t").due == MONDAY + timedelta(days=9)
    walk.do("c")
    assert "t" not in walk.open()
    to_its_end(walk)


@pytest.mark.parametrize("interrupting", [True, False])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("host", HOSTS)
def test_the_first_event_of_an_open_activity_is_armed(
    host: str, event: str, *, interrupting: bool
) -> None:
    way = border("t", "a", EVENTS[event], interrupting=interrupting or event == "error")
    walk = started(drawn(host))
    moved(walk, drawn(host, way))
    if event in {"timer", "message"}:
        assert walk.open().count("t") == 1
        walk.do("t")
        assert "z" in walk.open()
        assert ("a" in walk.open() or "x" in walk.open()) is not interrupting
    to_its_end(walk)


def test_a_receive_task_gets_its_message_after_a_move() -> None:
    walk = started(drawn("receive"))
    moved(walk, drawn("receive", border("t", "a", WEEK)))
    assert walk.open() == ["a", "t"]
    assert walk.act(Message("N")).open[0].element == "b"


def test_an_error_that_is_drawn_anew_is_caught() -> None:
    walk = started(drawn("job"))
    moved(walk, drawn("job", border("t", "a", EVENTS["error"])))
    walk.fail("a", "E")
    assert walk.open() == ["z"]


def test_a_reminder_that_came_does_not_come_again() -> None:
    def told(of: str) -> Definition:
        guard = border("t", "a", timer("Duration", "P1D"), interrupting=False)
        return small(nodes("userTask", of) + guard, "s>a a>e t>z z>k", "e k")

    walk = Walk(told("a z"))
    walk.do("t")
    new = small(
        nodes("userTask", "a n z") + border("t", "a", timer("Duration", "P2D"), interrupting=False),
        "s>a a>n n>e t>z z>k",
        "e k",
    )
    assert notes(walk, new) == []
    moved(walk, new)
    assert walk.open() == ["a", "z"]
    walk.do("a")
    walk.do("n")
    assert walk.do("z").finished


def test_an_event_of_another_kind_waits_for_that() -> None:
    walk = started(drawn("task", border("t", "a", WEEK)))
    new = drawn("task", border("t", "a", event("message", "M")))
    assert notes(walk, new) == ["t, due 2026-01-12 10:00, is not waited for any more."]
    moved(walk, new)
    assert [o.kind for o in walk.turn.open] == ["task", "message"]
    back = drawn("task", border("t", "a", WEEK))
    assert notes(walk, back) == ["t is new and counts from now: due 2026-01-12 10:00."]
    moved(walk, back)
    walk.do("t")
    assert walk.open() == ["z"]


def test_a_new_event_of_a_list_is_armed_once_for_all_items() -> None:
    walk = started(drawn("list"))
    moved(walk, drawn("list", border("t", "a", WEEK)))
    assert walk.open() == ["a", "a", "t"]
    walk.do("t")
    assert walk.open() == ["z"]


def test_an_event_gateway_forgets_what_is_gone() -> None:
    def race(days: str, ways: str = "w m") -> Definition:
        events = {
            "w": catch("w", timer("Duration", days)),
            "m": catch("m", event("message", "M")),
        }
        return small(
            node("eventBasedGateway", "g") + "".join(events[way] for way in ways.split()),
            "s>g " + " ".join(f"g>{way} {way}>e" for way in ways.split()),
        )

    walk = Walk(race("P7D"))
    assert notes(walk, race("P7D", "m")) == ["w, due 2026-01-12 10:00, is not waited for any more."]
    moved(walk, race("P7D", "m"))
    walk.later(days=3)
    moved(walk, race("P2D"))
    assert walk.one("w").due == MONDAY + timedelta(days=5), "it counts from the second move"
    assert walk.do("w").finished


def test_an_event_sub_process_that_is_added_takes_its_message() -> None:
    event_sub = sub(
        "es",
        node("startEvent", "ess", event("message", "O"), isInterrupting="false")
        + nodes("userTask", "esu")
        + end("ese"),
        "ess>esu esu>ese",
        triggeredByEvent="true",
    )
    walk = Walk(small(nodes("userTask", "a"), "s>a a>e"))
    moved(walk, small(nodes("userTask", "a") + event_sub, "s>a a>e"))
    walk.act(Message("O"))
    assert walk.open() == ["a", "esu"]
    walk.do("a")
    assert walk.do("esu").finished


def test_inputs_of_an_open_job_stay_as_they_were() -> None:
    def calls(value: str) -> Definition:
        return small(job("a", extra=mapping(inputs={"x": value})), "s>a a>e")

    walk = Walk(calls("= 1"))
    moved(walk, calls("= 2"))
    assert walk.one("a").inputs == {"x": 1}
