"""Signing in at a provider that we did not write: oidc-provider, over real HTTP."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Final
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

import dev
from tests.support.machine import lacking, node
from tests.support.made_once import made_once
from tests.support.openid_provider import CLIENT, LEVEL
from tests.support.provider_desk import ProviderDesk, client_key
from tests.support.real_providers import BACK, LOWER, AtOurDoor, at, refusals
from tests.support.tree import ROOT

FOLDER: Final = ROOT / "tests" / "openid"


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the provider and its packages, as its lock file has them."""

    def make(folder: Path) -> None:
        shutil.copytree(
            FOLDER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules")
        )
        npm = dev.find_npm()
        done = subprocess.run(
            [*npm.command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            env=npm.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        (folder / "fault").write_text(done.stderr if done.returncode else "", "utf-8")

    folder = made_once(tmp_path_factory, "openid", make)
    if fault := (folder / "fault").read_text("utf-8"):
        lacking(f"the npm package oidc-provider cannot be fetched: {fault[:300]}")
    return folder


@contextmanager
def running(folder: Path, *levels: str) -> Iterator[str]:
    """The issuer of a provider that runs; it gives the first of its levels."""
    given = {
        "client": CLIENT,
        "keys": [client_key().as_dict(private=False)],
        "back": BACK,
        "levels": levels,
    }
    command = [node(), str(folder / "provider.mjs"), json.dumps(given)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
        child.communicate()


def visit(address: str) -> list[tuple[str, str]]:
    """What the provider sends a browser back with."""
    opener = build_opener(HTTPCookieProcessor(CookieJar()), AtOurDoor())
    try:
        answer: HTTPResponse = opener.open(address, timeout=20)
    except HTTPError as e:
        with e:
            return parse_qsl(urlsplit(e.headers["Location"] or "").query)
    with answer:
        raise AssertionError(answer.read().decode())


@pytest.mark.slow
def test_a_person_signs_in_at_oidc_provider(
    packages: Path, provider_desk: ProviderDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        running(packages, LEVEL, LOWER) as issuer,
        at(provider_desk, tmp_path / "real", issuer) as desk,
    ):
        desk.link()
        browser = desk.world.browser()
        answer = desk.come_back(browser, visit(desk.begin(browser, back="/inbox")))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
        assert browser.get("/inbox").status_code == 200

        # its tokens live an hour: that they are fresh is looked at by when they were issued
        late = desk.world.browser()
        given = visit(desk.begin(late))
        desk.world.clock.set(desk.world.clock.now() + timedelta(minutes=6))
        assert desk.come_back(late, given).status_code == 422

        # and it knows its codes: one that was used gives nothing to who begins anew with it
        again = desk.world.browser()
        own = dict(visit(desk.begin(again)))
        stolen = {**own, "code": dict(given)["code"]}
        assert desk.come_back(again, list(stolen.items())).status_code == 422
    assert refusals(capsys) == ["iat", "token_refused"]


@pytest.mark.slow
def test_a_lower_level_of_oidc_provider_is_refused(
    packages: Path, provider_desk: ProviderDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        running(packages, LOWER, LEVEL) as issuer,
        at(provider_desk, tmp_path / "real", issuer) as desk,
    ):
        desk.link()
        browser = desk.world.browser()
        answer = desk.come_back(browser, visit(desk.begin(browser)))
        assert answer.status_code == 422
        assert browser.get("/inbox").status_code == 303
    assert refusals(capsys) == ["acr"]


@pytest.mark.slow
def test_oidc_provider_reads_the_level_as_an_essential_claim(
    packages: Path, provider_desk: ProviderDesk, tmp_path: Path
) -> None:
    with (
        running(packages, LEVEL, LOWER) as issuer,
        at(provider_desk, tmp_path / "real", issuer, "acr_essential = true") as desk,
    ):
        desk.link()
        browser = desk.world.browser()
        address = desk.begin(browser, back="/inbox")
        assert "acr_values" not in dict(parse_qsl(urlsplit(address).query))
        answer = desk.come_back(browser, visit(address))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox")
