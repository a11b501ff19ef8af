"""Text to tree to text to tree: nothing is lost on the way, and the answer stays the same."""

from __future__ import annotations

import pytest

from service.engine import limits
from service.engine.feel.errors import FeelError
from service.engine.feel.grammar import tree
from tests.engine.feel.differences import REFUSED, ours, same
from tests.engine.feel.texts import Texts
from tests.engine.feel.writer import write

CELLS = (
    "-",
    "< 3",
    '"a", "b"',
    "not(1, > 5)",
    "[1..3], (4..5]",
    "(1..2)",
    "[1..2)",
    '? > 2 and contains(s, "x")',
    "null",
    "- 3",
    "(1, 2)",
)
ODD = (
    "a in < 3",
    "a in (1, [2..3])",
    "numbers[1]",
    "numbers[item > 1].x",
    "a.b.c[-1]",
    "not((yes))",
    "if yes then if no then 1 else 2 else 3",
    "- - a",
    "((a))",
    "for x in numbers, y in 1..x return x + y",
    "some x in numbers, y in texts satisfies y = x",
    '{a: 1, "b c": {}, d: [a]}.d[1]',
    "for x in [1] return {a: x}",
    'é.å["ö"]',
)


@pytest.mark.parametrize("seed", range(3))
def test_random_texts_come_back_as_the_same_tree_and_answer(seed: int) -> None:
    source = Texts(seed)
    for _ in range(300):
        text = source.any(4).text
        try:
            read = tree(text, unary=False)
        except FeelError:
            assert ours(text) == REFUSED
            continue
        again = write(read)
        if len(again) > limits.FEEL_LENGTH:  # blanks that nobody typed
            continue
        assert tree(again, unary=False) == read, (text, again)
        assert same(ours(again), ours(text)), (text, again)


@pytest.mark.parametrize("text", CELLS)
def test_cells_of_rules_come_back(text: str) -> None:
    read = tree(text, unary=True)
    assert tree(write(read), unary=True) == read


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_come_back(text: str) -> None:
    read = tree(text, unary=False)
    assert tree(write(read), unary=False) == read
