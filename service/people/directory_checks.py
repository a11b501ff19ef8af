"""Checks of names, addresses and passwords before they go into the directory: each refuses with a
sentence for the person who typed it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Final

from service.errors import UnusableWord
from service.security.passwords import weakness
from service.text import say

OFFICE_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAIL_ADDRESS: Final = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
LONGEST: Final = 200
"""Characters of a name: the sign-in page takes no more."""
MOST_LISTED: Final = 20
"""So many names are listed in full when none is near."""


def check_office_id(id_: str) -> None:
    """Refuse an id that is not small letters, digits and single hyphens.

    Raises:
        UnusableWord: it is not, or it is too long.
    """
    if len(id_) > LONGEST or not OFFICE_ID.fullmatch(id_):
        form = "small letters, digits and single hyphens, such as office-north"
        raise UnusableWord(f"{id_} cannot be the id of an office: {form}")


def check_name(what: str, text: str) -> None:
    """Refuse a name that is empty, too long, or has spaces around it or a line break in it.

    Raises:
        UnusableWord: it is one of these.
    """
    if not text.strip() or text != text.strip() or len(text) > LONGEST or not text.isprintable():
        raise UnusableWord(
            f"a {what} has 1 to {LONGEST} characters, with no space around them, and no line break"
        )


def check_mail_address(address: str) -> None:
    """Refuse what is no mail address; an empty one is an office that has none yet.

    Raises:
        UnusableWord: it is none.
    """
    if address and not MAIL_ADDRESS.fullmatch(address):
        raise UnusableWord(f"{address} is no mail address")


def check_known(what: str, names: Iterable[str], known: Collection[str]) -> None:
    """Refuse the first name that is not known, with the nearest that is.

    Raises:
        UnusableWord: a name is not known.
    """
    for name in names:
        if name not in known:
            raise UnusableWord(f"there is no {what} {name}{_hint(name, known)}")


def _hint(name: str, known: Collection[str]) -> str:
    by_small = {right.casefold(): right for right in sorted(known)}
    near = get_close_matches(name.casefold(), by_small, 1)
    if near:
        return f"; did you mean {by_small[near[0]]}?"
    if 0 < len(known) <= MOST_LISTED:
        return f"; there is {', '.join(sorted(known))}"
    return ""


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
