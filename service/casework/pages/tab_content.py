"""Content of a tab of a case's page: the values of its template, and the classes among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.store.keyset import PageRequest

ON_A_PAGE: Final = 50
"""Rows of a tab that are drawn at once."""
FIRST: Final = PageRequest()


@dataclass(frozen=True, slots=True)
class TabContent:
    """The values that a tab's template names, and the classes of the answers among them."""

    values: Mapping[str, Any]
    classes: frozenset[str] = frozenset({"C0"})
