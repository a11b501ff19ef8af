"""The digest of a handler: equal for what runs alike, in every version of Python, and for ever."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from service.release import handler_digests
from service.sandbox.handlers import declared
from tests.support.waiting import PROGRAM

SOURCE = '''"""Words."""
import os as o
from datetime import date

LONG: int = 1_000
TEXT = "å" f"{LONG!r:>{3}} \\N{BULLET}" 'it''s'
MORE = (1, 2.5, 3j, b"x", None, ..., True, -1, not LONG)


class A(dict, metaclass=type):
    """Words."""

    x: "A"

    @property
    def y(self, a=1, /, b=2, *c, d, e=3, **f) -> str:
        """Words."""
        return f"{self.x=}"


async def go(xs):
    """Words."""
    async with o as p, p:
        pass
    for x in xs[1:2, ...]:
        yield lambda q: [*xs, {**q}, {z for z in q if z}]
    try:
        x: list[int] = await xs
    except (KeyError, ValueError) as e:
        raise e from None
    else:
        del xs[0]
    finally:
        assert x, "no"
    match xs:
        case {"a": [1, *_], **rest} | A(x=1) if rest:
            x @= 1
    while (n := x) > 1 < 2:
        global TEXT
        TEXT = n if n else 1
'''
DIGEST = "04d1a142b0245c4d88d4586b924984e685ae6ee0e8bc69127e280f4242a40124"
SCRIPT = """
import hashlib, sys
from tree import tree_text
print(hashlib.sha256(tree_text(sys.stdin.read()).encode()).hexdigest())
"""


def starts(python: str) -> bool:
    """Whether it is a Python, and no place holder of one."""
    return (
        subprocess.run(
            [python, "--version"], capture_output=True, check=False, timeout=PROGRAM
        ).returncode
        == 0
    )


PYTHONS = sorted(
    {path for n in range(11, 15) if (path := shutil.which(f"python3.{n}")) and starts(path)}
)


def text(source: str) -> str:
    return hashlib.sha256(handler_digests.tree_text(source).encode()).hexdigest()


def test_the_digest_of_a_source_is_the_same_for_ever() -> None:
    assert text(SOURCE) == DIGEST


@pytest.mark.parametrize("python", PYTHONS)
def test_it_is_the_same_in_every_version_of_python_that_is_here(
    python: str, tmp_path: Path
) -> None:
    module = Path(handler_digests.__file__).read_text(encoding="utf-8")
    kept = (
        module.partition("def handler_digests")[0]
        + "def tree_text"
        + module.partition("def tree_text")[2]
    )
    alone = "\n".join(line for line in kept.splitlines() if not line.startswith("from service"))
    (tmp_path / "tree.py").write_text(alone, encoding="utf-8")
    done = subprocess.run(
        [python, "-c", SCRIPT],
        input=SOURCE,
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
        cwd=tmp_path,
    )
    assert done.stdout.strip() == DIGEST


def test_words_and_layout_do_not_count() -> None:
    assert text("def a():\n    '''Words.'''\n    return (1)  # why\n") == text(
        "def a():\n\n    return 1\n"
    )


@pytest.mark.parametrize(
    "other",
    [
        "def a():\n    return 2\n",
        "def b():\n    return 1\n",
        "def a(x):\n    return 1\n",
        "def a():\n    'w'\n    'x'\n    return 1\n",
    ],
)
def test_what_runs_otherwise_counts(other: str) -> None:
    assert text(other) != text("def a():\n    return 1\n")


def test_each_handler_has_a_digest_of_this_version() -> None:
    found = handler_digests.handler_digests(declared())
    assert found.keys() == declared().keys()
    assert all(digest.startswith("tree1:") for digest in found.values())
