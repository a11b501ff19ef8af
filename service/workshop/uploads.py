"""Files that are brought into a draft: where each belongs, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from service.errors import Finding
from service.release.bundle import CONFIG, RELEASED, SCENARIO, SCENARIOS, Bundle, in_release
from service.workshop.drafts import LARGEST, unreadable

MOST: Final = 100
"""Most files that are brought at once."""
SLOW: Final = "X110"
"""Finding of files that took too much time or memory to read."""
State: TypeAlias = Literal["new", "changed", "same"]
Fate: TypeAlias = State | Literal["twice", "large", "many", "unknown", "unreadable", "slow"]
KEPT: Final = frozenset[Fate]({"new", "changed"})
FOLDERS: Final[Mapping[str, str]] = {
    ".bpmn": "workflows/",
    ".dmn": "workflows/",
    ".form": "forms/",
    ".json": "workflows/calendars/",
    ".typ": "workflows/papers/",
}
"""Where a new file belongs, by its ending. A new text lies in the folder of its consent or
information, which its name alone does not tell."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it was brought, and what became of it."""

    file: str
    """Its name as it was brought."""
    name: str
    """Its name in the release; empty when it has no place there."""
    fate: Fate
    content: bytes = b""
    reason: tuple[Finding, ...] = ()
    """Why it cannot be read."""


def place_files(bundle: Bundle, brought: Sequence[tuple[str, bytes]]) -> tuple[UploadedFile, ...]:
    """Say of each file where it belongs, and whether it is new, changed or the same.

    A file whose last part is the name of one file of the draft takes its place; a new one goes into
    the folder of its kind.

    Args:
        brought: name as the browser or program gave it, with or without folders, and content.
    """
    placed: list[UploadedFile] = []
    for file, content in brought[:MOST]:
        name = place(bundle, file)
        taken = name in {one.name for one in placed if one.name}
        placed.append(UploadedFile(file, name, _fate(bundle, name, content, taken=taken), content))
    placed += [UploadedFile(file, "", "many") for file, _ in brought[MOST:]]
    return tuple(placed)


def place(bundle: Bundle, file: str) -> str:
    """The name in a release of a file that was brought; empty when it has no place there."""
    path = file.replace("\\", "/").lstrip("/")
    last = path.rpartition("/")[2]
    same = [name for name in bundle.files if name.rpartition("/")[2] == last]
    if path in bundle.files:
        return path
    if len(same) == 1:
        return same[0]
    if in_release(path) and ".." not in path.split("/"):
        return path
    if not same and last.endswith(SCENARIO):
        return SCENARIOS + last
    if not same and CONFIG + last in RELEASED:
        return CONFIG + last
    folder = FOLDERS.get(last[last.rfind(".") :], "") if not same and "." in last else ""
    return folder + last if folder and in_release(folder + last) else ""


def _fate(bundle: Bundle, name: str, content: bytes, *, taken: bool) -> Fate:
    if not name:
        return "unknown"
    if taken:
        return "twice"
    return "large" if len(content) > LARGEST else state_of(bundle, name, content)


def state_of(bundle: Bundle, name: str, content: bytes) -> State:
    """What a file is against the bundle that it is compared with."""
    if name not in bundle.files:
        return "new"
    return "same" if bundle.files[name] == content else "changed"


def kept_files(placed: Sequence[UploadedFile]) -> dict[str, bytes | None]:
    """Name in the release to content, of the files that the draft takes."""
    return {one.name: one.content for one in placed if one.fate in KEPT}


def refuse_unreadable(
    placed: Sequence[UploadedFile], found: Sequence[Finding]
) -> tuple[UploadedFile, ...]:
    """The same files, and of each that cannot be read, why; the others are taken all the same.

    When several together took too long to read, nobody knows which of them: none is taken.

    Args:
        found: the findings of a draft with these files.
    """
    if len(kept_files(placed)) > 1 and any(one.code == SLOW for one in found):
        return refuse_all(placed)
    return tuple(
        UploadedFile(one.file, one.name, "unreadable", reason=reason)
        if one.fate in KEPT and (reason := unreadable(found, [one.name]))
        else one
        for one in placed
    )


def refuse_all(placed: Sequence[UploadedFile]) -> tuple[UploadedFile, ...]:
    """The same files, of which none is taken: reading them together took too long."""
    return tuple(replace(one, fate="slow") if one.fate in KEPT else one for one in placed)
