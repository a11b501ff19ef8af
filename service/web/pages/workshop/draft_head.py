"""What the head of every page of a draft names."""

from __future__ import annotations

from dataclasses import dataclass

from service.release.labels import process_name
from service.release.prepared import PreparedRelease
from service.store.installation import releases as rows
from service.web.request_context import current
from service.workshop import editor


@dataclass(frozen=True)
class DraftHead:
    """A draft as the pages about it name it."""

    id: str
    name: str
    """The release that it would become: "v4"."""
    process: str
    """Name of the process, in the language of the page."""
    file: str
    """File name of the main diagram."""
    rev: int


def draft_head(row: rows.Draft, live: PreparedRelease) -> DraftHead:
    """The head of a draft's pages; `live` is the release in force, whose names are used."""
    return DraftHead(
        row.id,
        row.title,
        process_name(live, row.process, current().lang),
        editor.main_file(row.process).rpartition("/")[2],
        row.rev,
    )
