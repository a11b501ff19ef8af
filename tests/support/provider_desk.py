"""An installation with two providers, one of the office of Sara and one of that of Omar, and what
people do there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Final

import pytest
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from service.clock import SetClock
from service.people import provider_sign_in
from service.records.context import Actor
from service.security.keyring import Keyring
from service.security.openid.client import Identity, ProviderClient
from service.security.openid.providers_file import read_providers
from service.security.records import LedgerEntry
from service.settings import Settings
from service.store.installation import ledger_entries
from service.store.installation.credentials import Credential
from tests.support.browser import Browser
from tests.support.directory import BOARD, OFFICE, THREE_OFFICES
from tests.support.openid_provider import (
    CLIENT,
    LEVEL,
    SmallProvider,
    made_key,
    query,
    serve,
)
from tests.support.world import World, open_world

FREJA: Final = "freja"
BOARDS: Final = "board"
TOR: Final = Actor("tor")


def client_key() -> ECKey:
    """The key of the installation."""
    return made_key("installation")


def write_file(folder: Path, issuers: dict[str, str], more: str = "") -> Path:
    """The file of providers: id to issuer, the first of Sara's office and the second of Omar's."""
    key = folder / "client.jwk"
    key.write_text(json.dumps(client_key().as_dict(private=True)), "utf-8")
    key.chmod(0o400)
    offices = dict(zip(issuers, (OFFICE, BOARD), strict=False))
    file = folder / "providers.toml"
    file.write_text(
        "\n".join(
            f"""[{id_}]
name = {{ sv = "{id_.title()} på svenska", en = "{id_.title()}" }}
office = "{offices[id_]}"
issuer = "{issuer}"
client_id = "{CLIENT}"
key_file = "client.jwk"
acr = ["{LEVEL}"]
{more}"""
            for id_, issuer in issuers.items()
        ),
        "utf-8",
    )
    return file


@dataclass
class ProviderDesk:
    """The installation and its providers."""

    world: World
    freja: SmallProvider
    board: SmallProvider

    def link(self, name: str = "sara", subject: str = "anna", provider: str = FREJA) -> Credential:
        """Link a person to an identity."""
        program = self.world.program
        identity = Identity(program.providers[provider].provider, subject)
        with self.world.database.transaction() as tx:
            return provider_sign_in.link(
                tx, program.services, f"p_{name}", identity, TOR, self.world.clock.now()
            )

    def begin(self, browser: Browser, provider: str = FREJA, back: str = "") -> str:
        """Press the button of a provider; gives the address that the browser is sent to."""
        browser.get("/sign-in")
        answer = browser.post(f"/sign-in/provider/{provider}", {"back": back})
        return sent_to(answer)

    def come_back(
        self, browser: Browser, answer: list[tuple[str, str]], provider: str = FREJA
    ) -> TestResponse:
        """Come back from a provider: first to the page that asks once more, then to the end."""
        page = browser.get(f"/sign-in/provider/{provider}/callback?{query(answer)}")
        if page.status_code != 200 or "Refresh" not in page.headers:
            return page
        return browser.get(sent_to(page))

    def sign_in(self, browser: Browser, back: str = "") -> TestResponse:
        """Sign in at the provider of Sara's office, from the button to the end."""
        return self.come_back(browser, self.freja.authorize(self.begin(browser, back=back)))

    def entries(self, kind: str, stream: str = f"office/{OFFICE}") -> list[LedgerEntry]:
        """The entries of a kind, the newest first."""
        with self.world.database.transaction(write=False) as tx:
            return list(ledger_entries.latest(tx, stream, kinds=[kind]))


def sent_to(answer: TestResponse) -> str:
    """Where a page leads on to by itself; its link leads to the same address."""
    assert answer.status_code == 200, answer.text
    seconds, _, address = answer.headers["Refresh"].partition("; url=")
    assert seconds == "0"
    assert f'href="{address}"' in unescape(answer.text)
    return address


@pytest.fixture
def provider_desk(
    settings: Settings, clock: SetClock, keyring: Keyring, tmp_path: Path
) -> Iterator[ProviderDesk]:
    """An installation with two providers that run."""
    with ExitStack() as stack:
        freja, board = (
            stack.enter_context(serve(SmallProvider(clock.now, client_key(), key=made_key(kid))))
            for kid in ("one", "two")
        )
        file = write_file(tmp_path, {FREJA: freja.issuer, BOARDS: board.issuer})
        world = open_world(settings, keyring, directory=THREE_OFFICES, topics=None, clock=clock)
        stack.callback(world.database.close)
        found = {one.id: ProviderClient(one) for one in read_providers(str(file))}
        yield ProviderDesk(
            replace(world, program=replace(world.program, providers=found)), freja, board
        )
