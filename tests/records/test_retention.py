"""What falls due under a plan of retention: on its day, never before, never under a hold, and the
same whoever asks and in whatever order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access import CLASSES
from service.records.retention import (
    FallingDue,
    KeptRecords,
    MissingMoment,
    due,
    missing_moments,
    office_day,
)
from service.release.programme.retention_rules import (
    DESTROY,
    HAND_OVER,
    LOCK,
    PRESERVE,
    REOPENED,
    REVIEW,
    UNSENT_START,
    WRITTEN,
    RetentionPlan,
    RetentionRule,
    read_retention,
)
from tests.support import plans
from tests.support.plans import SENSITIVE, ground, moment, oracle_day, record, shipped_plan

HEAD = (
    ground()
    + record("file")
    + record("form", product=UNSENT_START)
    + moment("end")
    + moment("wrote", product=WRITTEN)
    + moment("birth", answer=["born"])
)
ENDED = date(2026, 3, 10)
AT = {"c": {"case_end": ENDED}}
KEPT = KeptRecords("c", "file", "o", "A", frozenset(CLASSES))
FAR = date(2100, 1, 1)


rule = partial(plans.rule, record=["file", "form"], owner=["A"], classes=SENSITIVE)


def plan_of(*rules: str) -> RetentionPlan:
    return read_retention(HEAD + "".join(rules))


def rows(plan: RetentionPlan, kept: KeptRecords = KEPT, today: date = FAR) -> list[FallingDue]:
    return due(plan, [kept], AT, today)


def days(plan: RetentionPlan, kept: KeptRecords = KEPT, today: date = FAR) -> list[str]:
    return [f"{row.rule} {row.day}" for row in rows(plan, kept, today)]


def test_what_is_destroyed_waits_until_the_last_day_is_over() -> None:
    plan = plan_of(rule("R", DESTROY, "P12M"))
    assert rows(plan, today=date(2027, 3, 10)) == []
    (row,) = rows(plan, today=date(2027, 3, 11))
    assert row == FallingDue(date(2027, 3, 11), "c", "o", "R", DESTROY, ("C2", "C3"))


def test_what_only_closes_or_asks_comes_on_the_last_day() -> None:
    plan = plan_of(rule("L", LOCK, "P0D"), rule("V", REVIEW, "P1Y"))
    assert days(plan) == ["L 2026-03-10", "V 2027-03-10"]


@pytest.mark.parametrize(
    ("asked", "day"),
    [(None, "2027-03-11"), (date(2026, 6, 1), "2027-03-11"), (date(2028, 1, 1), "2028-01-02")],
)
def test_a_day_that_was_asked_for_holds_back_and_brings_nothing_forward(
    asked: date | None, day: str
) -> None:
    at = {"c": {**AT["c"], **({"birth": asked} if asked else {})}}
    waits = plan_of(rule("R", DESTROY, "P12M", not_before="birth"))
    assert [str(row.day) for row in due(waits, [KEPT], at, FAR)] == [day]
    free = plan_of(rule("R", DESTROY, "P12M"))
    assert [str(row.day) for row in due(free, [KEPT], at, FAR)] == ["2027-03-11"]


def test_a_day_after_all_days_is_never_over() -> None:
    at = {"c": {**AT["c"], "birth": date.max}}
    waits = plan_of(rule("R", DESTROY, "P12M", not_before="birth"))
    assert due(waits, [KEPT], at, date.max) == []


def test_a_leap_day_is_not_early_in_a_year_without_one() -> None:
    at = {"c": {"case_end": date(2024, 2, 29)}}
    plan = plan_of(rule("R", DESTROY, "P12M"))
    assert due(plan, [KEPT], at, date(2025, 2, 28)) == []
    assert [row.day for row in due(plan, [KEPT], at, FAR)] == [date(2025, 3, 1)]


def test_the_day_is_that_of_the_office() -> None:
    end = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
    plan = plan_of(rule("L", LOCK, "P0D"))
    stockholm = due(plan, [KEPT], {"c": {"case_end": end}}, FAR)
    lagos = due(plan, [replace(KEPT, zone="America/New_York")], {"c": {"case_end": end}}, FAR)
    assert [row.day for row in (*stockholm, *lagos)] == [date(2026, 3, 10), date(2026, 3, 9)]
    assert office_day(date(2026, 3, 9), "America/New_York") == date(2026, 3, 9)


def test_no_rule_no_deletion() -> None:
    assert rows(RetentionPlan()) == rows(plan_of()) == []
    plan = plan_of(rule("R", DESTROY, "P1D"))
    assert rows(plan, replace(KEPT, record="other")) == []
    assert rows(plan, replace(KEPT, record="")) == []
    assert rows(plan, replace(KEPT, kind="B")) == []
    assert rows(plan, replace(KEPT, classes=frozenset({"C0", "C1"}))) == []


def test_an_open_case_is_left_alone() -> None:
    plan = plan_of(rule("R", DESTROY, "P1D", counted="wrote"), rule("L", LOCK, "P0D"))
    wrote = replace(KEPT, written=date(2020, 1, 1))
    assert due(plan, [wrote], {}, FAR) == []
    assert due(plan, [wrote], AT, FAR)[0].day == ENDED, "not before its end"
    form = replace(wrote, record="form")
    assert [row.day for row in due(plan, [form], {}, FAR)] == [date(2020, 1, 3)]


def test_nothing_falls_due_under_a_hold() -> None:
    plan = plan_of(rule("R", DESTROY, "P1D"), rule("L", LOCK, "P0D"), rule("V", REVIEW, "P1D"))
    assert rows(plan)
    assert rows(plan, replace(KEPT, on_hold=True)) == []


def test_what_a_rule_excepts() -> None:
    plan = plan_of(rule("R", DESTROY, "P1D", unless=[REOPENED]), rule("V", REVIEW, "P1D"))
    again = replace(KEPT, exceptions=frozenset({"reopened"}))
    assert days(plan, again) == ["V 2026-03-11"]


def test_a_rule_runs_only_while_it_is_in_force() -> None:
    plan = plan_of(rule("R", DESTROY, "P1D", to=date(2026, 6, 30)))
    assert days(plan, today=date(2026, 6, 30)) == ["R 2026-03-12"]
    assert days(plan, today=date(2026, 7, 1)) == []
    plan = plan_of(rule("R", DESTROY, "P1D", start=date(2026, 5, 1)))
    assert days(plan, today=date(2026, 4, 30)) == []
    assert days(plan, today=date(2026, 5, 1)) == ["R 2026-05-01"]


def test_what_is_preserved_is_never_destroyed() -> None:
    one = rule("P", PRESERVE, classes=["C3"])
    plan = plan_of(rule("R", DESTROY, "P1D"), rule("L", LOCK, "P0D"), one)
    assert [(row.rule, row.classes) for row in rows(plan)] == [
        ("L", ("C2", "C3")),
        ("R", ("C2",)),
    ]


def test_a_rule_that_begins_later_preserves_nothing_yet() -> None:
    later = rule("P", PRESERVE, start=date(2027, 1, 1))
    plan = plan_of(rule("R", DESTROY, "P1D", to=date(2026, 12, 31)), later)
    assert days(plan, today=date(2026, 12, 31)) == ["R 2026-03-12"]
    assert days(plan, today=date(2027, 1, 1)) == []


def test_of_rules_that_contradict_the_last_counts() -> None:
    plan = plan_of(rule("R1", DESTROY, "P1D"), rule("R2", DESTROY, "P1Y", classes=["C2"]))
    early = rows(plan, today=date(2026, 6, 1))
    assert [(row.rule, row.classes) for row in early] == [("R1", ("C3",))]
    assert [(row.rule, row.classes) for row in rows(plan)] == [("R1", ("C3",)), ("R2", ("C2",))]


def test_what_is_to_be_handed_over_is_not_destroyed_before() -> None:
    plan = plan_of(rule("H", HAND_OVER, "P1Y"), rule("R", DESTROY, "P1M"))
    assert days(plan) == ["H 2027-03-11"]
    done = replace(KEPT, done={"H": date(2027, 3, 12)}, handed_over=frozenset({"H"}))
    assert days(plan, done) == ["R 2026-04-11"]


def test_a_list_asked_ahead_has_the_lock_and_the_erasure_after_it() -> None:
    plan = plan_of(rule("L", LOCK, "P0D"), rule("R", DESTROY, "P5D"), rule("V", REVIEW, "P9D"))
    assert days(plan) == ["L 2026-03-10", "R 2026-03-16"]


def test_a_lock_is_not_turned_twice() -> None:
    plan = plan_of(rule("L1", LOCK, "P0D"), rule("L2", LOCK, "P1M"))
    assert days(plan) == ["L1 2026-03-10"]
    (row,) = rows(plan, replace(KEPT, locked=frozenset({"C3"})))
    assert row.classes == ("C2",)
    assert rows(plan, replace(KEPT, locked=frozenset({"C2", "C3"}))) == []


def test_a_review_comes_again_from_the_same_day() -> None:
    plan = plan_of(rule("V", REVIEW, "P1M", every="P1M"))
    at = {"c": {"case_end": date(2026, 1, 31)}}
    found, kept = list[date](), KEPT
    for _ in range(4):
        (row,) = due(plan, [kept], at, FAR)
        found.append(row.day)
        kept = replace(kept, done={"V": row.day})
    assert found == [date(2026, m, d) for m, d in ((2, 28), (3, 31), (4, 30), (5, 31))]
    late = replace(kept, done={"V": date(2026, 9, 15)})
    assert [row.day for row in due(plan, [late], at, FAR)] == [date(2026, 9, 30)]
    once = plan_of(rule("V", REVIEW, "P1M"))
    assert due(once, [replace(KEPT, done={"V": date(2026, 2, 28)})], at, FAR) == []


def test_a_moment_that_the_case_lacks_is_named() -> None:
    plan = plan_of(rule("B", DESTROY, "P18Y", counted="birth"))
    assert rows(plan) == []
    assert missing_moments(plan, [KEPT], AT, FAR) == [MissingMoment("c", "o", "B", "birth")]
    assert missing_moments(plan, [KEPT], {}, FAR) == []
    assert missing_moments(plan, [replace(KEPT, classes=frozenset({"C0"}))], AT, FAR) == []
    at = {"c": {"case_end": ENDED, "birth": date(2012, 2, 29)}}
    assert missing_moments(plan, [KEPT], at, FAR) == []
    assert [row.day for row in due(plan, [KEPT], at, FAR)] == [date(2030, 3, 1)]


def test_after_the_last_year_nothing_falls_due() -> None:
    at = {"c": {"case_end": date(9990, 1, 1)}}
    assert due(plan_of(rule("R", DESTROY, "P99Y")), [KEPT], at, date.max) == []


# ---- by chance

A_DAY = st.dates(date(2020, 1, 1), date(2040, 12, 31))
PERIOD = st.sampled_from(["P0D", "P1D", "P30D", "P1M", "P12M", "P5Y", "P1Y1M1D"])
A_RULE = st.builds(
    lambda n, does, after, counted, classes, unless: rule(
        f"R{n}",
        does,
        after,
        counted=counted,
        classes=sorted(classes),
        unless=[REOPENED] if unless else [],
    ),
    st.integers(0, 9),
    st.sampled_from([LOCK, REVIEW, HAND_OVER, DESTROY]),
    PERIOD,
    st.sampled_from(["end", "wrote", "birth"]),
    st.sets(st.sampled_from(CLASSES), min_size=1),
    st.booleans(),
)
A_PLAN = st.builds(
    lambda rules, preserved: plan_of(
        *rules, *([rule("P", PRESERVE, classes=[preserved])] if preserved else [])
    ),
    st.lists(A_RULE, min_size=1, max_size=6, unique_by=lambda text: text.split('"')[1]),
    st.sampled_from(["", *CLASSES]),
)
SOME_KEPT = st.builds(
    KeptRecords,
    case=st.sampled_from(["c", "d", "e"]),
    record=st.sampled_from(["file", "form"]),
    office=st.sampled_from(["o", "p"]),
    kind=st.sampled_from(["A", "B"]),
    classes=st.frozensets(st.sampled_from(CLASSES)),
    written=st.none() | A_DAY,
    zone=st.sampled_from(["Europe/Stockholm", "Asia/Bangkok"]),
    locked=st.frozensets(st.sampled_from(CLASSES)),
    on_hold=st.booleans(),
    exceptions=st.frozensets(st.just("reopened")),
)
A_MOMENT = A_DAY | st.builds(
    lambda day, minutes: (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    A_DAY,
    st.integers(0, 1439),
)
SOME_MOMENTS = st.dictionaries(
    st.sampled_from(["c", "d", "e"]),
    st.dictionaries(st.sampled_from(["case_end", "birth"]), A_MOMENT),
)


@given(A_PLAN, st.lists(SOME_KEPT, max_size=4), SOME_MOMENTS, A_DAY, st.randoms())
def test_by_chance_nothing_is_early_or_held_and_no_order_matters(
    plan: RetentionPlan,
    kept: list[KeptRecords],
    moments: Mapping[str, Mapping[str, date | datetime]],
    today: date,
    lots: random.Random,
) -> None:
    found = due(plan, kept, moments, today)
    mixed = lots.sample(kept, len(kept))
    turned = replace_rules(plan, lots.sample(plan.rules, len(plan.rules)))
    assert due(turned, mixed, moments, today) == found
    assert found == sorted(row for one in kept for row in due(plan, [one], moments, today))
    for one in kept:
        mine = due(plan, [one], moments, today)
        at = moments.get(one.case, {})
        if one.on_hold or (one.record == "file" and "case_end" not in at):
            assert mine == []
        for row in mine:
            by = plan.rule(row.rule)
            assert by is not None
            start = {"end": at.get("case_end"), "birth": at.get("birth"), "wrote": one.written}[
                by.counted
            ]
            assert start is not None
            last = oracle_day(by, office_day(start, one.zone))
            assert row.day <= today
            assert row.day > last if by.does in (DESTROY, HAND_OVER) else row.day >= last
            assert set(row.classes) <= one.classes & set(by.classes)
            assert not (by.unless and one.exceptions)
        gone = [c for row in mine if row.does == DESTROY for c in row.classes]
        shut = [c for row in mine if row.does == LOCK for c in row.classes]
        kept_back = {c for r in plan.rules if r.does in (PRESERVE, HAND_OVER) for c in r.classes}
        assert len(gone) == len({*gone}), "a class is destroyed once"
        assert len(shut) == len({*shut}), "and locked once"
        assert not {*gone} & kept_back
        assert not {*shut} & one.locked


def replace_rules(plan: RetentionPlan, rules: list[RetentionRule]) -> RetentionPlan:
    return RetentionPlan(plan.signed, plan.grounds, plan.records, plan.moments, tuple(rules))


@given(A_PLAN, SOME_KEPT, SOME_MOMENTS, A_DAY, st.integers(1, 400))
def test_by_chance_what_is_due_stays_due(
    plan: RetentionPlan,
    kept: KeptRecords,
    moments: Mapping[str, Mapping[str, date | datetime]],
    today: date,
    later: int,
) -> None:
    def classes(day: date) -> set[tuple[str, str]]:
        return {
            (row.does, klass) for row in due(plan, [kept], moments, day) for klass in row.classes
        }

    gone = {klass for does, klass in classes(today + timedelta(days=later)) if does == DESTROY}
    for does, klass in classes(today):
        assert klass in gone or (does, klass) in classes(today + timedelta(days=later))


# ---- ten years

YEARS = (date(2026, 1, 1), date(2035, 12, 31))
OWNERS = ("IOM_MISSION", "MYNDIGHET", "SOCIALTJANST", "NGO", "PARTNER_ABROAD", "POLIS", "TELEFON")
RECORDS = ("case_file", "child_case_file", "case_not_approved", "consultation", "call", "complaint")


def cases(number: int) -> Iterator[tuple[KeptRecords, dict[str, date | datetime], date | None]]:
    """Records of cases that end within five years: with their moments and the end of a hold."""
    lots = random.Random(20261201)  # noqa: S311 - the same cases each time
    for n in range(number):
        end = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=lots.randrange(5 * 525_600))
        at: dict[str, date | datetime] = {"case_end": end}
        if lots.random() < 0.7:
            at["last_feedback"] = end - timedelta(days=lots.randrange(200))
        if lots.random() < 0.9:
            at["birth"] = date(2000, 1, 1) + timedelta(days=lots.randrange(18 * 365))
        kept = KeptRecords(
            case=f"case{n}",
            record=lots.choice(RECORDS),
            office="o",
            kind=lots.choice(OWNERS),
            classes=frozenset(lots.sample(CLASSES, lots.randint(1, 4))),
            written=end - timedelta(days=lots.randrange(400)),
            zone=lots.choice(("Europe/Stockholm", "Asia/Bangkok", "Africa/Lagos")),
        )
        held = end.date() + timedelta(days=lots.randrange(3650)) if lots.random() < 0.2 else None
        yield kept, at, held


def wanted(
    plan: RetentionPlan, kept: KeptRecords, at: Mapping[str, date | datetime]
) -> dict[str, date]:
    """Class to the day after which it is to be destroyed, by the rows of the plan alone."""
    found: dict[str, date] = {}
    moments = {**at, "written": kept.written}
    for one in plan.rules:
        if one.does == DESTROY and kept.record in one.record and kept.kind in one.owner:
            start = moments.get(one.counted)
            if start is not None:
                last = oracle_day(one, office_day(start, kept.zone))
                found |= dict.fromkeys(kept.classes & {*one.classes}, last)
    return found


def lived(
    plan: RetentionPlan, kept: KeptRecords, at: Mapping[str, date | datetime], held: date | None
) -> dict[str, date]:
    """Do what falls due on its day, or when the hold ends; class to the day it was destroyed."""
    moments, gone, today = {kept.case: at}, dict[str, date](), YEARS[0]
    while found := due(plan, [kept], moments, YEARS[1]):
        today = max(today, found[0].day)
        if held is not None and today < held:
            assert due(plan, [replace(kept, on_hold=True)], moments, today) == []
            today = held
        elif today == found[0].day:
            before = today - timedelta(days=1)
            assert due(plan, [kept], moments, before) == [], "nothing the day before"
        if today > YEARS[1]:
            break
        for row in due(plan, [kept], moments, today):
            if row.does == DESTROY:
                gone |= dict.fromkeys(row.classes, today)
                kept = replace(kept, classes=kept.classes - {*row.classes})
            elif row.does == LOCK:
                kept = replace(kept, locked=kept.locked | {*row.classes})
            else:
                kept = replace(
                    kept,
                    done={**kept.done, row.rule: today},
                    handed_over=kept.handed_over | {row.rule},
                )
    return gone


def test_ten_years_of_the_shipped_plan_leave_nothing_too_long_and_nothing_early() -> None:
    plan, early, late, destroyed = shipped_plan(), 0, 0, 0
    for kept, at, held in cases(5000):
        gone = lived(plan, kept, at, held)
        for klass, last in wanted(plan, kept, at).items():
            first = max(last, office_day(at["case_end"], kept.zone), held or last)
            if klass in gone:
                destroyed += 1
                early += gone[klass] < first
                late += (gone[klass] - first).days > 1
            else:
                late += first < YEARS[1]
        assert gone.keys() <= wanted(plan, kept, at).keys()
    assert (early, late) == (0, 0)
    assert destroyed > 5000


@pytest.mark.parametrize("days_ahead", [0, 30])
def test_a_list_asked_ahead_has_what_will_fall_due(days_ahead: int) -> None:
    plan = plan_of(rule("R", DESTROY, "P12M"))
    today = date(2027, 3, 11) - timedelta(days=days_ahead)
    assert rows(plan, today=today + timedelta(days=days_ahead))
    assert rows(plan, today=today - timedelta(days=1) + timedelta(days=days_ahead)) == []
