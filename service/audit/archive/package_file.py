"""A package as one file: a ZIP in which everything lies in one folder, named as the package."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from textwrap import fill
from typing import Final

from service.audit.archive import package_metadata as metadata
from service.audit.archive.package_content import PackageContent
from service.audit.archive.package_metadata import REP, MetsPart, PackedFile
from service.audit.archive.package_papers import PROOF, READ_ME
from service.text import languages, say

SCHEMAS: Final = Path(__file__).parent / "schemas"
"""Schemas of METS (CC0) and of its E-ARK extensions, as they were published."""
DC_FILE: Final = "metadata/descriptive/dc.xml"
PREMIS_FILE: Final = "metadata/preservation/premis.xml"
METS_FILE: Final = "METS.xml"
CHECKSUMS: Final = "documentation/checksums.txt"
"""Sums of all files but METS.xml, which has that of this one, as `sha256sum --check` reads them."""
WIDTH: Final = 120
"""Signs in a line of what is written for people."""
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: when each was made says its METS."""


@dataclass(frozen=True, slots=True)
class ArchivePackage:
    """A package that can be handed over."""

    id: str
    content: bytes
    files: int
    documents: int

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.id}.zip"

    @property
    def digest(self) -> str:
        """SHA-256 of its file, hex."""
        return sha256(self.content).hexdigest()


def make_package(content: PackageContent, papers: Mapping[str, bytes]) -> ArchivePackage:
    """Put a package together.

    Args:
        papers: file to the paper that was made for it (`package_papers.papers_of`).
    """
    files = [*_files(content, papers)]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            info = zipfile.ZipInfo(f"{content.id}/{file.path}", EPOCH)
            info.external_attr = 0o600 << 16
            archive.writestr(info, file.content, zipfile.ZIP_DEFLATED)
    return ArchivePackage(content.id, made.getvalue(), len(files), len(content.documents))


def _files(content: PackageContent, papers: Mapping[str, bytes]) -> Iterator[PackedFile]:
    """Every file of the package, METS.xml first, as whoever unpacks it looks for it."""
    data = [PackedFile(f"data/{name}", made) for name, made in papers.items()]
    data += [PackedFile(f"data/{paper.file}", paper.content) for paper in content.documents]
    data.append(PackedFile(f"data/{PROOF}", content.proof))
    inner = PackedFile(PREMIS_FILE, metadata.premis(content, data))
    part = MetsPart("rep1", metadata.PART_PROFILE, (), (inner,), {"Data": data})
    rep = PackedFile(f"{REP}/{METS_FILE}", metadata.mets(content, part))
    described = PackedFile(DC_FILE, metadata.dublin_core(content))
    preserved = PackedFile(PREMIS_FILE, metadata.premis(content, [rep]))
    within = [PackedFile(f"{REP}/{file.path}", file.content) for file in (inner, *data)]
    read_me = PackedFile(READ_ME, _read_me(content).encode())
    schemas = [
        PackedFile(f"schemas/{file.name}", file.read_bytes())
        for file in sorted(SCHEMAS.glob("*.xsd"))
    ]
    sums = _checksums((described, preserved, read_me, *schemas, rep, *within))
    groups = {
        "Documentation": [read_me, sums],
        "Schemas": schemas,
        "Representations/rep1": [rep],
    }
    whole = MetsPart(content.id, metadata.PACKAGE_PROFILE, (described,), (preserved,), groups)
    yield PackedFile(METS_FILE, metadata.mets(content, whole))
    yield from (described, preserved)
    for files in groups.values():
        yield from files
    yield from within


def _checksums(files: Iterable[PackedFile]) -> PackedFile:
    """The sums of files, a line each."""
    lines = "".join(f"{file.digest}  {file.path}\n" for file in files)
    return PackedFile(CHECKSUMS, lines.encode())


def _read_me(content: PackageContent) -> str:
    """What the package is and how to read it: one part for each language."""
    facts = {
        "id": content.id,
        "number": content.order.case.number,
        "office": content.office.name,
        "made": content.when(content.made),
        "rules": ", ".join(content.order.rules),
        "folder": f"{REP}/data",
        "checksums": CHECKSUMS,
    }
    said = "\n\n".join(say("archive.read_me", lang, **facts) for lang in languages())
    return "\n".join(_folded(line) for line in said.splitlines()) + "\n"


def _folded(line: str) -> str:
    """A long line as several, which break between words alone; one that is a command, as it is."""
    if line.startswith(" " * 6):
        return line
    indent = _indent(line)
    return fill(
        line, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def _indent(line: str) -> str:
    return " " * (len(line) - len(line.lstrip("0123456789. ")))
