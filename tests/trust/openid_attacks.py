"""Attacks on a sign-in at a provider, by name: what is tried, and the check that must refuse it.

`python -m tests.trust.openid_attacks` prints the table of docs/sign-in.md; a test compares.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode
from werkzeug.test import TestResponse

from service.store.installation import people
from tests.support.browser import Browser
from tests.support.openid_provider import Claims, made_key, signed
from tests.support.provider_desk import BOARDS, FREJA, ProviderDesk, sent_to

Parameters: TypeAlias = list[tuple[str, str]]
Act: TypeAlias = Callable[[ProviderDesk, Browser], TestResponse]
LOWER: Final = "http://id.elegnamnden.se/loa/1.0/loa2"
EVIL: Final = "https://evil.example"
COORDINATE: Final = 32
"""Bytes of each half of a signature on P-256."""
SCRIPT: Final = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Attack:
    """An attack."""

    name: str
    act: Act
    why: str
    """Code of the check that must refuse it, as the log has it; "unknown" where the token is right
    and nobody is let in by it."""


def packed(part: object) -> str:
    """A part of a token."""
    return urlsafe_b64encode(json.dumps(part).encode()).decode()


def sign_in(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The sign-in as anybody does it; what is wrong, the provider does."""
    return desk.sign_in(browser)


def claims(change: Callable[[ProviderDesk, Claims], object]) -> Act:
    """A token with other claims, rightly signed."""

    def act(desk: ProviderDesk, browser: Browser) -> TestResponse:
        desk.freja.change_claims = lambda found: change(desk, found)
        return desk.sign_in(browser)

    return act


def put(**values: Any) -> Act:
    """A token with these claims."""
    return claims(lambda _, found: found.update(values))


def without(name: str) -> Act:
    """A token that lacks a claim."""
    return claims(lambda _, found: found.pop(name))


def at(name: str, offset: timedelta) -> Act:
    """A token with another moment."""
    return claims(
        lambda desk, found: found.update({name: int((desk.world.clock.now() + offset).timestamp())})
    )


def header(**values: Any) -> Act:
    """A token whose head says more, or something else; signed all the same."""
    return token(
        lambda head, found, key: _by_hand(f"{packed({**head, **values})}.{packed(found)}", key)
    )


def token(make: Callable[[Claims, Claims, ECKey], str]) -> Act:
    """A token that is made in another way."""

    def act(desk: ProviderDesk, browser: Browser) -> TestResponse:
        desk.freja.make_token = make
        return desk.sign_in(browser)

    return act


def _by_hand(body: str, key: ECKey) -> str:
    """A signature over a head that the library would refuse to sign."""
    assert key.private_key is not None
    r, s = decode_dss_signature(key.private_key.sign(body.encode(), ECDSA(SHA256())))
    raw = r.to_bytes(COORDINATE, "big") + s.to_bytes(COORDINATE, "big")
    return f"{body}.{urlsafe_b64encode(raw).decode()}"


def unsigned(algorithm: str) -> Act:
    """A token without a signature."""
    return token(lambda head, found, _: f"{packed({**head, 'alg': algorithm})}.{packed(found)}.")


def by_public_key(head: Claims, found: Claims, key: ECKey) -> str:
    """A token with a MAC whose secret is the public key."""
    body = f"{packed({**head, 'alg': 'HS256'})}.{packed(found)}"
    mac = hmac.digest(key.as_pem(private=False), body.encode(), hashlib.sha256)
    return f"{body}.{urlsafe_b64encode(mac).decode()}"


def by_key_within(name: str) -> Act:
    """A token that brings its own key, or says where it lies."""
    stranger = made_key("stranger")
    brought: Any = stranger.as_dict(private=False) if name == "jwk" else "http://127.0.0.1:9/key"
    value = [brought] if name == "x5c" else brought

    return token(
        lambda head, found, _: _by_hand(
            f"{packed({**head, name: value})}.{packed(found)}", stranger
        )
    )


