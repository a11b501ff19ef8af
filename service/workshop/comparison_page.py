"""View model of the comparison page: two sides, their differences by class, marks by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.access import Viewer
from service.engine import FileParts, Survey, file_parts
from service.errors import BadDiagram, NotFound
from service.records.context import Services
from service.release.bundle import Bundle, unpack
from service.release.handler_digests import handler_digests
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.workshop import drafts, editor
from service.workshop.comparison.diff import BundleDiff
from service.workshop.comparison.release_changes import (
    ADDED,
    CHANGED,
    CLASSES,
    MOVED,
    REMOVED,
    ReleaseChange,
)

FORMS, RULES = "forms/", ".dmn"


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """A release or a draft, as one side of a comparison; `number` is 0 for a draft."""

    id: str
    name: str
    number: int
    bundle: Bundle
    handlers: Mapping[str, str]
    intact: bool = True
    """Whether its files are those that were published."""

    @property
    def is_draft(self) -> bool:
        """Whether it is a draft."""
        return self.number == 0


@dataclass(frozen=True, slots=True)
class Jump:
    """Where a difference is on a diagram: the file without its folder, and the element."""

    file: str
    element: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A difference and where it is drawn; None when it is nowhere on a diagram."""

    change: ReleaseChange
    jump: Jump | None
    moved: tuple[tuple[str, Jump], ...] = ()
    """Name and place of each element that was drawn elsewhere."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides and their differences.

    `groups` has for each class with differences its lines, what weighs most first; `marks` has for
    each diagram its elements with their signs.
    """

    before: ComparedSide
    after: ComparedSide
    groups: tuple[tuple[str, tuple[ChangeLine, ...]], ...]
    marks: Mapping[str, Mapping[str, str]]
    diagrams: tuple[str, ...]
    """File names of the diagrams of both sides, without their folder, the main one first."""
    titles: Mapping[str, str]
    """Name of the process that each diagram draws."""
    files: tuple[str, ...]
    """Files that differ."""


def load_release_side(tx: Tx, id_: str) -> ComparedSide:
    """Load a release as a side.

    Raises:
        NotFound: there is none of that id.
    """
    row = rows.get(tx, id_) if editor.is_release(id_) else None
    if row is None:
        raise NotFound
    bundle = unpack(row.files)
    same = bundle.digest == row.id
    return ComparedSide(row.id, f"v{row.number}", row.number, bundle, row.handlers, intact=same)


def load_draft_side(tx: Tx, services: Services, viewer: Viewer, id_: str) -> ComparedSide:
    """Load a draft as a side; its handlers are those of the installation now.

    Raises:
        NotFound: there is no such draft, or it is closed.   NotAllowed: as `require_draft`.
    """
    row = drafts.require_draft(tx, viewer, id_)
    digests = handler_digests(services.topics)
    return ComparedSide(row.id, row.title, 0, unpack(row.files), digests)


def compare_sides(
    services: Services, before: ComparedSide, after: ComparedSide, lang: str
) -> Comparison:
    """Compare two releases, or a release and a draft; sentences are in a language."""
    handlers = (before.handlers, after.handlers)
    read = BundleDiff(before.bundle, after.bundle, services.topics, lang, services.programme.texts)
    places = _Places(read)
    lines = [_line(change, places) for change in read.changes(handlers)]
    both = Bundle({**before.bundle.files, **after.bundle.files})
    return Comparison(
        before,
        after,
        tuple((kind, group) for kind in CLASSES if (group := tuple(_of(lines, kind)))),
        _marks(lines),
        tuple(editor.diagrams(both, services.programme.process)),
        read.titles(),
        tuple(read.changed_files),
    )


def _of(lines: Sequence[ChangeLine], kind: str) -> Iterator[ChangeLine]:
    return (line for line in lines if line.change.kind == kind)


def _line(change: ReleaseChange, places: _Places) -> ChangeLine:
    moved = [(name, places.drawn(change.file, id_)) for id_, name in change.moved]
    return ChangeLine(
        change, places.of(change), tuple((name, at) for name, at in moved if at is not None)
    )


def _marks(lines: Sequence[ChangeLine]) -> dict[str, dict[str, str]]:
    """Sign of each element by file: what came or went is not also changed, what changed is not also
    moved. A step whose form or rule differs is changed.
    """
    found: dict[tuple[Jump, str], None] = {}
    for line in lines:
        if line.jump is not None and line.change.sign != MOVED:
            own = line.change.element == line.jump.element
            found[line.jump, line.change.sign if own else CHANGED] = None
        found |= {(at, MOVED): None for _, at in line.moved}
    marks: dict[str, dict[str, str]] = {}
    for wanted in (ADDED, REMOVED, CHANGED, MOVED):
        for at, sign in found:
            if sign == wanted:
                marks.setdefault(at.file, {}).setdefault(at.element, sign)
    return marks


class _Places:
    """Where elements are drawn, and which steps use a form, a rule or a handler."""

    def __init__(self, read: BundleDiff) -> None:
        self._drawn = _drawn(read.before, read.after)
        self._users: dict[str, Jump] = {}
        for side in (read.new, read.old):
            self._use(side)

    def _use(self, side: Survey) -> None:
        tables = {id_: f"workflows/{table.file}" for id_, table in side.tables.items()}
        for process in side.model.processes.values():
            for _, node in process.scope.walk():
                at = Jump(process.file, node.id)
                if node.form:
                    self._users.setdefault(f"{FORMS}{node.form}.form", at)
                if node.decision in tables:
                    self._users.setdefault(tables[node.decision], at)

    def drawn(self, file: str, element: str) -> Jump | None:
        """An element of a diagram, if it is drawn on either side."""
        name = file.removeprefix("workflows/")
        return Jump(name, element) if (name, element) in self._drawn else None

    def of(self, change: ReleaseChange) -> Jump | None:
        """Where a difference is drawn: its element, or the first step that uses its file."""
        if change.file.endswith(editor.DIAGRAM):
            return self.drawn(change.file, change.element)
        return self._users.get(change.file)


def _drawn(*bundles: Bundle) -> set[tuple[str, str]]:
    """File and id of every element that is drawn on a side; equal files are read once."""
    every = {one for side in bundles for one in side.under("workflows", editor.DIAGRAM).items()}
    return {(name, id_) for name, data in every for id_ in _parts(data, name).drawing}


def _parts(data: bytes, name: str) -> FileParts:
    try:
        return file_parts(data, name)
    except BadDiagram:
        return FileParts()
