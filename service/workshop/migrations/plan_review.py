"""The second person of a plan: a reviewer approves exactly the rows that are moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.casework.approvals import requests
from service.errors import FourEyes, NotAllowed, NotFound, Stale
from service.records.context import Services, require_act
from service.store.casefile import approvals
from service.store.installation import releases
from service.store.transaction import Tx
from service.workshop.migrations.groups import CANNOT, load_rows
from service.workshop.migrations.plans import STAYING, load_plan, save, stored_plan
from service.workshop.reviews import Review, load_review

MIGRATE: Final = "migrate_cases"
"""Kind of the approval of a plan."""


def ask_review(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, plan_id: str, rev: int, note: str
) -> str:
    """Ask a reviewer to approve a plan as its rows stand now, which are fixed; gives the id of the
    request.

    Raises:
        NotAllowed: the viewer does not own the process, nothing would move, or another release
            is current now.
        Stale: somebody else chose since.   InvalidAnswers: no reason.
    """
    require_act(by, "edit_process")
    plan = stored_plan(tx, plan_id)
    if plan.rev != rev:
        raise Stale(rev=plan.rev)
    require_current(tx, services, plan.target)
    rows = load_rows(tx, services, plan, lang=by.lang, now=now)
    # what cannot move as it is planned finishes on its release, and the reviewer sees that too
    fixed = {row.key: STAYING if row.becomes == CANNOT else row.choice for row in rows}
    if not any(not choice.stays for choice in fixed.values()):
        raise NotAllowed(why="nothing_moves")
    plan = replace(plan, approved=fixed, rev=plan.rev + 1)
    save(tx, plan)
    target = services.release(tx, plan.target)
    return requests.ask(
        tx,
        services,
        by=by,
        now=now,
        kind=MIGRATE,
        case_id="",
        subjects={"plan": plan.id, "release": f"v{target.number}"},
        digest=plan.digest,
        reason=note,
    )


def decide_plan(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    request_id: str,
    approve: bool,
    plan_id: str,
) -> None:
    """Approve or refuse a plan.

    Args:
        plan_id: the plan on whose page she answers.
    Raises:
        FourEyes: she chose something in the plan, or asked for it herself.
        NotFound: there is no such request about the plan, or it is not hers to decide.
        Stale: it was decided, or ran out.
    """
    row = approvals.get(tx, request_id)
    if row is None or row.kind != MIGRATE or row.subjects.get("plan") != plan_id:
        raise NotFound
    plan = load_plan(tx, by, plan_id)
    if approve and by.person in plan.editors:
        raise FourEyes(why="author")
    requests.decide(tx, services, by=by, now=now, id_=row.id, approve=approve)


def require_current(tx: Tx, services: Services, target: str) -> None:
    """Let no plan move cases to a release that is not current any more.

    Raises:
        NotAllowed: another one is.
    """
    live = releases.live(tx, services.programme.process)
    if live is None or live.id != target:
        raise NotAllowed(why="other_current")


def load_plan_review(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, plan_id: str
) -> Review | None:
    """The newest request about a plan that is not used up; None without one."""
    plan = load_plan(tx, viewer, plan_id)
    found = load_review(tx, services, viewer, now, kind=MIGRATE, about=plan.id, digest=plan.digest)
    if found is None:
        return None
    return replace(found, may_decide=found.may_decide and viewer.person not in plan.editors)
