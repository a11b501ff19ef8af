"""Rules of passwords: how long one is, and that nobody guesses it easily; none of its letters."""

from __future__ import annotations

from collections.abc import Collection

from service.errors import UnusableWord
from service.security.passwords import weakness
from service.text import say


def check_new_password(password: str, *, own: Collection[str]) -> None:
    """Refuse a password that is too short, too long, or too easy to guess.

    Args:
        own: the person's name and sign-in name.
    Raises:
        UnusableWord: `facts["why"]` is the key of the sentence among those of `password`.
    """
    why = weakness(password, own)
    if why:
        raise UnusableWord(say(f"password.{why}", "en"), why=why)
