"""Passwords: Argon2id hashes, one at a time, and which passwords are too easy to guess."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.errors import ManyPasswords

T = TypeVar("T")

SHORTEST: Final = 15
LONGEST: Final = 128
IN_LINE: Final = 3
"""Threads of a process that hash or wait to. One of them is the thread that answers sign-ins, so of
those that answer pages no more than two are held up."""
REST: Final = 3
"""After work on a password the next begins so many times as long later: it takes at most a quarter
of a processor, and pages have the rest."""

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
    """Makes and checks password hashes. The figures below hold in service; tests hand in less.

    Argon2 takes one thread for each degree of `parallelism`; with 1 a hash is the work of the
    thread that asks for it.

    Args:
        memory: KiB.
        rounds: passes over the memory.
    """

    def __init__(self, *, memory: int = 64 * 1024, rounds: int = 3) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory, parallelism=1)
        self._line = threading.BoundedSemaphore(IN_LINE)
        self._one = threading.Lock()
        self._free_at = 0.0

    @contextmanager
    def place(self) -> Iterator[PlaceInLine]:
        """A place among the few that hash or wait to, taken before a try is counted.

        Raises:
            ManyPasswords: all are taken; nobody waits for one.
        """
        if not self._line.acquire(blocking=False):
            raise ManyPasswords
        try:
            yield PlaceInLine(self)
        finally:
            self._line.release()

    def hash(self, password: str) -> bytes:
        """`PlaceInLine.hash` in a place of its own, for who asks for nothing else."""
        with self.place() as place:
            return place.hash(password)

    @cached_property
    def nobody(self) -> bytes:
        """A hash that no password fits.

        Made when the first password is checked: most commands of `tresteg` check none.
        """
        return self._hasher.hash("a password that nobody has").encode()

    def alone(self, work: Callable[[PasswordHasher], T]) -> T:
        """Hash when no other thread does, and no sooner than the last hash has been rested from."""
        with self._one:
            time.sleep(max(0.0, self._free_at - time.monotonic()))
            began = time.thread_time()
            try:
                return work(self._hasher)
            finally:
                self._free_at = time.monotonic() + REST * (time.thread_time() - began)


class PlaceInLine:
    """A place among those that hash or wait to; the only way to a hash."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords

    def hash(self, password: str) -> bytes:
        """The hash to keep.

        Raises:
            ValueError: shorter than 15 or longer than 128 characters.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
        return self._passwords.alone(lambda hasher: hasher.hash(password).encode())

    def fits(self, kept: bytes | None, password: str) -> bool:
        """Whether the password is right.

        Without a kept hash the same work is done in vain, so that the time it takes says nothing.
        """

        def verify(hasher: PasswordHasher) -> bool:
            nobody = self._passwords.nobody  # also for known people: the first costs all the same
            try:
                hasher.verify((kept or nobody).decode(), password[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
            return kept is not None

        return self._passwords.alone(verify)


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
