"""How much the random tests try: the usual figures, and those of `python3 dev.py soak`.

What fails says its seed. `python -m tests.support.scale` prints the figures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

LONG: Final = "TRESTEG_SOAK"
"""Set by `dev.py soak`: how many times the long figures; without it the usual ones hold."""

SEED: Final = "failing seed: "

FIGURES: Final[Mapping[str, tuple[int, int, str]]] = {
    "runs": (300, 20_000, "random cases, stored after every step and never stored"),
    "oracle": (400, 10_000, "random cases beside an interpreter of their blocks"),
    "shared": (120, 4_800, "random cases in six threads on shared definitions"),
    "moves": (180, 3_000, "random cases that moved to another version; refusals are counted apart"),
    "puts": (60, 3_000, "random cases of which a token was put on another step"),
    "drafts": (40, 2_000, "random cases compared on drafts"),
    "bytes": (2_000, 100_000, "states with spoiled bytes"),
    "mutations": (100, 20_000, "damaged diagrams that are refused, or run"),
    "feelin": (400, 30_000, "FEEL texts that another implementation answers too"),
    "words": (1_500, 100_000, "FEEL texts of random words"),
    "tables": (85, 2_000, "random decision tables of each policy"),
    "copies": (3, 2_000, "damaged copies of the shipped files"),
    "walks": (6, 500, "cases of the programme that are played by lot"),
    "requests": (
        800,
        50_000,
        "completions that eight processes send at the same moment, one task for all",
    ),
    "timers": (200, 20_000, "due timers that eight workers race for"),
    "turns": (150, 2_000, "turns of a loop that never ends"),
    "clicks": (
        200,
        10_000,
        "presses of one button: twice, again, from the page before, in another tab",
    ),
    "thieves": (2, 60, "stories of the demo of which a thief tries the answers"),
    "changes": (100, 20_000, "single changes of stored rows that verification must name"),
    "uses": (150, 20_000, "single changes of stored rows, each used before verification"),
    "unsafe": (1, 100, "kinds of changes that are not noticed yet, each tried until one is missed"),
    "tampers": (2_000, 20_000, "proof bundles that were changed or forged, for both verifiers"),
    "exports": (5_000, 50_000, "cases in one export of events"),
    "looks": (100, 10_000, "looks beside a working process whether a database was put back"),
    "starts": (4, 200, "starts of sites and workers beside a working process"),
    "epochs": (200, 1_000, "cases whose keys are turned to other epochs while people work"),
    "turns_killed": (6, 50, "rotations of keys that end at each of their places"),
    "erasures": (200, 1_000, "cases that are erased while people work, with kills and backups"),
    "years": (60, 5_000, "cases, 60 an installation, of which a plan erases for ten years"),
    "kills": (75, 3_000, "processes that end at a random place"),
}
"""Name to the usual figure, the long one, and what is counted."""


def times() -> int:
    """How many times the long figures are wanted; 0 for the usual ones."""
    return int(os.environ.get(LONG, "0"))


def figure(name: str) -> int:
    """How many a test tries today."""
    usual, long, _ = FIGURES[name]
    return long * times() or usual


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """What fails inside names its seed, so that it can be tried alone."""
    try:
        yield
    except Exception as fault:
        fault.add_note(f"{SEED}{seed}")
        raise


def main() -> None:
    """Print what is tried."""
    for name, (_, _, what) in FIGURES.items():
        print(f"{figure(name):>8,}  {name:<10} {what}")  # noqa: T201 - it talks to a person at a terminal


if __name__ == "__main__":
    main()
