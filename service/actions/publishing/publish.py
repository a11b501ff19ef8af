"""Releases and drafts: edit a draft, hear what the linter says, publish it as the next release.

Open cases stay on theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer, can_act
from service.actions.context import Actor, Services, actor
from service.actions.ids import ulid
from service.actions.ledger_entries import append_entry
from service.actions.releases.bundle import Bundle, unpack
from service.actions.releases.handler_digests import handler_digests
from service.actions.releases.prepared import findings_of
from service.engine import drawn_in
from service.errors import BadDiagram, Finding, NotAllowed, NotFound, Stale, UnusableFile
from service.store.installation import releases
from service.store.transaction import Tx

LARGEST = 1024 * 1024
"""Largest file of a draft, in bytes."""
SIGNS = 6
"""Signs of a digest that tell two sentences about one element apart."""
UNREADABLE = frozenset({"X101", "X102", "X103", "X104", "X105", "X110", "F101", "F102", "F103"})
"""What is said of a file that cannot be kept: nobody could open it again."""


@dataclass(frozen=True, slots=True)
class PublishedRelease:
    """A release after publishing."""

    id: str
    number: int
    findings: tuple[Finding, ...]
    new: bool = True
    """False when these files were a release already, and nothing was written."""


def publish_bundle(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    bundle: Bundle,
    note: str = "",
    seen: Collection[str] = (),
) -> PublishedRelease:
    """Publish files as the next release of the installation's process; a release that is there
    already stays as it is.

    Args:
        seen: warnings that the publisher has seen, by code and place; they stand in the line of the
            ledger.
    Raises:
        BadDiagram: with every finding; nothing has been published.
    """
    known = releases.get(tx, bundle.digest)
    if known is not None:
        return PublishedRelease(known.id, known.number, (), new=False)
    number = releases.next_number(tx, services.programme.process)
    process = services.programme.process
    ready = services.prepared.prepare(bundle, number=number, process=process)
    releases.add(
        tx,
        releases.Release(
            id=bundle.digest,
            process=process,
            number=number,
            digest=bundle.digest,
            files=bundle.pack(),
            handlers=handler_digests(services.topics),
            state="published",
            note=note,
            proposed_by=by.id,
            proposed_at=now,
            approved_by=None,
            published_by=by.id,
            published_at=now,
        ),
    )
    tx.after_commit(lambda: services.prepared.keep(ready))
    append_entry(
        tx,
        release_stream(services),
        "published",
        by=by,
        now=now,
        body={"release": bundle.digest, "number": number, "seen": tuple(sorted(seen))},
    )
    return PublishedRelease(bundle.digest, number, ())


def publish_shipped(
    tx: Tx, services: Services, *, by: Actor, now: datetime, bundle: Bundle, note: str = ""
) -> PublishedRelease:
    """Publish the files of the installation's folders, which must draw the process that it is there
    for.

    Raises:
        UnusableFile: no diagram draws it.   BadDiagram: as `publish_bundle` does.
    """
    if services.programme.process not in drawn_in(bundle.under("workflows", ".bpmn")):
        services.prepared.prepare(bundle)  # a diagram that cannot be read is told as what it is
        raise UnusableFile(
            f"no diagram of TRESTEG_WORKFLOWS_DIR draws the process {services.programme.process}, which programme.toml names"
        )
    return publish_bundle(tx, services, bundle=bundle, by=by, now=now, note=note)


def open_draft(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, base: str = ""
) -> releases.Draft:
    """The open draft of the process, or a new one made from the live release.

    Raises:
        NotAllowed: the viewer does not own the process.
        NotFound: there is no release to begin from.
    """
    _require(by, "edit_process")
    existing = releases.drafts(tx, services.programme.process)
    if existing and not base:
        return existing[0]
    title = releases.title(tx, base) if base else releases.live(tx, services.programme.process)
    row = releases.get(tx, title.id) if title is not None else None
    if row is None:
        raise NotFound
    draft = releases.Draft(
        id=ulid(now),
        process=row.process,
        base=row.id,
        title=f"v{row.number + 1}",
        rev=1,
        files=row.files,
        by=by.person,
        at=now,
    )
    releases.add_draft(tx, draft)
    append_entry(
        tx,
        release_stream(services),
        "draft_open",
        by=actor(by),
        now=now,
        body={"draft": draft.id, "base": row.id},
    )
    return draft


def require_draft(tx: Tx, viewer: Viewer, id_: str) -> releases.Draft:
    """A draft, for those who may read processes.

    Raises:
        NotAllowed, NotFound.
    """
    _require(viewer, "read_process")
    row = releases.get_draft(tx, id_)
    if row is None or row.closed_at is not None:
        raise NotFound
    return row


def save_file(
    tx: Tx,
    *,
    by: Viewer,
    now: datetime,
    draft_id: str,
    name: str,
    content: bytes,
    found: Sequence[Finding],
    rev: int,
) -> int:
    """Keep one file of a draft; gives the new revision.

    Findings do not stop saving; a file that cannot be read at all does.

    Args:
        found: what `check_draft` said of it, before this transaction began.
    Raises:
        Stale: somebody saved the draft since.
        BadDiagram: the file is too large, too slow, or no file of this kind; the last good one
            stays.
    """
    _require(by, "edit_process")
    row = require_draft(tx, by, draft_id)
    if row.rev != rev:
        raise Stale
    bundle = _changed(unpack(row.files), name, content)
    if unreadable := tuple(
        f for f in found if f.code in UNREADABLE and f.file.endswith(name.rpartition("/")[2])
    ):
        raise BadDiagram(unreadable)
    releases.save_draft(
        tx,
        releases.Draft(
            row.id,
            row.process,
            row.base,
            row.title,
            rev + 1,
            bundle.pack(),
            by.person,
            now,
            None,
        ),
    )
    return rev + 1


def check_draft(
    services: Services, row: releases.Draft, changed: Mapping[str, bytes]
) -> tuple[Finding, ...]:
    """What the linter says of a draft with some files as they are on the screen; they are read
    where they can do no harm.

    Raises:
        Busy: too many others are having files read.   BadDiagram: a file is larger than any is.
    """
    bundle = unpack(row.files)
    for name, content in changed.items():
        bundle = _changed(bundle, name, content)
    return tuple(services.judge(bundle, next(iter(changed), "")))


def _changed(bundle: Bundle, name: str, content: bytes) -> Bundle:
    if name not in bundle.files:
        raise NotFound
    if len(content) > LARGEST:
        raise BadDiagram((Finding("X101", "E", name, "", "The file is larger than 1 MiB."),))
    return bundle.with_file(name, content)


def publish_draft(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    draft_id: str,
    rev: int,
    note: str,
    seen: Collection[str] = (),
) -> PublishedRelease:
    """Publish a draft as the next release.

    Cases that begin from now on use it; open ones stay on theirs.

    Args:
        seen: warnings that the publisher has seen, each as `finding_key` names it.
    Raises:
        Stale: the draft changed since.
        BadDiagram: with every error, or with the warnings not seen; nothing has been published.
        NotAllowed: there is a release with exactly these files.
    """
    _require(by, "publish")
    row = require_draft(tx, by, draft_id)
    if row.rev != rev:
        raise Stale
    bundle = unpack(row.files)
    if releases.title(tx, bundle.digest) is not None:
        raise NotAllowed(why="same_release")
    found = findings_of(bundle, services.topics)
    unseen = tuple(f for f in found if f.severity == "W" and finding_key(f) not in seen)
    if unseen and not any(f.severity == "E" for f in found):
        raise BadDiagram(unseen)
    done = publish_bundle(tx, services, bundle=bundle, by=actor(by), now=now, note=note, seen=seen)
    releases.save_draft(
        tx,
        releases.Draft(
            row.id, row.process, row.base, row.title, rev + 1, row.files, by.person, now, now
        ),
    )
    return done


def finding_key(found: Finding) -> str:
    """A finding by code, file and element, and by a few signs of its sentence, because one element
    may have two of a code.
    """
    return f"{found.code} {found.file} {found.element} {hashlib.sha256(found.message.encode()).hexdigest()[:SIGNS]}"


def discard_draft(tx: Tx, services: Services, *, by: Viewer, now: datetime, draft_id: str) -> None:
    """Close a draft without publishing it."""
    _require(by, "edit_process")
    row = require_draft(tx, by, draft_id)
    releases.save_draft(
        tx,
        releases.Draft(
            row.id,
            row.process,
            row.base,
            row.title,
            row.rev + 1,
            row.files,
            by.person,
            now,
            now,
        ),
    )
    append_entry(
        tx,
        release_stream(services),
        "draft_discard",
        by=actor(by),
        now=now,
        body={"draft": row.id},
    )


def release_stream(services: Services) -> str:
    """Where what happens to the process's releases is written."""
    return f"release/{services.programme.process}"


def _require(viewer: Viewer, act: str) -> None:
    if not can_act(viewer, act):
        raise NotAllowed(why="house_role")
