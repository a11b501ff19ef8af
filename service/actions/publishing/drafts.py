"""Drafts of a release: open one, save a file, lint it, discard it.

A draft belongs to the installation's process; there is one open draft at most, unless a base is
named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from service.access import Viewer, can_act
from service.actions.context import Services, actor
from service.actions.ids import ulid
from service.actions.ledger_entries import append_entry
from service.actions.releases.bundle import Bundle, unpack
from service.errors import BadDiagram, Finding, NotAllowed, NotFound, Stale
from service.store.installation import releases
from service.store.transaction import Tx

LARGEST = 1024 * 1024
"""Largest file of a draft, in bytes."""
MESSAGE_DIGITS = 6
"""Hexadecimal digits of a message's digest that tell two findings about one element apart."""
UNREADABLE = frozenset({"X101", "X102", "X103", "X104", "X105", "X110", "F101", "F102", "F103"})
"""Findings of a file that cannot be kept: nobody could open it again."""


def open_draft(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, base: str = ""
) -> releases.Draft:
    """Return the open draft of the process, or make a new one from the live release.

    Raises:
        NotAllowed: the viewer does not own the process.
        NotFound: there is no release to begin from.
    """
    require_act(by, "edit_process")
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
    body = {"draft": draft.id, "base": row.id}
    append_entry(tx, release_stream(services), "draft_open", by=actor(by), now=now, body=body)
    return draft


def require_draft(tx: Tx, viewer: Viewer, id_: str) -> releases.Draft:
    """Load an open draft, for those who may read processes.

    Raises:
        NotAllowed: the viewer may not read processes.
        NotFound: there is no such draft, or it is closed.
    """
    require_act(viewer, "read_process")
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
    """Save one file of a draft; returns the draft's new revision.

    Findings do not stop saving; a file that cannot be read at all does.

    Args:
        found: the findings of `check_draft`, made before this transaction began.
    Raises:
        Stale: somebody saved the draft since.
        BadDiagram: the file is too large, too slow, or no file of this kind; the last good one
            stays.
    """
    require_act(by, "edit_process")
    row = require_draft(tx, by, draft_id)
    if row.rev != rev:
        raise Stale
    bundle = _with_file(unpack(row.files), name, content)
    ending = name.rpartition("/")[2]
    if unreadable := tuple(f for f in found if f.code in UNREADABLE and f.file.endswith(ending)):
        raise BadDiagram(unreadable)
    saved = replace(row, rev=rev + 1, files=bundle.pack(), by=by.person, at=now)
    releases.save_draft(tx, saved)
    body = {"draft": row.id, "file": name}
    append_entry(tx, f"release/{row.process}", "draft_saved", by=actor(by), now=now, body=body)
    return saved.rev


def check_draft(
    services: Services, row: releases.Draft, changed: Mapping[str, bytes]
) -> tuple[Finding, ...]:
    """Lint a draft with some files as they are on the screen, in a child process.

    Takes seconds at worst: never call it while a write transaction is open.

    Raises:
        Busy: too many others are having files read.   BadDiagram: a file is larger than `LARGEST`.
    """
    bundle = unpack(row.files)
    for name, content in changed.items():
        bundle = _with_file(bundle, name, content)
    return tuple(services.judge(bundle, next(iter(changed), "")))


def _with_file(bundle: Bundle, name: str, content: bytes) -> Bundle:
    if name not in bundle.files:
        raise NotFound
    if len(content) > LARGEST:
        raise BadDiagram((Finding("X101", "E", name, "", "The file is larger than 1 MiB."),))
    return bundle.with_file(name, content)


def finding_key(found: Finding) -> str:
    """Identify a finding by code, file, element and the first digits of its message's digest.

    One element may have two findings of one code; their messages differ.
    """
    digest = hashlib.sha256(found.message.encode()).hexdigest()[:MESSAGE_DIGITS]
    return f"{found.code} {found.file} {found.element} {digest}"


def discard_draft(tx: Tx, services: Services, *, by: Viewer, now: datetime, draft_id: str) -> None:
    """Close a draft without publishing it.

    Raises:
        NotAllowed: the viewer does not own the process.
        NotFound: there is no such draft, or it is closed.
    """
    require_act(by, "edit_process")
    row = require_draft(tx, by, draft_id)
    close_draft(tx, by=by, now=now, row=row)
    body = {"draft": row.id}
    append_entry(tx, release_stream(services), "draft_discard", by=actor(by), now=now, body=body)


def close_draft(tx: Tx, *, by: Viewer, now: datetime, row: releases.Draft) -> None:
    """Close a draft with its files as they are: it was published or discarded."""
    closed = replace(row, rev=row.rev + 1, by=by.person, at=now, closed_at=now)
    releases.save_draft(tx, closed)


def release_stream(services: Services) -> str:
    """Name the ledger stream of the process's releases."""
    return f"release/{services.programme.process}"


def require_act(viewer: Viewer, act: str) -> None:
    """Require an act of the process owner's pages.

    Raises:
        NotAllowed: the viewer's roles do not include it.
    """
    if not can_act(viewer, act):
        raise NotAllowed(why="house_role")
