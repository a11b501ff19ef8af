"""Passkeys (WebAuthn level 3): made, shown, named and ended.

A passkey signs a challenge together with the name of this site, so that it opens no other. Who uses
it has shown a finger, a face or a PIN to it. A challenge is a ticket: for one purpose, minutes and
one use; that of somebody who is known is bound to her session or invitation too. What a browser
sends back is checked by `security.passkey_answers`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from service.access import Viewer
from service.errors import NotAllowed, NotFound, NotSignedIn
from service.people import tickets
from service.people.ways import end_ways, record_added, require_other_way
from service.records.context import Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security import passkey_answers
from service.security.passkey_answers import AnswerRefused, PasskeySite, ShownPasskey
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.installation import credentials, people, sessions
from service.store.installation.credentials import PASSKEY, Credential
from service.store.transaction import Tx

ADD: Final = "passkey/add"
SIGN_IN: Final = "passkey/sign_in"
PROVE: Final = "passkey/prove"
"""Purposes of a challenge."""
ASKED: Final = "passkey/asked"
"""Kind of values of `Vault.blind`: who was asked for a passkey, and in which session."""
ANYBODY: Final = "anybody"
"""What the challenge of a sign-in is about: nobody is known yet."""
LIFE: Final = timedelta(minutes=30)
"""Of a challenge: a page to sign in lies open for a while."""
HANDLE: Final = "passkey/person"
"""Kind of values of `Vault.blind`: by what a passkey knows its person."""
MOST: Final = 20
"""Passkeys of one person."""
LONGEST_NAME: Final = 60
ALARM: Final = "passkey_alarm"
"""Setting of a person: the id of a passkey of hers whose counter went back, until she ends it."""
COPIED: Final = "copied"
"""Key in `Credential.about`: the moment when its counter went back, in ISO 8601."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a page hands to the browser, and takes back with the answer."""

    ticket: str
    options: str
    """JSON, as `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`
    take it."""


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """A passkey as its person sees it."""

    id: str
    name: str
    made_at: datetime
    used_at: datetime | None
    copied: bool
    """Whether its counter went back: somebody may have a copy."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of a passkey that was shown."""

    credential: Credential | None
    """None where it was refused."""
    copied: bool = False
    """Whether its counter went back, which was written then."""


def begin_adding(
    reader: Reader,
    services: Services,
    site: PasskeySite,
    *,
    person: str,
    bound_to: str,
    name: str,
    now: datetime,
) -> Challenge:
    """A challenge to make a passkey with.

    Args:
        bound_to: token of her session, or of her invitation: no other takes the answer.
        name: of the person, as the browser shows it.
    """
    about = _asked(services, person, bound_to)
    ticket = tickets.issue(services, purpose=ADD, about=about, now=now, life=LIFE)
    own = credentials.of_person(reader, person, now=now, kinds=(PASSKEY,))
    options = passkey_answers.options_to_add(
        site,
        title="Tresteg",
        challenge=ticket.encode(),
        handle=_handle(services, person),
        name=name,
        known=_ids(own),
    )
    return Challenge(ticket, options)


def add_passkey(
    tx: Tx,
    services: Services,
    site: PasskeySite,
    *,
    by: Viewer,
    bound_to: str,
    ticket: str,
    answer: str,
    name: str,
    now: datetime,
) -> Credential:
    """Add the passkey that a browser has made.

    Args:
        bound_to: as `begin_adding` had it.
        answer: JSON of the browser's credential.
        name: what its person calls it.
    Raises:
        NotSignedIn: the challenge is too old, was spent or is another's; or the answer is none to
            it, or is of a passkey that is here already. The transaction must be rolled back then.
        NotAllowed: she has too many; `facts["why"]` is `many`.
    """
    _require_asked(services, ticket, ADD, _asked(services, by.person, bound_to), now)
    try:
        made = passkey_answers.check_new(answer, site, challenge=ticket.encode())
    except AnswerRefused as e:
        raise NotSignedIn from e
    people.lock(tx, by.person)
    tickets.spend(tx, services, ticket, now=now)
    if credentials.by_digest(tx, PASSKEY, _digest(made.id)) is not None:
        raise NotSignedIn
    if len(credentials.of_person(tx, by.person, now=now, kinds=(PASSKEY,))) >= MOST:
        raise NotAllowed(why="many")
    id_ = ulid(now)
    row = Credential(
        id_,
        by.person,
        PASSKEY,
        now,
        by.person,
        digest=_digest(made.id),
        proof=made.key,
        name=_sealed_name(tx, services, by, id_, name),
        about={"id": bytes_to_base64url(made.id)},
        count=made.count,
    )
    credentials.add(tx, row, office=by.office)
    record_added(tx, by, row, now)
    return row


