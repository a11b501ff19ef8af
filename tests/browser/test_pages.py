"""Every page that links lead to: clean for axe, nothing scrolls sideways, no complaint."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from service import VERSION
from service.web.accessibility_check import AccessibilityCheck, last_check, write_check
from tests.browser.conftest import NARROW, WIDE, Opener, Screen, Site
from tests.support import scale

PEOPLE = ("", "sara", "omar", "aino", "iva", "maja", "greta", "tor", "eero")
"""Whose pages are looked at; nobody's first."""
OWN = {"eero": ("/requests",)}
"""Where somebody's own pages begin whose home somebody before her has shown."""
PAIRS = (
    (("sv", "light", WIDE), ("en", "dark", NARROW)),
    (("sv", "dark", WIDE), ("en", "light", NARROW)),
)
"""Language, theme and width of the two looks at a page: between them each has both.

Pages take turns with the pairs, and with the look at which axe is asked, so that every mixture is
met.
"""
ID = re.compile(
    r"[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{12,64}|(?<=/problems/)[a-z_]+|(?<=/(?:forms|rules)/)\w+"
    r"|(?<=/log-review/)[\d-]+"
)
ONE_OF_MANY = re.compile(
    r"(?<=/)[\w-]+\.(?:bpmn|dmn|toml)\b|(?<=/calendars/)[\w-]+|(?<=/texts/)\w+|(?<=/answers/)\d+"
    r"|(?<=/streams/office/)[\w-]+"
)
"""What tells a diagram, a file, a calendar or an office from another one of its kind: of these a
long run alone looks at each.
"""
TELLING = ("tab", "box", "view", "kind")
"""Parts of a query that make another page."""
MAIN = {
    *(
        "/demo",
        "/demo/letterbox",
        "/sign-in",
        "/help",
        "/accessibility",
        "/settings",
        "/api",
        "/problems/*",
    ),
    *("/inbox", "/inbox?box=mine", "/inbox?box=waiting", "/cases", "/cases/new", "/office"),
    "/office/absences",
    *(
        "/tasks/*",
        "/tasks/*/print",
        "/cases/*",
        "/cases/*/diagram",
        "/cases/*/print",
        "/cases/*/refer",
        "/cases/*/papers/new",
        "/cases/*/papers/signed",
        "/referrals/*",
    ),
    *(f"/cases/*?tab={tab}" for tab in ("plan", "tasks", "people", "papers", "letters", "history")),
    *("/processes", "/audit", "/audit/cases/*/replay", "/audit/report", "/audit/report/diagram"),
    *("/audit/matter", "/audit/help", "/audit/reads"),
    *("/audit/cases/*/unmask", "/audit/cases/*/reads/extract", "/approvals", "/requests"),
    *("/audit/cases/*/reads", "/audit/streams", "/audit/streams/release"),
    *("/audit/log-review", "/audit/log-review/*", "/operations", "/operations/programs"),
    "/drafts/*/configuration/languages",
    *("/releases/*/register", "/releases/*/impact-annex"),
}
"""Pages that must be reachable by links alone."""
FAULTS_ONLY = {"reporter": "no-passes", "resultTypes": ["violations"], "preload": False}
"""All rules run; what is in order is not told, and no style sheet and no film is fetched once more
for rules that are off or have nothing to look at. It takes a fourth of the CPU."""
FOUND: dict[int, int] = {}
"""Look to the number of faults that it found."""
PAGES_MOST = 120
"""More pages of one person than this are no crawl of kinds any more."""


@dataclass(frozen=True)
class Place:
    """A page, and what kind of page it is."""

    path: str

    @property
    def kind(self) -> str:
        """The address without ids, numbers and filters."""
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query)
        path = parts.path if scale.times() else ONE_OF_MANY.sub("*", parts.path)
        return ID.sub("*", path) + "".join(
            f"?{name}={asked[name][0]}" for name in TELLING if name in asked
        )


def places(screen: Screen, homes: Iterable[str], seen: set[str]) -> list[Place]:
    """Every kind of page that links lead to from some pages, each once."""
    found: list[Place] = []
    waiting = [Place(home) for home in homes]
    while waiting and len(found) < PAGES_MOST:
        place = waiting.pop(0)
        if place.kind in seen:
            continue
        seen.add(place.kind)
        answer = screen.page.request.get(f"{screen.address}{place.path}")
        if (
            not answer.headers.get("content-type", "").startswith("text/html")
            or "refresh" in answer.headers
        ):
            continue  # a file, or a page that only moves on
        assert answer.status == 200, (place.path, answer.status)
        found.append(place)
        waiting += links(answer.text(), place)
    return found


def links(html: str, page: Place) -> Iterable[Place]:
    """Links of a page that stay on the site."""
    for href in re.findall(r'<a\s[^>]*?href="([^"]+)"', html):
        target = urljoin(page.path, href.replace("&amp;", "&"))
        if target.startswith("/") and not target.startswith("//"):
            yield Place(target.partition("#")[0])


