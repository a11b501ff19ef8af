"""Files and folders named on the command line, gathered into a bundle and not yet parsed."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.application.shipped_files import read_bundle
from service.errors import UnusableFile
from service.release.bundle import MOST_BYTES, MOST_FILES, RELEASED, SOURCES, Bundle, in_release
from service.settings import Settings

FILE_MOST: Final = 1024 * 1024
"""A larger file is read to one byte beyond; the parser then says that it is too large."""
MOST_LOOKED_AT: Final = 20_000
"""Most names that are looked at below a folder; a release has far fewer."""
PLACES: Final = {
    ".bpmn": "workflows",
    ".dmn": "workflows",
    ".form": "forms",
    ".json": "workflows/calendars",
    ".toml": "workflows/config",
    ".typ": "workflows/papers",
    ".md": "workflows/config/consents",
}
"""Where a file without a place of its own belongs in a release, by its ending."""


@dataclass(frozen=True)
class GatheredFiles:
    """A bundle, and which of its files were named; the others are the installation's."""

    bundle: Bundle
    named: tuple[str, ...]


def gather(paths: tuple[Path, ...], settings: Settings) -> GatheredFiles:
    """Make a bundle of the files and folders that were named.

    Nothing named: the installation's own folders. A folder with `workflows` and `forms` is a
    release; one that holds the files themselves, at any depth, gets from the installation what it
    has none of. Files are put in the place of those of the same name.

    Raises:
        UnusableFile: a path that is not there, is no file of a release, or cannot be read; one
            sentence.
    """
    around = read_bundle(Path(settings.workflows_dir), Path(settings.forms_dir))
    if not paths:
        return GatheredFiles(around, tuple(around.files))
    found: dict[str, bytes] = {}
    folders = [path for path in paths if path.is_dir()]
    for path in paths:
        for name, file in _folder(path) if path in folders else [(_place(path), path)]:
            found[name] = content(file)
            if len(found) > MOST_FILES or sum(map(len, found.values())) > MOST_BYTES:
                raise UnusableFile(
                    f"{path} holds more files than any release: "
                    f"at most {MOST_FILES} files and {MOST_BYTES // 2**20} MiB"
                )
    return GatheredFiles(Bundle({**_around(around, folders, found), **found}), tuple(sorted(found)))


def _around(around: Bundle, folders: Collection[Path], found: Collection[str]) -> dict[str, bytes]:
    """The files that the installation adds to those that were named.

    All of them to single files; roles, types and words to a release; and to another folder also
    the kinds of files that it has none of.
    """
    if not folders:
        return dict(around.files)
    if any((folder / "workflows").is_dir() or (folder / "forms").is_dir() for folder in folders):
        return {name: data for name, data in around.files.items() if name in RELEASED}
    kinds = {_kind(name) for name in found}
    return {
        name: data
        for name, data in around.files.items()
        if name in RELEASED or _kind(name) not in kinds
    }


def _kind(name: str) -> str:
    return Path(name).suffix


def content(path: Path) -> bytes:
    """The bytes of one ordinary file, never many more than a release may have.

    Raises:
        UnusableFile: it is not there, is a device or a pipe, or may not be read.
    """
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - a pipe must not hold us up
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnusableFile(f"{path} is no ordinary file")
            return file.read(FILE_MOST + 1)
    except OSError as e:
        raise UnusableFile(f"{path} cannot be read: {e.strerror}") from e


def _place(path: Path) -> str:
    """The name of a file in a bundle."""
    if not os.path.lexists(path):
        raise UnusableFile(f"there is no file {path}")
    if path.suffix not in PLACES:
        raise UnusableFile(f"{path} is no file of a release; those end in {', '.join(PLACES)}")
    return f"{PLACES[path.suffix]}/{_printable(path.name)}"


def _folder(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a release that lies in a folder, by their names in a bundle."""
    parts = [name for name in ("workflows", "forms") if (path / name).is_dir()]
    found: dict[str, Path] = {}
    for file in sorted(file for part in parts or [""] for file in _files(path / part)):
        inside = file.relative_to(path).as_posix()
        name = _printable(inside) if parts else _place(file)
        if not parts and file.suffix in (".json", ".md"):
            continue  # calendars and texts have folders of their own; here they may be anything
        if in_release(name):
            if name in found:
                raise UnusableFile(
                    f"{found[name]} and {file} have the same name, and a release has one file of "
                    "each: name one of their folders"
                )
            found[name] = file
            yield name, file
    if not found:
        raise UnusableFile(f"{path} holds no diagram, rule or form")


def _files(folder: Path) -> Iterator[Path]:
    """Files that a release may hold, at any depth.

    Hidden folders are left out, and links that lead elsewhere are not followed into folders.

    Raises:
        UnusableFile: a folder that cannot be read, or so much that no release lies there.
    """
    looked = 0
    for at, inner, names in os.walk(folder, onerror=_unreadable):
        looked += len(names) + len(inner)
        if looked > MOST_LOOKED_AT:
            raise UnusableFile(
                f"{folder} holds more than {MOST_LOOKED_AT} files and folders: "
                "name the folder of the release"
            )
        yield from (Path(at) / name for name in names if Path(name).suffix in SOURCES)
        inner[:] = [name for name in inner if not name.startswith(".")]


def _unreadable(fault: OSError) -> None:
    raise UnusableFile(f"{fault.filename} cannot be read: {fault.strerror}") from fault


def _printable(name: str) -> str:
    """A name with bytes that are no text is shown with marks."""
    return name.encode("utf-8", "replace").decode()
