"""What is refused, and with which words; what a hostile text can do, which is nothing."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from service.engine import limits
from service.engine.feel import Expression, FeelError, FuelSpent, condition_faults, is_condition
from service.engine.feel.errors import INSTEAD, SENTENCES
from service.engine.feel.types import Type
from service.text import finding_text
from tests.support.approved import approved
from tests.support.scale import figure

NAMES = ["age", "risk", "days", "cases"]


def fault(text: str, names: Any = NAMES, *, unary: bool = False) -> FeelError:
    with pytest.raises(FeelError) as caught:
        Expression(text, names, unary=unary)
    assert caught.value.message
    return caught.value


REFUSED = [
    ("", "D901", 0),
    ("=", "D901", 1),
    ("1 +", "D901", 3),
    ("= 1 +", "D901", 5),
    ("age age", "D901", 4),
    ("age = = 2", "D901", 6),
    ("age < 1 < 2", "D901", 8),
    ("(age", "D901", 4),
    ("age)", "D901", 3),
    ('"open', "D901", 0),
    ("age $ 2", "D901", 4),
    ("in", "D901", 0),
    ("if age then 1", "D901", 13),
    ("date(1, 2)", "D901", 0),
    ("count()", "D901", 0),
    ("now(1)", "D901", 0),
    ("(1, 2)", "D901", 0),
    ("not(1, 2)", "D901", 0),
    ("(< 3)", "D901", 1),
    ("? > 3", "D901", 0),
    ("-", "D901", 1),
    ('@"2026-02-30"', "D901", 0),
    ('@"P1M1D"', "D901", 0),
    ('@"2026-03-01T09:00:00@Europe/Stockholm"', "D901", 0),
    ('date("soon")', "D901", 0),
    ('1 = date and time("soon")', "D901", 4),
    ('duration("soon")', "D901", 0),
    (r'"\q"', "D901", 1),
    (r'"\ud83d"', "D901", 1),
    ("agge > 3", "D902", 0),
    ("missing", "D902", 0),
    ("å > 1", "D901", 0),
    ("_x", "D901", 0),
    ("counts(days)", "D903", 0),
    ("exec(risk)", "D903", 0),
    ("2 ** 3", "D904", 2),
    ("for d in days return d", "D904", 0),
    ("function(x) x", "D904", 0),
    ("age instance of number", "D904", 4),
    ("{a: 1}", "D904", 0),
    ("count(list: days)", "D904", 6),
    ("age // years", "D904", 4),
    ("age in ]1..3]", "D904", 7),
    ('matches(risk, "(a+)+$")', "D904", 0),
    ("string(age)", "D904", 0),
    ("sort(days)", "D904", 0),
    ("[1..3]", "D904", 0),
    ('1 = "a"', "D905", 4),
    ("1 + true", "D905", 0),
    ("1 and true", "D905", 0),
    ("not(1)", "D905", 4),
    ("true < false", "D905", 7),
    ("if 1 then 2 else 3", "D905", 3),
    ("some d in 3 satisfies d > 1", "D905", 10),
    ("floor(true)", "D905", 6),
    ('days[true]["x"]', "D905", 11),
    ('"a".year', "D905", 0),
    ("age in [3..1]", "D913", 8),
    ("age between 3 and 1", "D913", 12),
    ('age in [@"2026-03-01"..@"2026-01-01"]', "D913", 8),
]


@pytest.mark.parametrize(("text", "code", "position"), REFUSED)
def test_a_text_is_refused_with_its_code_and_place(text: str, code: str, position: int) -> None:
    found = fault(text)
    assert (found.code, found.position) == (code, position)


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    assert fault("agge > 3").facts["near"] == ("age",)
    assert fault("coutn(days)").facts["near"] == ("count",)


def test_what_other_feel_has_is_refused_with_what_to_use() -> None:
    assert fault("2 ** 3").message == "** is not used here. Multiply instead."
    assert set(INSTEAD) >= {"power", "for"}


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
def test_a_hostile_text_is_only_a_text_that_is_refused(text: str, unary: bool) -> None:
    assert fault(text, unary=unary).code in {"D901", "D902", "D903", "D904", "D905"}


def test_random_words_give_a_value_or_a_fault_and_nothing_else() -> None:
    chance = Random(7)
    words = (
        'age risk days 1 2.5 "a" @"P1D" @"2026-01-01" true null ( ) [ ] .. , + - * / = != < <= > >= '
        "and or not if then else in between some every satisfies . ? item count date year"
    )
    values = {"age": Decimal(3), "risk": "a", "days": [Decimal(1), None]}
    accepted = 0
    for _ in range(figure("words")):
        text = " ".join(chance.choices(words.split(), k=chance.randint(1, 9)))
        for unary in (False, True):
            try:
                expression = Expression(text, list(values), unary=unary)
            except FeelError as error:
                assert error.message
                continue
            accepted += 1
            expression.evaluate(values)
            expression.matches(values, Decimal(2))
    assert accepted > 100


def test_every_value_of_every_kind_goes_into_every_operation_without_an_error() -> None:
    kinds: list[Any] = [
        None,
        True,
        "x",
        Decimal(1),
        Decimal("1e6000"),
        *(Expression(text, ()).evaluate({}) for text in KINDS),
    ]
    texts = [
        f"a {sign} b"
        for sign in ("+", "-", "*", "/", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in")
    ]
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
    ]
    texts += [
        f"{name}(a)"
        for name in (
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
        )
    ]
    texts += [
        f"{name}(a, b)"
        for name in (
            "modulo",
            "decimal",
            "list contains",
            "contains",
            "max",
            "years and months duration",
            "starts with",
        )
    ]
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
    '@"P1D"',
    '@"-P999999999D"',
    '@"P999999999Y"',
    '[1, "a"]',
    "[]",
]


# ---- types


RISK = Type("context", fields={"level": Type("string", ("LOW", "HIGH")), "days": Type("number")})
TYPED = {
    "risk": RISK,
    "age": Type("number"),
    "name": Type("string"),
    "size": Type("string", ("SMALL", "LARGE")),
    "on": Type("date"),
    "at": Type("date and time"),
    "flag": Type("boolean"),
    "codes": Type("list", ("A", "B")),
    "free": Type("any"),
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("age", "number"),
        ("risk.level", "string"),
        ("risk.days + 1", "number"),
        ('on + @"P1D"', "date"),
        ("on - on", "duration"),
        ('at + duration("P1M")', "date and time"),
        ("age > 3 and flag", "boolean"),
        ('if flag then on else @"2026-01-01"', "date"),
        ("if flag then on else 3", "any"),
        ("if flag then on else null", "date"),
        ("min(1, age)", "number"),
        ("codes[1]", "string"),
        ('codes[item = "A"]', "list"),
        ("today()", "date"),
        ("free + 1", "number"),
        ("free * 1", "any"),
        ("free", "any"),
        ("null", "null"),
        ("risk", "context"),
    ],
)
def test_the_kind_of_a_text_is_known_before_any_case(text: str, kind: str) -> None:
    assert Expression(text, TYPED).type.kind == kind


NEVER_FIT = [
    ("age = name", "D905"),
    ("age + name", "D905"),
    ("on < at", "D905"),
    ("on - at", "D905"),
    ("flag > 3", "D905"),
    ("age.year", "D905"),
    ("at.weekdays", "D905"),
    ('risk.levle = "LOW"', "D902"),
    ("age and flag", "D905"),
    ("flag or age", "D905"),
    ("not(age)", "D905"),
    ('age in ("A", 1)', "D905"),
    ('age in ["A".."B"]', "D905"),
    ("size in [1..2]", "D905"),
    ("some c in age satisfies true", "D905"),
    ("string length(age)", "D905"),
]


@pytest.mark.parametrize(("text", "code"), NEVER_FIT)
def test_kinds_that_never_fit_are_refused(text: str, code: str) -> None:
    assert fault(text, TYPED).code == code


def test_what_is_said_of_faults_has_been_read_and_approved() -> None:
    """Code, place, and the reason in both languages, with what to use instead and the nearest
    names.
    """
    faults = [
        *((text, fault(text)) for text, _, _ in REFUSED),
        *((text, fault(text, TYPED)) for text, _ in NEVER_FIT),
    ]
    faults += [(text, fault(text)) for text in (*TOO_LARGE, '"' + "x" * 600 + '"')]
    approved(
        Path(__file__).with_name("approved_faults.txt"),
        (f"{text[:60]!r} {said(one)}" for text, one in faults),
    )


TOO_LARGE = (
    "(" * 21 + "1" + ")" * 21,
    "+".join("1" * 101),
    " ".join("1" * 201),
    "+".join("1" * 60),
)


def said(one: FeelError) -> str:
    """A fault as a cell of a rule tells it."""
    facts = {
        "sentence": "R201.head",
        "x": "-",
        "column": "-",
        "character": one.position + 1,
        "why": one.why,
        "reason": one.message,
        **one.facts,
    }
    return f"{one.code} at {one.position} | {one.message} | {finding_text('R201', one.message, facts, 'sv').partition(': ')[2]}"


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ('risk.level = "HIHG"', ("HIGH",)),
        ('"HIHG" = risk.level', ("HIGH",)),
        ('size != "SMAL"', ("SMALL",)),
        ('size in ("LARG", "SMALL")', ("LARGE",)),
        ('size in ["LARG"]', ("LARGE",)),
        ('some c in codes satisfies c = "a"', ("A",)),
        ('codes[1] = "C"', ()),
    ],
)
def test_a_text_that_is_not_allowed_is_a_warning_with_the_nearest_one(
    text: str, near: tuple[str, ...]
) -> None:
    (warning,) = Expression(text, TYPED).warnings
    assert (warning.code, warning.facts["near"]) == ("D908", near)


def test_an_allowed_text_is_no_warning() -> None:
    for text in (
        'risk.level = "HIGH"',
        'name = "x"',
        'size in ("SMALL", "LARGE")',
        "size = name",
        'size = (if flag then "SMALL" else "x")',
    ):
        assert Expression(text, TYPED).warnings == ()


def test_a_rule_cell_knows_what_is_tested() -> None:
    size = TYPED["size"]
    assert Expression('"SMALL", "LRGE"', {}, unary=True, tested=size, about="Size").warnings[
        0
    ].message == ("LRGE is not a value of Size, so this is always false. Did you mean LARGE?")
    with pytest.raises(FeelError, match="compares"):
        Expression("< 3", {}, unary=True, tested=size)


def test_a_condition_gives_yes_or_no_and_not_always_the_same() -> None:
    assert is_condition(Expression("age > 3", TYPED))
    assert is_condition(Expression("free", TYPED))
    assert not is_condition(Expression("age", TYPED))
    assert [found.code for found in condition_faults(Expression("age", TYPED))] == ["D907"]
    assert [found.code for found in condition_faults(Expression("1 = 1", TYPED))] == ["D908"]
    assert [found.code for found in condition_faults(Expression('size = "SMALL"', TYPED))] == []
    assert condition_faults(Expression('today() > @"2026-01-01"', TYPED)) == ()


def test_what_is_read_is_known() -> None:
    expression = Expression("some d in codes satisfies d = size and risk.level != null", TYPED)
    assert expression.reads == {"codes", "size", "risk"}
    assert not expression.clock
    assert Expression("now() > at", TYPED).clock


def test_every_sentence_can_be_said() -> None:
    for why in SENTENCES:
        facts = dict.fromkeys(
            ("found", "name", "owner", "word", "sign", "most", "wanted", "count", "parts"), "x"
        )
        assert FeelError("D901", 0, why, left="number", right="string", **facts).message


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
texts = ['age >= 18 and risk in ("HIGH", "LOW")', 'at + duration("P1M") > today()', 'day of week(at) = "Sunday"',
         'decimal(age / 3, 2) + number("1.5")',
         'some d in days satisfies d > 2', 'days[item > 1]', 'now() + @"PT1H" > now()', 'date(word) = at',
         'years and months duration(at, today()) > @"P1M"', '1 / age']
values = {"age": Decimal(0), "risk": "HIGH", "at": date(2026, 1, 31), "days": [Decimal(1)], "word": "2026-13-01"}
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
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
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
