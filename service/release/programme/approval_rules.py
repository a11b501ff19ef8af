"""Rules of approvals: what a second person approves, who may ask and who may decide, from
`workflows/config/approvals.toml`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from msgspec import Meta, Struct
from msgspec import field as named

from service.release.programme.typed_tables import Text, WrongTable, read_table

Roles = Annotated[frozenset[Text], Meta(min_length=1)]
Hours = Annotated[int, Meta(ge=1, le=10_000)]


class ApprovalRule(Struct, frozen=True):
    """One kind of approval."""

    kind: Text
    ask: Roles
    decide: Roles
    hours_waiting: Hours = named(name="waits")
    hours_lasting: Hours = named(name="lasts")
    other_office: bool = False
    """Whether who decides is of another office than who asked, where another office of the case
    may decide at all."""
    same_office: bool = False
    """Whether who decides is of the office that asked, whatever her role: it is about the records
    of that office alone."""

    @property
    def waits(self) -> timedelta:
        """How long a request waits for a decision."""
        return timedelta(hours=self.hours_waiting)

    @property
    def lasts(self) -> timedelta:
        """How long what was approved can be used."""
        return timedelta(hours=self.hours_lasting)


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """All kinds of approvals of an installation."""

    kinds: Mapping[str, ApprovalRule] = field(default_factory=dict)

    def decided_by(self, roles: Collection[str]) -> frozenset[str]:
        """Kinds that somebody with these roles may decide, somewhere."""
        return frozenset(kind for kind, rule in self.kinds.items() if rule.decide & set(roles))


class _ApprovalsFile(Struct):
    approval: tuple[ApprovalRule, ...] = ()


def read_approvals(text: str) -> ApprovalRules:
    """Read `approvals.toml`; an empty text is an installation in which nothing can be approved.

    Raises:
        WrongTable: a row lacks something, or nobody may ask or decide, or for no time; or who
            decides is to be of the office that asked and of another.
    """
    rules = read_table(text, _ApprovalsFile).approval
    for number, rule in enumerate(rules, start=1):
        if rule.same_office and rule.other_office:
            raise WrongTable("two_offices", f"approval {number}")
    return ApprovalRules({rule.kind: rule for rule in rules})
