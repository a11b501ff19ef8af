"""Looks at cases for tests of the log review, and a second auditor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from service.audit.log_review import review_process
from service.audit.log_review.looks import MonthOfLooks, find_looks
from service.audit.log_review.review import JUDGE, LogReview
from service.audit.log_review.review_commands import (
    begin_review,
    due_month,
    judge_look,
    sign_review,
)
from service.casework.casefile import read_log
from service.people import accounts
from service.records.context import Actor
from service.records.ids import ulid
from service.release.programme.log_review_rules import LogReviewRules
from tests.support.world import World

MARCH = "2026-03"
WORKING = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
"""A Tuesday, within working hours."""
APRIL = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)
LIMITS = LogReviewRules(sample=0)
"""The shipped limits, and nothing drawn by lot."""


def look(
    world: World, who: str, case_id: str, *, at: datetime = WORKING, purpose: str = "case"
) -> None:
    """Somebody looks at a case."""
    with world.database.transaction() as tx:
        read_log.record_read(
            tx,
            by=world.loaded_viewer(who),
            now=at,
            case_id=case_id,
            purpose=purpose,
            classes=("C0",),
        )


def look_without_task(world: World, who: str, case_id: str, *, at: datetime = WORKING) -> None:
    """Somebody says why she opens a case in which nothing waits for her."""
    with world.database.transaction() as tx:
        read_log.record_lookup_reason(
            tx,
            world.program.services,
            by=world.loaded_viewer(who),
            now=at,
            case_id=case_id,
            purpose="PHONE",
            reason="",
        )


def search(world: World, who: str, *, at: datetime = WORKING, times: int = 1) -> None:
    """Somebody searches cases by name."""
    with world.database.transaction() as tx:
        for n in range(times):
            read_log.record_search(
                tx,
                by=world.loaded_viewer(who),
                now=at + timedelta(minutes=n),
                key=None,
                kind="name",
                hits=1,
                words="x",
            )


def found(world: World, month: str = MARCH, limits: LogReviewRules = LIMITS) -> MonthOfLooks:
    """What a review of a month would list."""
    with world.database.transaction(write=False) as tx:
        return find_looks(tx, world.program.services, month, limits)


def begin(world: World, *, at: datetime = APRIL) -> str:
    """Begin the review that is due; gives its month, "" when none is."""
    world.clock.set(at)
    services = world.program.services
    with world.database.transaction() as tx:
        month = due_month(tx, services, at)
        if month is None:
            return ""
        chosen = find_looks(tx, services, month, services.programme.log_review)
        assert begin_review(tx, services, chosen, now=at)
        return month


def review(world: World, month: str = MARCH) -> LogReview:
    """A review as it stands."""
    with world.database.transaction(write=False) as tx:
        return review_process.load_review(tx, month)


def judge(
    world: World, who: str, number: int, verdict: str = "explained", reason: str = "asked"
) -> None:
    """An auditor judges a look."""
    by, now = world.loaded_viewer(who), world.clock.now()
    with world.database.transaction() as tx:
        command = partial(judge_look, month=MARCH, look=number, verdict=verdict, reason=reason)
        command(tx, world.program.services, by, now)


def sign(world: World, who: str, element: str = JUDGE) -> None:
    """An auditor finishes a step."""
    by, now = world.loaded_viewer(who), world.clock.now()
    with world.database.transaction() as tx:
        sign_review(tx, world.program.services, by, now, month=MARCH, element=element)


def add_person(world: World, name: str, role: str, office: str) -> None:
    """A further person of an office."""
    now = world.clock.now()
    with world.database.transaction() as tx:
        accounts.add_person(
            tx,
            world.program.services,
            by=Actor("cli"),
            now=now,
            id_=f"p_{name}",
            sign_in=ulid(now),
            name=name.capitalize(),
            office=office,
            roles={role},
            password=None,
            language="en",
        )
