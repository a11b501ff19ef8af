"""Types of routing values: what a form, a rule or a handler declares, and what FEEL checks against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Type:
    """A declared type. `kind`: boolean, string, number, date, date and time, duration, months, list, context, any, null.

    `values` lists the allowed texts of a string (or of a list's items); empty means any. `fields` types the keys of a context.
    """

    kind: str
    values: tuple[str, ...] = ()
    fields: Mapping[str, Type] = field(default_factory=dict)
