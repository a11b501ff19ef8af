"""What FEEL reckons depends on nothing but the expression: it has numbers of its own."""

from __future__ import annotations

from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext

import pytest

from service.engine.feel import Expression
from service.engine.feel.conversion import plain
from tests.engine.feel.additions import ADDITIONS
from tests.engine.feel.calculations import CALCULATIONS
from tests.engine.feel.meanings import COMPARISONS, NOW, STOCKHOLM, VALUES

LONG = Decimal(1234567890123456789012345678901234)
TINY = Context(prec=2, rounding=ROUND_UP, Emax=9, Emin=-9, capitals=0, traps=[Inexact])


@pytest.mark.parametrize("text", ["abs(x)", "abs(-x)", "-(-x)", "x * 1", "max(x, 0)", "sum([x])"])
def test_numbers_of_34_digits_stay_whole(text: str) -> None:
    assert Expression(text, ["x"]).evaluate({"x": LONG}) == LONG


def test_the_context_of_the_thread_changes_no_answer() -> None:
    """Also no text that the state keeps."""
    texts = [text for text, _ in (*COMPARISONS, *CALCULATIONS, *ADDITIONS)]
    texts += [f"{name}(1234567.891)" for name in ("abs", "floor", "ceiling")]
    texts += ["modulo(1234567.891, 100)", "decimal(1234567.891, 2)", "mean(1234567.891, 0.001)"]
    texts += [
        "days[1234567.891]",
        "-1234567.891",
        '@"P1D" * 1234.5678',
        "time(9, 30, 59.123456)",
        "10 / 3 * 1000000",
    ]
    compiled = [Expression(text, list(VALUES)) for text in texts]

    def answers() -> list[str]:
        found = [one.evaluate(VALUES, now=NOW, zone=STOCKHOLM) for one in compiled]
        return [repr((plain(value), type(value))) for value in found]

    usual = answers()
    with localcontext(TINY):
        assert answers() == usual
