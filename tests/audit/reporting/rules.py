"""A report of two dimensions, for tests."""

from __future__ import annotations

from typing import Final

from service.audit.reporting.published import CaseSums
from service.release.programme.report_rules import ReportRules, read_report

RULES: Final[ReportRules] = read_report(
    """
[[dimension]]
id = "colour"
sv = "Färg"
en = "Colour"
fields = ["colour", "shade"]
missing = { id = "NONE", sv = "Inget", en = "None" }

[[dimension.group]]
id = "RED"
sv = "Röd"
en = "Red"
values = ["red"]

[[dimension.group]]
id = "BLUE"
sv = "Blå"
en = "Blue"
values = ["blue"]

[[dimension]]
id = "size"
sv = "Storlek"
en = "Size"
fields = ["size"]
missing = { id = "NONE", sv = "Inget", en = "None" }

[[dimension.group]]
id = "BIG"
sv = "Stor"
en = "Big"
values = ["big"]

[[dimension.group]]
id = "LITTLE"
sv = "Liten"
en = "Little"
values = ["little"]

[[crossing]]
rows = "colour"
columns = "size"
"""
)


def counted(*rows: tuple[str, str, int]) -> CaseSums:
    """Sums of so many cases of each (colour, size)."""
    sums = CaseSums()
    for colour, size, number in rows:
        for _ in range(number):
            sums.add(RULES, {"colour": colour, "size": size})
    return sums
