"""What the pages of the process owner show: the process and its releases, the choices of the
editor's panel, what the linter says in the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer, can_act
from service.actions.casefile.diagram_state import localized_name
from service.actions.context import Services
from service.actions.people import accounts
from service.actions.publishing import drafts as draft_actions
from service.actions.releases.bundle import Bundle, unpack
from service.actions.releases.prepared import PreparedRelease, files_of, findings_of
from service.engine import STAGES, STATIONS, in_language, survey
from service.errors import Finding, NotFound
from service.store.installation import releases as rows
from service.store.read_models import oversight
from service.store.transaction import Tx
from service.text import finding_text, say

DIAGRAM = ".bpmn"
DIGEST = re.compile(r"[0-9a-f]{64}")
WORST = "E", "W", "I"


@dataclass(frozen=True, slots=True)
class FindingText:
    """A finding in the reader's language.

    `value` names it, so that somebody can say she has seen it.
    """

    code: str
    severity: str
    file: str
    element: str
    text: str
    fix: str
    value: str


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """A release as the process page names it."""

    id: str
    number: int
    since: datetime | None
    by: str
    note: str
    open: int

    @property
    def name(self) -> str:
        """v3 and the beginning of its fingerprint."""
        return f"v{self.number} · {self.id[:12]}"


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """The process: its releases, newest first, its draft, and what the draft's findings are."""

    id: str
    name: str
    releases: tuple[ReleaseEntry, ...]
    steps: int
    files: tuple[str, ...]
    draft: rows.Draft | None
    draft_by: str
    findings: tuple[FindingText, ...]


def load_process_page(tx: Tx, services: Services, lang: str) -> ProcessPage:
    """The installation's process."""
    process = services.programme.process
    titles = [title for title in rows.of_process(tx, process) if title.state == "published"]
    drafts = rows.drafts(tx, process)
    draft = drafts[0] if drafts else None
    names = accounts.names(
        tx,
        services,
        {t.published_by for t in titles if t.published_by} | ({draft.by} if draft else set()),
    )
    running = oversight.open_on(tx, process)
    current = services.release(tx, titles[0].id) if titles else None
    return ProcessPage(
        id=process,
        name=process_name(current, process, lang),
        releases=tuple(
            ReleaseEntry(
                t.id,
                t.number,
                t.published_at,
                names.get(t.published_by or "", ""),
                t.note,
                running.get(t.id, 0),
            )
            for t in titles
        ),
        steps=sum(
            1
            for e in current.definitions[process].elements.values()
            if e.kind.endswith(("Task", "Activity"))
        )
        if current
        else 0,
        files=ordered(current.bundle.files, process) if current else (),
        draft=draft,
        draft_by=names.get(draft.by, "") if draft else "",
        findings=finding_texts(findings_of(unpack(draft.files), services.topics), lang)
        if draft
        else (),
    )


def process_name(release: PreparedRelease | None, process: str, lang: str) -> str:
    """What people call the process."""
    return (
        localized_name(release.definitions[process].names.get(process, {}), lang)
        if release is not None
        else ""
    ) or process


def titles(release: PreparedRelease | None, lang: str) -> dict[str, str]:
    """Name of a diagram's file to what people call the process in it."""
    return (
        {}
        if release is None
        else {
            file: process_name(release, process, lang) for process, file in release.drawn_in.items()
        }
    )


def ordered(files: Iterable[str], process: str) -> tuple[str, ...]:
    """Diagrams first, the main one before the others, then rules, calendars, tables and forms."""
    order = {".bpmn": 0, ".dmn": 1, ".json": 2, ".toml": 3, ".form": 4}
    return tuple(
        sorted(
            files,
            key=lambda f: (order.get("." + f.rpartition(".")[2], 5), f != main_file(process), f),
        )
    )


def main_file(process: str) -> str:
    """Where the process itself is drawn, by the name of its file."""
    return f"workflows/{process}{DIAGRAM}"


