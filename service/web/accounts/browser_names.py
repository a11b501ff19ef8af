"""Browsers and systems in words."""

from __future__ import annotations

from typing import Final

from service.web.request_context import current

NAMES: Final = {
    "chrome": "Chrome",
    "edge": "Edge",
    "firefox": "Firefox",
    "opera": "Opera",
    "safari": "Safari",
    "android": "Android",
    "chromeos": "ChromeOS",
    "ios": "iOS",
    "linux": "Linux",
    "macos": "macOS",
    "windows": "Windows",
}
"""Browsers and systems as their makers call them."""


def browser_in_words(code: str) -> str:
    """A kind of browser, by its code (`session_cookie.browser_kind`)."""
    browser, _, system = code.partition("-")
    if browser not in NAMES or system not in NAMES:
        return current().t("settings.sessions.unknown")
    return current().t("settings.sessions.browser", browser=NAMES[browser], system=NAMES[system])
