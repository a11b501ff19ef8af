"""The site as it is started: slow clients cost nobody else's thread, and it says when it is up and
when it has stopped.
"""

from __future__ import annotations

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from service import processors
from service.cli.buffering import HEAD_SECONDS
from service.security.keyring import make_keyring, write_keyring
from service.settings import PREFIX
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
HALF_HEAD = b"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: "
HALF_BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nhalf="
)
PATIENCE = 60
"""Seconds that a busy machine may take for what takes less than one."""


@dataclass
class Served:
    """A site that runs in processes of its own."""

    process: subprocess.Popen[str]
    port: int

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, f"it says nothing for {PATIENCE} s"
        return self.process.stdout.readline().strip()

    def health(self) -> tuple[int, float]:
        """The status of `/healthz`, and the seconds that it took."""
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        connection.close()
        return status, time.monotonic() - began

    def lets_in(self) -> bool:
        """Whether it takes connections."""
        try:
            self.connect(b"").close()
        except ConnectionError:
            return False
        return True

    def connect(self, sent: bytes) -> socket.socket:
        """A client that sends a part of a request, and no more."""
        with ExitStack() as unless_sent:
            client = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
            unless_sent.enter_context(client)
            client.sendall(sent)
            unless_sent.pop_all()
        return client


def end(process: subprocess.Popen[str]) -> None:
    """End it kindly; what does not listen is killed."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@contextmanager
def served(folder: Path, *words: str) -> Iterator[Served]:
    """`tresteg serve` on a free port, until the block ends."""
    write_keyring(make_keyring(demo=False), folder / "keys" / "keyring.json")
    (folder / "lib").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "TRESTEG_DATABASE_URL": f"sqlite:///{folder}/lib/tresteg.db",
        "TRESTEG_KEYS_FILE": f"{folder}/keys/keyring.json",
        "TRESTEG_MAIL_URL": "smtp://127.0.0.1:9?tls=off",
    }
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port), *words]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield Served(process, port)
        finally:
            end(process)


@pytest.mark.slow
def test_slow_clients_do_not_stop_the_site(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "2") as site, ExitStack() as clients:
        assert site.line() == f"Tresteg answers on http://127.0.0.1:{site.port}"
        slow = [
            clients.enter_context(site.connect(HALF_BODY if n % 2 else HALF_HEAD))
            for n in range(64)
        ]
        took = [site.health() for _ in range(5)]
        assert [status for status, _ in took] == [200] * 5
        assert min(seconds for _, seconds in took) < 1
        slow[0].settimeout(HEAD_SECONDS + PATIENCE)
        assert slow[0].recv(100) == b"", "half a head is not waited for"
        slow[1].settimeout(0.1)
        with pytest.raises(TimeoutError):
            slow[1].recv(100)
        site.process.send_signal(signal.SIGTERM)
        assert site.line() == "Tresteg has stopped."
        assert site.process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_what_was_asked_is_answered_before_the_site_stops(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        site.line()
        rest = 1000 - len("half=")
        with site.connect(HALF_BODY) as client:
            assert site.health()[0] == 200, "it has taken the connection before this one, too"
            site.process.send_signal(signal.SIGTERM)
            until(lambda: not site.lets_in(), "it takes no more connections")
            client.sendall(b"x" * rest)
            assert client.recv(100).startswith(b"HTTP/1.1 403"), "a form from nowhere"
        assert site.line() == "Tresteg has stopped."


@pytest.mark.slow
def test_a_body_beyond_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    head = HALF_BODY.replace(b"1000", b"900000000")
    with served(tmp_path) as site:
        site.line()
        with site.connect(head) as client:
            assert client.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.slow
def test_each_web_process_keeps_to_its_own_processor(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "2") as site:
        site.line()
        parent = psutil.Process(site.process.pid)
        until(lambda: len(parent.children()) == 2 and site.health()[0] == 200, "both are there")
        kept = [
            {tuple(os.sched_getaffinity(thread.id)) for thread in web.threads()}
            for web in parent.children()
        ]
        assert {len(processor) for of_threads in kept for processor in of_threads} == {1}
        assert len(set.union(*kept)) == min(2, len(processors.GIVEN))
        assert os.sched_getaffinity(parent.pid) == set(processors.GIVEN)
