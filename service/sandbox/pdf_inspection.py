"""What makes a PDF more than printed pages: scripts, files in it, ways out. Such a one is refused.

Source: ISO 32000-1, 12.6 (actions) and 12.5 (annotations).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, TypeAlias

import pikepdf

from service.errors import WrongKind

PdfObject: TypeAlias = Any
"""What pikepdf gives: its own objects, and Python's."""
TAIL: Final = 1024
"""Bytes at the end of a PDF that must hold its last line."""
DEEPEST: Final = 100
PDF_FORBIDS: Final[Mapping[str, str]] = {
    "/JS": "script",
    "/JavaScript": "script",
    "/XFA": "script",
    "/EF": "embedded",
    "/EmbeddedFiles": "embedded",
    "/RichMedia": "embedded",
    "/RichMediaContent": "embedded",
}
"""Keys of a PDF's dictionaries that no printed page needs, and the reason of refusal for each."""
PDF_ACTS: Final[Mapping[str, str]] = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/GoToE": "embedded",
    "/Rendition": "embedded",
    "/Movie": "embedded",
    "/Sound": "embedded",
    "/RichMedia": "embedded",
    "/Screen": "embedded",
    "/3D": "embedded",
    "/RichMediaExecute": "script",
    "/GoToR": "outside",
    "/URI": "outside",
    "/SubmitForm": "outside",
    "/ImportData": "outside",
}
"""Actions and annotations, by the name under /S or /Subtype."""
LINK: Final = "/URI"
"""The action that leads to an address."""


def inspect_pdf(content: bytes) -> None:
    """Look at every object of somebody's PDF for what makes it more than printed pages, and whether
    it is something else besides.

    Raises:
        WrongKind: with the first reason found.
    """
    if (
        b"%%EOF" not in content[-TAIL:]
        or content[content.rindex(b"%%EOF") + len(b"%%EOF") :].strip()
        or zipfile.is_zipfile(io.BytesIO(content))
    ):
        raise WrongKind(why="disagrees")
    inspect_objects(content)


def inspect_objects(content: bytes, *, schemes: Collection[str] = ()) -> None:
    """Look at every object of a PDF.

    Args:
        schemes: of the addresses that a link may lead to, in lower case; without any, no link leads
            out of the PDF.
    Raises:
        WrongKind: with the first reason found.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise WrongKind(why="password")
            for part in pdf.objects:
                for reason in _reasons(part, DEEPEST, schemes):
                    raise WrongKind(why=reason)
            if not len(pdf.pages):
                raise WrongKind(why="broken")
    except pikepdf.PasswordError as e:
        raise WrongKind(why="password") from e
    except (
        pikepdf.PdfError,
        pikepdf.DeletedObjectError,
        RuntimeError,
        ValueError,
        TypeError,
        UnicodeError,
    ) as e:
        raise WrongKind(why="broken") from e


def _reasons(part: PdfObject, deep: int, schemes: Collection[str]) -> Iterator[str]:
    """Why an object is refused, with what lies directly in it.

    What it points to is an object of its own.
    """
    if deep == 0:
        yield "broken"
    elif isinstance(part, pikepdf.Array):
        for inner in part:
            yield from _inside(inner, deep, schemes)
    elif isinstance(part, (pikepdf.Dictionary, pikepdf.Stream)):
        keys = list(part.keys())  # iterating a stream gives no keys
        yield from (PDF_FORBIDS[key] for key in keys if key in PDF_FORBIDS)
        names = [part[key] for key in ("/S", "/Subtype") if key in part]
        leads = "/URI" in part and scheme_of(_address(part)) in schemes
        yield from (
            PDF_ACTS[str(name)] for name in names if _is_act(name) and not (leads and name == LINK)
        )
        if isinstance(part, pikepdf.Stream) and "/F" in part:
            yield "outside"
        for key in keys:
            yield from _inside(part[key], deep, schemes)


def scheme_of(address: str) -> str:
    """What an address begins with, up to the colon, in lower case; "" when it has none."""
    return address.partition(":")[0].lower() if ":" in address else ""


def links_of(content: bytes) -> Iterator[str]:
    """The addresses that the links of a PDF lead to."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            for note in page.get("/Annots", ()):
                if "/A" in note and "/URI" in note["/A"]:
                    yield _address(note["/A"])


def _address(action: PdfObject) -> str:
    """Where a link leads; what is no text has no scheme."""
    address = action["/URI"]
    return bytes(address).decode("utf-8", "replace") if isinstance(address, pikepdf.String) else ""


def _is_act(name: PdfObject) -> bool:
    return isinstance(name, pikepdf.Name) and str(name) in PDF_ACTS


def _inside(part: PdfObject, deep: int, schemes: Collection[str]) -> Iterator[str]:
    if isinstance(part, pikepdf.Object) and not part.is_indirect:
        yield from _reasons(part, deep - 1, schemes)
