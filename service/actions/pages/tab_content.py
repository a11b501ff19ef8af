"""What a tab of a case's page is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TabContent:
    """The values that a tab's template names, and the classes of the answers among them."""

    values: Mapping[str, Any]
    classes: frozenset[str] = frozenset({"C0"})