def changed(head: Claims, found: Claims, key: ECKey) -> str:
    """A token whose claims were changed after it was signed."""
    first, _, last = signed(head, {**found, "sub": "mallory"}, key).split(".")
    return f"{first}.{packed(found)}.{last}"


def stripped(head: Claims, found: Claims, key: ECKey) -> str:
    """A token whose signature was taken away."""
    return signed(head, found, key).rpartition(".")[0] + "."


def answer(change: Callable[[ProviderDesk, Parameters], Parameters]) -> Act:
    """Another answer in the address."""

    def act(desk: ProviderDesk, browser: Browser) -> TestResponse:
        given = desk.freja.authorize(desk.begin(browser))
        return desk.come_back(browser, change(desk, given))

    return act


def replaced(name: str, *values: str) -> Act:
    """The answer with other values of a parameter."""
    return answer(
        lambda _, given: [
            *(pair for pair in given if pair[0] != name),
            *((name, value) for value in values),
        ]
    )


def another_browser(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The answer to a sign-in that somebody else has begun: the victim would be signed in as her
    (login CSRF).
    """
    attacker = desk.world.browser()
    given = desk.freja.authorize(desk.begin(attacker))
    desk.begin(browser)
    return desk.come_back(browser, given)


def no_cookie(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The answer in a browser that has begun nothing."""
    given = desk.freja.authorize(desk.begin(desk.world.browser()))
    return desk.come_back(browser, given)


def changed_cookie(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """A cookie that was changed, so that it names somebody to be linked."""
    given = desk.freja.authorize(desk.begin(browser))
    cookie = browser.client.get_cookie("tresteg_provider")
    assert cookie is not None
    _, _, ticket = cookie.value.partition("~")
    made = urlsafe_b64encode(b'{"person":"p_omar"}').decode()
    browser.client.set_cookie("tresteg_provider", f"{made}~{ticket}")
    return desk.come_back(browser, given)


def replayed(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The same answer and cookie once more, after a sign-in that was right."""
    given = desk.freja.authorize(desk.begin(browser))
    cookie = browser.client.get_cookie("tresteg_provider")
    assert cookie is not None
    desk.freja.subject = "nobody"  # the first is let in by nobody, so that no session is there
    desk.come_back(browser, given)
    browser.client.set_cookie("tresteg_provider", cookie.value)
    return desk.come_back(browser, given)


def injected_code(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """A stolen code in the attacker's own sign-in: it was given for another challenge (PKCE)."""
    stolen = dict(desk.freja.authorize(desk.begin(desk.world.browser())))
    own = dict(desk.freja.authorize(desk.begin(browser)))
    return desk.come_back(browser, list({**own, "code": stolen["code"]}.items()))


def other_callback(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The answer of one provider at the address of another (mix-up)."""
    given = desk.freja.authorize(desk.begin(browser))
    return desk.come_back(browser, given, BOARDS)


def too_late(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The answer after eleven minutes."""
    given = desk.freja.authorize(desk.begin(browser))
    desk.world.clock.set(desk.world.clock.now() + timedelta(minutes=11))
    return desk.come_back(browser, given)


def lowered(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """A lower level in the address of the provider, put there in the browser; it gives that."""
    given = desk.freja.authorize(desk.begin(browser), acr=LOWER)
    return desk.come_back(browser, given)


def lowered_claim(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The same where the level is asked for as an essential claim, which the browser left out."""
    client = desk.world.program.providers[FREJA]
    client.provider = replace(client.provider, acr_essential=True)
    return lowered(desk, browser)


def unknown_key(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """A token of a key that the provider does not publish."""
    desk.freja.published = [desk.freja.key.as_dict(private=False)]
    desk.freja.key = made_key("stranger")
    return desk.sign_in(browser)


def same_kid(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """A token of another key that bears the id of the published one."""
    desk.freja.published = [desk.freja.key.as_dict(private=False)]
    desk.freja.header = {"kid": desk.freja.key.kid}
    desk.freja.key = made_key("stranger")
    return desk.sign_in(browser)


def published_secret(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """A token with a MAC whose secret is among the published keys."""
    secret = b"0123456789abcdef0123456789abcdef"
    desk.freja.published = [
        {"kty": "oct", "kid": "one", "k": urlsafe_b64encode(secret).decode(), "alg": "HS256"}
    ]

    def make(head: Claims, found: Claims, _: ECKey) -> str:
        body = f"{packed({**head, 'alg': 'HS256'})}.{packed(found)}"
        mac = hmac.digest(secret, body.encode(), hashlib.sha256)
        return f"{body}.{urlsafe_b64encode(mac).decode()}"

    desk.freja.make_token = make
    return desk.sign_in(browser)


def document(**values: Any) -> Act:
    """A discovery document that says something else; the browser gets no further."""

    def act(desk: ProviderDesk, browser: Browser) -> TestResponse:
        desk.freja.change_document = lambda found: found.update(values)
        browser.get("/sign-in")
        return browser.post(f"/sign-in/provider/{FREJA}", {})

    return act


def redirected(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """A provider that sends us to another address."""
    desk.freja.status = 302
    browser.get("/sign-in")
    return browser.post(f"/sign-in/provider/{FREJA}", {})


def closed_person(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The identity of somebody who is closed."""
    with desk.world.database.transaction() as tx:
        people.close(tx, desk.world.person("sara"), desk.world.clock.now())
    return desk.sign_in(browser)


def other_office(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The same subject at the provider of another office, who may say it of anybody."""
    given = desk.board.authorize(desk.begin(browser, BOARDS))
    return desk.come_back(browser, given, BOARDS)


def linked_by_another(desk: ProviderDesk, browser: Browser) -> TestResponse:
    """The way back of a link, in the session of somebody else."""
    sara = desk.world.browser("sara")
    sara.get("/settings")
    given = desk.freja.authorize(sent_to(sara.post(f"/account/provider/{FREJA}", {})))
    sara.client.delete_cookie("tresteg_demo")
    assert browser.page is None  # the attacker's browser is not needed: it is that of Sara
    return desk.come_back(sara, given)


HOUR: Final = timedelta(hours=1)
ATTACKS: Final = (
    Attack("algorithm none", unsigned("none"), "algorithm"),
    Attack("algorithm None, in capitals", unsigned("NONE"), "algorithm"),
    Attack("HS256 with the public key as the secret", token(by_public_key), "algorithm"),
    Attack("HS256 with a secret among the published keys", published_secret, "algorithm"),
    Attack("signature stripped", token(stripped), "signature"),
    Attack("claims changed after signing", token(changed), "signature"),
    Attack("unknown key (kid)", unknown_key, "key"),
    Attack("another key under a known kid", same_kid, "signature"),
    Attack("key in the head (jwk)", by_key_within("jwk"), "header"),
    Attack("address of a key in the head (jku)", by_key_within("jku"), "header"),
    Attack("address of a certificate in the head (x5u)", by_key_within("x5u"), "header"),
    Attack("certificate in the head (x5c)", by_key_within("x5c"), "header"),
    Attack("extension that must be understood (crit)", header(crit=["b64"], b64=False), "header"),
    Attack("access token as ID token (at+jwt)", header(typ="at+jwt"), "type"),
    Attack("no ID token", token(lambda *_: None), "no_token"),  # type: ignore[arg-type]  # it is the attack
    Attack("another issuer", put(iss=EVIL), "iss"),
    Attack(
        "issuer with a slash at its end",
        claims(lambda desk, found: found.update(iss=f"{desk.freja.issuer}/")),
        "iss",
    ),
    Attack("another audience", put(aud="other"), "aud"),
    Attack("token of another client", put(aud="other", azp="other"), "aud"),
    Attack("several audiences without azp", put(aud=["tresteg", "other"]), "azp"),
    Attack("several audiences with our azp", put(aud=["tresteg", "other"], azp="tresteg"), "aud"),
    Attack("our audience, azp of another", put(azp="other"), "azp"),
    Attack("no audience", without("aud"), "aud"),
    Attack("another nonce", put(nonce="x" * 43), "nonce"),
    Attack("no nonce", without("nonce"), "nonce"),
    Attack("expired a second ago", at("exp", timedelta(seconds=-1)), "exp"),
    Attack("expired an hour ago", at("exp", -HOUR), "exp"),
    Attack("no expiry", without("exp"), "exp"),
    Attack("issued in the future", at("iat", timedelta(minutes=5, seconds=1)), "iat"),
    Attack("issued an hour ago", at("iat", -HOUR), "iat"),
    Attack("no time of issue", without("iat"), "iat"),
    Attack("time of issue that is no number", put(iat=float("nan")), "iat"),
    Attack("signed in at the provider an hour ago", at("auth_time", -HOUR), "auth_time"),
    Attack("another level (acr)", put(acr=LOWER), "acr"),
    Attack("no level", without("acr"), "acr"),
    Attack("level lowered in the browser", lowered, "acr"),
    Attack("level lowered in the browser, an essential claim", lowered_claim, "acr"),
    Attack("our level among others", claims(lambda _, c: c.update(acr=[c["acr"], LOWER])), "acr"),
    Attack("no subject", without("sub"), "sub"),
    Attack("empty subject", put(sub=""), "sub"),
    Attack("subject with a space", put(sub="anna "), "sub"),
    Attack("digest of another access token", put(at_hash="x" * 22), "at_hash"),
    Attack("another state", replaced("state", "x" * 43), "state"),
    Attack("no state", replaced("state"), "state"),
    Attack("state twice", replaced("state", "x", "y"), "state"),
    Attack("state of another browser", another_browser, "state"),
    Attack("callback without cookie", no_cookie, "browser"),
    Attack("changed cookie", changed_cookie, "browser"),
    Attack("callback after eleven minutes", too_late, "browser"),
    Attack("code and state replayed", replayed, "replayed"),
    Attack("stolen code (PKCE)", injected_code, "token_refused"),
    Attack("no code", replaced("code"), "code"),
    Attack("mix-up: callback of another provider", other_callback, "provider"),
    Attack(
        "mix-up: iss of another provider",
        replaced("iss", EVIL),
        "response_issuer",
    ),
    Attack("mix-up: no iss where it is announced", replaced("iss"), "response_issuer"),
    Attack("mix-up: iss twice", answer(lambda _, given: [*given, given[-1]]), "response_issuer"),
    Attack("error of the provider", replaced("error", "access_denied"), "access_denied"),
    Attack(
        "error of the provider: no such level",
        replaced("error", "unmet_authentication_requirements"),
        "acr",
    ),
    Attack(
        "HTML in the error's description",
        answer(lambda _, given: [*given[1:], ("error", SCRIPT), ("error_description", SCRIPT)]),
        "error",
    ),
    Attack("discovery of another issuer", document(issuer=EVIL), "discovery"),
    Attack("endpoint without https", document(token_endpoint="http://evil.example/"), "discovery"),
    Attack("endpoint that is a script", document(jwks_uri="javascript:1"), "discovery"),
    Attack("discovery too long", document(more="x" * 300_000), "too_long"),
    Attack("discovery that redirects", redirected, "status_302"),
    Attack("identity of a closed person", closed_person, "unknown"),
    Attack("same subject at the provider of another office", other_office, "unknown"),
    Attack("link in the session of nobody", linked_by_another, "person"),
)


def table() -> str:
    """The attacks as docs/sign-in.md has them."""
    lines = ["| Attack | Refused by |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {one.name} | `{one.why}` |" for one in ATTACKS)])


if __name__ == "__main__":
    print(table())  # noqa: T201 - it prints its table
