"""Types of FEEL texts, and warnings about comparisons."""

from __future__ import annotations

import pytest

from service.engine.feel import Expression, FeelError, condition_faults, is_condition
from tests.engine.feel.typed_names import TYPED


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
        ("for c in codes return c", "list"),
        ("(for i in 1..3 return i)[1]", "number"),
        ("(for i in 1..3 return {a: on})[1].a", "date"),
        ("{a: age}.a", "number"),
        ("[{a: age}][a > 3].a[1]", "number"),
        ("[1, 2][1]", "number"),
        ("[1, null][1]", "any"),
        ('[1, "a"][1]', "any"),
        ("get or else(age, 1)", "number"),
        ("get or else(age, on)", "any"),
        ("append(codes, size)[1]", "string"),
        ("concatenate([1], [on])[1]", "any"),
        ("reverse(codes)[1]", "string"),
        ('split(name, ",")', "list"),
        ('matches(name, "a")', "boolean"),
        ("time(at)", "time"),
        ('time(at) + @"PT1H"', "time"),
        ("time(at) - time(at)", "duration"),
        ("date and time(on, time(at))", "date and time"),
        ("free[level = 1]", "list"),
        ("free[level]", "any"),
    ],
)
def test_the_kind_of_a_text_is_known_before_any_case(text: str, kind: str) -> None:
    assert Expression(text, TYPED).type.kind == kind


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
        ('(for c in codes return c)[1] = "C"', ()),
        ('[risk][level = "HIHG"]', ("HIGH",)),
        ('{a: size}.a = "SMAL"', ("SMALL",)),
    ],
)
def test_a_text_not_allowed_is_a_warning_with_the_nearest_one(
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


def test_a_name_in_a_filter_is_read_outside_where_it_may_be() -> None:
    assert Expression("free[level > 1]", TYPED).reads == {"free"}
    assert Expression("free[age > 1]", TYPED).reads == {"free", "age"}
    assert Expression("[risk][level = size]", TYPED).reads == {"risk", "size"}
    assert Expression("for i in codes, j in codes return partial", TYPED).reads == {"codes"}


def test_what_is_read_is_known() -> None:
    expression = Expression("some d in codes satisfies d = size and risk.level != null", TYPED)
    assert expression.reads == {"codes", "size", "risk"}
    assert not expression.clock
    assert Expression("now() > at", TYPED).clock
