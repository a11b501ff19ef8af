"""FEEL texts that are refused, with code, place and sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.engine.feel import FeelError
from service.engine.feel.errors import INSTEAD, SENTENCES
from service.text import finding_text
from tests.engine.feel.faults import fault
from tests.engine.feel.typed_names import TYPED
from tests.support.approved import approved

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
    ("å > 1", "D902", 0),
    ("ж > 1", "D901", 0),
    ("_x", "D901", 0),
    ("counts(days)", "D903", 0),
    ("exec(risk)", "D903", 0),
    ("2 ** 3", "D904", 2),
    ("is deffined(age)", "D903", 0),
    ("age > round half up(age, 2)", "D903", 6),
    ("age and is sorted (days)", "D903", 8),
    ("for d in 3 return d", "D905", 9),
    ('for d in 1.."a" return d', "D905", 12),
    ("for d in days, e in d", "D901", 21),
    ("[d for d in days]", "D901", 3),
    ("function(x) x", "D904", 0),
    ("age instance of number", "D904", 4),
    ("{a 1}", "D901", 3),
    ("{a: 1, a: 2}", "D901", 7),
    ("{a: 1}.b", "D902", 0),
    ("[{a: 1}][b = 1]", "D902", 9),
    ("{a: age, b: c}", "D902", 12),
    ("count(list: days)", "D904", 6),
    ("age // years", "D904", 4),
    ("age in ]1..3]", "D904", 7),
    ("matches(risk, risk)", "D904", 14),
    ('matches(risk, "a", risk)', "D904", 19),
    ('matches(risk, "a", "x")', "D901", 19),
    ('matches(risk, "(a")', "D901", 14),
    ('matches(risk, "(?=a)")', "D901", 14),
    ('matches(risk, "((.{0,99}){0,9})*z")', "D901", 14),
    (f'matches(risk, "{"a" * 101}")', "D906", 14),
    ('split(risk, ",*")', "D901", 12),
    ('replace(risk, "a|", "b")', "D901", 14),
    ("time(1, 2)", "D901", 0),
    ('time("9:00")', "D901", 0),
    ('@"24:00:00"', "D901", 0),
    ("context(days)", "D904", 0),
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
    assert set(INSTEAD) >= {"power", "define"}


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
    ("get value(age, name)", "D905"),
    ("is empty(name)", "D905"),
    ("append(age, 1)", "D905"),
    ("concatenate(codes, name)", "D905"),
    ("string join(codes, age)", "D905"),
    ("some c in codes, d in age satisfies true", "D905"),
    ("{a: age}.a.b", "D905"),
    ("time(on)", "D905"),
    ("at < time(at)", "D905"),
    ("{a: age} = age", "D905"),
    ("for c in codes return c + 1", "D905"),
    ('codes[level = "A"]', "D902"),
]


@pytest.mark.parametrize(("text", "code"), NEVER_FIT)
def test_kinds_that_never_fit_are_refused(text: str, code: str) -> None:
    assert fault(text, TYPED).code == code


def test_the_sentences_about_faults_are_the_approved_ones() -> None:
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
        (f"{text[:60]!r} {described(error)}" for text, error in faults),
    )


TOO_LARGE = (
    "(" * 21 + "1" + ")" * 21,
    "+".join("1" * 101),
    " ".join("1" * 201),
    "+".join("1" * 60),
)


def described(error: FeelError) -> str:
    """A fault in both languages, as a finding about a cell of a rule has it."""
    facts = {
        "sentence": "R201.head",
        "x": "-",
        "column": "-",
        "character": error.position + 1,
        "why": error.why,
        "reason": error.message,
        **error.facts,
    }
    swedish = finding_text("R201", error.message, facts, "sv").partition(": ")[2]
    return f"{error.code} at {error.position} | {error.message} | {swedish}"


def test_every_sentence_can_be_formatted() -> None:
    for why in SENTENCES:
        facts = dict.fromkeys(
            ("found", "name", "owner", "word", "sign", "most", "wanted", "count", "parts"), "x"
        )
        assert FeelError("D901", 0, why, left="number", right="string", **facts).message
