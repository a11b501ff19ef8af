"""Publishing a draft: what it needs, and the release that it becomes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.errors import BadDiagram, FourEyes, NotAllowed, Stale
from service.records.context import Services, actor, require_act
from service.release.bundle import unpack
from service.store.installation import releases
from service.store.transaction import Tx
from service.workshop.data_flow.wider import CheckedFlows
from service.workshop.dossier.evidence import Evidence
from service.workshop.dossier.record import Signatures, make_record
from service.workshop.drafts import authors, close_draft, finding_key, require_draft
from service.workshop.dry_run.required import require_dry_run
from service.workshop.publish import CheckedRelease, PublishedRelease, publish_bundle, use_approval
from service.workshop.trial.scenario_checks import require_passed

APPROVAL: Final = "publish_release"
APPROVAL_FLOWS: Final = "publish_data_flow"
"""Kinds of approvals that publishing a draft uses up: that of its reviewer, and where data flows
wider that of data protection."""


def publish_draft(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    draft_id: str,
    rev: int,
    checked: CheckedRelease,
    flows: CheckedFlows,
    evidence: Evidence,
    note: str,
    seen: Collection[str] = (),
) -> PublishedRelease:
    """Publish a draft as the next release, as a reviewer approved it; where data flows wider, as
    somebody approved it for data protection too.

    Cases that begin from now on use it; open ones stay on theirs.

    Args:
        checked, flows, evidence: from `check_release`, `check_flows` and `gather_evidence`, made of
            the draft's files before this transaction began.
        seen: warnings that the publisher has seen, each as `finding_key` names it.
    Raises:
        ApprovalNeeded: no reviewer approved exactly these files; or nobody did for data
            protection, although data flows wider.
        FourEyes: who approved them had saved a file of the draft, or is one person for both.
        As `require_publishable`.
    """
    row = require_publishable(
        tx, services, by=by, draft_id=draft_id, rev=rev, checked=checked, flows=flows, seen=seen
    )
    kinds = (APPROVAL, APPROVAL_FLOWS) if flows.wider else (APPROVAL,)
    approvals = [use_approval(tx, kind, checked.digest, by=by, now=now) for kind in kinds]
    answered = {approval.decided_by for approval in approvals}
    if len(answered) < len(kinds):
        raise FourEyes(why="both_answers")
    if answered & authors(tx, services, draft_id):
        raise FourEyes(why="author")
    if checked.prepared is None:
        raise BadDiagram(checked.findings)
    if evidence.digest != checked.digest:
        raise Stale
    decided = [str(approval.decided_by) for approval in approvals]
    dossier = make_record(
        tx,
        services,
        draft=row,
        base=flows.base,
        evidence=evidence,
        findings=checked.findings,
        seen=seen,
        signatures=Signatures(by.person, *decided),
        note=note,
        now=now,
    )
    done = publish_bundle(
        tx,
        services,
        by=actor(by),
        now=now,
        prepared=checked.prepared,
        note=note,
        seen=seen,
        approved_by=approvals[0].decided_by,
        dossier=dossier,
    )
    close_draft(tx, by=by, now=now, row=row)
    return done


def require_publishable(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    draft_id: str,
    rev: int,
    checked: CheckedRelease,
    flows: CheckedFlows,
    seen: Collection[str] = (),
) -> releases.Draft:
    """A draft that nothing but a second person keeps from being published.

    Raises:
        Stale: the draft is not at `rev` any more, its files are not those that were checked, or
            another release is in force than that with which its flows of data were compared.
        BadDiagram: with every finding when one is an error, or with the warnings not seen.
        NotAllowed: the viewer may not publish; there is a release with exactly these files; a
            scenario does not pass; or no dry run of them has gone through the cases there are.
    """
    require_act(by, "publish")
    row = require_draft(tx, by, draft_id)
    live = releases.live(tx, services.programme.process)
    if row.rev != rev or unpack(row.files).digest != checked.digest:
        raise Stale
    if flows.digest != checked.digest or live is None or live.id != flows.base:
        raise Stale
    if releases.title(tx, checked.digest) is not None:
        raise NotAllowed(why="same_release")
    if checked.prepared is None:
        raise BadDiagram(checked.findings)
    warnings = (found for found in checked.findings if found.severity == "W")
    if unseen := tuple(found for found in warnings if finding_key(found) not in seen):
        raise BadDiagram(unseen)
    require_passed(unpack(row.files), checked.scenarios)
    require_dry_run(tx, services, digest=checked.digest)
    return row
