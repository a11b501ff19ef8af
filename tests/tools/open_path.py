"""Write the table of docs/why.md that says what the open path tells of each routing field.

Run `python -m tests.tools.open_path` after a change of the programme or its stories; it plays all
of them and takes about a minute. `dev.py soak` compares.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from service.demo.scenarios import read_scenarios
from service.security.keyring import make_keyring
from tests.support.played_cases import SCENARIOS, play
from tests.tools.reference import table
from tests.trust.thief import Guess, thieves

PAGE = Path(__file__).parents[2] / "docs" / "why.md"
PART = re.compile("(?<=<!-- open path -->\n).*?(?=<!-- end -->)", re.DOTALL)


def rows_of(guesses: Iterable[Guess]) -> dict[str, tuple[int, int, int]]:
    """Field to how often it was answered, narrowed down and known by the path alone."""
    asked, less, known = Counter[str](), Counter[str](), Counter[str]()
    for guess in guesses:
        asked[guess.name] += 1
        known[guess.name] += len(guess.by_path) == 1
        less[guess.name] += 1 < len(guess.by_path) < guess.candidates
    return {name: (asked[name], less[name], known[name]) for name in sorted(asked)}


def written(rows: dict[str, tuple[int, int, int]]) -> str:
    """The table."""
    head = ("routing field", "answered", "narrowed down by the path", "known by the path")
    shown = ((f"`{name}`", *map(str, figures)) for name, figures in rows.items())
    return table(head, iter(shown)) + "\n"


def kept() -> str:
    """The table as the page has it."""
    found = PART.search(PAGE.read_text("utf-8"))
    return found[0] if found is not None else ""


def main() -> int:
    """Renew the page."""
    with tempfile.TemporaryDirectory() as folder:
        played = play(
            f"sqlite:///{folder}/t.db", make_keyring(demo=True), read_scenarios(SCENARIOS)
        )
        guesses = [g for thief in thieves(played, len(played.cases)) for g in thief.guesses()]
    text = PAGE.read_text("utf-8")
    PAGE.write_text(PART.sub(lambda _: written(rows_of(guesses)), text), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
