"""The former names of `tests.support.played_cases`, for tests that have not moved yet."""

from __future__ import annotations

from tests.support.played_cases import SCENARIOS, UNTIL, Played, play, program_at

__all__ = ["SCENARIOS", "UNTIL", "Played", "play", "program_at"]
