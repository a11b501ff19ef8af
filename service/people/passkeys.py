"""Passkeys (WebAuthn level 3): made, shown, named and ended.

A passkey signs a challenge together with the name of this site, so that it opens no other. Who uses
it has shown a finger, a face or a PIN to it. A challenge is a ticket: for one purpose, minutes and
one use. What a browser sends back is checked by the library `webauthn`.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers import parse_authentication_credential_json as parse_shown
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Algorithm
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from service.access import Viewer
from service.errors import NotFound, NotSignedIn
from service.people import tickets
from service.people.ways import record_added, record_ended, require_other_way
from service.records.context import Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.store.at_hand import Reader
from service.store.installation import credentials, people, sessions
from service.store.installation.credentials import PASSKEY, Credential
from service.store.transaction import Tx

ADD: Final = "passkey/add"
SIGN_IN: Final = "passkey/sign_in"
PROVE: Final = "passkey/prove"
"""Purposes of a challenge."""
ANYBODY: Final = "anybody"
"""What the challenge of a sign-in is about: nobody is known yet."""
LIFE: Final = timedelta(minutes=30)
"""Of a challenge: a page to sign in lies open for a while."""
ALGORITHMS: Final = [
    Algorithm.ECDSA_SHA_256,
    Algorithm.EDDSA,
    Algorithm.RSASSA_PKCS1_v1_5_SHA_256,
]
HANDLE: Final = "passkey/person"
"""Kind of values of `Vault.blind`: by what a passkey knows its person."""
LONGEST_NAME: Final = 60
COPIED: Final = "copied"
"""Key in `Credential.about`: the moment when its counter went back, in ISO 8601."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site as passkeys know it."""

    id: str
    """Its host."""
    origin: str
    """Scheme, host and port."""


