"""Sign-ins from a browser that the account did not know: the person hears of the newest, on every
page of her other sign-ins, until she says that it was she.

The first browser of an account is nothing new. A mark of `known_browsers` tells the others apart;
who has deleted her cookies is asked once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.errors import NotAllowed, NotFound
from service.people.known_browsers import browser_of
from service.people.sessions import token_digest
from service.records.context import Services
from service.store.installation import people
from service.store.installation.people import Person
from service.store.transaction import Tx

CHOICE: Final = "new_browser"
"""The setting of a person that holds the newest: `KNOWN`, or moment, session and kind of
browser."""
KNOWN: Final = "known"


@dataclass(frozen=True, slots=True)
class NewBrowser:
    """A sign-in from a browser that the account had not known."""

    at: datetime
    session: str
    """Start of the digest of the token of the session that it began."""
    browser: str
    """Kind of browser by code, as `login_session.browser` has it; "" when it is not known."""

    def began(self, token: str) -> bool:
        """Whether the session of a token is the one that it began."""
        return token_digest(token).hex().startswith(self.session)


def is_to_note(services: Services, person: Person, marks: Sequence[str], now: datetime) -> bool:
    """Whether `note` has anything to write of a sign-in.

    Args:
        marks: of the accounts that have signed in from the browser.
    """
    known = browser_of(services, marks, account=person.sign_in, now=now)
    return not (known and person.settings.get(CHOICE))


def note(tx: Tx, person: str, *, token: str, browser: str, now: datetime) -> None:
    """Note the sign-in of a person from a browser that her account does not know.

    Args:
        token: of the session that it began.
        browser: kind of browser by code.
    """
    people.lock(tx, person)
    row = people.get(tx, person)
    if row is None:
        return
    said = KNOWN
    if row.person.settings.get(CHOICE):
        said = " ".join((now.isoformat(), token_digest(token).hex()[:16], browser))
    _set(tx, row.person, said)


def newest(settings: Mapping[str, str]) -> NewBrowser | None:
    """The sign-in of which a person with these settings is to hear."""
    said = settings.get(CHOICE, KNOWN)
    if said == KNOWN:
        return None
    at, session, browser = said.split(" ")
    return NewBrowser(datetime.fromisoformat(at), session, browser)


def acknowledge(tx: Tx, *, by: Viewer, token: str) -> None:
    """Take note that it was she herself.

    Args:
        token: of the session in which she says so.
    Raises:
        NotFound: there is no such sign-in.
        NotAllowed: it is said in the session that the sign-in began: whoever it was would say so.
    """
    people.lock(tx, by.person)
    row = people.get(tx, by.person)
    found = newest(row.person.settings) if row is not None else None
    if row is None or found is None:
        raise NotFound
    if found.began(token):
        raise NotAllowed(why="browser")
    _set(tx, row.person, KNOWN)


def _set(tx: Tx, person: Person, said: str) -> None:
    settings = {**person.settings, CHOICE: said}
    people.set_choices(tx, person.id, language=person.language, settings=settings)
