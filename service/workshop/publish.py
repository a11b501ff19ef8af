"""Publishing: a bundle or a draft becomes the next release of the installation's process; what a
draft needs for that; and going back to an earlier release.

Linting and building take long, so they run before the transaction that publishes (`prepare_bundle`,
`prepare_shipped`, `check_release`), which compares digests. Open cases stay on their release.

Whether the files went through the dry run that publishing requires is read from the ledger, which
nobody can add to unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from service.access import Viewer
from service.casework.approvals import requests
from service.engine import drawn_in
from service.errors import BadDiagram, Finding, FourEyes, NotAllowed, NotFound, Stale, UnusableFile
from service.records.context import Actor, Services, actor, release_stream, require_act
from service.records.ledger_append import append_entry
from service.release.bundle import Bundle, dossier_digest, unpack
from service.release.handler_digests import handler_digests
from service.release.prepared import PreparedRelease
from service.security import ledger_lines
from service.store.casefile import cases
from service.store.casefile.approvals import Approval
from service.store.installation import ledger_entries, releases
from service.store.transaction import Tx
from service.store.work import batches
from service.workshop.data_flow.wider import CheckedFlows
from service.workshop.drafts import authors, close_draft, finding_key, require_draft
from service.workshop.release_dossier import DossierRecord, Evidence, Signatures, make_record
from service.workshop.trial.scenario_checks import require_passed
from service.workshop.trial.scenario_results import ScenarioResult

APPROVAL: Final = "publish_release"
APPROVAL_FLOWS: Final = "publish_data_flow"
"""Kinds of approvals that publishing a draft uses up: that of its reviewer, and where data flows
wider that of data protection."""
APPROVAL_CURRENT: Final = "release_current"
"""Kind of the approval that going back to an earlier release uses up."""
DRY_RUN_NEEDED: Final = "dry_run_needed"
"""Reason of the refusal where no dry run of the files came to its end."""


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """A release after publishing."""

    id: str
    number: int
    new: bool = True
    """False when these files were a release already, and nothing was written."""


@dataclass(frozen=True, slots=True)
class CheckedRelease:
    """A bundle that was linted, and built when no finding is an error."""

    digest: str
    findings: tuple[Finding, ...]
    prepared: PreparedRelease | None
    """None when a finding is an error."""
    scenarios: tuple[ScenarioResult, ...] = ()
    """Results of its scenarios, as `trial.scenario_checks` ran them."""


def prepare_bundle(services: Services, bundle: Bundle) -> PreparedRelease:
    """Lint and build a bundle, before the transaction that publishes it; its number comes there.

    Raises:
        BadDiagram: with every finding.
    """
    return services.prepared.prepare(bundle, process=services.programme.process)


def prepare_shipped(services: Services, bundle: Bundle) -> PreparedRelease:
    """Lint and build the files of the installation's folders, which must draw its process.

    Raises:
        UnusableFile: no diagram draws it.   BadDiagram: with every finding.
    """
    process = services.programme.process
    if process in drawn_in(bundle.under("workflows", ".bpmn")):
        return prepare_bundle(services, bundle)
    services.prepared.prepare(bundle)  # a diagram that cannot be read is reported as such
    raise UnusableFile(
        f"no diagram of TRESTEG_WORKFLOWS_DIR draws the process {process}, "
        "which programme.toml names"
    )


def check_release(services: Services, bundle: Bundle) -> CheckedRelease:
    """Lint a bundle in a child process, and build it when nothing is wrong, before the transaction
    that publishes.

    Raises nothing for findings: `publish_draft` refuses them after it has compared revisions.

    Raises:
        Busy: too many others are having files read.
    """
    findings = tuple(services.judge(bundle, ""))
    broken = any(found.severity == "E" for found in findings)
    process = services.programme.process
    prepared = None if broken else services.prepared.build(bundle, process=process)
    return CheckedRelease(bundle.digest, findings, prepared)


def bundle_to_publish(tx: Tx, viewer: Viewer, draft_id: str) -> Bundle:
    """Load the files of a draft, open or closed, for somebody who may publish it.

    A closed one too: a form that is sent twice gets its first answer again.

    Raises:
        NotAllowed: the viewer may not publish.   NotFound: there is no such draft.
    """
    require_act(viewer, "publish")
    row = releases.get_draft(tx, draft_id)
    if row is None:
        raise NotFound
    return unpack(row.files)


def publish_draft(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
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
    approvals = [_use_approval(tx, kind, checked.digest, by=by, now=now) for kind in kinds]
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
    """Require of a draft all that publishing needs but the second person; gives the draft.

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


