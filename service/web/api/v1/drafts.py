"""Drafts of a release: their files, read and saved, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.errors import Finding, NotFound
from service.people import accounts
from service.release.bundle import unpack
from service.store.installation import releases
from service.store.transaction import Tx
from service.web.api.v1.operations import Reply, match, operation
from service.web.api.v1.shapes import Text
from service.web.request_context import current
from service.workshop import drafts, editor
from service.workshop.open_cases import with_open_cases

READ, EDIT = "read_process", "edit_process"


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A draft that is open: the release that it would become, the one that it was begun from, and
    who saved it last.
    """

    id: str
    name: str
    base: str | None
    rev: int
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True, slots=True)
class DraftList:
    """The drafts that are open: one at most."""

    items: tuple[ListedDraft, ...]


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file of a draft; `size` in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class DraftContent:
    """A draft with the names of its files. Its ETag is its revision."""

    draft: ListedDraft
    files: tuple[DraftFile, ...]


@dataclass(frozen=True, slots=True)
class DraftFileContent:
    """A file of a draft as text."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class NewFileContent:
    """What a file shall hold: at most 1 MiB as UTF-8."""

    content: Text


@dataclass(frozen=True, slots=True)
class DraftFinding:
    """Something that is wrong with a draft, in the caller's language.

    `severity` is E (an error: it cannot be published), W (must be seen) or I.
    """

    code: str
    severity: str
    file: str
    element: str
    text: str
    seen_as: str
    """What names it when somebody says that she has seen it."""


@dataclass(frozen=True, slots=True)
class FindingList:
    """The findings of a draft as it is now; `rev` is the revision that they are about."""

    rev: int
    findings: tuple[DraftFinding, ...]


@operation("list_drafts", "GET", "/drafts", gives=DraftList, act=READ)
def list_drafts() -> Reply:
    """The drafts of the next release that are open."""
    context = current()
    with context.transaction() as tx:
        found = releases.drafts(tx, context.program.services.programme.process)
        items = tuple(_listed(tx, row) for row in found)
    return Reply(DraftList(items))


@operation("get_draft", "GET", "/drafts/<draft>", gives=DraftContent, tagged=True, act=READ)
def get_draft(draft: str) -> Reply:
    """A draft and the names of its files."""
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
        listed = _listed(tx, row)
    files = unpack(row.files).files
    names = editor.ordered(files, row.process)
    content = DraftContent(listed, tuple(DraftFile(name, len(files[name])) for name in names))
    return Reply(content, rev=row.rev)


@operation(
    "get_draft_file",
    "GET",
    "/drafts/<draft>/files/<path:name>",
    gives=DraftFileContent,
    tagged=True,
    act=READ,
)
def get_draft_file(draft: str, name: str) -> Reply:
    """A file of a draft as text; its ETag is the revision of the draft."""
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
    content = unpack(row.files).files.get(name)
    if content is None:
        raise NotFound
    return Reply(DraftFileContent(name, content.decode("utf-8", "replace")), rev=row.rev)


@operation(
    "save_draft_file",
    "PUT",
    "/drafts/<draft>/files/<path:name>",
    asks=NewFileContent,
    gives=FindingList,
    tagged=True,
    matched=True,
    act=EDIT,
    faults=("stale", "findings"),
)
def save_draft_file(draft: str, name: str, body: NewFileContent) -> Reply:
    """Save a file of a draft, or bring a new one in. Findings do not stop it, but of a file that
    nobody could open again: `findings` says why it was not saved.
    """
    context = current()
    services = current().program.services
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
    match(row.rev)
    changed = {name: body.content.encode()}
    found = drafts.check_draft(services, row, changed)
    with context.transaction(write=True) as tx:
        rev = drafts.save_files(
            tx,
            services,
            by=context.viewer,
            now=context.now,
            draft_id=draft,
            changed=changed,
            found=found,
            rev=row.rev,
        )
        kept = drafts.require_draft(tx, context.viewer, draft)
        found = with_open_cases(tx, services, unpack(kept.files), found)
    return Reply(FindingList(rev, _findings(found)), rev=rev)


@operation(
    "get_draft_findings",
    "GET",
    "/drafts/<draft>/findings",
    gives=FindingList,
    tagged=True,
    act=READ,
)
def get_draft_findings(draft: str) -> Reply:
    """What is wrong with a draft as it is now, as the command line and publishing find it."""
    context = current()
    services = current().program.services
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
    found = drafts.check_draft(services, row, {})
    with context.transaction() as tx:
        found = with_open_cases(tx, services, unpack(row.files), found)
    return Reply(FindingList(row.rev, _findings(found)), rev=row.rev)


def _listed(tx: Tx, row: releases.Draft) -> ListedDraft:
    names = accounts.names(tx, current().program.services, [row.by])
    return ListedDraft(row.id, row.title, row.base, row.rev, row.at, names.get(row.by, ""))


def _findings(found: Iterable[Finding]) -> tuple[DraftFinding, ...]:
    texts = editor.finding_texts(found, current().lang)
    return tuple(
        DraftFinding(one.code, one.severity, one.file, one.element, one.text, one.value)
        for one in texts
    )
