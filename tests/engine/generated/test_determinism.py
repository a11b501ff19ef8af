"""The same facts give the same bytes: in other processes, with other hash seeds, in many threads,
and whatever else runs.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from service.engine.definition import Definition
from tests.engine.generated.block_drawing import draw
from tests.engine.generated.blocks import Blocks
from tests.engine.generated.test_random import TYPES, walk
from tests.engine.reruns import lived
from tests.engine.spiff.traps import dump
from tests.engine.walks import definition
from tests.support.scale import figure
from tests.support.waiting import PROGRAM

ROOT = Path(__file__).parents[3]
CASES, DEFINITIONS, THREADS = 200, 8, 6
EACH = figure("shared") // DEFINITIONS


def states_hash(threads: int = 1, *, backwards: bool = False) -> str:
    """A hash over every state of many random cases, made in some order by some threads."""

    def states(seed: int) -> bytes:
        return b"".join(state for _, state in walk(seed))

    seeds = range(CASES)
    with ThreadPoolExecutor(threads) as pool:
        order = list(reversed(seeds) if backwards else seeds)
        by_seed = dict(zip(order, pool.map(states, order), strict=True))
    return hashlib.sha256(b"".join(by_seed[seed] for seed in seeds)).hexdigest()


@cache
def here() -> str:
    return states_hash()


@pytest.mark.parametrize(
    ("hash_seed", "call"),
    [("0", "states_hash()"), ("1", "states_hash(4)"), ("2", "states_hash(2, backwards=True)")],
)
def test_other_processes_make_the_same_bytes(hash_seed: str, call: str) -> None:
    program = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]\n"
        f"from tests.engine.generated.test_determinism import states_hash\nprint({call})\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=PROGRAM,
    )
    assert run.stdout.strip() == here()


def shared(seed: int) -> Definition:
    return definition(draw(Blocks(seed).whole()), types=TYPES)


def test_six_threads_share_definitions_and_change_nothing() -> None:
    drawn = [shared(seed) for seed in range(DEFINITIONS)]
    before = [dump(d) for d in drawn]

    def run(number: int) -> bytes:
        made = lived(number, drawn[number % DEFINITIONS])
        return made.state if made is not None else b""

    numbers = range(EACH * DEFINITIONS)
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(run, numbers))
    some = numbers[:: max(1, len(numbers) // 100)]
    assert [together[n] for n in some] == [run(n) for n in some]
    assert [dump(d) for d in drawn] == before
