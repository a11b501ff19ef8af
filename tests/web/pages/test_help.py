"""Help pages."""

from __future__ import annotations

from tests.web.conftest import Town


def test_help_and_accessibility_are_open_to_everybody(town: Town) -> None:
    assert "114 14" in town.browser().get("/help").text
    assert town.browser().get("/accessibility").status_code == 200
