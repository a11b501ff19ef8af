"""A handler's digest changes with what runs, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.release.handler_digests import handler_digests, tree_text
from service.sandbox.handlers import declared

SOURCE = 'def f(a):\n    """Says."""\n    return a + 1\n'


@pytest.mark.parametrize(
    "other",
    [
        "def f(a):\n    return a + 1\n",
        'def f(a):\n    """Says it otherwise."""\n    # with a comment\n    return a+1\n',
        '"""A module."""\n\ndef f( a ):\n    return (a + 1)\n',
    ],
)
def test_docstrings_comments_and_layout_do_not_count(other: str) -> None:
    assert tree_text(other) == tree_text(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"), [("+ 1", "+ 2"), ("+", "-"), ("1", '"1"'), ("f(a)", "g(a)")]
)
def test_what_runs_otherwise_counts(old: str, new: str) -> None:
    assert tree_text(SOURCE.replace(old, new)) != tree_text(SOURCE)


def test_a_text_that_is_no_docstring_counts() -> None:
    assert tree_text('def f():\n    1\n    "a"\n') != tree_text('def f():\n    1\n    "b"\n')


def test_adjacent_texts_of_an_f_string_are_one() -> None:
    assert tree_text('f"a" f"b{x}"') == tree_text('f"ab{x}"')


def test_the_contract_of_a_handler_counts() -> None:
    topic, declaration = next(iter(sorted(declared().items())))
    changed = replace(declaration, errors=(*declaration.errors, "ANOTHER"))
    digests = handler_digests({"same": declaration, "changed": changed})
    assert digests["same"] == handler_digests(declared())[topic]
    assert digests["same"] != digests["changed"]
    assert digests["same"].startswith("tree1:")
