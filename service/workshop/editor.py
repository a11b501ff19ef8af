"""View models of the process owner's pages: process page, diagram editor, findings, downloads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from service.access import Viewer, can_act
from service.engine import Definition, for_viewing, in_language
from service.errors import BadDiagram, Finding, NotFound
from service.people import accounts
from service.records.context import Services
from service.release.bundle import Bundle, unpack
from service.release.labels import localized_name, process_name
from service.release.prepared import PreparedRelease
from service.store.installation import releases as rows
from service.store.read_models import oversight
from service.store.transaction import Tx
from service.text import finding_text
from service.workshop import drafts as draft_actions
from service.workshop.open_cases import with_open_cases

DIAGRAM = ".bpmn"
DIGEST = re.compile(r"[0-9a-f]{64}")
VIEWED = 16
"""Drawings that are kept as a viewer gets them: those of a release in each language."""
SEVERITIES = "E", "W", "I"
"""Severities of findings, the worst first."""


@dataclass(frozen=True, slots=True)
class FindingText:
    """A finding in the reader's language; `value` is its key, which a publisher marks as seen."""

    code: str
    severity: str
    file: str
    element: str
    text: str
    fix: str
    value: str
    property: str = ""
    """The setting that it is about, as the linter names it."""
    name: str = ""
    near: str = ""
    """`name`: the unknown name that the finding is about; `near`: the known name most like it."""


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """A release in the list of the process page; `open` counts the cases that run on it."""

    id: str
    number: int
    since: datetime | None
    by: str
    note: str
    open: int
    withdrawn: bool = False

    @property
    def name(self) -> str:
        """Its number and the beginning of its digest, such as `v3 · 0123456789ab`."""
        return f"v{self.number} · {self.id[:12]}"


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """The process page: releases, the one in force and then the newest first; the open draft and
    its findings; and the draft that was thrown away and can be taken back.
    """

    id: str
    name: str
    releases: tuple[ReleaseEntry, ...]
    steps: int
    files: tuple[str, ...]
    draft: rows.Draft | None
    draft_by: str
    findings: tuple[FindingText, ...]
    discarded: rows.Draft | None


def load_process_page(tx: Tx, services: Services, viewer: Viewer, now: datetime) -> ProcessPage:
    """Load the page of the installation's process."""
    process, lang = services.programme.process, viewer.lang
    live = rows.live(tx, process)
    titles = sorted(rows.of_process(tx, process), key=lambda title: title != live)
    drafts = rows.drafts(tx, process)
    draft = drafts[0] if drafts else None
    people = {title.published_by for title in titles if title.published_by}
    names = accounts.names(tx, services, people | ({draft.by} if draft else set()))
    current = services.release(tx, titles[0].id) if titles else None
    findings = _draft_findings(tx, services, draft) if draft else ()
    return ProcessPage(
        id=process,
        name=process_name(current, process, lang),
        releases=_release_entries(titles, names, oversight.open_on(tx, process, viewer.barred)),
        steps=_count_steps(current.definitions[process]) if current else 0,
        files=ordered(current.bundle.files, process) if current else (),
        draft=draft,
        draft_by=names.get(draft.by, "") if draft else "",
        findings=finding_texts(findings, lang),
        discarded=draft_actions.load_discarded(tx, process, now) if draft is None else None,
    )


def _draft_findings(tx: Tx, services: Services, draft: rows.Draft) -> tuple[Finding, ...]:
    """The findings of a draft, and what it takes away from open cases."""
    bundle = unpack(draft.files)
    return with_open_cases(tx, services, bundle, services.judge(bundle, ""))


def _release_entries(
    titles: Sequence[rows.ReleaseTitle], names: Mapping[str, str], running: Mapping[str, int]
) -> tuple[ReleaseEntry, ...]:
    return tuple(
        ReleaseEntry(
            title.id,
            title.number,
            title.published_at,
            names.get(title.published_by or "", ""),
            title.note,
            running.get(title.id, 0),
            title.state == "withdrawn",
        )
        for title in titles
    )


def _count_steps(definition: Definition) -> int:
    kinds = (element.kind for element in definition.elements.values())
    return sum(kind.endswith(("Task", "Activity")) for kind in kinds)


