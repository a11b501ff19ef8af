"""Passkeys in Chromium, with its virtual authenticator: made, used, shown again, ended, refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from service.security.keyring import Keyring
from service.store.installation import credentials, ledger_entries
from tests.browser.conftest import Opener, Screen, Site, people_only, site_of

pytestmark = pytest.mark.browser
MAKE, SIGN_IN, SHOW = "Gör en passkey", "Logga in med passkey", "Visa din passkey"
OWN, REFUSED = "/account/passkeys", "godtogs inte"


@pytest.fixture(scope="module")
def named_site(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Iterator[Site]:
    """A site that is reached by a name."""
    folder: Path = tmp_path_factory.mktemp("named")
    with site_of(folder, keyring, people_only, host="localhost") as made:
        yield made


@dataclass
class Device:
    """A virtual authenticator of one browser window."""

    page: Page
    session: CDPSession = field(init=False)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.session = self.page.context.new_cdp_session(self.page)
        self.session.send("WebAuthn.enable")
        self.id = self.session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )["authenticatorId"]

    def sees_finger(self, seen: bool) -> None:  # noqa: FBT001 - the one thing that it says
        """Whether it sees the finger from now on."""
        about = {"authenticatorId": self.id, "isUserVerified": seen}
        self.session.send("WebAuthn.setUserVerified", about)

    def credentials(self) -> list[dict[str, Any]]:
        """The passkeys that lie in it."""
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def put_back(self, credential: dict[str, Any], count: int) -> None:
        """Put a passkey in its place as it was when its counter stood at `count`."""
        self.session.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})
        about = {"authenticatorId": self.id, "credential": {**credential, "signCount": count}}
        self.session.send("WebAuthn.addCredential", about)


def makes_one(one: Screen) -> Device:
    """Make a passkey with a new device."""
    device = Device(one.page)
    one.open(OWN)
    one.page.get_by_role("button", name=MAKE).click()
    expect(one.page.get_by_role("button", name="Ta bort").first).to_be_visible()
    return device


def sign_out(page: Page, site: Site) -> None:
    """End the session, as a browser that was closed."""
    page.context.clear_cookies()
    page.goto(f"{site.address}/sign-in")


def alarms(site: Site) -> int:
    with site.program.database.transaction(write=False) as tx:
        return len(ledger_entries.latest(tx, "system", kinds=["passkey_counter_back"]))


def test_a_passkey_is_made_used_shown_once_more_and_ended(screen: Opener, named_site: Site) -> None:
    sara = screen("sara", at=named_site)
    page, device = sara.page, Device(sara.page)
    sara.open(OWN)
    page.get_by_label("Namn").fill("Arbetsdator")
    page.get_by_label("Namn").press("Tab")
    page.keyboard.press("Enter")  # without a mouse
    expect(page.get_by_role("heading", name="Arbetsdator")).to_be_visible()
    (kept,) = device.credentials()
    assert kept["isResidentCredential"]

    sign_out(page, named_site)
    page.get_by_role("button", name=SIGN_IN).click()
    expect(page).not_to_have_url(f"{named_site.address}/sign-in")
    sara.open("/prove")
    page.get_by_role("button", name=SHOW).click()
    expect(page.get_by_role("button", name=SHOW)).to_have_count(0)

    sign_out(page, named_site)
    device.sees_finger(False)
    page.get_by_role("button", name=SIGN_IN).click()
    expect(page.locator("[data-failed]").first).to_be_visible()
    device.sees_finger(True)

    before = alarms(named_site)
    device.put_back(device.credentials()[0], 1)
    page.get_by_role("button", name=SIGN_IN).click()
    expect(page.get_by_text(REFUSED)).to_be_visible()
    assert alarms(named_site) == before + 1
    screen("sara", at=named_site).open(OWN)


def test_what_a_browser_sent_once_is_refused_when_it_is_sent_again(
    screen: Opener, named_site: Site
) -> None:
    stina = screen("stina", at=named_site)
    page = stina.page
    makes_one(stina)
    sign_out(page, named_site)
    with page.expect_request("**/sign-in/passkey") as sent:
        page.get_by_role("button", name=SIGN_IN).click()
    body = sent.value.post_data
    assert body is not None
    page.wait_for_load_state()
    again = page.request.post(
        f"{named_site.address}/sign-in/passkey",
        data=body,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "Origin": named_site.address,
        },
        max_redirects=0,
    )
    assert again.status in (303, 403)
    assert "refused" in again.headers.get("location", "refused")


def test_another_site_gets_nothing_from_it(screen: Opener, named_site: Site, site: Site) -> None:
    """The same page under another host: the browser hands no passkey out there."""
    elsewhere = screen(at=site)
    elsewhere.open("/sign-in")
    expect(elsewhere.page.get_by_role("button", name=SIGN_IN)).to_have_count(0)
    omar = screen("omar", at=named_site)
    Device(omar.page)
    omar.open(OWN)
    options = omar.page.locator("form[data-passkey]").get_attribute("data-options")
    assert options is not None
    assert json.loads(options)["rp"]["id"] == "localhost"
    fails = """async (given) => {
      const options = JSON.parse(given); options.rp.id = "example.org";
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      try { await navigator.credentials.create({ publicKey }); return "made"; }
      catch (fault) { return fault.name; }
    }"""
    assert omar.page.evaluate(fails, options) == "SecurityError"


def test_one_that_is_ended_ends_the_sessions_that_it_began_and_no_others(
    screen: Opener, named_site: Site
) -> None:
    aino = screen("aino", at=named_site)
    page = aino.page
    makes_one(aino)
    page.get_by_role("button", name="Ta bort").first.click()
    expect(page.get_by_text("enda sätt att logga in")).to_be_visible()
    aino.complaints.clear()  # the answer says so by its status too
    other = screen("aino", at=named_site)
    second = makes_one(other)
    expect(other.page.get_by_role("button", name="Ta bort")).to_have_count(2)
    assert len(second.credentials()) == 1
    sign_out(other.page, named_site)
    other.page.get_by_role("button", name=SIGN_IN).click()
    expect(other.page).not_to_have_url(f"{named_site.address}/sign-in")
    other.page.goto(f"{named_site.address}/settings")
    expect(other.page.get_by_text("med passkeyn ”").first).to_be_visible()
    third = screen("aino", at=named_site)
    aino.open(OWN)
    page.get_by_role("button", name="Ta bort").nth(1).click()
    expect(page.get_by_role("button", name="Ta bort")).to_have_count(1)
    other.page.goto(f"{named_site.address}{OWN}")
    expect(other.page).to_have_url(f"{named_site.address}/sign-in?back={OWN}")
    third.open(OWN)
    with named_site.program.database.transaction(write=False) as tx:
        rows = credentials.of_kind(tx, credentials.PASSKEY)
    assert sum(row.ended_at is not None for row in rows) == 1
