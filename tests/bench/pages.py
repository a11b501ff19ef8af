"""What pages weigh as sent and how long Chromium takes to show them, on the demo with its cases.

`python -m tests.bench.pages`; speed.md S15. Bytes are those of a browser that has nothing yet, with
heads, over plain HTTP on this machine. Times are the fastest of several looks: from the first byte
of the page until it is painted, and until its script is ready. They depend on the machine and on
what else it does; no target but the bytes is checked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from service.demo import seed as demo_seed
from service.security.keyring import make_keyring
from service.store.installation import ledger_entries
from service.store.work import tasks
from tests.bench._gauge import Row, report
from tests.browser.conftest import QUIET, WHOLE_CHROMIUM, Screen, Site, site_of

LOOKS = 5
WIDE: ViewportSize = {"width": 1280, "height": 900}
KB = 1000
LARGEST = "Task_SignApplication"
TIMES = """() => {
    const [look] = performance.getEntriesByType("navigation");
    const at = (name) => performance.getEntriesByName(name)[0]?.startTime ?? 0;
    const ready = at("editor-ready") || look.domContentLoadedEventEnd;
    return [at("first-contentful-paint") - look.responseStart, ready - look.responseStart];
}"""


@dataclass(frozen=True)
class Look:
    """A page as somebody opens it for the first time."""

    name: str
    who: str
    path: str
    most: int | None = None
    """Kilobytes of its target."""


@contextmanager
def first_visit(chromium: Browser, cookies: Sequence[Any]) -> Iterator[tuple[Page, list[float]]]:
    """A browser with a session and nothing else, and the bytes of each answer that it gets."""
    context = chromium.new_context(viewport=WIDE)
    context.add_cookies(list(cookies))
    page, sent = context.new_page(), list[float]()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda told: sent.append(told["encodedDataLength"]))
    yield page, sent
    context.close()


def measure(chromium: Browser, site: Site, look: Look, session: BrowserContext) -> Row:
    """Look several times, each with an empty cache."""
    times, weight = list[tuple[float, float]](), 0.0
    for _ in range(LOOKS):
        with first_visit(chromium, session.cookies()) as (page, sent):
            page.goto(f"{site.address}{look.path}", wait_until="networkidle")
            if look.path.startswith("/drafts/"):
                page.wait_for_selector('html[data-ready="editor"]')
            times.append(tuple(page.evaluate(TIMES)))
            weight = sum(sent)
    painted, ready = (min(column) for column in zip(*times, strict=True))
    measured = f"{weight / KB:.0f} kB, painted {painted:.0f} ms, ready {ready:.0f} ms"
    if look.most is None:
        return Row("S15", look.name, "-", measured, None)
    return Row("S15", look.name, f"<= {look.most} kB", measured, weight <= look.most * KB)


def looks(site: Site) -> list[Look]:
    """The pages, on the case with the longest history and the tasks that wait in the demo."""
    with site.program.database.transaction(write=False) as tx:
        lengths = {name.partition("/")[2]: length for name, length in ledger_entries.streams(tx)}
        waiting = [task for case in lengths for task in tasks.of_case(tx, case)]
    hers = {task.case_id for task in waiting if task.office_id == "iom-helsinki"}
    longest = max(hers, key=lambda id_: lengths[id_])
    case = f"/cases/{longest}"
    found = [
        Look("inbox", "aino", "/inbox", 60),
        Look("case", "aino", case, 60),
        *(Look(f"case, {tab}", "aino", f"{case}?tab={tab}", 60) for tab in ("tasks", "history")),
        Look("drawing of a case", "aino", f"{case}/diagram", 130),
        Look("replay", "greta", f"/audit{case}/replay"),
    ]
    for name, element in (("task", "Task_CounselReturnee"), ("largest form", LARGEST)):
        key = next((t.key for t in waiting if t.element == element), "")
        who = "aino" if name == "task" else "sara"
        found += [Look(name, who, f"/tasks/{key}", 60)] if key else []
    return found


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="tresteg-bench-") as folder,
        site_of(Path(folder), make_keyring(demo=True), demo_seed.seed) as site,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=WHOLE_CHROMIUM, args=QUIET)
        sessions: dict[str, Screen] = {}
        rows = []
        for look in [*looks(site), Look("diagram editor", "maja", "")]:
            if look.who not in sessions:
                screen = Screen(chromium.new_page(viewport=WIDE), site.address, lang="sv")
                screen.enter(look.who)
                sessions[look.who] = screen
            page, path = sessions[look.who].page, look.path
            if not path:
                page.goto(f"{site.address}/processes")
                page.locator('form[action="/drafts"] button').first.click()
                page.wait_for_selector('html[data-ready="editor"]', timeout=120_000)
                path = page.url.removeprefix(site.address)
            opened = Look(look.name, look.who, path, look.most)
            rows.append(measure(chromium, site, opened, page.context))
        chromium.close()
        report("pages", rows)


if __name__ == "__main__":
    main()
