"""Rules of approvals: what a second person approves, who may ask and who may decide, from
`workflows/config/approvals.toml`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec import field as named

from service.access import CLASSES, GLASS
from service.release.programme.typed_tables import Text, WrongTable, read_table, require_one_of

Roles = Annotated[frozenset[Text], Meta(min_length=1)]
Time = Annotated[int, Meta(ge=1, le=10_000)]


class ApprovalRule(Struct, frozen=True):
    """One kind of approval."""

    kind: Text
    ask: Roles
    decide: Roles
    time_waiting: Time = named(name="waits")
    time_lasting: Time = named(name="lasts")
    unit: Literal["hours", "minutes"] = "hours"
    """What both are counted in."""
    other_office: bool = False
    """Whether who decides is of another office than who asked, where another office of the case
    may decide at all."""
    same_office: bool = False
    """Whether who decides is of the office that asked, whatever her role: it is about the records
    of that office alone."""
    on_duty: bool = False
    """Whether people of the offices that name somebody on duty decide too, whichever offices the
    case has."""

    @property
    def waits(self) -> timedelta:
        """How long a request waits for a decision."""
        return timedelta(**{self.unit: self.time_waiting})

    @property
    def lasts(self) -> timedelta:
        """How long what was approved can be used."""
        return timedelta(**{self.unit: self.time_lasting})


class GlassRule(Struct, frozen=True, forbid_unknown_fields=True):
    """What a case opens to somebody who says that there is danger to life, and to whose office it
    never does.
    """

    opens: Text
    """The form of which `task_pages.toml` says what helps to find and reach the person."""
    classes: tuple[Text, ...]
    """Classes of these answers that open."""
    ground: Text
    """The ground in law on which it opens."""
    review_days: Time = 7
    """Days from its opening within which data protection reviews it."""
    about: Text = ""
    """Key of the answers that say whom something that happened concerns."""
    concerns: Mapping[str, Text] = {}
    """Value of such an answer to the role whose office it concerns: to that one nothing opens."""


@dataclass(frozen=True, slots=True)
class ApprovalRules:
    """All kinds of approvals of an installation."""

    kinds: Mapping[str, ApprovalRule] = field(default_factory=dict)
    glass: GlassRule | None = None
    """None where nobody breaks the glass."""

    def decided_by(self, roles: Collection[str]) -> frozenset[str]:
        """Kinds that somebody with these roles may decide, somewhere."""
        return frozenset(kind for kind, rule in self.kinds.items() if rule.decide & set(roles))


class _ApprovalsFile(Struct):
    approval: tuple[ApprovalRule, ...] = ()
    break_glass: GlassRule | None = None


def read_approvals(text: str) -> ApprovalRules:
    """Read `approvals.toml`; an empty text is an installation in which nothing can be approved.

    Raises:
        WrongTable: a row lacks something, or nobody may ask or decide, or for no time; or who
            decides is to be of the office that asked and of another; or what breaking the glass
            opens is said without saying who may, or the other way round.
    """
    file = read_table(text, _ApprovalsFile)
    rules = file.approval
    for number, rule in enumerate(rules, start=1):
        if rule.same_office and rule.other_office:
            raise WrongTable("two_offices", f"approval {number}")
    kinds = {rule.kind: rule for rule in rules}
    if (GLASS in kinds) != (file.break_glass is not None):
        raise WrongTable("missing", GLASS, name=f"its row or its table {GLASS}")
    for klass in file.break_glass.classes if file.break_glass is not None else ():
        require_one_of(klass, CLASSES, GLASS, "classes")
    return ApprovalRules(kinds, file.break_glass)
