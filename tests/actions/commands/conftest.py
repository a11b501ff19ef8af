"""The installation with the shipped process, as the tests of pages have it."""

from __future__ import annotations

from tests.web.conftest import clock, prepared_once, program, quick, settings, town, working

__all__ = ("clock", "prepared_once", "program", "quick", "settings", "town", "working")