def axe_version() -> str:
    """The version of the checker, as its script begins with it."""
    found = re.search(r"axe v([\d.]+)", axe().axe_script[:200])
    assert found is not None
    return found[1]


@cache
def axe() -> Axe:
    """The checker."""
    return Axe()


def faults(page: Page) -> list[str]:
    """What axe finds, one line a fault and place."""
    found = axe().run(page, options=FAULTS_ONLY).response["violations"]
    return [
        f"{page.url} {one['id']}: {node['html'][:160]} {_why(node)[:200]}"
        for one in found
        for node in one["nodes"]
    ]


def _why(node: Mapping[str, Any]) -> str:
    """What axe says of a place."""
    return "; ".join(said["message"] for kind in ("any", "all", "none") for said in node[kind])


def sideways(page: Page) -> list[str]:
    """What is wider than the window, when the page scrolls sideways."""
    return list(
        page.evaluate("""() => {
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return [];
            const right = (part) => part.getBoundingClientRect().right;
            const parts = [...document.body.querySelectorAll('*')];
            const wider = parts.filter((part) => right(part) > wide + 1).slice(-3);
            const start = (part) => part.outerHTML.slice(0, 120);
            return wider.map((part) => `${location.pathname} is too wide at ${start(part)}`);
        }""")
    )


def looked_at(page: Page) -> list[str]:
    """Everything that is wrong with what is shown now, or with what a click has just led to."""
    page.wait_for_load_state()
    return [*faults(page), *sideways(page)]


@pytest.fixture(scope="module")
def everywhere(site: Site, chromium: Browser) -> dict[str, list[Place]]:
    """Each person's kinds of pages, those left out that somebody before her has shown."""
    found, seen = {}, set[str]()
    for who in PEOPLE:
        one = Screen(chromium.new_context().new_page(), site.address)
        page = one.enter(who) if who else one.open("/demo")
        homes = [page.url.removeprefix(site.address)] if who else ["/demo", "/sign-in"]
        found[who] = places(one, [*homes, *OWN.get(who, ())], seen)
        one.page.context.close()
    return found


def test_links_lead_to_every_part_of_the_site(everywhere: dict[str, list[Place]]) -> None:
    kinds = {place.kind for found in everywhere.values() for place in found}
    assert MAIN - kinds == set()


@pytest.mark.parametrize("look", [0, 1], ids=["in Swedish, wide", "in English, narrow"])
def test_every_page_is_clean_in_each_language_theme_and_width(
    look: int, everywhere: dict[str, list[Place]], screen: Opener
) -> None:
    wrong: list[str] = []
    for who, found in everywhere.items():
        for turn, pair in enumerate(PAIRS):
            lang, theme, size = pair[look]
            one = screen(
                who, viewport=size, color_scheme=theme, locale="sv-SE" if lang == "sv" else "en-GB"
            )
            one.speak(lang)
            for at, place in enumerate(found[turn::2]):
                page = one.open(place.path)
                # axe is most of the cost: it looks at each page once, and twice in a long run
                asked = scale.times() or at % 2 == look
                wrong += looked_at(page) if asked else sideways(page)
            one.page.context.close()
    FOUND[look] = len(wrong)
    assert wrong == []


def test_the_accessibility_statement_tells_of_a_check_of_these_pages(
    request: pytest.FixtureRequest,
) -> None:
    """`TRESTEG_APPROVE=1` writes it anew, in one process with the two looks above."""
    if os.environ.get("TRESTEG_APPROVE"):
        assert len(FOUND) == len(PAIRS), "run the whole file, with -n 0"
        found: dict[str, list[Place]] = request.getfixturevalue("everywhere")
        kinds = sorted({place.kind for places in found.values() for place in places})
        version = axe_version()
        write_check(
            AccessibilityCheck(
                f"{datetime.now(UTC):%Y-%m-%d}", version, VERSION, tuple(kinds), sum(FOUND.values())
            )
        )
        last_check.cache_clear()
    assert MAIN - set(last_check().pages) == set()
    assert last_check().faults == 0


def test_pages_that_say_no_are_clean_too(screen: Opener) -> None:
    wrong: list[str] = []
    for theme, size in (("light", WIDE), ("dark", NARROW)):
        one = screen("omar", viewport=size, color_scheme=theme)
        one.expected |= {404, 422}
        one.open("/nowhere")
        wrong += looked_at(one.page)
        one.open("/inbox")
        one.page.locator("tbody th a").first.click()
        one.page.locator("#buttons .t-choice button").last.click()
        one.page.wait_for_selector("#errors")
        wrong += looked_at(one.page)
    assert wrong == []


def test_a_chosen_theme_is_worn_whatever_the_device_likes(screen: Opener) -> None:
    one = screen("iva", color_scheme="light")
    one.open("/settings")
    one.page.locator("[name=theme][value=dark]").check()
    one.page.locator("main form button").first.click()
    expect(one.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert faults(one.page) == []
