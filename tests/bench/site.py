"""S14, S15: the demo as `tresteg demo` serves it: start, memory, and what pages weigh as sent.

A page is loaded cold by Chromium, with everything that it asks for; bytes are those on the wire,
headers included. Without Chromium S15 is left out, by name.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench._gauge import Row, report
from tests.bench.over_http.servers import free_port, running, seconds, wait_for

CHROMIUM = Path(os.environ.get("TRESTEG_CHROMIUM", "/usr/bin/chromium"))
LOOKS = 30
"""Pages that are loaded before the memory is looked at."""


@contextmanager
def demo(folder: Path, port: int, *words: str) -> Iterator[psutil.Process]:
    """`tresteg demo` in a folder, its modules compiled beforehand as an installation's are."""
    environment = {
        "TRESTEG_DATABASE_URL": f"sqlite:///{folder}/lib/demo.db",
        "TRESTEG_KEYS_FILE": f"{folder}/keys/demo.json",
        "PYTHONPYCACHEPREFIX": f"{folder}/pyc",
        "PYTHONDONTWRITEBYTECODE": "",
    }
    command = ("service.cli", "demo", "--port", str(port), *words)
    with running(folder, command, environment) as process:
        yield process


def start(folder: Path, port: int) -> Iterator[Row]:
    """From the command to the first page, and what a web process holds after some pages."""
    begun = time.monotonic()
    with demo(folder, port) as process:
        wait_for(process, port, "/sign-in")
        wall, used = time.monotonic() - begun, seconds(process)
        for _ in range(LOOKS):
            wait_for(process, port, "/sign-in")
        web = max(process.children(), key=lambda child: child.memory_info().rss)
        held, own = web.memory_info().rss / 1e6, web.memory_full_info().uss / 1e6
    yield Row(
        "S14",
        "start to first page",
        "<= 1.5 s",
        f"{used:.1f} s of processor time ({wall:.1f} s by the clock)",
        used <= 1.5,
    )
    yield Row(
        "S14",
        "memory of a web process, its worker inside",
        "<= 100 MB",
        f"{held:.0f} MB ({own:.0f} shared with no other process)",
        held <= 100,
    )


class Scale:
    """Weighs pages of somebody who is signed in; each is loaded with an empty cache."""

    def __init__(self, browser: Browser, address: str, who: str) -> None:
        self.browser, self.address = browser, address
        with self._page(None) as page:
            page.goto(f"{address}/demo")
            page.click(f'button[name=who][value="{who}"]')
            page.wait_for_load_state("networkidle")
            self.state: Any = page.context.storage_state()

    @contextmanager
    def _page(self, state: Any) -> Iterator[Page]:
        context = self.browser.new_context(storage_state=state)
        yield context.new_page()
        context.close()

    def first(self, path: str, links: str) -> str:
        """The path of the first link on a page that the selector finds."""
        with self._page(self.state) as page:
            page.goto(self.address + path)
            return page.locator(links).first.get_attribute("href") or ""

    def weigh(self, path: str) -> tuple[float, int]:
        """Kilobytes and requests of one page."""
        sizes: list[float] = []

        def arrived(event: Mapping[str, Any]) -> None:
            sizes.append(event["encodedDataLength"])

        with self._page(self.state) as page:
            network = page.context.new_cdp_session(page)
            network.on("Network.loadingFinished", arrived)
            network.send("Network.enable")
            page.goto(self.address + path)
            page.wait_for_load_state("networkidle")
        return sum(sizes) / 1000, len(sizes)


def weights(address: str) -> Iterator[Row]:
    """What four pages weigh."""
    if not CHROMIUM.exists():
        print("S15: there is no Chromium here")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        scale = Scale(browser, address, "aino")
        task = scale.first("/inbox", 'a[href^="/tasks/"]')
        case = scale.first("/cases", 'main a[href^="/cases/"]').partition("?")[0]
        for name, path, most in (
            ("inbox", "/inbox", 60),
            ("task", task, 60),
            ("case, its history", f"{case}/history", 60),
            ("case, its overview with the diagram", case, 130),
        ):
            weight, requests = scale.weigh(path)
            measured = f"{weight:.0f} kB in {requests} requests"
            yield Row("S15", f"as sent: {name}", f"<= {most} kB", measured, weight <= most)
        browser.close()


def main() -> None:
    folder, port = Path(tempfile.mkdtemp(prefix="tresteg-bench-")), free_port()
    (folder / "lib").mkdir()
    print("The demo is being filled ...", file=sys.stderr)
    with demo(folder, port, "--seed-only") as process:
        process.wait()
    list(start(folder, port))  # compiles what only a server loads
    rows = list(start(folder, port))
    with demo(folder, port) as process:
        wait_for(process, port, "/sign-in")
        rows += weights(f"http://127.0.0.1:{port}")
    shutil.rmtree(folder, ignore_errors=True)
    report("site", rows)


if __name__ == "__main__":
    main()
