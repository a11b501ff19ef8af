"""Ways to sign in (credentials): passwords, passkeys, one-time codes, recovery codes, identities at
a provider, invitations, tokens of programs. One row each; what has ended stays, with the moment.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import bindparam, select, update

from service.store.checked_rows import CheckedRows, Refused
from service.store.installation.barred_people import barred_to_person
from service.store.installation.offices import COLUMNS as OFFICE_COLUMNS
from service.store.installation.offices import Office
from service.store.installation.people import KNOWN, PersonWithKey, gathered, stream_of
from service.store.installation.people import WIDTH as KNOWN_WIDTH
from service.store.prepared import PreparedStatement
from service.store.row_mapping import width
from service.store.row_scope import as_system
from service.store.tables import credential, office, person

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.changes import Writer

PASSWORD: Final = "password"  # noqa: S105 - a kind of row
"""`proof` is the Argon2id hash."""
PASSKEY: Final = "passkey"
"""`digest` is the SHA-256 of the credential's id, `proof` its public key (COSE), `count` the
signature counter that was seen last, `about` holds the `id` itself and its `transports`."""
CODES: Final = "codes"
"""One-time codes (TOTP, RFC 6238): `seed` is the shared secret, `count` the time step of the code
that was taken last. The row is in force once a code of it was typed."""
RECOVERY: Final = "recovery"
"""One recovery code: `digest` is the keyed digest of person and code; ended once it is used."""
PROVIDER: Final = "provider"
"""An identity at a provider: `digest` is the keyed digest of issuer and subject, `about` holds the
`provider` by its name in the settings."""
INVITATION: Final = "invitation"
"""A one-time link: `digest` is the SHA-256 of its token; ended once a way to sign in was made."""
TOKEN: Final = "token"  # noqa: S105 - a kind of row
"""The bearer token of a program: `digest` is its SHA-256, `about` holds `operations`."""
KINDS: Final = (PASSWORD, PASSKEY, CODES, RECOVERY, PROVIDER, INVITATION, TOKEN)


@dataclass(frozen=True, slots=True)
class Credential:
    """One way to sign in as a person."""

    id: str
    person_id: str
    kind: str
    made_at: datetime
    made_by: str
    digest: bytes | None = None
    """By which it is found where what is shown names nobody."""
    proof: bytes | None = None
    """What is shown is checked against it."""
    seed: bytes | None = None
    """Shared secret, sealed under the key of the person."""
    name: bytes | None = None
    """What the person calls it, sealed under her key."""
    about: dict[str, Any] = field(default_factory=dict)
    count: int = 0
    """The highest number that was seen of what only goes up."""
    ends_at: datetime | None = None
    used_at: datetime | None = None
    ended_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether it is still taken."""
        return self.ended_at is None and (self.ends_at is None or self.ends_at > now)


ROWS = CheckedRows(credential, Credential, Refused.MISSING)
EVERY = select(*ROWS.columns).order_by(credential.c.id)
BY_DIGEST = PreparedStatement(
    EVERY.where(credential.c.digest == bindparam("digest"), credential.c.kind == bindparam("kind"))
)
OF_PERSON = PreparedStatement(EVERY.where(credential.c.person_id == bindparam("person_id")))
OF_KIND = PreparedStatement(EVERY.where(credential.c.kind == bindparam("kind")))
TokenSignIn: TypeAlias = tuple[Credential, PersonWithKey, Office, frozenset[str]]
"""A token with its program, the office, and the cases that do not exist for it."""
OWN_AT = KNOWN_WIDTH + width(Office)
"""Where the columns of the token itself begin, behind those of its program and the office."""
WITH_PROGRAM = PreparedStatement(
    as_system(
        "bars",
        KNOWN.join(credential, credential.c.person_id == person.c.id)
        .join(office, office.c.id == person.c.office_id)
        .add_columns(*OFFICE_COLUMNS, *ROWS.columns, barred_to_person())
        .where(credential.c.digest == bindparam("digest"), credential.c.kind == TOKEN),
    )
)
USED = PreparedStatement(
    update(credential).where(credential.c.id == bindparam("b_id")).values(used_at=bindparam("b_at"))
)


def add(writer: Writer, *rows: Credential, office: str) -> None:
    """Keep ways to sign in, of somebody in an office."""
    ROWS.add(writer, *rows, stream=stream_of(office))


def change(writer: Writer, before: Credential, after: Credential, *, office: str) -> None:
    """Change one, as it was read."""
    ROWS.change(writer, before, after, stream=stream_of(office))


def end(writer: Writer, row: Credential, at: datetime, *, office: str) -> None:
    """End one, as it was read; it is never deleted."""
    change(writer, row, replace(row, ended_at=at), office=office)


def used(writer: Writer, id_: str, at: datetime) -> None:
    """Note that one was used."""
    writer.later(USED, {"b_id": id_, "b_at": at})


def by_digest(reader: Reader, kind: str, digest: bytes) -> Credential | None:
    """The one that has a digest, ended or not; None when there is none that is ours."""
    return ROWS.one(reader, BY_DIGEST, {"digest": digest, "kind": kind})


def read_of_person(person_id: str) -> Read:
    """What `of_person` reads."""
    return OF_PERSON, {"person_id": person_id}


def of_person(
    reader: Reader, person_id: str, *, now: datetime, kinds: Collection[str] = KINDS
) -> list[Credential]:
    """The ways of a person that are still taken, the oldest first."""
    rows = ever_of_person(reader, person_id)
    return [row for row in rows if row.kind in kinds and row.is_live(now)]


def ever_of_person(reader: Reader, person_id: str) -> list[Credential]:
    """All that a person ever had, ended ones too, the oldest first."""
    return ROWS.all(reader, *read_of_person(person_id))


def password_of(reader: Reader, person_id: str, *, now: datetime) -> Credential | None:
    """The password of a person; None for who signs in without one."""
    return next(iter(of_person(reader, person_id, now=now, kinds=(PASSWORD,))), None)


def of_kind(reader: Reader, kind: str) -> list[Credential]:
    """All of a kind, ended ones too, the oldest first."""
    return ROWS.all(reader, OF_KIND, {"kind": kind}, listed=True)


def read_of_token(digest: bytes) -> Read:
    """What `of_token` reads."""
    return WITH_PROGRAM, {"digest": digest}


def of_token(reader: Reader, digest: bytes) -> TokenSignIn | None:
    """The token of a digest with its program, key, roles and office, in one statement; ended ones
    too.

    A token, a program or a role that this installation has not written is none.
    """
    rows = reader.all(lambda *row: row, *read_of_token(digest))
    if not rows:
        return None
    known = gathered(reader, [row[:KNOWN_WIDTH] for row in rows])
    *own, barred = rows[0][OWN_AT:]
    found = ROWS.genuine(reader, [own])
    at = Office(*rows[0][KNOWN_WIDTH:OWN_AT])
    return (found[0], known[0], at, frozenset((barred or "").split())) if known and found else None
