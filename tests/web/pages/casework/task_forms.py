"""What several tests of the page of a task share."""

from __future__ import annotations

import re

from tests.support.browser import Browser
from tests.web.story import Story


def address(story: Story, element: str) -> str:
    return f"/tasks/{story.key(element)}"


def carried(browser: Browser) -> dict[str, str]:
    """What the form of the page carries beside the answers."""
    assert browser.page is not None
    found = dict(
        re.findall(
            r'<input type="hidden" name="(rev|fill_rev|case|step)" value="([^"]*)">',
            browser.page.text,
        )
    )
    return {**found, **browser.hidden()}