def titles(release: PreparedRelease | None, lang: str) -> dict[str, str]:
    """Map each diagram's file to the name of the process that it draws."""
    drawn = release.drawn_in.items() if release is not None else ()
    return {file: process_name(release, process, lang) for process, file in drawn}


def ordered(files: Iterable[str], process: str) -> tuple[str, ...]:
    """Sort files: the main diagram, other diagrams, rules, calendars, tables, forms, the rest."""
    endings = ("bpmn", "dmn", "json", "toml", "form")
    order = {ending: n for n, ending in enumerate(endings)}
    main = main_file(process)

    def place(file: str) -> tuple[int, bool, str]:
        return order.get(file.rpartition(".")[2], len(endings)), file != main, file

    return tuple(sorted(files, key=place))


def main_file(process: str) -> str:
    """Name the file that draws the process itself."""
    return f"workflows/{process}{DIAGRAM}"


def diagrams(bundle: Bundle, process: str) -> list[str]:
    """List the names of the diagrams without folder, the main one first."""
    return [f.rpartition("/")[2] for f in ordered(bundle.files, process) if f.endswith(DIAGRAM)]


def finding_texts(findings: Iterable[Finding], lang: str) -> tuple[FindingText, ...]:
    """Write out findings in a language, the worst first."""
    texts = [
        FindingText(
            f.code,
            f.severity,
            f.file,
            f.element,
            finding_text(f.code, f.message, f.facts, lang),
            f.fix,
            draft_actions.finding_key(f),
            f.prop,
            str(f.facts.get("name", "")),
            _nearest(f),
        )
        for f in findings
    ]
    return tuple(sorted(texts, key=lambda text: SEVERITIES.index(text.severity)))


def _nearest(found: Finding) -> str:
    near = found.facts.get("near")
    return str(near[0]) if isinstance(near, list | tuple) and near else ""


def find_release(tx: Tx, services: Services, id_: str) -> PreparedRelease:
    """Load a release by its digest, as an address names it.

    Raises:
        NotFound: there is none.
    """
    if not is_release(id_):
        raise NotFound
    return services.release(tx, id_)


def is_release(id_: str) -> bool:
    """Whether this is the id of a release, a digest; ids of drafts are not."""
    return DIGEST.fullmatch(id_) is not None


def drawing(tx: Tx, services: Services, viewer: Viewer, id_: str, file: str, lang: str) -> bytes:
    """Load a diagram of a release or a draft; when a language is given, for viewing alone: with its
    names in that language, and without what a viewer does not read.

    Raises:
        NotFound: there is none for this viewer.
    """
    content = file_of(tx, services, viewer, id_, f"workflows/{file}")
    if not lang or not file.endswith(DIAGRAM):
        return content
    release = services.release(tx, id_) if is_release(id_) else services.current(tx)
    names = [role.names for role in release.roles.values()]
    lanes = {localized_name(of_role, "sv"): localized_name(of_role, lang) for of_role in names}
    return _viewed(content, lang, tuple(lanes.items()))


@lru_cache(VIEWED)
def _viewed(content: bytes, lang: str, lanes: tuple[tuple[str, str], ...]) -> bytes:
    named = in_language(content, lang, dict(lanes))
    try:
        return for_viewing(named)
    except BadDiagram:  # the viewer says itself what it cannot read
        return named


def file_of(tx: Tx, services: Services, viewer: Viewer, id_: str, name: str) -> bytes:
    """Load a file of a release or a draft.

    Diagrams of releases are for everybody who works here; all else for those who may read
    processes, or audit.

    Raises:
        NotFound: there is none for this viewer.
    """
    reads = can_act(viewer, "read_process")
    if is_release(id_):
        bundle = find_release(tx, services, id_).bundle
        allowed = reads or name.endswith(DIAGRAM) or can_act(viewer, "audit")
    else:
        allowed = reads
        bundle = unpack(draft_actions.require_draft(tx, viewer, id_).files) if reads else Bundle({})
    if not allowed or name not in bundle.files:
        raise NotFound
    return bundle.files[name]


def published_as(tx: Tx, row: rows.Draft) -> str:
    """Name the release that a closed draft became; empty when it was discarded."""
    known = rows.title(tx, unpack(row.files).digest)
    if known is None or (known.published_at, known.published_by) != (row.closed_at, row.by):
        return ""
    return f"v{known.number}"
