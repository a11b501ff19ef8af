"""Programs that sign in with a token of their own (service accounts): add, find, list, end one.

A program is a row of `person` that holds the role `access.PROGRAM`, has no password, and by whose
sign-in name nobody can sign in. Its token is 256 random bits, shown once; the database keeps the
digest. Source: decisions/0137.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from service.access import Viewer, can_act
from service.errors import NotAllowed, NotFound, Stale, UnusableWord
from service.people import accounts, letter_choices, rate_limits
from service.people.accounts import open_name, viewer_of
from service.people.directory import check_may_hold, put_back_tasks
from service.people.directory_checks import check_known, check_name
from service.people.sessions import SignedInSession
from service.people.sign_in import FAILED_ACCOUNT, FAILED_NETWORK, SIGN_IN_PAGE
from service.records.context import Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security import ledger_lines, purposes
from service.security.ledger_lines import Canonical
from service.security.records import PROGRAM
from service.store.at_hand import Read, Reader
from service.store.changes import Writer
from service.store.installation import credentials, people
from service.store.installation.credentials import TOKEN, Credential
from service.store.transaction import Tx
from service.text import languages

BEGINS: Final = "tresteg_"
"""How every token begins, so that tools which look for secrets in files find one."""
OPERATE: Final = "operate"
"""The act of whoever runs the installation."""
OPERATIONS: Final = "operations"
"""Key in `Credential.about`."""
EVERY: Final = timedelta(minutes=1)
"""Shortest time between two uses of a token that are written."""
LONGEST_DAYS: Final = 366
"""Most days for which a token is made."""


@dataclass(frozen=True, slots=True)
class AddedProgram:
    """A program that was just added; its token is shown now and never again."""

    id: str
    token: str


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """A program as a list shows it."""

    id: str
    name: str
    office: str
    roles: tuple[str, ...]
    operations: tuple[str, ...]
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None
    ended_at: datetime | None
    """When it was ended before its time; it may have ended by itself."""

    def is_live(self, now: datetime) -> bool:
        """Whether its token is still taken."""
        return self.ended_at is None and self.ends_at > now


@dataclass(frozen=True, slots=True)
class FoundProgram:
    """A program that came with a good token."""

    session: SignedInSession
    credential: Credential

    def is_use_to_be_noted(self, now: datetime) -> bool:
        """Whether it is so long since a use was written that this one is."""
        return self.credential.used_at is None or now - self.credential.used_at >= EVERY


def add_program(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    name: str,
    office: str,
    roles: Collection[str],
    operations: Collection[str],
    known: Collection[str],
    days: int,
    language: str,
) -> AddedProgram:
    """Add a program of an office; gives its token.

    Args:
        operations: ids of the operations of the interface that it may use.
        known: ids of all of them.
        days: for how many its token is good.
    Raises:
        UnusableWord: a name that is empty or too long; no such office, role, operation or language;
            no operation at all; days that are too few or too many.
        Stale: the office is closed.
        NotAllowed: people of this kind of office may not hold a role; or the role needs a human.
    """
    check_name("name", name)
    check_known("language", [language], languages())
    check_may_hold(tx, services, office, roles)
    for role in sorted({*roles} - services.programme.program_roles):
        raise NotAllowed(
            f"the role {role} needs a human; roles.toml marks those that a program may hold "
            "with `programs = true`",
            why="program",
        )
    if not operations:
        raise UnusableWord("name at least one operation that the program may use")
    check_known("operation", operations, known)
    if not 1 <= days <= LONGEST_DAYS:
        raise UnusableWord(f"a token is good for 1 to {LONGEST_DAYS} days")
    id_, token, ends = accounts.new_person_id(now), new_token(), now + timedelta(days=days)
    key = services.new_key(tx, f"person:{id_}", stream=people.stream_of(office))
    row = people.Person(
        id=id_,
        office_id=office,
        sign_in=services.vault.blind(purposes.PROGRAM, id_),
        name=key.seal("contact", name.encode(), table="person", column="name", row=id_),
        email=None,
        password=None,
        language=language,
        settings={letter_choices.CHOICE: letter_choices.NONE},
        made_at=now,
    )
    people.add(tx, row, {*roles, PROGRAM})
    about = {OPERATIONS: sorted({*operations})}
    digest = token_digest(token)
    made = Credential(
        ulid(now), id_, TOKEN, now, by.id, digest=digest, about={**about}, ends_at=ends
    )
    credentials.add(tx, made, office=office)
    body: dict[str, Canonical] = {
        "person": id_,
        "roles": (*sorted({*roles}),),
        "operations": (*about[OPERATIONS],),
        "until": ledger_lines.moment(ends),
    }
    append_entry(tx, people.stream_of(office), "program_added", by=by, now=now, body=body)
    return AddedProgram(id_, token)


def new_token() -> str:
    """A token of 256 random bits."""
    return BEGINS + secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """The digest by which the database knows a token. A token is no password: nobody guesses 256
    random bits, so a slow hash would guard nothing.
    """
    return hashlib.sha256(token.encode()).digest()


def read_of_program(token: str) -> Read:
    """What `find_program` reads."""
    return credentials.read_of_token(token_digest(token))


def find_program(
    reader: Reader, services: Services, token: str, *, now: datetime
) -> FoundProgram | None:
    """The program of a token, if both are still alive, and its office is. A role that a program may
    hold no more opens nothing.
    """
    found = credentials.of_token(reader, token_digest(token))
    if found is None:
        return None
    made, row, office, barred = found
    viewer = viewer_of(row, office)
    if viewer is None or not viewer.is_program or office.closed_at is not None:
        return None
    if made.ends_at is None or not made.is_live(now):
        return None
    able = viewer.roles & (services.programme.program_roles | {PROGRAM})
    session = SignedInSession(
        replace(viewer, roles=able, barred=barred),
        partial(open_name, services, row),
        office,
        row.key,
        row.person.settings,
        csrf="",
        ends_at=made.ends_at,
        idle_until=made.ends_at,
        proven_at=made.made_at,
        operations=frozenset(made.about.get(OPERATIONS, ())),
    )
    return FoundProgram(session, made)


def note_use(writer: Writer, found: FoundProgram, *, now: datetime) -> None:
    """Note that a program used its token."""
    credentials.used(writer, found.credential.id, now)


def record_wrong_token(
    tx: Tx, services: Services, *, token: str, network: str, now: datetime
) -> None:
    """Count a token that was refused, and write it into the ledger: whose it was, or its digest,
    and the network, as keyed digests.

    It does not count towards the wrong tries of the whole site, for which everybody's sign-in
    waits: nobody guesses a token, and a program whose token has ended asks often.

    Raises:
        SlowDown: the network has sent too many. The transaction must be rolled back then.
    """
    rate_limits.count_wrong_token(tx, services, network=network, now=now)
    digest = token_digest(token)
    found = credentials.of_token(tx, digest)
    whose = found[1].person.id if found is not None else digest.hex()
    account = services.vault.blind(FAILED_ACCOUNT, whose)
    place = services.vault.blind(FAILED_NETWORK, network)
    body: dict[str, Canonical] = {"account": account.hex(), "network": place.hex()}
    append_entry(tx, "system", "sign_in_failed", by=SIGN_IN_PAGE, now=now, body=body)


def list_programs(reader: Reader, services: Services) -> list[ProgramRow]:
    """Every program, ended ones too, the oldest first."""
    rows = credentials.of_kind(reader, TOKEN)
    known = people.of(reader, {row.person_id for row in rows})
    return [
        ProgramRow(
            row.person_id,
            open_name(services, who),
            who.person.office_id,
            (*sorted(who.roles - {PROGRAM}),),
            (*row.about.get(OPERATIONS, ()),),
            row.made_at,
            row.ends_at or row.made_at,
            row.used_at,
            row.ended_at or who.person.closed_at,
        )
        for row in rows
        if (who := known.get(row.person_id)) is not None
    ]


def end_as_operator(
    tx: Tx,
    services: Services,  # noqa: ARG001 - a command takes them
    by: Viewer,
    now: datetime,
    *,
    id_: str,
) -> None:
    """End a program, as whoever runs the installation.

    Raises:
        NotFound: she does not, or there is no such program.   Stale: it has ended already.
    """
    if not can_act(by, OPERATE):
        raise NotFound
    end_program(tx, by=actor(by), now=now, id_=id_)


def end_program(tx: Tx, *, by: Actor, now: datetime, id_: str) -> None:
    """End a program: its token is refused from then on, its tasks go back to the office; what it
    did stays under its name.

    Raises:
        NotFound: there is no such program.   Stale: it has ended already.
    """
    people.lock(tx, id_)
    known = people.get(tx, id_)
    if known is None or PROGRAM not in known.roles:
        raise NotFound(f"there is no program {id_}")
    who = known.person
    if who.closed_at is not None:
        raise Stale(f"the program {id_} has ended already")
    for row in credentials.of_person(tx, id_, now=now, kinds=(TOKEN,)):
        credentials.end(tx, row, now, office=who.office_id)
    people.close(tx, who, now)
    put_back_tasks(tx, id_, keeps=(), by=by, now=now)
    body = {"person": id_}
    append_entry(tx, people.stream_of(who.office_id), "program_ended", by=by, now=now, body=body)
