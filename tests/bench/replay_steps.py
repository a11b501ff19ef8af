"""A2: how long a step of a replay takes in Chromium, once a case with 400 facts has loaded.

`python -m tests.bench.replay_steps [facts]`. A step is a key: from its press until two frames after
the drawing, the card and the address have followed. Without motion, as for somebody who asked her
system for less of it: a token that glides is meant to take its time. What is compared with the
target is the processor time of the page's thread: script, style, layout and paint; the clock is
that of a machine with other work.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from service.security.keyring import make_keyring
from tests.bench._gauge import Row, report
from tests.browser.conftest import people_only, program_of, served
from tests.support.audits import MATTER
from tests.support.long_case import long_case

FACTS, PRESSES = 400, 120
MAY = 100
"""Milliseconds."""
STEP = """
async ([key]) => {
  const slider = document.getElementById("slider");
  const number = document.querySelector('[data-part="n"]');
  const before = number.textContent;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const begun = performance.now();
  slider.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  while (number.textContent === before) await frame();
  await frame();
  await frame();
  return performance.now() - begun;
}
"""


@contextmanager
def site() -> Iterator[tuple[str, str, int]]:
    """Address of a site with one long case, the case, and how many facts it has."""
    facts = int(sys.argv[1]) if len(sys.argv) > 1 else FACTS
    with (
        tempfile.TemporaryDirectory(prefix="tresteg-bench-") as folder,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with program_of(Path(folder), make_keyring(demo=True), address) as program:
            people_only(program)
            case = long_case(program, facts)
            with served(program, listener):
                yield address, case, facts


def walk(page: Page, seen: CDPSession, key: str, presses: int) -> list[tuple[float, float]]:
    """Milliseconds of each press of a key: of the processor, and by the clock."""
    page.locator("#slider").focus()
    found = []
    for _ in range(presses):
        before = busy(seen)
        clock = float(page.evaluate(STEP, [key]))
        found.append((busy(seen) - before, clock))
    return found


def busy(seen: CDPSession) -> float:
    """Milliseconds of processor time that the page's thread has taken."""
    metrics = seen.send("Performance.getMetrics")["metrics"]
    return 1000 * float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def measure(page: Page, address: str, case: str, facts: int) -> list[Row]:
    page.goto(f"{address}/demo")
    page.locator('button[name=who][value="greta"]').click()
    page.wait_for_url(lambda url: not url.endswith(("/demo", "/demo/enter")))
    page.goto(f"{address}/audit/cases/{case}/replay?at=1")
    page.locator("#matter").fill(MATTER)
    page.locator("main form button").first.click()
    page.wait_for_selector(".djs-container .djs-shape")
    seen = page.context.new_cdp_session(page)
    seen.send("Performance.enable", {"timeDomain": "threadTicks"})
    rows = []
    for key, name, presses in (
        ("ArrowRight", "one line on", PRESSES),
        ("ArrowLeft", "one line back", PRESSES // 2),
        ("PageDown", "ten lines on", PRESSES // 20),
    ):
        taken = walk(page, seen, key, presses)
        own, clock = (sorted(times) for times in zip(*taken, strict=True))
        p95, slow = (times[int(len(times) * 0.95)] for times in (own, clock))
        middle = own[len(own) // 2]
        rows.append(
            Row(
                "A2",
                f"replay of {facts} facts, {name}: processor time, p95",
                f"<= {MAY} ms",
                f"{p95:.0f} ms (p50 {middle:.0f}; by the clock, two frames included, {slow:.0f})",
                p95 <= MAY,
            )
        )
    return rows


def main() -> None:
    with site() as (address, case, facts), sync_playwright() as playwright:
        path = os.environ.get("TRESTEG_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        report("replay_steps", measure(page, address, case, facts))
        browser.close()


if __name__ == "__main__":
    main()
