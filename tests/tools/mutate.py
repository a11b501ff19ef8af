"""Count how many small faults in linter, expressions and rules the tests notice.

`python3 dev.py mutate`: mutmut makes the faults and judges each by the tests that run through its
function. What is looked at, and by which tests, stands in pyproject.toml below `[tool.mutmut]`; it
leaves out what stands outside of functions, and functions with a decorator. A sample is drawn by
its seed. It works on a copy in var/mutate, so the tree is left as it is.

python3 dev.py mutate                             a sample of the usual size, and a seed of today
python3 dev.py mutate --sample 300 --seed 7       another size, or the same sample once more
python3 dev.py mutate service.engine.lint.*       what is named, all of it, with a star for anything
"""

from __future__ import annotations

import ast
import contextlib
import fnmatch
import json
import random
import shutil
import subprocess
import sys
import tomllib
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import time
from typing import Final

import pytest
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.state import state
from mutmut.stats import status_by_exit_code
from mutmut.utils.format_utils import get_mutant_name, orig_function_and_class_names_from_key

ROOT: Final = Path(__file__).resolve().parents[2]
COPY: Final = ROOT / "var" / "mutate"
WANTED: Final = 90
"""Faults in a hundred that the tests shall notice."""
SAMPLE: Final = 300
"""What two processes judge in less than twenty minutes on a machine with nothing else to do."""
COPIED: Final = ("service", "handlers", "workflows", "forms", "tests", "pyproject.toml")
LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", "node_modules", "dist")
NOTICED: Final = frozenset({"killed", "timeout"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first: most faults are noticed by one of them. mutmut loads this module as a
    plugin of pytest.
    """
    items.sort(key=lambda item: state().duration_by_test.get(item.nodeid, 0))


def copy_tree() -> None:
    """Copy the tree afresh: what an earlier run found must not stand for the tests of today."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, COPY / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, COPY / name)


def every() -> list[str]:
    """The names of all faults that can be made, in the order of the files."""
    patterns = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["mutmut"][
        "only_mutate"
    ]
    files = sorted({file for pattern in patterns for file in Path().glob(pattern)})
    return [
        get_mutant_name(file, name)
        for file in files
        for name in mutate_file_contents(str(file), file.read_text("utf-8")).mutant_names
    ]


def chosen(names: Sequence[str], asked: Sequence[str], size: int, seed: int) -> list[str]:
    """Those that are asked for, or a sample."""
    if asked:
        return [name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in asked)]
    return random.Random(seed).sample(names, min(size, len(names)))  # noqa: S311 - a sample, not a secret


def judge(names: Sequence[str]) -> dict[str, str]:
    """Let mutmut try each; name to its verdict."""
    tool = str(Path(sys.executable).with_name("mutmut"))
    subprocess.run([tool, "run", "--max-children", "2", *names], check=True)
    found: dict[str, str] = {}
    for file in Path("mutants").rglob("*.meta"):
        codes: Mapping[str, int | None] = json.loads(file.read_text("utf-8"))["exit_code_by_key"]
        found |= {name: status_by_exit_code[code] for name, code in codes.items()}
    return {name: found[name] for name in names}


def described(name: str) -> str:
    """Where a fault was made, and which."""
    file = Path(name.rpartition(".")[0].replace(".", "/") + ".py")
    changes = get_diff_for_mutant(name, path=file).splitlines()[2:]
    begin = int(changes[0].split()[1].removeprefix("-").partition(",")[0])
    offset = next(n for n, line in enumerate(changes[1:]) if line[0] in "-+")
    line = line_of(file, name) + begin - 1 + offset
    return f"{file}:{line}  {name.rpartition('.')[2]}\n" + "\n".join(
        f"    {change}" for change in changes if change[0] in "-+"
    )


def line_of(file: Path, name: str) -> int:
    """Where the function begins."""
    function, owner = orig_function_and_class_names_from_key(name)
    body: Iterable[ast.stmt] = ast.parse(file.read_text("utf-8")).body
    if owner:
        body = next(
            each for each in body if isinstance(each, ast.ClassDef) and each.name == owner
        ).body
    return next(
        each.lineno for each in body if isinstance(each, ast.FunctionDef) and each.name == function
    )


def main() -> int:
    """Draw, judge, and print what nobody noticed; 1 when that is too much."""
    questions = ArgumentParser(prog="dev.py mutate")
    questions.add_argument("--sample", type=int, default=SAMPLE)
    questions.add_argument("--seed", type=int, default=int(time()) // 86_400)
    questions.add_argument("names", nargs="*")
    asked = questions.parse_args()
    copy_tree()
    with contextlib.chdir(COPY):
        names = every()
        drawn = chosen(names, asked.names, asked.sample, asked.seed)
        if not drawn:
            print(f"There is no fault of that name: {', '.join(asked.names)}")  # noqa: T201 - it talks to a person at a terminal
            return 1
        say = f"{len(drawn)} of {len(names)} faults" + (
            "" if asked.names else f", seed {asked.seed}"
        )
        print(say, flush=True)  # noqa: T201 - it talks to a person at a terminal
        verdicts = judge(drawn)
        lines = [
            f"{verdicts[name]}: {described(name)}"
            for name in sorted(drawn)
            if verdicts[name] not in NOTICED
        ]
    counts = Counter(verdicts.values())
    score = 100 * sum(counts[verdict] for verdict in NOTICED) / len(drawn)
    print(  # noqa: T201 - it talks to a person at a terminal
        *lines,
        f"\n{say}: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common()),
        sep="\n",
    )
    print(f"Score {score:.1f} %; wanted are {WANTED} %.")  # noqa: T201 - it talks to a person at a terminal
    return int(score < WANTED)


if __name__ == "__main__":
    sys.exit(main())
