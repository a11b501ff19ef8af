"""A terminal in front of a real installation that has not begun: for tests of commands."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.application.container import Tresteg
from service.cli import main
from service.security.keyring import make_keyring, write_keyring
from tests.support.browser import Browser, code_at
from tests.support.programs import make_application

REAL = make_keyring(demo=False)


def begin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a keyring, a mail server and a database in the settings of the environment."""
    for name in [name for name in os.environ if name.startswith("TRESTEG_")]:
        monkeypatch.delenv(name)
    keys = folder.with_name(f"{folder.name}-keys") / "keyring.json"  # never beside the database
    write_keyring(REAL, keys)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(keys))
    monkeypatch.setenv("TRESTEG_MAIL_URL", "smtp://mail.example.org:587")
    monkeypatch.setenv("TRESTEG_DATABASE_URL", f"sqlite:///{folder}/tresteg.db")
    monkeypatch.chdir(folder)
    return folder


def tresteg(*words: str | Path, typed: str | None = None, locale: str = "C.UTF-8") -> Result:
    """Give a command; what is piped in is `typed`, and LC_ALL is `locale`."""
    given = CliRunner(env={"LC_ALL": locale})
    return given.invoke(main, [str(word) for word in words], input=typed)


def enters(made: Tresteg, address: str, name: str, password: str) -> str:
    """Let somebody who was invited choose a password and an app; gives the secret of the app.

    Args:
        address: as the command has printed it.
    """
    browser, base = Browser(make_application(made).test_client()), made.settings.base_url
    browser.headers["Referer"] = f"{base}/welcome"
    token = address.strip().partition("#")[2]
    return browser.enter(token, name, password, made.clock.now(), base_url=base)


def signs_in(made: Tresteg, name: str, password: str, secret: str) -> bool:
    """Whether somebody comes in through the page of the site.

    Args:
        secret: of the app that makes codes.
    """
    browser, base = Browser(make_application(made).test_client()), made.settings.base_url
    browser.headers["Referer"] = f"{base}/sign-in"
    browser.get("/sign-in", base_url=base)
    form = {"user": name, "password": password}
    if browser.post("/sign-in", form, base_url=base).status_code != 200:  # wrong: no step follows
        return False
    later = made.clock.now() + timedelta(seconds=30)  # the code of now is used up
    return browser.type_code(name, code_at(secret, later), base_url=base).status_code == 303


def one_sentence(done: Result) -> str:
    """The one line that a command which failed has said; a traceback is none."""
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line
