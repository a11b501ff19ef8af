"""A plan: which open cases go from earlier releases to the current one, and how.

A plan holds what its owner chose, never a list of cases: those with the same tokens on the same
release are one row, and which cases they are is read anew each time. When it is sent for review its
rows are fixed, and the reviewer approves exactly those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from service.access import Viewer
from service.errors import NotAllowed, NotFound, Stale
from service.records.context import Services, actor, release_stream, require_act
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.installation import releases
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch

PLAN: Final = "migration_plan"
"""Kind of the batch that holds a plan, and of the ledger line that tells of it. It has no cases and
never runs: what is run has a batch of its own."""
PLANNED: Final = "planned"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be done with the cases of one row."""

    stays: bool = False
    """They finish on their release."""
    to: Mapping[str, str] = field(default_factory=dict)
    """Element at which a token waits to the element where it goes on."""
    anew: frozenset[str] = frozenset()
    """Elements whose running deadlines begin anew with the move; every other one keeps its date."""

    def stored(self) -> dict[str, Any]:
        """As JSON; a choice without new deadlines is written as it always was."""
        anew = {"anew": sorted(self.anew)} if self.anew else {}
        return {"stays": self.stays, "to": dict(sorted(self.to.items())), **anew}


AS_DRAWN = Choice()
"""Every token stays where it is."""
STAYING = Choice(stays=True)


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """One plan."""

    id: str
    target: str
    """The release to which cases go."""
    source: str
    """The release that they come from; empty: every other one."""
    choices: Mapping[str, Choice]
    """By row (`standing_key`); a row that is not there stays as it is drawn."""
    approved: Mapping[str, Choice]
    """The rows that were sent for review; empty while nothing was."""
    made_by: str
    made_at: datetime
    editors: frozenset[str] = frozenset()
    """Everybody who chose something in it."""
    rev: int = 1

    def choice(self, key: str) -> Choice:
        """What was chosen for a row."""
        return self.choices.get(key, AS_DRAWN)

    @property
    def digest(self) -> str:
        """What a reviewer approves: the releases and the rows, exactly."""
        rows: ledger_lines.Canonical = {
            key: choice.stored() for key, choice in sorted(self.approved.items())
        }
        about: ledger_lines.Canonical = {
            "plan": self.id,
            "target": self.target,
            "source": self.source,
            "rows": rows,
        }
        return ledger_lines.digest(ledger_lines.canonical(about).decode())


def make_plan(tx: Tx, services: Services, by: Viewer, now: datetime, *, source: str = "") -> str:
    """Begin a plan from one release, or from all others, to the current one; gives its id.

    Raises:
        NotAllowed: the viewer does not own the process, or `source` is the current release.
        NotFound: nothing is published, or there is no such release.
    """
    require_act(by, "edit_process")
    target = services.current(tx).id
    if source == target:
        raise NotAllowed(why="current_release")
    if source:
        known = releases.title(tx, source)
        if known is None or known.process != services.programme.process:
            raise NotFound
    plan = MigrationPlan(ulid(now), target, source, {}, {}, by.person, now, frozenset({by.person}))
    row = Batch(plan.id, PLAN, target, _detail(plan), PLANNED, 0, by.person, now)
    batches.add(tx, row, [])
    body = {"plan": plan.id, "release": target, "was": source}
    append_entry(
        tx, release_stream(services), "migration_planned", by=actor(by), now=now, body=body
    )
    return plan.id


def load_plan(tx: Tx, viewer: Viewer, id_: str) -> MigrationPlan:
    """Load a plan, for those who may read processes.

    Raises:
        NotAllowed: the viewer may not.   NotFound: there is none.
    """
    require_act(viewer, "read_process")
    return stored_plan(tx, id_)


def stored_plan(tx: Tx, id_: str) -> MigrationPlan:
    """Load a plan, for a command or for the worker.

    Raises:
        NotFound: there is none.
    """
    row = batches.get(tx, id_)
    if row is None or row.kind != PLAN:
        raise NotFound
    return _plan(row)


def plans(tx: Tx, target: str) -> list[MigrationPlan]:
    """The plans to a release, newest first."""
    return [_plan(row) for row in batches.of_subject(tx, PLAN, target)]


def choose(
    tx: Tx,
    _services: Services,
    by: Viewer,
    _now: datetime,
    *,
    plan_id: str,
    rev: int,
    choices: Mapping[str, Choice],
) -> None:
    """Keep what is to be done with some rows; what was sent for review is open again.

    Raises:
        NotAllowed: the viewer does not own the process.   NotFound: there is no such plan.
        Stale: somebody else chose since.
    """
    require_act(by, "edit_process")
    plan = stored_plan(tx, plan_id)
    if plan.rev != rev:
        raise Stale(rev=plan.rev)
    kept = {key: row for key, row in {**plan.choices, **choices}.items() if row != AS_DRAWN}
    editors = plan.editors | {by.person}
    save(tx, replace(plan, choices=kept, approved={}, editors=editors, rev=rev + 1))


def save(tx: Tx, plan: MigrationPlan) -> None:
    """Keep a plan as it is now."""
    batches.set_detail(tx, plan.id, _detail(plan))


def _detail(plan: MigrationPlan) -> dict[str, Any]:
    return {
        "source": plan.source,
        "choices": {key: choice.stored() for key, choice in plan.choices.items()},
        "approved": {key: choice.stored() for key, choice in plan.approved.items()},
        "editors": sorted(plan.editors),
        "rev": plan.rev,
    }


def _plan(row: Batch) -> MigrationPlan:
    detail = row.detail
    return MigrationPlan(
        id=row.id,
        target=row.subject,
        source=str(detail["source"]),
        choices=read_choices(detail["choices"]),
        approved=read_choices(detail["approved"]),
        made_by=row.by,
        made_at=row.at,
        editors=frozenset(detail["editors"]),
        rev=int(detail["rev"]),
    )


def read_choices(stored: Mapping[str, Any]) -> dict[str, Choice]:
    """Rows as JSON holds them."""
    return {
        key: Choice(bool(row["stays"]), dict(row["to"]), frozenset(row.get("anew", ())))
        for key, row in stored.items()
    }
