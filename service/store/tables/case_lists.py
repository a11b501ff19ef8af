"""Tables that lists read: which case an office may see in which order, and how many are open.

Everything here follows from other tables: from the case, its grants, its open tasks and incidents.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Table, text

from service.store.tables.column_types import Hash, Id, Moment, Number, plain
from service.store.tables.metadata import checked_elsewhere, metadata

CASE = "cases.id"
OFFICE = "office.id"
READER = ("office_id", "role")
AWAY = text("away_since IS NOT NULL")
"""Only cases that wait for another office are in an index of those."""
STOPPED = text("stopped_since IS NOT NULL")
"""And only those that an incident has stopped in an index of these."""

case_access = Table(
    "case_access",
    metadata,
    plain("office_id", Id(), ForeignKey(OFFICE), primary_key=True),
    plain("role", Id(), primary_key=True),
    plain("case_id", Id(), ForeignKey(CASE), primary_key=True),
    plain("opens", Moment()),
    plain("until", Moment()),
    plain("rank", Number()),
    plain("ended", Number()),
    plain("due", Moment()),
    plain("due_element", Id()),
    plain("ref", Id()),
    plain("stage", Id()),
    plain("moved_on", Moment()),
    plain("away_office", Id()),
    plain("away_since", Moment(), empty=True),
    plain("stopped_since", Moment(), empty=True),
    Index("ix_case_access_case", "case_id", *READER, "opens", "until"),
    Index("ix_case_access_over", "until", "case_id"),
    Index(
        "ix_case_access_here",
        *(*READER, "rank", "due", "case_id", "opens", "until", "stopped_since"),
    ),
    Index(
        "ix_case_access_due",
        *(*READER, "ended", "due", "case_id", "rank", "opens", "until", "stopped_since"),
    ),
    Index("ix_case_access_ref", *READER, "ended", "ref", "case_id"),
    Index("ix_case_access_since", *READER, "ended", "moved_on", "case_id"),
    Index("ix_case_access_stage", *READER, "ended", "stage", "ref", "case_id"),
    Index(
        "ix_case_access_step",
        *(*READER, "due_element", "due", "case_id", "rank", "opens", "until"),
    ),
    Index(
        "ix_case_access_away",
        *(*READER, "away_since", "case_id", "opens", "until"),
        sqlite_where=AWAY,
        postgresql_where=AWAY,
    ),
    Index(
        "ix_case_access_away_office",
        *(*READER, "away_office", "away_since", "case_id", "opens", "until"),
        sqlite_where=AWAY,
        postgresql_where=AWAY,
    ),
    Index(
        "ix_case_access_stopped",
        *(*READER, "ended", "rank", "due", "case_id", "opens", "until", "stopped_since"),
        sqlite_where=STOPPED,
        postgresql_where=STOPPED,
    ),
    info={"scope": "case"}
    | checked_elsewhere("a list: what is found by it is loaded and checked before it is shown"),
    sqlite_with_rowid=False,
)
"""Which role of which office sees a case, by a grant or because a task waits for it, and what its
lists are sorted by. It orders and finds; what may be seen of a case is asked of its grants.

`opens` and `until`: a grant holds from the one moment until the other; both are far in the future
while there is none, and the row is there for a task alone. `rank`: 0 while a task waits
for this role of this office, 1 while none does, 2 once the case has ended. `due`, `due_element`:
of the open task that is due first. `moved_on`: the day of the last turn. `away_office`,
`away_since`: whose task of another office has been open for longest, and since when.
`stopped_since`: when the first of its open incidents opened.
"""

open_case_count = Table(
    "open_case_count",
    metadata,
    plain("office_id", Id(), ForeignKey(OFFICE), primary_key=True),
    plain("roles", Id(), primary_key=True),
    plain("stage", Id(), primary_key=True),
    plain("cases", Number()),
    info=checked_elsewhere("a count that lists show"),
    sqlite_with_rowid=False,
)
"""How many open cases of a stage an office sees in exactly these roles, parted by spaces."""

release_case_count = Table(
    "release_case_count",
    metadata,
    plain("release_id", Hash(), ForeignKey("release.id"), primary_key=True),
    plain("cases", Number()),
    info=checked_elsewhere("a count that lists show"),
    sqlite_with_rowid=False,
)
"""How many open cases run on a release."""

officer_case_count = Table(
    "officer_case_count",
    metadata,
    plain("office_id", Id(), ForeignKey(OFFICE), primary_key=True),
    plain("person_id", Id(), ForeignKey("person.id"), primary_key=True),
    plain("cases", Number()),
    info=checked_elsewhere("a count that lists show"),
    sqlite_with_rowid=False,
)
"""How many open cases a person of an office handles."""