def begin_showing(
    services: Services,
    site: PasskeySite,
    *,
    person: str = "",
    bound_to: str = "",
    own: Iterable[Credential] = (),
    now: datetime,
) -> Challenge:
    """A challenge that a passkey signs: to sign in, or of a person who shows that it is she.

    Args:
        person: "" to sign in, when nobody is known yet.
        bound_to: token of her session: no other takes the answer.
        own: her ways to sign in.
    """
    about = _asked(services, person, bound_to) if person else ANYBODY
    purpose = PROVE if person else SIGN_IN
    ticket = tickets.issue(services, purpose=purpose, about=about, now=now, life=LIFE)
    known = _ids(row for row in own if row.kind == PASSKEY)
    return Challenge(
        ticket, passkey_answers.options_to_show(site, challenge=ticket.encode(), known=known)
    )


def show_passkey(
    tx: Tx,
    services: Services,
    site: PasskeySite,
    *,
    ticket: str,
    answer: str,
    person: str = "",
    bound_to: str = "",
    now: datetime,
    by: Actor,
) -> Shown:
    """Check the answer of a passkey to a challenge of `begin_showing`.

    A counter that went back is written as an alarm, and the passkey opens nothing from then on:
    somebody may have a copy.

    Args:
        answer: JSON of the browser's credential.
        person: who must hold it; "" to sign in.
        bound_to: as `begin_showing` had it.
        by: who writes the alarm.
    Raises:
        NotSignedIn: the challenge is too old, was spent before, or is of another purpose. The
            transaction must be rolled back then.
    """
    about = _asked(services, person, bound_to) if person else ANYBODY
    _require_asked(services, ticket, PROVE if person else SIGN_IN, about, now)
    tickets.spend(tx, services, ticket, now=now)
    try:
        shown = passkey_answers.read_shown(answer)
        found = _found(tx, services, shown, person, now)
        if found is None:
            return Shown(None)
        count = passkey_answers.check_shown(
            shown, site, challenge=ticket.encode(), key=found.proof or b""
        )
    except AnswerRefused:
        return Shown(None)
    known = people.get(tx, found.person_id)
    if known is None:
        return Shown(None)
    office = known.person.office_id
    if found.count and count <= found.count:
        _raise_alarm(tx, known.person, found, by=by, now=now)
        return Shown(None, copied=True)
    if count == found.count:
        return Shown(found)
    after = replace(found, count=count)
    credentials.change(tx, found, after, office=office)
    return Shown(after)


def _raise_alarm(
    tx: Tx, person: people.Person, row: Credential, *, by: Actor, now: datetime
) -> None:
    """Say to a person, and to who runs the installation, that a passkey may have been copied."""
    about = {**row.about, COPIED: now.isoformat()}
    credentials.change(tx, row, replace(row, about=about), office=person.office_id)
    settings = {**person.settings, ALARM: row.id}
    people.set_choices(tx, person.id, language=person.language, settings=settings)
    body = {"person": person.id}
    for stream in ("system", people.stream_of(person.office_id)):
        append_entry(tx, stream, "passkey_counter_back", by=by, now=now, body=body)


def list_passkeys(
    reader: Reader, services: Services, person: str, now: datetime
) -> list[OwnPasskey]:
    """The passkeys of a person, the oldest first."""
    key = services.key(reader, f"person:{person}")
    return [
        OwnPasskey(
            row.id,
            name_of(key, row),
            row.made_at,
            row.used_at,
            COPIED in row.about,
        )
        for row in credentials.of_person(reader, person, now=now, kinds=(PASSKEY,))
    ]


