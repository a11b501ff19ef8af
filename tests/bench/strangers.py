"""Pages of a person who works while strangers send wrong passwords, against the same pages without.

`python -m tests.bench.strangers [seconds] [rounds]`. 40 connections, from one network and from 40,
to a site of one web process on SQLite: directly, and through the nginx file of docs/howto/files
where nginx is installed. Quiet and flood take turns in one run. Also how long it takes to sign in
during the flood, from a browser that the account knows and from another.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench._gauge import Row, pause, report, sqlite
from tests.bench.over_http.servers import (
    PEOPLE,
    ROOT,
    free_port,
    install,
    product,
    running,
    wait_for,
)
from tests.bench.over_http.strangers import Browser
from tests.support.browser import PASSWORD
from tests.test_howto_files import put

SECONDS, ROUNDS, CONNECTIONS = 5.0, 4, 40
WARM = 2.0
"""Seconds that the flood has lasted when the pages begin."""
PAGE = "/inbox"
REST = 0.03
"""Seconds between two pages: the proxy lets an address ask 50 times a second."""
HOST = "tresteg.example.org"


@contextmanager
def behind_nginx(folder: Path, upstream: int) -> Iterator[int]:
    """Nginx with the shipped file in front of a site; gives its port."""
    inside = folder / "nginx"
    inside.mkdir(exist_ok=True)
    inside.chmod(0o755)
    folder.chmod(0o755)
    main, port, plain = put(inside), free_port(), free_port()
    conf = inside / "tresteg.nginx.conf"
    text = conf.read_text("utf-8").replace("127.0.0.1:5000", f"127.0.0.1:{upstream}")
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
    kept = [line for line in text.splitlines() if "listen [::]" not in line]
    conf.write_text("\n".join(kept) + "\n", "utf-8")
    words = [shutil.which("nginx") or "nginx", "-c", str(main), "-p", str(inside)]
    with subprocess.Popen([*words, "-g", "daemon off;"]) as nginx:
        try:
            pause(1)
            yield port
        finally:
            nginx.terminate()


def pages(browser: Browser, seconds: float) -> list[float]:
    """Seconds that each page took."""
    until, took = time.monotonic() + seconds, list[float]()
    while time.monotonic() < until:
        began = time.perf_counter()
        status, _ = browser.send("GET", PAGE)
        took.append(time.perf_counter() - began)
        if status != 200:
            raise SystemExit(f"{PAGE} gave {status}")
        pause(REST)
    return took


def signing_in(browser: Browser, name: str) -> float:
    """Seconds until a person is in, with as many tries as it takes.

    Raises:
        SystemExit: the site says something else than that many are signing in.
    """
    for session in ("tresteg_demo", "__Host-tresteg"):
        browser.cookies.pop(session, None)
    browser.open()
    began = time.perf_counter()
    while (status := browser.sign_in(name, PASSWORD)) != 303:
        if status != 503:
            raise SystemExit(f"sign-in of {name} gave {status}")
        pause(1)
    return time.perf_counter() - began


def measure(
    where: str, port: int, host: str, networks: int, *, tls: bool, seconds: float, rounds: int
) -> list[Row]:
    """The rows of one way to a site, told at once."""
    reader, known = (Browser(port, host, "127.0.0.1", tls=tls) for _ in range(2))
    reader.sign_in(PEOPLE[0], PASSWORD)
    known.sign_in(PEOPLE[1], PASSWORD)
    pages(reader, WARM)
    quiet, flood = list[float](), list[float]()
    unknown_took, known_took, came = list[float](), list[float](), Counter[str]()
    for turn in range(rounds):
        quiet += pages(reader, seconds)
        words = [str(port), host, str(CONNECTIONS), str(networks), str(seconds + WARM + 4)]
        command = [sys.executable, "-m", "tests.bench.over_http.strangers", *words, *["tls"] * tls]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as strangers:
            pause(WARM + 1)
            flood += pages(reader, seconds)
            stranger = Browser(port, host, "127.3.0.1", tls=tls)
            unknown_took.append(signing_in(stranger, PEOPLE[2 + turn]))
            known_took.append(signing_in(known, PEOPLE[1]))
            came.update(json.loads(strangers.communicate()[0]))
    ratio = statistics.mean(flood) / statistics.mean(quiet)
    name = f"{where}, {CONNECTIONS} connections of {networks} network{'s'[: networks - 1]}"
    middle = statistics.median(flood) / statistics.median(quiet)
    high = [statistics.quantiles(each, n=20)[-1] for each in (flood, quiet)]
    tries = ", ".join(f"{count} x {status}" for status, count in sorted(came.items()))
    found = [
        Row(
            "stand",
            f"{name}: a signed-in page under them / without",
            "<= 1.5",
            f"{ratio:.2f} ({1000 * statistics.mean(flood):.0f} ms against"
            f" {1000 * statistics.mean(quiet):.0f}; median {middle:.2f}, p95"
            f" {high[0] / high[1]:.2f}; tries {tries})",
            ratio <= 1.5,
        ),
        Row(
            "stand",
            f"{name}: seconds to sign in, most of {rounds}",
            "",
            f"{max(unknown_took):.1f}, from a known browser {max(known_took):.1f}",
            None,
        ),
    ]
    for row in found:
        print(row.measure, row.measured, flush=True)
    return found


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    rows = list[Row]()
    with sqlite() as url:
        folder = Path(tempfile.mkdtemp(prefix="tresteg-bench-"))
        environment = install(url, folder, demo=False)
        environment["TRESTEG_MAIL_URL"] = "smtp://127.0.0.1:9?tls=off"
        (folder / "checkpoints").mkdir(mode=0o700)
        environment["TRESTEG_CHECKPOINTS_DIR"] = str(folder / "checkpoints")
        for networks in (1, CONNECTIONS):
            with product(folder, environment, 1) as site:
                host = f"127.0.0.1:{site.port}"
                rows += measure(
                    "directly",
                    site.port,
                    host,
                    networks,
                    tls=False,
                    seconds=seconds,
                    rounds=rounds,
                )
            if shutil.which("nginx") is None:
                print("nginx is not installed: the way through it is not measured")
                continue
            inner = free_port()
            proxied = {"TRESTEG_BASE_URL": f"https://{HOST}", "TRESTEG_TRUSTED_PROXIES": "1"}
            words = ("service.cli", "serve", "--port", str(inner))
            with (
                running(folder, words, {**environment, **proxied}) as process,
                behind_nginx(folder, inner) as port,
            ):
                wait_for(process, inner, "/healthz")
                rows += measure(
                    "through nginx",
                    port,
                    HOST,
                    networks,
                    tls=True,
                    seconds=seconds,
                    rounds=rounds,
                )
        shutil.rmtree(folder, ignore_errors=True)
    report("strangers", rows)


if __name__ == "__main__":
    main()
