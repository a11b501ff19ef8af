"""Sessions: sign-ins that are open, each found by the hash of its token."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import bindparam, delete, select, update

from service.store.checked_rows import CheckedRows, Refused
from service.store.guarded_rows import unbind
from service.store.installation.barred_people import barred_to_person
from service.store.installation.offices import COLUMNS as OFFICE_COLUMNS
from service.store.installation.offices import Office
from service.store.installation.people import KNOWN, ROLE_AT, PersonWithKey, gathered, stream_of
from service.store.installation.people import WIDTH as KNOWN_WIDTH
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, width
from service.store.row_scope import as_system
from service.store.tables import login_session, office, person

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import RowMac, Writer
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
    begun_by: str | None = None
    """Ids of the credentials that were shown, with spaces between them; "" where there are none, as
    for the cards of a demo; None where it was not kept, before schema 0010."""

    def names(self, ids: Collection[str]) -> bool:
        """Whether it was begun by one of these credentials, or does not say by which."""
        return self.begun_by is None or not set(ids).isdisjoint(self.begun_by.split())


ROWS = CheckedRows(login_session, Session, Refused.MISSING)
TABLE = login_session.name
MOST_CHECKED = 1_000
"""Sign-ins whose rows a process keeps as it has checked them."""
SignIn: TypeAlias = tuple[Session, PersonWithKey, Office, frozenset[str]]
"""A sign-in with its person, her office, and the cases that do not exist for her."""
OWN_AT = KNOWN_WIDTH + width(Office)
"""Where the columns of the session itself begin, behind those of its person and her office."""
COLUMNS = columns(login_session, Session)
WITH_PERSON = PreparedStatement(
    as_system(
        "bars",
        KNOWN.join(login_session, login_session.c.person_id == person.c.id)
        .join(office, office.c.id == person.c.office_id)
        .add_columns(*OFFICE_COLUMNS, *ROWS.columns, barred_to_person())
        .where(login_session.c.token_hash == bindparam("token_hash"), person.c.closed_at.is_(None)),
    )
)
WITH_TOKEN = login_session.c.token_hash == bindparam("b_token_hash")
SEEN = PreparedStatement(update(login_session).where(WITH_TOKEN).values(seen_at=bindparam("b_at")))
END = PreparedStatement(delete(login_session).where(WITH_TOKEN))
OF_PERSON = PreparedStatement(
    select(*COLUMNS)
    .where(login_session.c.person_id == bindparam("person_id"))
    .order_by(login_session.c.made_at.desc(), login_session.c.token_hash)
)
END_OF_PERSON = PreparedStatement(
    delete(login_session)
    .where(
        login_session.c.person_id == bindparam("person_id"),
        login_session.c.token_hash != bindparam("but"),
    )
    .returning(login_session.c.token_hash)
)
EVERY = PreparedStatement(
    select(person.c.office_id, person.c.id)
    .join(login_session, login_session.c.person_id == person.c.id)
    .distinct()
    .order_by(person.c.office_id, person.c.id)
)
SWEEP = PreparedStatement(delete(login_session).where(login_session.c.ends_at <= bindparam("now")))


def add(writer: Writer, row: Session, *, office: str) -> None:
    """Keep a session.

    Args:
        office: of its person.
    """
    ROWS.add(writer, row, stream=stream_of(office))


@dataclass(frozen=True, slots=True)
class CheckedSignIn:
    """Rows of a sign-in that were all genuine, and what was read from them."""

    rows: list[tuple[Any, ...]]
    row_mac: RowMac | None
    found: SignIn


def read_of_sign_in(token_hash: bytes) -> Read:
    """What `get` reads."""
    return WITH_PERSON, {"token_hash": token_hash}


def get(
    reader: Reader, token_hash: bytes, checked: dict[bytes, Any] | None = None
) -> SignIn | None:
    """The sign-in with its person, key, roles and office, in one statement; who is closed has none.

    A session, a person or a role that this installation has not written is none. The rows are read
    each time. Where they are to the last byte those that this process has checked before, MACs
    included, they are not checked again: a MAC follows from its row and the key alone, so it would
    say the same.

    Args:
        checked: where this process keeps what it has checked (`Tx.checked`); None checks anew.
    """
    rows = reader.all(lambda *row: row, *read_of_sign_in(token_hash))
    if not rows:
        return None
    known: CheckedSignIn | None = None if checked is None else checked.get(token_hash)
    if known is not None and known.row_mac == reader.row_mac and known.rows == rows:
        return known.found
    found = _genuine(reader, rows)
    roles = sum(row[ROLE_AT] is not None for row in rows)
    if checked is not None and found is not None and len(found[1].roles) == roles:
        if len(checked) >= MOST_CHECKED:
            checked.clear()
        checked[token_hash] = CheckedSignIn(rows, reader.row_mac, found)
    return found


def _genuine(reader: Reader, rows: list[tuple[Any, ...]]) -> SignIn | None:
    known = gathered(reader, [row[:KNOWN_WIDTH] for row in rows])
    at = Office(*rows[0][KNOWN_WIDTH:OWN_AT])
    *own, barred = rows[0][OWN_AT:]
    session = ROWS.genuine(reader, [own])
    cases = frozenset((barred or "").split())
    return (session[0], known[0], at, cases) if known and session else None


def seen(writer: Writer, token_hash: bytes, at: datetime) -> None:
    writer.later(SEEN, {"b_token_hash": token_hash, "b_at": at})


def verified(writer: Writer, row: Session, at: datetime, *, office: str) -> None:
    """Keep when the person of a session, as it was read, last showed that it is she."""
    ROWS.change(writer, row, replace(row, verified_at=at), stream=stream_of(office))


def end(tx: Tx, token_hash: bytes, *, office: str) -> None:
    """End a session of somebody in an office."""
    if tx.run(END, {"b_token_hash": token_hash}):
        unbind(tx, stream_of(office), TABLE, {"token_hash": token_hash})


def of_person(reader: Reader, person_id: str) -> list[Session]:
    """The sign-ins of a person, the newest first; some may have ended by themselves."""
    return reader.all(Session, OF_PERSON, {"person_id": person_id})


def end_all(tx: Tx, person_id: str, *, office: str, but: bytes = b"") -> int:
    """End every sign-in of a person in an office. Gives their number.

    Args:
        but: digest of the token of one that goes on.
    """
    ended = tx.all(bytes, END_OF_PERSON, {"person_id": person_id, "but": but})
    for token_hash in ended:
        unbind(tx, stream_of(office), TABLE, {"token_hash": token_hash})
    return len(ended)


def end_begun_by(
    tx: Tx, person_id: str, ids: Collection[str], *, office: str, but: bytes = b""
) -> None:
    """End the sign-ins of a person in an office that were begun by one of these credentials, or do
    not say by which.

    Args:
        but: as `end_all` takes it.
    """
    for row in of_person(tx, person_id):
        if row.names(ids) and row.token_hash != but:
            end(tx, row.token_hash, office=office)


def signed_in(reader: Reader) -> list[tuple[str, str]]:
    """Office and id of everybody who has a sign-in."""
    return reader.all(lambda office, person_id: (office, person_id), EVERY)


def sweep(tx: Tx, now: datetime) -> int:
    """Delete what has ended by itself."""
    return tx.run(SWEEP, {"now": now})
