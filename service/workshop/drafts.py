"""Drafts of a release: open one, save files, lint it, discard it, and take it up again.

A draft belongs to the installation's process; there is one open draft at most.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from service.access import Viewer
from service.errors import BadDiagram, Finding, NotAllowed, NotFound, Stale
from service.records.context import Services, actor, release_stream, require_act
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.release.bundle import Bundle, in_release, unpack, unpack_release
from service.store.installation import ledger_entries, releases
from service.store.transaction import Tx
from service.workshop.file_states import keep_states

LARGEST = 1024 * 1024
"""Largest file of a draft, in bytes."""
MESSAGE_DIGITS = 6
"""Hexadecimal digits of a message's digest that tell two findings about one element apart."""
UNDO = timedelta(days=1)
"""How long a draft that was thrown away can be taken up again."""
UNREADABLE = frozenset({"X101", "X102", "X103", "X104", "X105", "X110", "F101", "F102", "F103"})
"""Findings of a file that cannot be kept: nobody could open it again."""


def open_draft(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, base: str = ""
) -> releases.Draft:
    """Return the open draft of the process, or make a new one.

    Args:
        base: the release to begin from; the one in force when none is named.
    Raises:
        NotAllowed: the viewer does not own the process; or another draft is open, and a release was
            named.
        NotFound: there is no release to begin from.
    """
    require_act(by, "edit_process")
    process = services.programme.process
    existing = releases.drafts(tx, process)
    if existing and base in ("", existing[0].base):
        return existing[0]
    _require_none_open(existing)
    title = releases.title(tx, base) if base else releases.live(tx, process)
    row = releases.get(tx, title.id) if title is not None else None
    if row is None or row.process != process:
        raise NotFound
    draft = releases.Draft(
        id=ulid(now),
        process=process,
        base=row.id,
        title=f"v{releases.next_number(tx, process)}",
        rev=1,
        files=unpack_release(row.id, row.files).pack(),
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


def save_files(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    draft_id: str,
    changed: Mapping[str, bytes | None],
    found: Sequence[Finding],
    rev: int,
) -> int:
    """Save files of a draft, changed, new or taken out; returns the draft's new revision.

    Findings do not stop saving; a file that cannot be read at all does.

    Args:
        changed: name in the release to content, or to None to take the file out.
        found: the findings of `check_draft`, made before this transaction began.
    Raises:
        Stale: somebody saved the draft since.
        BadDiagram: a file is too large, too slow, or no file of its kind; the last good ones stay.
        NotFound: a name is that of no file of a release.
    """
    require_act(by, "edit_process")
    row = require_draft(tx, by, draft_id)
    if row.rev != rev:
        raise Stale
    before = unpack(row.files)
    bundle = _with_files(before, changed)
    if broken := unreadable(found, changed):
        raise BadDiagram(broken)
    saved = replace(row, rev=rev + 1, files=bundle.pack(), by=by.person, at=now)
    releases.save_draft(tx, row, saved)
    keep_states(tx, before.files, saved, changed)
    for name in changed:
        body = {"draft": row.id, "file": name}
        append_entry(tx, release_stream(services), "draft_saved", by=actor(by), now=now, body=body)
    return saved.rev


def unreadable(found: Sequence[Finding], names: Collection[str]) -> tuple[Finding, ...]:
    """Findings of `UNREADABLE` on these files: nobody could open such a file again."""
    files = {name.rpartition("/")[2] for name in names}
    return tuple(f for f in found if f.code in UNREADABLE and f.file.rpartition("/")[2] in files)


def check_draft(
    services: Services, row: releases.Draft, changed: Mapping[str, bytes | None]
) -> tuple[Finding, ...]:
    """Lint a draft with some files as they are on the screen, in a child process.

    Takes seconds at worst: never call it while a write transaction is open.

    Raises:
        Busy: too many others are having files read.   BadDiagram: a file is larger than `LARGEST`.
        NotFound: a name is that of no file of a release.
    """
    bundle = _with_files(unpack(row.files), changed)
    return tuple(services.judge(bundle, next(iter(changed), "")))


def _with_files(bundle: Bundle, changed: Mapping[str, bytes | None]) -> Bundle:
    files = dict(bundle.files)
    for name, content in changed.items():
        if name not in files and (content is None or not in_release(name)):
            raise NotFound
        if content is None:
            del files[name]
            continue
        if len(content) > LARGEST:
            raise BadDiagram((Finding("X101", "E", name, "", "The file is larger than 1 MiB."),))
        files[name] = content
    return Bundle(files)


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


def reopen_draft(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, draft_id: str
) -> releases.Draft:
    """Take up again a draft that was thrown away less than `UNDO` ago.

    Raises:
        NotAllowed: the viewer does not own the process, or another draft is open.
        NotFound: there is no such draft, it was published, or it was thrown away too long ago.
    """
    require_act(by, "edit_process")
    process = services.programme.process
    thrown = load_discarded(tx, process, now)
    if thrown is None or thrown.id != draft_id:
        raise NotFound
    _require_none_open(releases.drafts(tx, process))
    row = replace(thrown, rev=thrown.rev + 1, by=by.person, at=now, closed_at=None)
    releases.save_draft(tx, thrown, row)
    body = {"draft": row.id}
    append_entry(tx, release_stream(services), "draft_reopen", by=actor(by), now=now, body=body)
    return row


def load_discarded(tx: Tx, process: str, now: datetime) -> releases.Draft | None:
    """The draft that was closed last, when it was thrown away and can still be taken up again."""
    row = releases.last_closed(tx, process)
    if row is None or row.closed_at is None or now - row.closed_at > UNDO:
        return None
    return row if releases.title(tx, unpack(row.files).digest) is None else None


def _require_none_open(existing: Sequence[releases.Draft]) -> None:
    if existing:
        raise NotAllowed(why="draft_open")


def close_draft(tx: Tx, *, by: Viewer, now: datetime, row: releases.Draft) -> None:
    """Close a draft with its files as they are: it was published or discarded."""
    closed = replace(row, rev=row.rev + 1, by=by.person, at=now, closed_at=now)
    releases.save_draft(tx, row, closed)


def authors(tx: Tx, services: Services, draft_id: str) -> frozenset[str]:
    """Everybody who saved a file of a draft."""
    found: set[str] = set()
    after = 0
    while lines := ledger_entries.of_stream(tx, release_stream(services), after=after):
        after = lines[-1].seq
        saved = (line for line in lines if line.kind == "draft_saved")
        found |= {line.actor for line in saved if json.loads(line.body).get("draft") == draft_id}
    return frozenset(found)