def relying_party(base_url: str) -> RelyingParty | None:
    """The site that an address names; None where no passkey can be: an address in numbers has
    none.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return None
    return RelyingParty(host, f"{parts.scheme}://{parts.netloc}")


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
    reader: Reader, services: Services, site: RelyingParty, *, person: str, name: str, now: datetime
) -> Challenge:
    """A challenge to make a passkey with.

    Args:
        name: of the person, as the browser shows it.
    """
    ticket = tickets.issue(services, purpose=ADD, about=person, now=now, life=LIFE)
    own = credentials.of_person(reader, person, now=now, kinds=(PASSKEY,))
    options = webauthn.generate_registration_options(
        rp_id=site.id,
        rp_name="Tresteg",
        user_name=name,
        user_id=_handle(services, person),
        challenge=ticket.encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(own),
        supported_pub_key_algs=ALGORITHMS,
    )
    return Challenge(ticket, webauthn.options_to_json(options))


def add_passkey(
    tx: Tx,
    services: Services,
    site: RelyingParty,
    *,
    by: Viewer,
    ticket: str,
    answer: str,
    name: str,
    now: datetime,
) -> Credential:
    """Add the passkey that a browser has made.

    Args:
        answer: JSON of the browser's credential.
        name: what its person calls it.
    Raises:
        NotSignedIn: the challenge is too old, was spent or is another's; or the answer is none to
            it, or is of a passkey that is here already. The transaction must be rolled back then.
    """
    if tickets.read(services, ticket, purpose=ADD, now=now) != by.person:
        raise NotSignedIn
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=ticket.encode(),
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as e:
        raise NotSignedIn from e
    tickets.spend(tx, services, ticket, now=now)
    key, digest = services.key(tx, f"person:{by.person}"), _digest(made.credential_id)
    if key is None or credentials.by_digest(tx, PASSKEY, digest) is not None:
        raise NotSignedIn
    id_ = ulid(now)
    row = Credential(
        id_,
        by.person,
        PASSKEY,
        now,
        by.person,
        digest=digest,
        proof=made.credential_public_key,
        name=key.seal("contact", _name(name).encode(), table="credential", column="name", row=id_),
        about={"id": bytes_to_base64url(made.credential_id)},
        count=made.sign_count,
    )
    credentials.add(tx, row, office=by.office)
    record_added(tx, by, row, now)
    return row


def begin_showing(
    services: Services,
    site: RelyingParty,
    *,
    person: str = "",
    own: Iterable[Credential] = (),
    now: datetime,
) -> Challenge:
    """A challenge that a passkey signs: to sign in, or of a person who shows that it is she.

    Args:
        person: "" to sign in, when nobody is known yet.
        own: her ways to sign in.
    """
    purpose = PROVE if person else SIGN_IN
    ticket = tickets.issue(services, purpose=purpose, about=person or ANYBODY, now=now, life=LIFE)
    options = webauthn.generate_authentication_options(
        rp_id=site.id,
        challenge=ticket.encode(),
        allow_credentials=_descriptors(row for row in own if row.kind == PASSKEY),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Challenge(ticket, webauthn.options_to_json(options))


def show_passkey(
    tx: Tx,
    services: Services,
    site: RelyingParty,
    *,
    ticket: str,
    answer: str,
    person: str = "",
    now: datetime,
    by: Actor,
) -> Shown:
    """Check the answer of a passkey to a challenge of `begin_showing`.

    A counter that went back is written as an alarm, and nothing is opened: somebody may have a
    copy.

    Args:
        answer: JSON of the browser's credential.
        person: who must hold it; "" to sign in.
        by: who writes the alarm.
    Raises:
        NotSignedIn: the challenge is too old, was spent before, or is of another purpose. The
            transaction must be rolled back then.
    """
    purpose = PROVE if person else SIGN_IN
    if tickets.read(services, ticket, purpose=purpose, now=now) != (person or ANYBODY):
        raise NotSignedIn
    tickets.spend(tx, services, ticket, now=now)
    found = _found(tx, services, answer, now)
    if found is None or person not in ("", found.person_id):
        return Shown(None)
    try:
        seen = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=ticket.encode(),
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=found.proof or b"",
            # the counter is compared below: here it would hide that the signature was right
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError):
        return Shown(None)
    known = people.get(tx, found.person_id)
    if known is None:
        return Shown(None)
    office = known.person.office_id
    if found.count and seen.new_sign_count <= found.count:
        about = {**found.about, COPIED: now.isoformat()}
        credentials.change(tx, found, replace(found, about=about), office=office)
        body = {"person": found.person_id}
        for stream in ("system", people.stream_of(office)):
            append_entry(tx, stream, "passkey_counter_back", by=by, now=now, body=body)
        return Shown(None, copied=True)
    if seen.new_sign_count != found.count:
        after = replace(found, count=seen.new_sign_count)
        credentials.change(tx, found, after, office=office)
        return Shown(after)
    return Shown(found)


def list_passkeys(
    reader: Reader, services: Services, person: str, now: datetime
) -> list[OwnPasskey]:
    """The passkeys of a person, the oldest first."""
    key = services.key(reader, f"person:{person}")
    return [
        OwnPasskey(
            row.id,
            ""
            if key is None or row.name is None
            else key.open(
                "contact", row.name, table="credential", column="name", row=row.id
            ).decode(),
            row.made_at,
            row.used_at,
            COPIED in row.about,
        )
        for row in credentials.of_person(reader, person, now=now, kinds=(PASSKEY,))
    ]


def rename_passkey(
    tx: Tx, services: Services, *, by: Viewer, id_: str, name: str, now: datetime
) -> None:
    """Call a passkey otherwise.

    Raises:
        NotFound: she has none of that id.
    """
    row, key = _own(tx, by, id_, now), services.key(tx, f"person:{by.person}")
    if key is None:
        raise NotFound
    sealed = key.seal("contact", _name(name).encode(), table="credential", column="name", row=id_)
    credentials.change(tx, row, replace(row, name=sealed), office=by.office)
    body = {"person": by.person, "way": PASSKEY}
    append_entry(tx, people.stream_of(by.office), "way_renamed", by=actor(by), now=now, body=body)


def end_passkey(
    tx: Tx, *, by: Viewer, id_: str, second_factor: str, now: datetime, but: bytes
) -> None:
    """End a passkey, and every session of hers but the one that asks: one may have begun with it.

    Args:
        second_factor: `Settings.second_factor`.
        but: digest of the token of the session that goes on.
    Raises:
        NotFound: she has none of that id.   LastWay: she could not sign in any more.
    """
    row = _own(tx, by, id_, now)
    require_other_way(tx, by.person, but=row, second_factor=second_factor, now=now)
    credentials.end(tx, row, now, office=by.office)
    sessions.end_all(tx, by.person, office=by.office, but=but)
    record_ended(tx, by, row, now)


def _own(reader: Reader, by: Viewer, id_: str, now: datetime) -> Credential:
    for row in credentials.of_person(reader, by.person, now=now, kinds=(PASSKEY,)):
        if row.id == id_:
            return row
    raise NotFound


def _found(reader: Reader, services: Services, answer: str, now: datetime) -> Credential | None:
    """The passkey that an answer names, if it is still taken; None also where the answer says that
    it is somebody else's.
    """
    try:
        shown = parse_shown(answer)
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError):
        return None
    found = credentials.by_digest(reader, PASSKEY, _digest(shown.raw_id))
    if found is None or not found.is_live(now):
        return None
    says = shown.response.user_handle
    hers = says is None or hmac.compare_digest(says, _handle(services, found.person_id))
    return found if hers else None


def _descriptors(rows: Iterable[Credential]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.about["id"])) for row in rows]


def _handle(services: Services, person: str) -> bytes:
    return services.vault.blind(HANDLE, person)


def _digest(credential_id: bytes) -> bytes:
    return hashlib.sha256(credential_id).digest()


def _name(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NAME] or "…"