def name_of(key: OwnerKey | None, row: Credential) -> str:
    """What a person calls a passkey; "" when her key is gone.

    Args:
        key: of the person.
    """
    if key is None or row.name is None:
        return ""
    return key.open("contact", row.name, table="credential", column="name", row=row.id).decode()


def rename_passkey(
    tx: Tx, services: Services, *, by: Viewer, id_: str, name: str, now: datetime
) -> None:
    """Call a passkey otherwise.

    Raises:
        NotFound: she has none of that id.
    """
    row = _own(tx, by, id_, now)
    sealed = _sealed_name(tx, services, by, id_, name)
    credentials.change(tx, row, replace(row, name=sealed), office=by.office)
    body = {"person": by.person, "way": PASSKEY}
    append_entry(tx, people.stream_of(by.office), "way_renamed", by=actor(by), now=now, body=body)


def end_passkey(
    tx: Tx, *, by: Viewer, id_: str, second_factor: str, now: datetime, but: bytes
) -> None:
    """End a passkey, and the sign-ins that were begun by it; every one of hers if it may have been
    copied. The session that asks goes on.

    Args:
        second_factor: `Settings.second_factor`.
        but: digest of the token of the session that goes on.
    Raises:
        NotFound: she has none of that id.   LastWay: she could not sign in any more.
    """
    people.lock(tx, by.person)
    row = _own(tx, by, id_, now)
    require_other_way(tx, by.person, but=row, second_factor=second_factor, now=now)
    end_ways(tx, by=by, rows=[row], now=now, but=but)
    if COPIED in row.about:
        sessions.end_all(tx, by.person, office=by.office, but=but)
    known = people.get(tx, by.person)
    if known is not None and known.person.settings.get(ALARM) == row.id:
        settings = {name: said for name, said in known.person.settings.items() if name != ALARM}
        people.set_choices(tx, by.person, language=known.person.language, settings=settings)


def _own(reader: Reader, by: Viewer, id_: str, now: datetime) -> Credential:
    for row in credentials.of_person(reader, by.person, now=now, kinds=(PASSKEY,)):
        if row.id == id_:
            return row
    raise NotFound


def _found(
    reader: Reader, services: Services, shown: ShownPasskey, person: str, now: datetime
) -> Credential | None:
    """The passkey that an answer names, if it is still taken and its person's.

    Args:
        person: who must hold it; "" to sign in, when the answer must say whose it is.
    """
    found = credentials.by_digest(reader, PASSKEY, _digest(shown.id))
    if found is None or not found.is_live(now) or COPIED in found.about:
        return None
    if person and shown.person is None:  # an answer to a challenge for known passkeys may be silent
        return found if found.person_id == person else None
    right = hmac.compare_digest(shown.person or b"", _handle(services, found.person_id))
    return found if right and person in ("", found.person_id) else None


def _ids(rows: Iterable[Credential]) -> list[bytes]:
    return [base64url_to_bytes(row.about["id"]) for row in rows]


def _asked(services: Services, person: str, bound_to: str) -> str:
    """Who was asked, and in which session, as a challenge says it: it is read by anybody."""
    return services.vault.blind(ASKED, f"{person}|{bound_to}").hex()


def _require_asked(
    services: Services, ticket: str, purpose: str, about: str, now: datetime
) -> None:
    if tickets.read(services, ticket, purpose=purpose, now=now) != about:
        raise NotSignedIn


def _handle(services: Services, person: str) -> bytes:
    return services.vault.blind(HANDLE, person)


def _digest(credential_id: bytes) -> bytes:
    return hashlib.sha256(credential_id).digest()


def _sealed_name(reader: Reader, services: Services, by: Viewer, id_: str, text: str) -> bytes:
    """What a person calls a passkey, sealed."""
    key = services.key(reader, f"person:{by.person}")
    if key is None:
        raise NotFound
    name = " ".join(text.split())[:LONGEST_NAME] or "…"
    return key.seal("contact", name.encode(), table="credential", column="name", row=id_)
