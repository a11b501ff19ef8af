"""Dry runs of a draft: begin one, and read how far it is and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from service.errors import NotFound
from service.release.bundle import unpack
from service.web.api.v1.drafts import EDIT, READ
from service.web.api.v1.operations import Done, Reply, operation, submit
from service.web.request_context import current
from service.workshop import drafts
from service.workshop.dry_run.dry_run_page import DryRunPage, load_dry_run
from service.workshop.dry_run.dry_runs import begin_dry_run
from service.workshop.publish import check_release


@dataclass(frozen=True, slots=True)
class DryRunGroup:
    """Cases with one outcome at one step of the draft. `word` says why it is intended."""

    verdict: str
    element: str
    text: str
    cases: int
    word: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """The newest dry run of a draft.

    `state` is running, done, stopped or failed. `current` says whether it is about the files as
    they are now: publishing asks for one that is done and current. `numbers` is outcome to cases.
    """

    id: str
    state: str
    done: int
    total: int
    begun_at: datetime
    ended_at: datetime | None
    by: str
    base: str
    """The release with which the ways of the cases are compared."""
    current: bool
    numbers: Mapping[str, int]
    groups: tuple[DryRunGroup, ...]


@operation(
    "start_dry_run",
    "POST",
    "/drafts/<draft>/dry-runs",
    gives=Done,
    keyed=True,
    act=EDIT,
    faults=("findings", "stale", "not_allowed"),
)
def start_dry_run(draft: str) -> Reply:
    """Begin to play every past and open case on a draft; no case is changed."""
    context = current()
    services = current().program.services
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
    checked = check_release(services, unpack(row.files))
    return submit(
        partial(begin_dry_run, draft_id=draft, checked=checked),
        lambda run: f"/v1/drafts/{draft}/dry-runs/{run}",
    )


@operation("get_dry_run", "GET", "/drafts/<draft>/dry-runs/<run>", gives=DryRun, act=READ)
def get_dry_run(draft: str, run: str) -> Reply:
    """How far a dry run is, and what it found; `newest` in the place of its id is the newest one.

    A draft keeps its newest dry run alone.
    """
    context = current()
    with context.transaction() as tx:
        page = load_dry_run(tx, context.program.services, context.viewer, draft)
    if page.run is None or run not in (page.run.id, "newest"):
        raise NotFound
    return Reply(_shown(page))


def _shown(page: DryRunPage) -> DryRun:
    run = page.run
    if run is None:
        raise NotFound
    return DryRun(
        id=run.id,
        state=run.state,
        done=run.done,
        total=run.total,
        begun_at=run.at,
        ended_at=run.ended_at,
        by=page.by,
        base=page.base,
        current=page.fresh,
        numbers=dict(page.numbers),
        groups=tuple(
            DryRunGroup(group.verdict, group.element, group.name, group.n, group.word)
            for group in page.groups
        ),
    )
