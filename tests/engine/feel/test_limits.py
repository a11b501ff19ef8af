"""Limits of FEEL: hostile texts, large values, work, and nothing outside is touched."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import pytest

from service.engine import limits
from service.engine.feel import Expression, FeelError, FuelSpent
from service.engine.feel.types import Type
from service.engine.feel.values import COMPARE
from tests.engine.feel.faults import NAMES, fault
from tests.support.scale import figure
from tests.support.waiting import PROGRAM


def test_texts_are_long_deep_and_large_only_up_to_the_limits() -> None:
    assert fault("1" * (limits.FEEL_LENGTH + 1)).why == "length"
    assert fault("+".join("1" * 150)).why == "words"
    assert fault("+".join("1" * 90)).why == "nodes"
    assert fault("-" * 150 + "1").why == "nodes"
    assert fault("(" * 21 + "1" + ")" * 21).why == "depth"
    assert {
        fault(text).code for text in ("1" * 501, "+".join("1" * 150), "(" * 21 + "1" + ")" * 21)
    } == {"D906"}
    assert Expression("(" * 20 + "1" + ")" * 20, ()).evaluate({}) == 1
    assert Expression("+".join("1" * 50), ()).evaluate({}) == 50


def test_work_is_counted_across_lists_inside_lists() -> None:
    many = [Decimal(n) for n in range(200)]
    inside = Expression("some a in days satisfies some b in days satisfies a + b < 0", NAMES)
    with pytest.raises(FuelSpent):
        inside.evaluate({"days": many})
    assert inside.evaluate({"days": many[:20]}) is False


def test_reading_a_variable_is_work_too() -> None:
    asked = Expression(
        "every a in days satisfies every b in cases satisfies flag",
        dict.fromkeys((*NAMES, "flag"), Type("any")),
    )
    values = {"cases": [Decimal(1)] * 500, "flag": True}
    assert asked.evaluate({**values, "days": [Decimal(1)] * 9}) is True, (
        "nine times five hundred items, and a look at `flag` for each"
    )
    with pytest.raises(FuelSpent):
        asked.evaluate({**values, "days": [Decimal(1)] * 10})


LONG = [Decimal(n) for n in range(900)]


@pytest.mark.parametrize(
    "text",
    [
        "for a in days return for b in days return for c in days return 1",
        "for a in days, b in days return 1",
        "for i in 1..1000000000000 return i",
        "for i in 1..1001 return i",
        "for i in 1..1000 return partial",
        "for i in 1..1000 return [partial, partial]",
        "for a in days return days",
        "for a in days return {a: days}",
        "for i in 1..900 return count(concatenate(days, days))",
        "union(days, days)",
        "distinct values(days)",
        'for i in 1..1000 return matches(risk, "(a|b)*c")',
        'replace(risk, "x", "xx")',
        'replace(risk, "a.*z|x", "y")',
        'split(risk, "x")',
        "string join(for i in 1..1000 return risk)",
        'for i in 1..1000 return risk + "x"',
        "every a in days, b in days satisfies a >= 0",
    ],
)
def test_a_loop_has_a_limit_of_work(text: str) -> None:
    expression = Expression(text, NAMES)
    with pytest.raises(FuelSpent):
        expression.evaluate({"days": LONG, "risk": "x" * 9_000})


@pytest.mark.parametrize("loops", range(1, 5))
def test_values_made_in_loops_stay_small(loops: int) -> None:
    """Shared parts count as often as they stand there, so a value can be written out."""
    text = "x"
    for _ in range(loops):
        text = f"for i in 1..4 return [{text}, {text}]"
    expression = Expression(text, ["x"])
    try:
        value = expression.evaluate({"x": [Decimal(1)] * 2})
    except FuelSpent:
        return
    assert len(repr(value)) < limits.FEEL_FUEL * 20


def test_the_worst_pattern_takes_time_in_the_length_only() -> None:
    started = perf_counter()
    for pattern in ("[a-z]{0,100}q", "(x+x+)+y", "(a|b|ab)*c", "(?i)å{1,50}.{1,50}z"):
        asked = Expression(f'matches(risk, "{pattern}")', NAMES)
        for sign in "axå":
            assert asked.evaluate({"risk": sign * 9_000}) is False
    assert perf_counter() - started < 5, "milliseconds are expected"


def test_lists_and_texts_cannot_grow_without_end() -> None:
    with pytest.raises(FuelSpent):
        Expression("count(days)", NAMES).evaluate({"days": [Decimal(1)] * (limits.FEEL_LIST + 1)})
    with pytest.raises(FuelSpent):
        Expression("days = days", NAMES).evaluate({"days": [[Decimal(1)] * 900] * 900})
    with pytest.raises(FuelSpent):
        Expression("risk + risk", NAMES).evaluate({"risk": "x" * limits.FEEL_TEXT})


HOSTILE = [
    "__import__('os').system('id')",
    "age.__class__.__mro__",
    "().__class__",
    "risk.format(age)",
    "open(risk)",
    "eval(risk)",
    "exec(risk)",
    "lambda: 1",
    "age; age",
    "age\x00",
    "`id`",
    "${age}",
    "{{ age }}",
    "%(age)s",
    "import os",
    "days[0].__init__",
    "risk.upper()",
    "globals()",
    '"\\x41"',
    "\uff41\uff47\uff45",
    "age = 1e999",
    "#age",
    "age if age else age",
    "[x for x in days]",
    "../../etc/passwd",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("unary", [False, True])
def test_a_hostile_text_is_only_a_text_that_is_refused(text: str, unary: bool) -> None:  # noqa: FBT001 - a row of the table
    assert fault(text, unary=unary).code in {"D901", "D902", "D903", "D904", "D905"}


def test_random_words_give_a_value_or_a_fault_and_nothing_else() -> None:
    chance = Random(7)  # noqa: S311 - a repeatable test
    words = (
        'age risk days 1 2.5 "a" @"P1D" @"2026-01-01" true null ( ) [ ] .. , + - * / = != < <= > '
        ">= and or not if then else in between some every satisfies for return { } : "
        "é . ? item count date year"
    )
    values = {"age": Decimal(3), "risk": "a", "days": [Decimal(1), None]}
    accepted = 0
    for _ in range(figure("words")):
        text = " ".join(chance.choices(words.split(), k=chance.randint(1, 9)))
        for unary in (False, True):
            try:
                expression = Expression(text, list(values), unary=unary)
            except FeelError as error:
                assert error.message  # noqa: PT017 - either way out is right
                continue
            accepted += 1
            expression.evaluate(values)
            expression.matches(values, Decimal(2))
    assert accepted > 100


ONE_ARGUMENT = (
    "abs",
    "floor",
    "number",
    "count",
    "min",
    "sum",
    "mean",
    "all",
    "any",
    "date",
    "duration",
    "day of week",
    "upper case",
    "time",
    "date and time",
    "is defined",
    "is empty",
    "flatten",
    "reverse",
    "distinct values",
    "string join",
    "get entries",
    "append",
)
TWO_ARGUMENTS = (
    "modulo",
    "decimal",
    "list contains",
    "contains",
    "max",
    "years and months duration",
    "starts with",
    "get or else",
    "get value",
    "append",
    "concatenate",
    "union",
    "index of",
    "sublist",
    "string join",
    "substring",
    "substring before",
    "substring after",
    "date and time",
)


def test_no_operation_raises_for_a_value_of_any_kind() -> None:
    kinds: list[Any] = [
        None,
        True,
        "x",
        Decimal(1),
        Decimal("1e6000"),
        *(Expression(text, ()).evaluate({}) for text in KINDS),
    ]
    texts = [f"a {sign} b" for sign in (*COMPARE, *"+-*/", "and", "or", "in")]
    texts += [
        "a between b and a",
        "a[b]",
        "a[item = b]",
        "a.year",
        "a.days",
        "a.x",
        "if a then b else a",
        "not(a)",
        "-a",
        "some i in a satisfies i < b",
        "for i in a, j in i return j = b",
        "{a: a, b: b}.a.x",
        "a[x = b]",
        "time(a, b, a)",
        'matches(a, "x")',
        'replace(a, "x", b)',
        'split(a, "x")',
    ]
    texts += [f"{name}(a)" for name in ONE_ARGUMENT]
    texts += [f"{name}(a, b)" for name in TWO_ARGUMENTS]
    for text in texts:
        expression = Expression(text, ["a", "b"])
        for a in kinds:
            for b in kinds:
                expression.evaluate({"a": a, "b": b})


KINDS = [
    '@"2026-01-01"',
    '@"0001-01-01"',
    '@"9999-12-31T23:59:59Z"',
    '@"2026-01-01T00:00:00"',
    '@"09:00:00"',
    '@"09:00:00+01:00"',
    '{x: 1, "y z": [2]}',
    '@"P1D"',
    '@"-P999999999D"',
    '@"P999999999Y"',
    '[1, "a"]',
    "[]",
]


def test_asking_touches_nothing_outside() -> None:
    """An audit hook in a fresh process: no file, import, compilation or socket while an expression
    is asked.
    """
    program = """
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo
from service.engine.feel import Expression, typed
zone, now = ZoneInfo("Europe/Stockholm"), datetime(2026, 3, 1, 9, tzinfo=UTC)
texts = ['age >= 18 and risk in ("HIGH", "LOW")', 'at + duration("P1M") > today()',
         'day of week(at) = "Sunday"',
         'decimal(age / 3, 2) + number("1.5")',
         'some d in days satisfies d > 2', 'days[item > 1]', 'now() + @"PT1H" > now()',
         'date(word) = at',
         'for d in days return {x: d, y: matches(risk, "(H|L)+")}',
         'replace(risk, "H", "x") in split(word, "-")', 'time(at + @"PT1H")', '[{å: 1}][å > age]',
         'years and months duration(at, today()) > @"P1M"', '1 / age']
values = {"age": Decimal(0), "risk": "HIGH", "at": date(2026, 1, 31), "days": [Decimal(1)],
          "word": "2026-13-01"}
ready = [Expression(text, list(values)) for text in texts]
cell = Expression('< 3, not("A")', (), unary=True)
seen = []
sys.addaudithook(lambda event, _: seen.append(event) if watching else None)
watching = True
for expression in ready:
    expression.evaluate(values, now=now, zone=zone)
cell.matches({}, Decimal(3))
watching = False
assert not seen, seen
"""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
    )
    assert done.returncode == 0, done.stderr


def test_a_list_as_long_as_allowed_is_read_and_one_longer_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "FEEL_LIST", 3)
    counted = Expression("count(days)", NAMES)
    assert counted.evaluate({"days": [Decimal(n) for n in range(3)]}) == 3
    with pytest.raises(FuelSpent):
        counted.evaluate({"days": [Decimal(n) for n in range(4)]})
