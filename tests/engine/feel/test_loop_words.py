"""Variables and parts that are named `for` or `return`: words of FEEL since it has loops here, and
names in releases that were published before.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.engine.definition import build_published, read
from service.engine.feel import Expression, FeelError
from service.engine.feel.types import LIST, NUMBER, Type
from service.engine.feel.values import Value
from service.engine.types import FormFacts
from tests.engine.lint.reports import keys
from tests.support.diagram_files import FORMS, release
from tests.support.diagrams import diagram, end, start, task, xor

NAMES = {
    "for": NUMBER,
    "return": NUMBER,
    "list": LIST,
    "trip": Type("context", fields={"return": NUMBER}),
}
ONE, TWO, THREE, FIVE = map(Decimal, (1, 2, 3, 5))
VALUES: dict[str, Value] = {
    "for": ONE,
    "return": TWO,
    "list": [TWO, THREE],
    "trip": {"return": FIVE},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("for = 1", True),
        ("return > for", True),
        ("trip.return = 5", True),
        ("some return in list satisfies return = 3", True),
        ('if return = 2 then "for" else "return"', "for"),
    ],
)
def test_for_and_return_are_read_where_they_are_names(text: str, value: object) -> None:
    assert Expression(text, NAMES).evaluate(VALUES) == value


def test_a_cell_of_a_rule_may_read_a_variable_named_for() -> None:
    assert Expression("> for", NAMES, unary=True).matches(VALUES, TWO)


def test_a_loop_stays_a_loop_where_its_words_are_names() -> None:
    assert Expression("count(for x in list return x)", NAMES).evaluate(VALUES) == 2


@pytest.mark.parametrize(
    ("text", "code"), [("for = 1", "D902"), ("for x in list", "D901"), ("for = (1", "D901")]
)
def test_for_that_is_neither_a_loop_nor_a_name_is_refused(text: str, code: str) -> None:
    with pytest.raises(FeelError) as refused:
        Expression(text, {"list": LIST})
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["for", "return"])
def test_a_published_release_with_such_a_name_is_built(name: str) -> None:
    form = FormFacts("f", {name: NUMBER}, frozenset({name}))
    body = start() + task("a", form="f") + xor("x", name="X") + end() + end("e2")
    files = release(diagram(body, f"s>a a>x x>e[{name} = 1] x>e2*"), forms={**FORMS, "f": form})
    assert build_published(files).keys() == {"p"}
    assert keys(files) == []
    assert read(files).keys() == {"p"}
