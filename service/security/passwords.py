"""Passwords: Argon2id hashes, a few at a time, and which passwords are too easy to guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 15
LONGEST: Final = 128
AT_ONCE: Final = 4
"""More hashes at the same time would take the memory that the pages need."""

GUESSES: Final = 10
"""Digits of the number of guesses that a password must stand: zxcvbn's highest score."""
PRODUCT: Final = "tresteg"
COMMON: Final = (
    *("lösenord", "losenord", "lösen", "hemligt", "hemlig", "välkommen", "valkommen", "hejsan"),
    *("sommar", "sommaren", "vinter", "vintern", "höst", "hösten", "vår", "våren", "sverige"),
    *("stockholm", "göteborg", "goteborg", "malmö", "socialtjänsten", "länsstyrelsen", "jobbet"),
    *("älskling", "fotboll", "kommun", "kontoret", "passord", "salasana"),
)
"""Words that people here begin with; zxcvbn's lists hold the English ones and the world's most
common passwords."""
_WORD: Final = re.compile(r"[^\W_]{3,}")


class Passwords:
    """Makes and checks password hashes. Tests hand in smaller figures than those of trust.md 6.1.

    Args:
        memory: KiB.
        rounds: passes over the memory.
    """

    def __init__(self, *, memory: int = 64 * 1024, rounds: int = 3) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory, parallelism=1)
        self._gate = BoundedSemaphore(AT_ONCE)

    @cached_property
    def _nobody(self) -> bytes:
        """A hash that no password fits.

        Made when the first password is checked: most commands of `tresteg` check none.
        """
        return self._hasher.hash("a password that nobody has").encode()

    def hash(self, password: str) -> bytes:
        """The hash to keep.

        Raises:
            ValueError: shorter than 15 or longer than 128 characters.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
        with self._gate:
            return self._hasher.hash(password).encode()

    def fits(self, kept: bytes | None, password: str) -> bool:
        """Whether the password is right.

        Without a kept hash the same work is done in vain, so that the time it takes says nothing.
        """
        with self._gate:
            nobody = self._nobody  # also for known people: the first check costs all the same
            try:
                self._hasher.verify((kept or nobody).decode(), password[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def waste(self, password: str) -> None:
        """Do the work of a check in vain, so that unknown people cost what wrong passwords do."""
        self.fits(None, password)


def weakness(password: str, own: Iterable[str]) -> str:
    """Why a password is refused: `length`, `own`, `repeats` or `common`; "" when it is not.

    zxcvbn says how many guesses it stands: lists of common passwords and names, repetitions,
    rows of keys, dates, and the words of whoever it is for.

    Args:
        own: names of the person: she, and whoever knows her, thinks of them first.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return "length"
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take 13 MB, and few processes need them

    names = {name.casefold() for name in (*own, PRODUCT)}
    names |= {word for name in names for word in _WORD.findall(name)}
    found = zxcvbn(password, user_inputs=[*sorted(names), *COMMON], max_length=LONGEST)
    if found["guesses_log10"] >= GUESSES:
        return ""
    said = password.casefold()
    if any(name in said for name in names):
        return "own"
    return "repeats" if any(m["pattern"] == "repeat" for m in found["sequence"]) else "common"
