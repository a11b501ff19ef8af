"""Deadlines of open work when a case moves: every one that changes is told beforehand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.engine.definition import Definition
from service.engine.feel.types import DATE
from service.engine.migration_check import check
from service.engine.types import Move, Start
from service.text import move_text
from tests.engine.moves import checked, moved, notes
from tests.engine.walks import MONDAY, TYPES, Walk, definition, small
from tests.support.diagrams import border, diagram, ext, node, nodes, start, timer

DAY = timedelta(days=1)


def drawn(way: str, text: str, id_: str = "t", *, interrupting: bool = False) -> Definition:
    """Task a with a timer whose way leads to task z."""
    given = {**TYPES, "day": DATE}
    return definition(
        diagram(
            start()
            + nodes("userTask", "a z")
            + border(id_, "a", timer(way, text), interrupting=interrupting)
            + nodes("endEvent", "e k"),
            f"s>a a>e {id_}>z z>k",
        ),
        types=given,
    )


def rounds(walk: Walk, most: int = 9) -> list[int]:
    """Let the timer come until it comes no more: days after Monday."""
    days = list[int]()
    while "t" in walk.open() and len(days) < most:
        due = walk.one("t").due
        assert due is not None
        days.append((due - MONDAY) // DAY)
        walk.do("t")
    return days


def test_a_redrawn_timer_is_told_with_both_moments() -> None:
    walk = Walk(drawn("Duration", "P7D"))
    walk.later(days=6)
    new = drawn("Duration", "P7D", "t2")
    assert notes(walk, new) == [
        "t, due 2026-01-12 10:00, is replaced by t2, which counts from now: due 2026-01-18 10:00."
    ]
    note = checked(walk, new).notes[0]
    assert (note.was, note.becomes) == (MONDAY + 7 * DAY, MONDAY + 13 * DAY)
    assert move_text(note.code, note.message, dict(note.facts), "sv") == (
        "t, som skulle komma 2026-01-12 10:00, ersätts av t2, som räknas från nu: 2026-01-18 10:00."
    )
    assert move_text(note.code, note.message, dict(note.facts), "en") == note.message
    moved(walk, new)
    assert walk.one("t2").due == note.becomes


def test_a_timer_that_is_gone_is_told() -> None:
    walk = Walk(drawn("Duration", "P7D"))
    assert notes(walk, small(nodes("userTask", "a"), "s>a a>e")) == [
        "t, due 2026-01-12 10:00, is not waited for any more."
    ]


def test_a_new_timer_is_told_with_its_moment() -> None:
    walk = Walk(small(nodes("userTask", "a"), "s>a a>e"))
    walk.later(days=1)
    assert notes(walk, drawn("Duration", "P7D")) == [
        "t is new and counts from now: due 2026-01-13 10:00."
    ]


def test_a_changed_duration_is_told_although_its_moment_stays() -> None:
    walk = Walk(drawn("Duration", "P7D"))
    assert notes(walk, drawn("Duration", "P2D")) == [
        "t is drawn with another time. What is open keeps its own: due 2026-01-12 10:00."
    ]
    moved(walk, drawn("Duration", "P2D"))
    assert walk.one("t").due == MONDAY + 7 * DAY


def test_a_timer_that_is_armed_anew_is_told() -> None:
    walk = Walk(drawn("Duration", "P7D"))
    anew = frozenset({walk.one("t").id})
    found = check(
        walk.state, walk.definition, drawn("Duration", "P2D"), rearm=anew, now=walk.now
    ).notes
    assert [note.message for note in found] == [
        "t was due 2026-01-12 10:00, and becomes due 2026-01-07 10:00."
    ]


def test_words_alone_change_no_deadline() -> None:
    walk = Walk(drawn("Duration", "P7D"))
    walk.later(days=1)
    assert notes(walk, drawn("Duration", "P7D")) == []


@pytest.mark.parametrize(
    ("before", "after", "told", "days"),
    [
        ("P1D", "R/P1D", "repeats", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("P1D", "R3/P2D", "repeats", [1, 3, 5]),
        ("P5D", "R2/P1D", "repeats", [5, 6]),
        ("R/P1D", "P3D", "once", [1]),
        ("R3/P1D", "R5/P2D", "repeats", [1, 3, 5, 7, 9]),
        ("R3/P2D", "R1/P1D", "repeats", [2]),
    ],
)
def test_a_timer_goes_on_as_the_new_version_says(
    before: str, after: str, told: str, days: list[int]
) -> None:
    def way(text: str) -> str:
        return "Cycle" if text.startswith("R") else "Duration"

    walk, new = Walk(drawn(way(before), before)), drawn(way(after), after)
    assert [note.code for note in checked(walk, new).notes] == [told]
    moved(walk, new)
    assert rounds(walk) == days


def test_rounds_that_were_used_count_in_the_new_version() -> None:
    walk = Walk(drawn("Cycle", "R4/P1D"))
    walk.do("t")
    walk.do("t")
    moved(walk, drawn("Cycle", "R5/P7D"))
    assert rounds(walk) == [3, 10, 17], "two of five are used, and the next comes in its time"


def test_a_cycle_from_a_variable_follows_the_new_version_too() -> None:
    walk = Walk(drawn("Cycle", "= text"), Start({"text": "R/P1D"}))
    walk.do("t")
    moved(walk, drawn("Cycle", "R3/P7D"))
    assert rounds(walk) == [2, 9], "one of three is used"
    walk = Walk(drawn("Cycle", "R/P1D"), Start({"text": "R3/P2D"}))
    moved(walk, drawn("Cycle", "= text"))
    assert rounds(walk) == [1, 3, 5]


def test_a_reminder_that_came_repeats_when_drawn_as_a_cycle() -> None:
    walk = Walk(drawn("Duration", "P1D"))
    walk.do("t")
    assert notes(walk, drawn("Cycle", "R/P1D")) == [
        "t repeats from now on as the new version says: due 2026-01-07 10:00."
    ]
    moved(walk, drawn("Cycle", "R/P1D"))
    assert rounds(walk, 2) == [2, 3]


@pytest.mark.parametrize(("text", "days"), [("R3/P1D", [2, 3]), ("R2/P3D", [4]), ("R1/P1D", [])])
@pytest.mark.parametrize("is_asked", [False, True], ids=["drawn", "asked"])
def test_a_reminder_that_came_is_the_first_round(
    text: str,
    days: list[int],
    is_asked: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    walk = Walk(drawn("Duration", "P1D"), Start({"text": text}))
    walk.do("t")
    new = drawn("Cycle", "= text" if is_asked else text)
    assert [note.code for note in checked(walk, new).notes] == (["again"] if days else [])
    moved(walk, new)
    assert rounds(walk) == days


def test_a_date_that_was_not_known_does_not_wait_for_ever() -> None:
    walk = Walk(drawn("Date", "= day"))
    assert walk.one("t").due is None
    assert notes(walk, drawn("Duration", "P2D")) == [
        "t was due on a day not yet known, and becomes due 2026-01-07 10:00."
    ]
    note = checked(walk, drawn("Duration", "P2D")).notes[0]
    assert move_text(note.code, note.message, dict(note.facts), "sv") == (
        "t skulle komma en dag som inte är känd än, och kommer i stället 2026-01-07 10:00."
    )
    moved(walk, drawn("Duration", "P2D"))
    assert rounds(walk) == [2]


def test_a_duration_that_becomes_a_date_follows_its_variable() -> None:
    walk = Walk(drawn("Duration", "P2D"), Start({"day": "2026-02-01"}))
    assert notes(walk, drawn("Date", "= day")) == [
        "t was due 2026-01-07 10:00, and becomes due 2026-02-01 00:00."
    ]
    moved(walk, drawn("Date", "= day"))
    assert walk.turn.next_due is not None
    assert walk.turn.next_due > MONDAY + 20 * DAY


def test_the_due_date_of_an_open_task_is_told() -> None:
    def task(due: str) -> Definition:
        inside = ext(f'<zeebe:taskSchedule dueDate="{due}"/>') if due else ""
        return small(node("userTask", "a", inside), "s>a a>e")

    walk = Walk(task("P7D"))
    assert notes(walk, task("P2D")) == [
        "a is drawn with another time. What is open keeps its own: due 2026-01-12 10:00."
    ]
    walk = Walk(task(""))
    assert notes(walk, task("P2D")) == [
        "a was due on a day not yet known, and becomes due 2026-01-07 10:00."
    ]


def test_a_move_that_would_stop_at_once_is_refused() -> None:
    walk = Walk(small(nodes("userTask", "a z"), "s>a a>e"), Start({"text": "no time"}))
    found = checked(walk, drawn("Cycle", "= text"))
    assert [p.message for p in found.problems] == [
        "The case would stop at t as soon as it had moved."
    ]


def test_a_relocated_step_tells_what_becomes_of_its_deadline() -> None:
    on = drawn("Duration", "P7D")
    walk = Walk(on)
    found = checked(walk, on, {walk.one("a").id: "z"})
    assert [(n.code, n.was, n.becomes) for n in found.notes] == [("ended", MONDAY + 7 * DAY, None)]
    walk.act(Move({walk.one("a").id: "z"}))
    assert walk.open() == ["z"]
