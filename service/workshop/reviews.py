"""The second person of a release: a reviewer approves exactly the files that are published.

A request carries the digest of the draft's files, so a draft that changes afterwards needs another
one. Whoever saved a file of the draft never approves it. Where data flows wider a second request
goes to data protection, and nobody answers both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.casework.approvals import requests, waiting_list
from service.errors import FourEyes, NotAllowed, NotFound
from service.people import accounts
from service.records.context import Services
from service.store.casefile import approvals
from service.store.casefile.approvals import APPROVED, ASKED, EXPIRED, OPEN, Approval
from service.store.transaction import Tx
from service.workshop import publish
from service.workshop.data_flow.wider import CheckedFlows
from service.workshop.drafts import authors

PUBLISH: Final = publish.APPROVAL
FLOWS: Final = publish.APPROVAL_FLOWS
CURRENT: Final = publish.APPROVAL_CURRENT
NO_RULE: Final = "no_data_protection"
"""Why nobody can be asked: `approvals.toml` has no row for wider flows of data."""


@dataclass(frozen=True, slots=True)
class Review:
    """The newest request about a draft, or about going back to a release."""

    id: str
    state: str
    who: str
    asked: datetime
    expires: datetime
    note: str
    decided_by: str
    may_decide: bool
    """Whether the reader may approve or refuse it now."""
    may_use: bool
    """Whether the reader asked for it, and may go on with what was approved."""
    same: bool
    """Whether it is about the content as it is now."""


def ask_publication(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    draft_id: str,
    rev: int,
    checked: publish.CheckedRelease,
    flows: CheckedFlows,
    note: str,
    seen: Collection[str] = (),
) -> str:
    """Ask a reviewer to approve a draft that could be published, and where data flows wider data
    protection too; gives the id of the request to the reviewer.

    Raises:
        NotAllowed: data flows wider, and the installation has no rule for who answers that.
        As `require_publishable`.   InvalidAnswers: no word on what is new.
    """
    row = publish.require_publishable(
        tx, services, by=by, draft_id=draft_id, rev=rev, checked=checked, flows=flows, seen=seen
    )
    if flows.wider and FLOWS not in services.programme.approvals.kinds:
        raise NotAllowed(why=NO_RULE)
    kinds = (PUBLISH, FLOWS) if flows.wider else (PUBLISH,)
    asked = [
        requests.ask(
            tx,
            services,
            by=by,
            now=now,
            kind=kind,
            case_id="",
            subjects={"draft": row.id, "release": row.title},
            digest=checked.digest,
            reason=note,
        )
        for kind in kinds
    ]
    return asked[0]


def ask_current(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, release_id: str, note: str
) -> str:
    """Ask a second person to approve that an earlier release is current again.

    Raises:
        As `publish.require_earlier`.   InvalidAnswers: no reason.
    """
    chosen, _ = publish.require_earlier(tx, services, by=by, release_id=release_id)
    return requests.ask(
        tx,
        services,
        by=by,
        now=now,
        kind=CURRENT,
        case_id="",
        subjects={"release": f"v{chosen.number}"},
        digest=chosen.id,
        reason=note,
    )


def decide(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    request_id: str,
    approve: bool,
    about: str,
) -> None:
    """Approve or refuse a draft, or that an earlier release is current again.

    Args:
        about: id of the draft, or digest of the release, on whose page she answers.
    Raises:
        FourEyes: she saved a file of the draft, asked for it herself, or gave the other answer.
        NotFound: there is no such request about it, or it is not hers to decide.
        Stale: it was decided, or ran out.
    """
    row = approvals.get(tx, request_id)
    if row is None or row.kind not in (PUBLISH, FLOWS, CURRENT) or about not in _abouts(row):
        raise NotFound
    if approve and by.person in _answered_other(tx, row):
        raise FourEyes(why="both_answers")
    if approve and by.person in authors(tx, services, row.subjects.get("draft", "")):
        raise FourEyes(why="author")
    requests.decide(tx, services, by=by, now=now, id_=request_id, approve=approve)


def load_review(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    *,
    kind: str,
    about: str,
    digest: str,
) -> Review | None:
    """The newest request about a draft or release that is not used up; None without one.

    Args:
        about: id of the draft, or digest of the release.
        digest: of the content as it is now.
    """
    found = (row for row in approvals.of_kind(tx, kind) if about in _abouts(row))
    row = next(found, None)
    if row is None or row.state == approvals.USED:
        return None
    state = EXPIRED if row.state in OPEN and row.expires <= now else row.state
    names = accounts.names(tx, services, [row.asked_by, *filter(None, [row.decided_by])])
    decides = requests.may_decide(tx, services, viewer, row) and state == ASKED
    return Review(
        id=row.id,
        state=state,
        who=names.get(row.asked_by, ""),
        asked=row.asked_at,
        expires=row.expires,
        note=waiting_list.reason_text(tx, services, row),
        decided_by=names.get(row.decided_by or "", ""),
        may_decide=decides
        and viewer.person not in _answered_other(tx, row)
        and viewer.person not in authors(tx, services, row.subjects.get("draft", "")),
        may_use=state == APPROVED and row.asked_by == viewer.person,
        same=row.digest == digest,
    )


def _answered_other(tx: Tx, row: Approval) -> frozenset[str]:
    """Ids of those who approved the same files on the other request: a release whose data flows
    wider needs two, of a reviewer and of data protection.
    """
    other = {PUBLISH: FLOWS, FLOWS: PUBLISH}.get(row.kind)
    found = approvals.of_kind(tx, other) if other else []
    return frozenset(
        one.decided_by
        for one in found
        if one.state == APPROVED and one.digest == row.digest and one.decided_by
    )


def _abouts(row: Approval) -> tuple[str, str, str]:
    return str(row.subjects.get("draft", "")), str(row.subjects.get("plan", "")), row.digest
