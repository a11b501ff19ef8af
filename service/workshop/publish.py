"""Publishing: a bundle or a draft becomes the next release of the installation's process.

Linting and building take long, so they run before the transaction that publishes (`prepare_bundle`,
`prepare_shipped`, `check_release`), which compares digests. Open cases stay on their release.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from service.access import Viewer
from service.casework.approvals import requests
from service.engine import drawn_in
from service.errors import Finding, NotAllowed, NotFound, UnusableFile
from service.records.context import Actor, Services, actor, release_stream, require_act
from service.records.ledger_entries import append_entry
from service.release.bundle import Bundle, dossier_digest, unpack
from service.release.handler_digests import handler_digests
from service.release.prepared import PreparedRelease
from service.security import ledger
from service.store.casefile.approvals import Approval
from service.store.installation import releases
from service.store.transaction import Tx
from service.workshop.dossier.record import DossierRecord
from service.workshop.trial.scenario_results import ScenarioResult


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
    """What came of its scenarios, as `trial.scenario_checks` ran them."""


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
    """Publish a prepared bundle as the next release; one that is there already stays as it is.

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
    body: dict[str, ledger.Canonical] = {
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


APPROVAL_CURRENT = "release_current"
"""Kind of the approval that going back to an earlier release uses up."""


def make_current(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, release_id: str
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
    approval = use_approval(tx, APPROVAL_CURRENT, chosen.id, by=by, now=now)
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


def use_approval(tx: Tx, kind: str, digest: str, *, by: Viewer, now: datetime) -> Approval:
    """Use up what a second person approved about files of a digest.

    Raises:
        ApprovalNeeded: nobody approved it.
    """
    return requests.use(tx, by=by, now=now, kind=kind, case_id="", digest=digest, subject=digest)
