"""Sessions: sign-ins that are open, each found by the hash of its token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from service.store.installation.people import KNOWN, PersonWithKey, gathered
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values, width
from service.store.tables import login_session, person

if TYPE_CHECKING:
    from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Session:
    """One open sign-in, found by the SHA-256 of its token."""

    token_hash: bytes
    person_id: str
    made_at: datetime
    seen_at: datetime
    ends_at: datetime
    csrf: bytes
    verified_at: datetime | None = None
    browser: str = ""
    """Kind of browser by code, such as `firefox-windows`; "" when it is not known."""


COLUMNS = columns(login_session, Session)
WIDTH = width(Session)
WITH_PERSON = PreparedStatement(
    KNOWN.join(login_session, login_session.c.person_id == person.c.id)
    .add_columns(*COLUMNS)
    .where(login_session.c.token_hash == bindparam("token_hash"), person.c.closed_at.is_(None))
)
WITH_TOKEN = login_session.c.token_hash == bindparam("b_token_hash")
ADD = PreparedStatement(insert(login_session))
SEEN = PreparedStatement(update(login_session).where(WITH_TOKEN).values(seen_at=bindparam("b_at")))
END = PreparedStatement(delete(login_session).where(WITH_TOKEN))
END_EVERY = PreparedStatement(delete(login_session))
OF_PERSON = PreparedStatement(
    select(*COLUMNS)
    .where(login_session.c.person_id == bindparam("person_id"))
    .order_by(login_session.c.made_at.desc(), login_session.c.token_hash)
)
END_OF_PERSON = PreparedStatement(
    delete(login_session).where(
        login_session.c.person_id == bindparam("person_id"),
        login_session.c.token_hash != bindparam("but"),
    )
)
SWEEP = PreparedStatement(delete(login_session).where(login_session.c.ends_at <= bindparam("now")))


def add(tx: Tx, row: Session) -> None:
    tx.run(ADD, values(row))


def get(tx: Tx, token_hash: bytes) -> tuple[Session, PersonWithKey] | None:
    """The sign-in with its person, key and roles, in one statement; who is closed has none."""
    rows = tx.all(lambda *row: row, WITH_PERSON, {"token_hash": token_hash})
    if not rows:
        return None
    known = gathered([row[:-WIDTH] for row in rows])
    return Session(*rows[0][-WIDTH:]), known[0]


def seen(tx: Tx, token_hash: bytes, at: datetime) -> None:
    tx.run(SEEN, {"b_token_hash": token_hash, "b_at": at})


def end(tx: Tx, token_hash: bytes) -> None:
    tx.run(END, {"b_token_hash": token_hash})


def of_person(tx: Tx, person_id: str) -> list[Session]:
    """The sign-ins of a person, the newest first; some may have ended by themselves."""
    return tx.all(Session, OF_PERSON, {"person_id": person_id})


def end_all(tx: Tx, person_id: str | None = None, *, but: bytes = b"") -> int:
    """End every sign-in of a person, or of everybody. Gives their number.

    Args:
        but: digest of the token of one that goes on.
    """
    if person_id is None:
        return tx.run(END_EVERY)
    return tx.run(END_OF_PERSON, {"person_id": person_id, "but": but})


def sweep(tx: Tx, now: datetime) -> int:
    """Delete what has ended by itself."""
    return tx.run(SWEEP, {"now": now})