def publish_bundle(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    prepared: PreparedRelease,
    note: str = "",
    seen: Collection[str] = (),
    approved_by: str | None = None,
    dossier: DossierRecord | None = None,
) -> PublishedRelease:
    """Publish a prepared bundle as the next release; a release with these files stays as it is.

    Args:
        prepared: from `prepare_bundle`, made before this transaction began.
        seen: warnings that the publisher has seen, by `finding_key`; kept in the ledger entry.
        approved_by: the reviewer; None where whoever runs the machine publishes its files.
        dossier: how a draft was published; the ledger names it by its digest.
    """
    digest = prepared.id
    known = releases.get(tx, digest)
    if known is not None:
        return PublishedRelease(known.id, known.number, new=False)
    process = services.programme.process
    number = releases.next_number(tx, process)
    ready = replace(prepared, number=number, process=process)
    releases.add(tx, replace(_release_row(services, ready, by, now, note), approved_by=approved_by))
    tx.after_commit(lambda: services.prepared.keep(ready))
    body: dict[str, ledger_lines.Canonical] = {
        "release": digest,
        "number": number,
        "seen": tuple(sorted(seen)),
    }
    if dossier is not None:
        content = dossier.text(digest, process, number)
        releases.add_dossier(tx, process, releases.ReleaseDossier(digest, content))
        body["dossier"] = dossier_digest(content)
    append_entry(tx, release_stream(services), "published", by=by, now=now, body=body)
    return PublishedRelease(digest, number)


def make_current(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, release_id: str
) -> releases.ReleaseTitle:
    """Make an earlier release the one in force again, as a second person approved: every newer one
    is withdrawn.

    New cases begin on it; open cases stay on theirs, also on those that were withdrawn. A release
    that was withdrawn can be made current again in the same way.

    Raises:
        ApprovalNeeded: nobody approved it.
        As `require_earlier`.
    """
    chosen, live = require_earlier(tx, services, by=by, release_id=release_id)
    approval = _use_approval(tx, APPROVAL_CURRENT, chosen.id, by=by, now=now)
    for title in releases.of_process(tx, chosen.process):
        state = "withdrawn" if title.number > chosen.number else title.state
        releases.set_state(tx, title.id, "published" if title.id == chosen.id else state)
    body = {"release": chosen.id, "was": live.id, "approval": approval.id}
    append_entry(tx, release_stream(services), "release_current", by=actor(by), now=now, body=body)
    return chosen


def require_earlier(
    tx: Tx, services: Services, *, by: Viewer, release_id: str
) -> tuple[releases.ReleaseTitle, releases.ReleaseTitle]:
    """A release that could be made current again, and the one in force.

    Raises:
        NotAllowed: the viewer may not publish, or it is the one in force.
        NotFound: the process has no such release.
    """
    require_act(by, "publish")
    process = services.programme.process
    chosen = releases.title(tx, release_id)
    live = releases.live(tx, process)
    if chosen is None or live is None or chosen.process != process:
        raise NotFound
    if chosen.id == live.id:
        raise NotAllowed(why="current_release")
    return chosen, live


def require_dry_run(tx: Tx, services: Services, *, digest: str) -> None:
    """Require that every case was played on these files, unless there is no case.

    Raises:
        NotAllowed: there are cases, and no dry run of these files came to its end.
    """
    if dry_run_is_missing(tx, services, digest=digest):
        raise NotAllowed(why=DRY_RUN_NEEDED)


def dry_run_is_missing(tx: Tx, services: Services, *, digest: str) -> bool:
    """Whether there are cases, and no dry run of these files has come to its end."""
    if not cases.listed(tx, limit=1):
        return False
    after = 0
    while lines := ledger_entries.of_stream(tx, release_stream(services), after=after):
        after = lines[-1].seq
        for body in (json.loads(line.body) for line in lines if line.kind == "dry_run_ended"):
            if (body["release"], body["state"]) == (digest, batches.DONE):
                return False
    return True


def _use_approval(tx: Tx, kind: str, digest: str, *, by: Viewer, now: datetime) -> Approval:
    """Use up the approval of a second person for the files of this digest.

    Raises:
        ApprovalNeeded: nobody approved it.
    """
    return requests.use(tx, by=by, now=now, kind=kind, case_id="", digest=digest, subject=digest)


def _release_row(
    services: Services, ready: PreparedRelease, by: Actor, now: datetime, note: str
) -> releases.Release:
    return releases.Release(
        id=ready.id,
        process=ready.process,
        number=ready.number,
        digest=ready.id,
        files=ready.bundle.pack(),
        handlers=handler_digests(services.topics),
        state="published",
        note=note,
        proposed_by=by.id,
        proposed_at=now,
        approved_by=None,
        published_by=by.id,
        published_at=now,
    )
