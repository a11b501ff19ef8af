"""The bundle that is tampered with, and the second verifier."""

from __future__ import annotations

from tests.support.proven import proven, second

__all__ = ["proven", "second"]
