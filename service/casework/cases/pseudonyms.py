"""Pseudonyms of cases: two short Swedish words in ASCII, drawn at random, which say nothing about
anybody and are the same in every language.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence

from service.errors import Busy

TRIES = 200
"""Pseudonyms that are drawn at once and compared with those of the database."""


def draw_pseudonym(
    first: Sequence[str], second: Sequence[str], taken: Callable[[Collection[str]], Collection[str]]
) -> str:
    """Draw a pseudonym that no case has; with a number behind it when the words run out.

    Args:
        first: words to begin with.
        second: words to end with.
        taken: of some pseudonyms, those that cases have already.
    Raises:
        Busy: too few are left.
    """
    wanted = [f"{secrets.choice(first)}-{secrets.choice(second)}" for _ in range(TRIES)]
    used = set(taken(wanted))
    free = next((name for name in wanted if name not in used), None)
    if free is not None:
        return free
    numbered = [f"{name}-{secrets.randbelow(900) + 100}" for name in wanted]
    used = set(taken(numbered))
    try:
        return next(name for name in numbered if name not in used)
    except StopIteration as e:
        raise Busy("no pseudonym is free") from e
