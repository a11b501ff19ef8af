"""A promise that a case breaks is reported by `tresteg verify`, with the fact that broke it.

It is no damage: the history is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from service.casework.history import promises
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.workshop.publish import prepare_bundle, publish_bundle
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.world import SEED, World, open_world

TWO, TWO_WAY = small.person("a") + small.person("b"), "s>a a>b b>e"


def promised(text: str, body: str = TWO, way: str = TWO_WAY) -> Bundle:
    return small.bundle(
        d.diagram(small.begin() + body + d.end(), way, head=d.ext(d.props(promise__1=text)))
    )


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, promised("a always followed by b within 3 days"))
    yield made
    made.database.close()


def broken(desk: World) -> list[tuple[str, int, str]]:
    """What verify names; the histories themselves are always whole."""
    found = desk.verified()
    assert found.faults == ()
    return [(breach.case, breach.rev, breach.promise.text) for breach in found.breaches]


def publish(desk: World, bundle: Bundle) -> None:
    services = desk.program.services
    prepared = prepare_bundle(services, bundle)
    with desk.database.transaction() as tx:
        publish_bundle(tx, services, by=SEED, now=desk.clock.now(), prepared=prepared)


def test_what_follows_too_late_breaks_the_promise_for_ever(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "a")
    desk.later(days=3)
    assert broken(desk) == []
    desk.later(minutes=1)
    assert broken(desk) == [(case, 2, "a always followed by b within 3 days")]
    desk.do(case, "b")
    assert broken(desk) == [(case, 2, "a always followed by b within 3 days")]
    assert (
        str(desk.verified().breaches[0])
        == f"{case} fact 2: the promise was broken: a always followed by b within 3 days"
    )


def test_what_follows_in_time_keeps_the_promise(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "a")
    desk.later(days=2)
    desk.do(case, "b")
    desk.later(days=100)
    assert broken(desk) == []


def test_an_interrupted_frame_owes_nothing_any_more(desk: World) -> None:
    inner = d.sub(
        "f", d.start("s1") + small.person("a") + small.person("b") + d.end("e1"), "s1>a a>b b>e1"
    )
    publish(
        desk,
        promised(
            "a always followed by b within 3 days",
            inner + d.border("t", "f", d.timer("Duration", "P2D")) + d.end("late"),
            "s>f f>e t>late",
        ),
    )
    case = desk.start().case_id
    desk.do(case, "a")
    desk.later(days=2)
    desk.worker().step()
    assert desk.case(case).end == "late"
    desk.later(days=10)
    assert broken(desk) == []


def checked(
    desk: World, case: str, *, without: tuple[str, str] = ("", "")
) -> list[tuple[int, str]]:
    """What is watched in a history from which one step was taken out."""
    history = [
        replace(
            fact,
            turn=replace(fact.turn, steps=[s for s in fact.steps if tuple(s[:2]) != without]),
        )
        for fact in desk.facts(case)
    ]
    with desk.database.transaction(write=False) as tx:
        return [
            (b.rev, b.promise.text)
            for b in promises.broken_promises(
                tx, desk.program.services, desk.case(case), history, desk.clock.now()
            )
        ]


def test_a_step_that_came_before_another_is_told(desk: World) -> None:
    publish(desk, promised("never b before a"))
    case = desk.start().case_id
    desk.do(case, "a")
    assert checked(desk, case) == []
    assert checked(desk, case, without=("left", "a")) == [(2, "never b before a")]


def test_a_field_that_reaches_a_role_before_its_time_is_told(desk: World) -> None:
    publish(
        desk,
        promised(
            f"field answer never reaches {ROLE} before b",
            TWO + small.person("c", "ask"),
            "s>a a>b b>c c>e",
        ),
    )
    case = desk.start().case_id
    desk.do(case, "a")
    desk.do(case, "b")
    assert checked(desk, case) == []
    assert checked(desk, case, without=("entered", "b")) == [
        (3, f"field answer never reaches {ROLE} before b")
    ]


def test_a_promise_counts_for_the_facts_of_its_own_release(desk: World) -> None:
    case = desk.start().case_id
    desk.do(case, "a")
    publish(desk, promised("a always followed by b"))
    desk.later(days=4)
    assert [rev for _, rev, _ in broken(desk)] == [2]
    assert desk.clock.now() - desk.facts(case)[1].at > timedelta(days=3)
