"""Password hashes: Argon2id, a few at a time."""

from __future__ import annotations

from functools import cached_property
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 15
LONGEST: Final = 128
AT_ONCE: Final = 4
"""More hashes at the same time would take the memory that the pages need."""


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
