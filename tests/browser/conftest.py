"""A whole site on a free port, with a worker, and Chromium in front of it.

Its people and cases are invented.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, expect
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from service.app import assemble
from service.application.container import Tresteg
from service.clock import ShiftedClock, WallClock
from service.demo import seed as demo_seed
from service.demo import tour
from service.operations.start_checks import prepare_database
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.work import jobs, letters
from service.web.application import create_app
from service.worker.loop import Worker
from tests.support.audits import MATTER
from tests.support.browser import TOKEN
from tests.support.forks import AT_A_DATABASE
from tests.support.machine import lacking
from tests.support.made_once import made_once
from tests.support.shipped import publish_shipped
from tests.support.waiting import PROGRAM, join

ROOT = Path(__file__).parents[2]
WHOLE_CHROMIUM = Path(os.environ.get("TRESTEG_CHROMIUM", "/usr/bin/chromium"))
"""As people have it: what is measured is measured there."""
WITHOUT_WINDOWS = Path("/usr/bin/chromium-headless-shell")
"""The same engine, where Debian puts it: it takes two thirds of the CPU."""
CHROMIUM = (
    WITHOUT_WINDOWS
    if WITHOUT_WINDOWS.exists() and "TRESTEG_CHROMIUM" not in os.environ
    else WHOLE_CHROMIUM
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the site opens.

Its clock runs on from there, so that no test depends on the day on which it is run.
"""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
DATABASE = "site.db"
LEASE = timedelta(seconds=61)
"""What is due within this time may be in the hands of the worker, which holds it for a minute."""
PATIENCE = 30_000
"""Milliseconds until a thing that should come counts as missing; a busy machine is slow."""
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@dataclass
class Site:
    """The site, and what stands behind it."""

    address: str
    program: Tresteg

    def idle(self) -> bool:
        """Whether nothing is due for the worker at this moment, and nothing is in its hands."""
        with self.program.database.transaction(write=False) as tx:
            moments = [m for m in (jobs.next_moment(tx), letters.next_moment(tx)) if m is not None]
        return (
            min(moments, default=MONDAY + timedelta(days=9999)) > self.program.clock.now() + LEASE
        )


class _Silent(WSGIRequestHandler):
    """Requests are not worth a line in the report of a test."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Nothing."""


class _SiteWorker(Worker):
    """A worker beside which other tests of this process may fork."""

    def _work(self) -> int:
        with AT_A_DATABASE:
            return super()._work()

    def _letters(self) -> int:
        with AT_A_DATABASE:
            return super()._letters()


def closed_at_once(app: WSGIApplication) -> WSGIApplication:
    """An application whose answers are closed before they are sent: the server of these tests
    leaves one open whose client has gone, and with it the calls and letters that the worker is to
    begin with then.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        with closing(cast("ClosingIterator", app(environ, start_response))) as pieces:
            return list(pieces)

    return answer


@contextmanager
def served(program: Tresteg, listener: socket.socket) -> Iterator[None]:
    """Answer on a socket, with a worker that does what is due."""
    worker = _SiteWorker(program.database, program.services, program.clock, program.mail)
    app = create_app(program, worker)
    app.config.update(
        TRESTEG_RESET=demo_seed.DemoProgram(program).reset, TRESTEG_WALK=tour.DemoTour(program).play
    )
    host, port = listener.getsockname()
    server = make_server(
        host,
        port,
        closed_at_once(app),
        threaded=True,
        request_handler=_Silent,
        fd=listener.fileno(),
    )
    threads = [
        threading.Thread(target=server.serve_forever, name="site"),
        threading.Thread(target=worker.run, name="worker"),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        worker.stop()
        server.shutdown()
        join(*threads)
        server.server_close()


def people_only(program: Tresteg) -> None:
    """Offices, people and the shipped release; no case."""
    demo_seed.seed_directory(program, program.clock.now())
    publish_shipped(program, program.clock.now())


def seed_nothing(_: Tresteg) -> None:
    """The database is filled already."""


@pytest.fixture(scope="session", autouse=True)
def bundle() -> None:
    """The browser's files, built from what lies in the tree now."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "dev.py"), "build"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROGRAM,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def program_of(folder: Path, keyring: Keyring, address: str) -> Iterator[Tresteg]:
    """The program on the database of a folder; there it is Monday."""
    wall = ShiftedClock(WallClock(), MONDAY - WallClock().now())
    program = assemble(
        Settings(database_url=f"sqlite:///{folder}/{DATABASE}", base_url=address),
        clock=ShiftedClock(wall),
        keyring=keyring,
    )
    try:
        prepare_database(program)
        yield program
    finally:
        program.database.close()


