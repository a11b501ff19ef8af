"""The smallest release with a plan of retention, by which what is sensitive goes after a month."""

from __future__ import annotations

from typing import Final

from sqlalchemy import update

from service.records.context import Actor
from service.release.bundle import Bundle
from service.release.programme.retention_rules import DESTROY, REVIEW
from service.security.keyring import Keyring
from service.store import tables
from tests.support import small
from tests.support.directory import OFFICE
from tests.support.plans import FILE, PLAIN, SENSITIVE, ground, moment, record, rule, signed
from tests.support.world import World, open_world

ONE: Final = small.one(small.person("a", "ask"), "s>a a>e")
HEAD: Final = ground() + record() + moment()
"""What its rules name."""
RULES: Final = HEAD + rule("HEALTH", DESTROY, "P1M", classes=SENSITIVE)
ASKING: Final = rule("LOOK", REVIEW, "P1M", every="P1M", classes=PLAIN)
"""A rule besides, by which the office is asked each month whether the rest is needed."""
SIGNED: Final = signed(RULES, "SOCIALTJANST")
"""The plan, signed for the office of the case."""
SARA: Final = Actor("p_sara", OFFICE)


def with_plan(text: str) -> Bundle:
    """The release with this plan."""
    return ONE.with_file(FILE, text.encode())


def world_with(url: str, keyring: Keyring, text: str) -> World:
    """An installation of that release."""
    return open_world(url, keyring, with_plan(text))


def ended(desk: World) -> str:
    """A case that has ended."""
    case = desk.start().case_id
    desk.do(case, "a", small.ANSWERS)
    return case


def work(desk: World, days: int) -> None:
    """Let days pass, and the worker do what is due then."""
    desk.later(days=days)
    desk.worker().step()


def spoil(desk: World, case: str, column: str) -> None:
    """Have a column of the row of a case be one that this installation did not write."""
    with desk.database.transaction() as tx:
        tx.run(update(tables.cases).where(tables.cases.c.id == case).values({column: b"spoilt"}))
