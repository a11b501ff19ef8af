"""The plan of retention is read as it is written, or a sentence names the place."""

from __future__ import annotations

import re
from datetime import date

import pytest

from service.access import CLASSES
from service.release.programme.configuration import read_programme
from service.release.programme.retention_rules import (
    DESTROY,
    HOST,
    RetentionPeriod,
    RetentionPlan,
    read_period,
    read_retention,
)
from service.release.programme.typed_tables import WrongTable
from service.release.programme.vocabulary import OFFICE_KIND
from service.release.release_configuration import read_release_configuration
from tests.release.programme.test_configuration import shipped
from tests.support.plans import shipped_plan
from tests.support.world import shipped as shipped_release

PLAN = """
[signed]
A = "x"
[[ground]]
id = "LAW"
sv = "Lag"
en = "Law"
number = "1 §"
from = 2020-01-01
to = 2030-01-01
owner = ["A"]
[[record]]
id = "file"
sv = "Akt"
en = "File"
process = ["one"]
not_reached = ["Task_B"]
only_if = { name = "minor", values = ["false"] }
[[record]]
id = "short"
sv = "Kort"
en = "Short"
process = ["one"]
ends = ["End_A"]
[[record]]
id = "sums"
sv = "Summor"
en = "Sums"
product = "statistics"
[[moment]]
id = "end"
sv = "slut"
en = "end"
product = "case_end"
[[moment]]
id = "birth"
sv = "född"
en = "birth"
answer = ["born", "year"]
[[rule]]
id = "R1"
ground = "LAW"
from = 2021-01-01
record = ["file"]
owner = ["A"]
classes = ["C2"]
does = "destroy"
after = "P12M"
counted = "end"
unless = ["reopened"]
[[rule]]
id = "R2"
ground = "LAW"
from = 2021-01-01
record = ["file"]
owner = ["any"]
classes = ["C1"]
does = "review"
after = "P1Y"
every = "P1Y"
counted = "end"
"""


def changed(old: str, new: str) -> str:
    assert old in PLAN
    return PLAN.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('ground = "LAW"', 'ground = "LAX"', "rule R1, ground: there is no LAX; there are LAW"),
        ('record = ["file"]', 'record = ["files"]', "rule R1, record: there is no files"),
        ('["C2"]', '["C4"]', "rule R1, classes: there is no C4; there are C0, C1, C2, C3"),
        ('["C2"]', '["C2", "C2"]', "rule R1, classes: C2 is there twice"),
        ('owner = ["any"]', 'owner = ["A", "A"]', "rule R2, owner: A is there twice"),
        ('does = "destroy"', 'does = "burn"', "rule R1, does: there is no burn; there are"),
        ("P12M", "12 months", "rule R1, after: 12 months is no length of time"),
        ("P12M", "PT5H", "rule R1, after: PT5H is no length of time"),
        ("P12M", "P", "rule R1, after: P is no length of time"),
        ('after = "P12M"', "", "rule R1, after:  is no length of time"),
        ('every = "P1Y"', 'every = "P0D"', "rule R2, every: P0D is no length of time"),
        ('counted = "end"', 'counted = "start"', "rule R1, counted: there is no start"),
        ('["reopened"]', '["sometimes"]', "rule R1, unless: there is no sometimes"),
        ("unless =", "except =", "rule 1: except means nothing here"),
        ('"destroy"', '"preserve"', "rule R1: after means nothing here"),
        ('"review"', '"lock"', "rule R2: every means nothing here"),
        (
            'unless = ["reopened"]',
            'not_before = "noon"',
            "rule R1, not_before: there is no noon; there are birth, end",
        ),
        ('every = "P1Y"', 'not_before = "birth"', "rule R2: not_before means nothing here"),
        ('id = "R2"', 'id = "R1"', "rule: R1 is there twice"),
        ('id = "R1"', "", "rule 1: it lacks id"),
        ("from = 2021-01-01", "from = 2021", "rule 1, from: this must be a day, not a whole numb"),
        ("from = 2021-01-01", 'from = "soon"', "rule 1, from: this is no day; write it as 2026-"),
        ("to = 2030-01-01", "to = 2019-01-01", "ground LAW: the last day, 2019-01-01, comes bef"),
        ('"statistics"', '"sums"', "record sums, product: there is no sums"),
        (
            'process = ["one"]',
            "",
            "record file: exactly one of these has to be there: process, pro",
        ),
        ('product = "case_end"', 'product = "noon"', "moment end, product: there is no noon"),
        (
            'id = "birth"',
            'id = "written"',
            "moment written: written means something in the service",
        ),
        ('product = "case_end"', "", "moment end: exactly one of these has to be there: product, "),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, sentence: str) -> None:
    with pytest.raises(WrongTable, match=f"^{re.escape(sentence)}"):
        read_retention(changed(old, new))


def test_no_plan_has_no_rule() -> None:
    assert read_retention("") == RetentionPlan()


def test_the_plan_counts_once_it_is_published() -> None:
    """Whoever can write into the folder erases nothing, and an older file stops no start."""
    for text in (shipped()["retention.toml"], '[[rule]]\nid = "R1"\nthen = 1\n'):
        files = {**shipped(), "retention.toml": text}
        assert read_programme(files).configuration.retention == RetentionPlan()
    found = read_release_configuration(shipped_release())
    assert found["retention"] == shipped_plan()