def diagrams(bundle: Bundle, process: str) -> list[str]:
    """Names of the diagrams without folder, the main one first."""
    return [f.rpartition("/")[2] for f in ordered(bundle.files, process) if f.endswith(DIAGRAM)]


def finding_texts(findings: Iterable[Finding], lang: str) -> tuple[FindingText, ...]:
    """What the linter says, the worst first."""
    said = [
        FindingText(
            f.code,
            f.severity,
            f.file,
            f.element,
            finding_text(f.code, f.message, f.facts, lang),
            f.fix,
            draft_actions.finding_key(f),
        )
        for f in findings
    ]
    return tuple(sorted(said, key=lambda one: WORST.index(one.severity)))


def editor_choices(bundle: Bundle, services: Services, lang: str) -> dict[str, list[list[str]]]:
    """What the editor's drop-downs offer: pairs of what is written and what people read."""
    files, forms, _ = files_of(bundle, services.topics)
    seen = survey(files)
    messages = {
        node.event.ref
        for process in seen.model.processes.values()
        for _, node in process.scope.walk()
        if node.event.kind == "message"
    }
    return {
        "forms": _sorted(
            {form.id: form.say(form.title, lang) or form.id for form in forms.values()}
        ),
        "topics": _sorted(
            {topic: f"{topic} – {declared.summary}" for topic, declared in services.topics.items()}
        ),
        "roles": _sorted(
            {id_: localized_name(role.names, lang) for id_, role in files.roles.items()}
        ),
        "decisions": _sorted({id_: table.name or id_ for id_, table in seen.tables.items()}),
        "processes": _sorted(
            {
                id_: localized_name(process.names, lang) or id_
                for id_, process in seen.model.processes.items()
            }
        ),
        "messages": _sorted({name: name for name in messages if name}),
        "names": _sorted({name: type_.kind for name, type_ in seen.types.items()}, by=0),
        "stages": [[stage, stage] for stage in STAGES],
        "stations": [[station, say(f"station.{station}", lang)] for station in STATIONS],
    }


def _sorted(pairs: Mapping[str, str], by: int = 1) -> list[list[str]]:
    return sorted(
        ([key, text] for key, text in pairs.items()), key=lambda pair: pair[by].casefold()
    )


def find_release(tx: Tx, services: Services, id_: str) -> PreparedRelease:
    """A release by what an address calls it.

    Raises:
        NotFound: there is none.
    """
    if not is_release(id_):
        raise NotFound
    return services.release(tx, id_)


def is_release(id_: str) -> bool:
    """Whether this names a release: its fingerprint. Drafts are called otherwise."""
    return DIGEST.fullmatch(id_) is not None


def drawing(tx: Tx, services: Services, viewer: Viewer, id_: str, file: str, lang: str) -> bytes:
    """A diagram of a release, or of a draft for those who may read it; with the names of a language
    when one is asked for.

    Raises:
        NotFound: there is none.
    """
    content = file_of(tx, services, viewer, id_, f"workflows/{file}")
    if not lang or not file.endswith(DIAGRAM):
        return content
    named = services.release(tx, id_) if is_release(id_) else services.current(tx)
    return in_language(
        content,
        lang,
        {
            localized_name(role.names, "sv"): localized_name(role.names, lang)
            for role in named.roles.values()
        },
    )


def file_of(tx: Tx, services: Services, viewer: Viewer, id_: str, name: str) -> bytes:
    """A file of a release or draft.

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


def same_as(tx: Tx, bundle: Bundle) -> str:
    """Name of the release that has exactly these files; empty when there is none."""
    known = rows.title(tx, bundle.digest)
    return f"v{known.number}" if known is not None else ""


def published_as(tx: Tx, row: rows.Draft) -> str:
    """Name of the release that a closed draft became; empty when it was thrown away."""
    known = rows.title(tx, unpack(row.files).digest)
    return (
        f"v{known.number}"
        if known is not None and (known.published_at, known.published_by) == (row.closed_at, row.by)
        else ""
    )