@contextmanager
def site_of(
    folder: Path,
    keyring: Keyring,
    seed: Callable[[Tresteg], object],
    host: str = "127.0.0.1",
) -> Iterator[Site]:
    """A site with a database of its own.

    Args:
        host: as people type it; a passkey is for one that has a name.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://{host}:{listener.getsockname()[1]}"
        with program_of(folder, keyring, address) as program:
            seed(program)
            with served(program, listener):
                yield Site(address, program)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Path:
    """The database of the demo with all its cases. Sites copy it: to play the cases is dear."""

    def make(folder: Path) -> None:
        with program_of(folder, keyring, "http://localhost") as program:
            demo_seed.seed(program)

    return made_once(tmp_path_factory, "demo", make)


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, keyring: Keyring, demo_folder: Path
) -> Iterator[Site]:
    """The demo with all its cases, one for all tests; each has browsers of its own."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(demo_folder, folder, dirs_exist_ok=True)
    with site_of(folder, keyring, seed_nothing) as made:
        yield made


@pytest.fixture
def own_site(tmp_path: Path, keyring: Keyring, demo_folder: Path) -> Iterator[Site]:
    """The demo with all its cases, for a test that publishes and moves all of them."""
    shutil.copytree(demo_folder, tmp_path, dirs_exist_ok=True)
    with site_of(tmp_path, keyring, seed_nothing) as made:
        yield made


@pytest.fixture(scope="module")
def quiet_site(tmp_path_factory: pytest.TempPathFactory, keyring: Keyring) -> Iterator[Site]:
    """A site with people and no case: every list is empty, and the next timer is always that of the
    one case that a test walks.
    """
    with site_of(tmp_path_factory.mktemp("quiet"), keyring, people_only) as made:
        yield made


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The machine's Chromium."""
    if not CHROMIUM.exists():
        lacking(f"there is no Chromium at {CHROMIUM}: install it, or name it in TRESTEG_CHROMIUM")
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield browser
    browser.close()


@dataclass
class Screen:
    """One person's browser window, and everything that it complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    lang: str = "sv"
    """What the person reads; her setting is kept in the site that tests share, so each window
    chooses anew."""
    expected: set[int] = field(default_factory=lambda: {200})
    """Statuses that a test provokes; any other is a complaint."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self.complaints.append(f"{self.page.url}: {fault}"))
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(
            "Failed to load resource"
        ):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.url}: {response.status}")

    def open(self, path: str) -> Page:
        """Go to an address of the site."""
        self.page.goto(f"{self.address}{path}")
        return self.page

    def enter(self, name: str) -> Page:
        """Become one of the demo's people, as by her card; an auditor states the matter.

        The page of the cards is asked for and not drawn: to draw it, its picture of every person
        with it, costs as much as to draw the page that a test is about.
        """
        self.open(self.sends("/demo/enter", who=name))
        self.speak(self.lang)
        if "/audit/matter" in self.page.url:
            self.page.locator("#matter").fill(MATTER)
            with self.page.expect_navigation():
                self.page.locator("main form button").click()
        return self.page

    def sends(self, path: str, **fields: str) -> str:
        """Send a form of the demo's first page, which nobody looks at; gives where it leads."""
        asked, language = self.page.request, {"Accept-Language": self.lang}
        token = TOKEN.search(asked.get(f"{self.address}/demo", headers=language).text())
        assert token is not None
        answer = asked.post(
            f"{self.address}{path}",
            headers={**language, "Origin": self.address},
            form={"csrf_token": token[1], **fields},
            max_redirects=0,
        )
        assert answer.status == 303, answer.status
        return answer.headers["location"]

    def speak(self, lang: str) -> None:
        """Choose a language by the button in the header, unless it is the page's already."""
        button = self.page.locator(f"button[name=language][value={lang}]")
        if button.count():
            self.open_menu()
            with self.page.expect_navigation():
                button.click()

    def open_menu(self) -> None:
        """Open the menu of a narrow header; a wide one shows it."""
        opener = self.page.locator("button.t-nav-button")
        if opener.is_visible():
            opener.click()


Opener = Callable[..., Screen]


@pytest.fixture
def screen(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Opener]:
    """Opens windows, each with cookies of its own.

    A window that complained of anything fails the test.
    """
    opened: list[Screen] = []

    def new(who: str = "", *, at: Site | None = None, **options: Any) -> Screen:
        place: Site = at or request.getfixturevalue("site")
        context = chromium.new_context(
            **{"viewport": WIDE, "locale": "sv-SE", "timezone_id": "Europe/Stockholm", **options}
        )
        made = Screen(context.new_page(), place.address, lang=str(options.get("locale", "sv"))[:2])
        opened.append(made)
        if who:
            made.enter(who)
        else:
            made.open("/demo")
        return made

    yield new
    for one in opened:
        one.page.context.close()
    assert [complaint for one in opened for complaint in one.complaints] == []
