"""The tour of the workshop: the process owner's way from the demo's draft to a release and a moved
case.

Where the visitor is follows from what is in the database, not from what was pressed: so the tour
can be left at any point, taken up again, and done in another order. `demo.toml` says which way of
the draft breaks its promise, and where a step is to be added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from service.demo import seed, state
from service.records.context import Services
from service.release.bundle import Bundle, unpack
from service.release.prepared import findings_of
from service.settings import Settings
from service.store.casefile import approvals
from service.store.casefile.approvals import APPROVED, ASKED, OPEN
from service.store.installation import releases
from service.store.read_models import oversight
from service.store.transaction import Tx
from service.workshop import publish
from service.workshop.migrations import migration_runs, plans
from service.workshop.migrations.plan_review import MIGRATE
from service.workshop.reviews import PUBLISH

BEGAN: Final = "workshop"
"""Key of what the setting of a tour holds: the release that was in force when this one began."""
STEPS: Final = ("mend", "add", "dry_run", "ask", "approve", "publish", "plan", "check", "move")
"""What is done, in the order of the numbers that the strip shows; then it is `done`."""
PART_OF: Final[Mapping[str, str]] = {"open": "mend", "errors": "mend", "send": "plan"}
"""What else can be the next thing to do, and the step that it belongs to."""
REVIEWS: Final = frozenset({"approve", "check"})
"""What the reviewer does; the rest is the owner's."""
TASK: Final = b":userTask id="


@dataclass(frozen=True, slots=True)
class WorkshopStop:
    """The next thing to do: its name, and the draft or plan that it is done with."""

    step: str
    draft: str = ""
    plan: str = ""

    @property
    def number(self) -> int:
        """Its place among `STEPS`, from 1; one more when all is done."""
        step = PART_OF.get(self.step, self.step)
        return STEPS.index(step) + 1 if step in STEPS else len(STEPS) + 1


@cache
def _workshop(folder: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = seed.read_demo_config(Settings(workflows_dir=folder))["workshop"]
    return found


def names_of(settings: Settings) -> Mapping[str, Any]:
    """What `demo.toml` says of the tour: its people, and the steps that its texts name."""
    return _workshop(settings.workflows_dir)


def begin(tx: Tx, services: Services) -> None:
    """Begin the tour, at the release that is in force now."""
    live = releases.live(tx, services.programme.process)
    state.keep_walk(tx, json.dumps({BEGAN: live.id if live is not None else ""}))


def release_of(kept: str) -> str | None:
    """The release at which it began, from the setting of a tour; None when nobody is on it."""
    found: Mapping[str, str] = json.loads(kept) if kept else {}
    return found.get(BEGAN)


def next_stop(
    tx: Tx, services: Services, began: str, names: Mapping[str, Any], now: datetime
) -> WorkshopStop:
    """The next thing to do.

    Args:
        began: the release that was in force when the tour began.
        names: as `names_of` gives them.
    """
    live = releases.live(tx, services.programme.process)
    if live is None or live.id == began:
        return _with_draft(tx, services, names, now)
    return _with_cases(tx, services, live.id, now)


def _with_draft(
    tx: Tx, services: Services, names: Mapping[str, Any], now: datetime
) -> WorkshopStop:
    """Before a release is published."""
    row = next(iter(releases.drafts(tx, services.programme.process)), None)
    if row is None:
        return WorkshopStop("open")
    bundle = unpack(row.files)
    if str(names["mend"]["flow"]).encode() in bundle.files.get(names["mend"]["file"], b""):
        return WorkshopStop("mend", row.id)
    if any(found.severity == "E" for found in findings_of(bundle, services.topics)):
        return WorkshopStop("errors", row.id)
    if _tasks(bundle) <= _tasks(services.current(tx).bundle):
        return WorkshopStop("add", row.id)
    if publish.dry_run_is_missing(tx, services, digest=bundle.digest):
        return WorkshopStop("dry_run", row.id)
    review = _review(tx, PUBLISH, "draft", row.id, bundle.digest, now)
    return WorkshopStop({ASKED: "approve", APPROVED: "publish"}.get(review, "ask"), row.id)


def _with_cases(tx: Tx, services: Services, live: str, now: datetime) -> WorkshopStop:
    """After it, while cases are moved."""
    made = plans.plans(tx, live)
    moved = any(migration_runs.moved_cases(tx, plan.id) for plan in made)
    others = set(oversight.open_on(tx, services.programme.process)) - {live}
    if moved or not others:
        return WorkshopStop("done")
    if not made:
        return WorkshopStop("plan")
    plan = max(made, key=lambda one: one.made_at)
    review = _review(tx, MIGRATE, "plan", plan.id, plan.digest, now)
    return WorkshopStop({ASKED: "check", APPROVED: "move"}.get(review, "send"), plan=plan.id)


def _tasks(bundle: Bundle) -> int:
    """How many tasks for persons the diagrams have."""
    return sum(content.count(TASK) for content in bundle.under("workflows", ".bpmn").values())


def _review(tx: Tx, kind: str, subject: str, id_: str, digest: str, now: datetime) -> str:
    """The state of the newest request about exactly this content; empty without one."""
    found = (row for row in approvals.of_kind(tx, kind) if row.subjects.get(subject) == id_)
    row = next(found, None)
    if row is None or row.digest != digest or (row.state in OPEN and row.expires <= now):
        return ""
    return row.state