@pytest.mark.parametrize(
    ("text", "start", "last"),
    [
        ("P12M", date(2024, 2, 29), date(2025, 2, 28)),
        ("P4Y", date(2024, 2, 29), date(2028, 2, 29)),
        ("P1M", date(2026, 1, 31), date(2026, 2, 28)),
        ("P1M", date(2024, 1, 31), date(2024, 2, 29)),
        ("P30D", date(2026, 1, 31), date(2026, 3, 2)),
        ("P2W", date(2026, 12, 24), date(2027, 1, 7)),
        ("P1Y2M3D", date(2026, 11, 30), date(2028, 2, 2)),
        ("P0D", date(2026, 12, 1), date(2026, 12, 1)),
        ("P999Y", date(9900, 1, 1), date.max),
    ],
)
def test_a_period_ends_on_the_day_of_that_number_or_the_last_of_its_month(
    text: str, start: date, last: date
) -> None:
    period = read_period(text)
    assert period is not None
    assert period.last_day(start) == last


def test_periods_are_added_as_one() -> None:
    assert RetentionPeriod(12, 1).plus(RetentionPeriod(1, 2).times(3)) == RetentionPeriod(15, 7)


def test_a_case_is_of_the_first_kind_that_holds() -> None:
    plan = read_retention(PLAN)
    assert plan.record_of("one", "End_B", (), {"minor": False}) == "file"
    assert plan.record_of("one", "End_A", ("Task_B",), {"minor": False}) == "short"
    assert plan.record_of("one", "End_A", (), {"minor": True}) == "short"
    assert plan.record_of("one", "End_B", (), {}) == ""
    assert plan.record_of("two", "End_A", (), {}) == ""
    assert plan.product_record("statistics") == "sums"
    assert plan.product_record("ledger") == plan.product_record("") == ""


def test_a_birth_is_the_day_or_else_the_last_day_of_the_year() -> None:
    moment = read_retention(PLAN).moment("birth")
    assert moment is not None
    assert moment.answered({"born": date(2010, 5, 6), "year": 2009}) == date(2010, 5, 6)
    assert moment.answered({"born": "2010-05-06"}) == date(2010, 5, 6)
    assert moment.answered({"born": None, "year": 2009}) == date(2009, 12, 31)
    assert moment.answered({}) is None


def test_a_rule_is_in_force_as_long_as_its_ground() -> None:
    plan = read_retention(PLAN)
    rule = plan.rule("R1")
    assert rule is not None
    assert plan.in_force(rule) == (date(2021, 1, 1), date(2030, 1, 1))
    later = read_retention(changed("from = 2020-01-01", "from = 2022-01-01"))
    assert later.in_force(rule) == (date(2022, 1, 1), date(2030, 1, 1))


def test_a_rule_of_any_office_is_not_about_the_house() -> None:
    rule = read_retention(PLAN).rule("R2")
    assert rule is not None
    assert rule.counts_for("file", "B")
    assert not rule.counts_for("file", HOST)
    assert not rule.counts_for("sums", "B")


def test_a_signature_ends_with_a_change_of_the_own_rules_alone() -> None:
    plan, later = read_retention(PLAN), read_retention(changed("P12M", "P13M"))
    assert plan.owners(("A", "B")) == ("A", "B")
    assert plan.digest("A") != later.digest("A")
    assert plan.digest("B") == later.digest("B")
    waits = changed('unless = ["reopened"]', 'not_before = "birth"')
    asked = read_retention(waits), read_retention(waits.replace('["born", "year"]', '["born"]'))
    assert len({one.digest("A") for one in (plan, *asked)}) == 3
    assert len({one.digest("B") for one in (plan, *asked)}) == 1
    assert plan.waited_for() == frozenset()
    assert asked[0].waited_for() == {"born", "year"}
    ground = read_retention(changed('number = "1 §"', 'number = "2 §"'))
    assert ground.digest("B") != plan.digest("B")


def test_an_international_organisation_is_offered_no_swedish_act() -> None:
    plan = shipped_plan()
    act = re.compile(r"\(\d{4}:\d+\)|EU")
    for kind in ("IOM_MISSION", "PARTNER_ABROAD"):
        offered = plan.grounds_for(kind)
        assert offered
        assert [one.id for one in offered if act.search(one.number)] == []
    assert [one.id for one in plan.grounds if act.search(one.number) and not one.owner] == []


def test_every_rule_of_the_earlier_plan_is_there() -> None:
    plan = shipped_plan()
    assert {f"R{number}" for number in range(1, 9)} <= {rule.id for rule in plan.rules}


def test_every_kind_of_office_has_a_rule_for_every_class() -> None:
    plan, kinds = shipped_plan(), read_programme(shipped()).configuration.vocabulary
    for kind in kinds.ids(OFFICE_KIND):
        found = {c for r in plan.rules if kind in r.owner and r.does == DESTROY for c in r.classes}
        assert found == set(CLASSES), kind
