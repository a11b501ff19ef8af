"""Rules of approvals: what a second person approves, who may ask and who may decide, from
`workflows/config/approvals.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """One kind of approval."""

    kind: str
    ask: frozenset[str]
    decide: frozenset[str]
    waits: timedelta
    """How long a request waits for a decision."""
    lasts: timedelta
    """How long what was approved can be used."""


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """All kinds of approvals of an installation."""

    kinds: Mapping[str, ApprovalRule] = field(default_factory=dict)

    def decided_by(self, roles: Collection[str]) -> frozenset[str]:
        """Kinds that somebody with these roles may decide, somewhere."""
        return frozenset(kind for kind, rule in self.kinds.items() if rule.decide & set(roles))


def read_approvals(text: str) -> ApprovalRules:
    """Read `approvals.toml`; an empty text is an installation in which nothing can be approved.

    Raises:
        ValueError: a row that lacks something; the sentence tells which.
    """
    kinds = {}
    for number, row in enumerate(tomllib.loads(text).get("approval", []), 1):
        try:
            rule = ApprovalRule(
                kind=str(row["kind"]),
                ask=frozenset(map(str, row["ask"])),
                decide=frozenset(map(str, row["decide"])),
                waits=timedelta(hours=int(row["waits"])),
                lasts=timedelta(hours=int(row["lasts"])),
            )
        except (KeyError, TypeError, ValueError) as e:
            raise ValueError(f"row {number} needs kind, ask, decide, waits and lasts: {e}") from e
        if not rule.ask or not rule.decide or min(rule.waits, rule.lasts) <= timedelta():
            raise ValueError(f"row {number} ({rule.kind}): nobody may ask or decide, or no time")
        kinds[rule.kind] = rule
    return ApprovalRules(kinds)
