"""Signing in at a second provider that we did not write: LemonLDAP::NG of Debian (Perl), over real
HTTP and through its own page with a name and a password.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from joserfc.jwk import RSAKey

from tests.support.machine import lacking
from tests.support.openid_provider import CLIENT, LEVEL
from tests.support.provider_desk import FREJA, ProviderDesk, client_key
from tests.support.real_providers import BACK, LOWER, AtOurDoor, at, refusals
from tests.support.tree import ROOT

SCRIPT: Final = ROOT / "tests" / "openid" / "lemonldap.pl"
MODULES: Final = ("Lemonldap::NG::Portal::Main", "Crypt::JWT", "IO::String", "String::Random")
PACKAGES: Final = (
    "liblemonldap-ng-portal-perl libcrypt-jwt-perl libio-string-perl libstring-random-perl"
)
PASSWORD: Final = 1
"""What LemonLDAP::NG calls the level of who gave a password, without TLS."""
LINKED: Final = "dwho"
STRANGER: Final = "rtyler"
"""Two people of its demonstration; their password is their name."""


@cache
def signing_key() -> RSAKey:
    """The key of the provider."""
    return RSAKey.generate_key(2048)


@pytest.fixture(scope="module")
def perl() -> str:
    """Perl with the packages that the provider needs."""
    found = shutil.which("perl") or lacking("there is no Perl here")
    command = [found, *(f"-M{one}" for one in MODULES), "-e1"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        lacking(f"LemonLDAP::NG is not here: apt-get install --no-install-recommends {PACKAGES}")
    return found


@contextmanager
def running(perl: str, folder: Path, level: str = LEVEL) -> Iterator[str]:
    """The issuer of a provider that runs; it gives that level to who signs in with a password."""
    folder.mkdir()
    key = signing_key()
    given = {
        "folder": str(folder),
        "client": CLIENT,
        "jwks": {"keys": [client_key().as_dict(private=False)]},
        "back": BACK,
        "key": key.as_pem(private=True).decode(),
        "public": key.as_pem(private=False).decode(),
        "levels": {level: PASSWORD},
    }
    with subprocess.Popen(
        [perl, str(SCRIPT), json.dumps(given)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        try:
            yield child.stdout.readline().strip()
        finally:
            child.terminate()


class LoginForm(HTMLParser):
    """The hidden fields of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "input" and found.get("type") == "hidden":
            self.fields[found["name"]] = found.get("value", "")


def sign_in_there(address: str, person: str, password: str = "") -> list[tuple[str, str]]:
    """What the provider sends a browser back with, whose person fills in its page; [] where it
    sends it nowhere.
    """
    opener = build_opener(HTTPCookieProcessor(CookieJar()), AtOurDoor())
    with opener.open(address, timeout=20) as page:
        there, form = page.geturl(), LoginForm(page.read().decode())
    filled = {**form.fields, "user": person, "password": password or person}
    try:
        answer: HTTPResponse = opener.open(there, urlencode(filled).encode(), timeout=20)
    except HTTPError as e:
        with e:
            return parse_qsl(urlsplit(e.headers["Location"] or "").query)
    with answer:
        return []


@pytest.mark.slow
def test_a_person_signs_in_at_lemonldap(
    perl: str, provider_desk: ProviderDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        running(perl, tmp_path / "provider") as issuer,
        at(provider_desk, tmp_path / "real", issuer) as desk,
    ):
        desk.link(subject=LINKED)
        browser = desk.world.browser()
        given = sign_in_there(desk.begin(browser, back="/inbox"), LINKED)
        answer = desk.come_back(browser, given)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
        assert browser.get("/inbox").status_code == 200

        # a code is worth something once, and only to who asked for it (PKCE)
        fresh = sign_in_there(desk.begin(desk.world.browser()), LINKED)
        for taken in (given, fresh):
            thief = desk.world.browser()
            own = dict(sign_in_there(desk.begin(thief), LINKED))
            stolen = {**own, "code": dict(taken)["code"]}
            assert desk.come_back(thief, list(stolen.items())).status_code == 422
            assert thief.get("/inbox").status_code == 303
    assert refusals(capsys) == ["token_refused", "token_refused"]


@pytest.mark.slow
def test_who_is_not_linked_or_not_known_at_lemonldap_is_not_let_in(
    perl: str, provider_desk: ProviderDesk, tmp_path: Path
) -> None:
    with (
        running(perl, tmp_path / "provider") as issuer,
        at(provider_desk, tmp_path / "real", issuer) as desk,
    ):
        desk.link(subject=LINKED)
        browser = desk.world.browser()
        answer = desk.come_back(browser, sign_in_there(desk.begin(browser), STRANGER))
        assert answer.status_code == 403
        assert browser.get("/inbox").status_code == 303
        assert len(desk.entries("provider_unknown", "system")) == 1

        assert sign_in_there(desk.begin(browser), LINKED, "wrong") == []


@pytest.mark.slow
def test_a_lower_level_of_lemonldap_is_refused(
    perl: str, provider_desk: ProviderDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        running(perl, tmp_path / "provider", LOWER) as issuer,
        at(provider_desk, tmp_path / "real", issuer) as desk,
    ):
        desk.link(subject=LINKED)
        browser = desk.world.browser()
        answer = desk.come_back(browser, sign_in_there(desk.begin(browser), LINKED))
        assert answer.status_code == 422
        assert browser.get("/inbox").status_code == 303
    assert refusals(capsys) == ["acr"]


@pytest.mark.slow
def test_lemonldap_that_has_ended_is_named_as_down(
    perl: str, provider_desk: ProviderDesk, tmp_path: Path
) -> None:
    with running(perl, tmp_path / "provider") as issuer:
        pass
    with at(provider_desk, tmp_path / "real", issuer) as desk:
        browser = desk.world.browser()
        browser.get("/sign-in")
        assert browser.post(f"/sign-in/provider/{FREJA}", {}).status_code == 503
        assert browser.sign_in("sara").status_code == 303
