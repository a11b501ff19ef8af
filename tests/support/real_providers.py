"""What the tests of providers that we did not write have in common: they run as processes of their
own, by the machine's clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Final
from urllib.request import HTTPRedirectHandler, Request

import pytest

from service.security.openid.client import ProviderClient
from service.security.openid.providers_file import read_providers
from tests.support.provider_desk import FREJA, ProviderDesk, write_file

BACK: Final = f"http://localhost/sign-in/provider/{FREJA}/callback"
LOWER: Final = "http://id.elegnamnden.se/loa/1.0/loa2"


class AtOurDoor(HTTPRedirectHandler):
    """Follows a provider's own redirects, and stops where one leads back to us."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        own = newurl.startswith(BACK)
        return None if own else super().redirect_request(req, fp, code, msg, headers, newurl)


@contextmanager
def at(desk: ProviderDesk, folder: Path, issuer: str, more: str = "") -> Iterator[ProviderDesk]:
    """The desk with that provider in the place of its own, by the machine's clock.

    Args:
        more: lines for its table in the file of providers.
    """
    folder.mkdir(exist_ok=True)
    (one,) = read_providers(str(write_file(folder, {FREJA: issuer}, more)))
    program = replace(desk.world.program, providers={FREJA: ProviderClient(one)})
    desk.world.clock.set(datetime.now(UTC))
    yield replace(desk, world=replace(desk.world, program=program))


def refusals(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The codes of why nobody was signed in, as the log has them."""
    said = map(json.loads, capsys.readouterr().err.splitlines())
    return [line["why"] for line in said if line["event"] == "provider_refused"]
