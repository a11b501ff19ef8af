"""A bundle that was made."""

from __future__ import annotations

from tests.support.proven import proven

__all__ = ["proven"]
