"""A PDF written anew: what its pages show, and nothing of who made it, when and where.

Gone are the document's information, XMP, private data of programs, earlier revisions, and what a
camera wrote into photos (their pixels stay, bit by bit).
"""

from __future__ import annotations

import io
import re
from typing import Any, Final, TypeAlias

import pikepdf

from service.errors import WrongKind

PdfObject: TypeAlias = Any
"""What pikepdf gives: its own objects, and Python's."""
DROPPED: Final = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
"""Keys that hold what no page shows, in whatever dictionary they stand."""
_JPEG: Final = b"\xff\xd8"
_FILL, _END, _SCAN, _LEAST_LENGTH = 0xFF, 0xD9, 0xDA, 2
_ALONE: Final = frozenset({0x01, _END, *range(0xD0, 0xD8)})
"""Markers of a JPEG that have no length."""
_COMMENT, _FIRST_APP, _LAST_APP = 0xFE, 0xE0, 0xEF
_KEPT: Final = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}
"""Segments of applications that a PDF's reader asks, by what they begin with."""
_AFTER_SCAN: Final = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
_PRIVATE_BOXES: Final = frozenset({b"xml ", b"uuid", b"uinf", b"jp2i"})
_BOX, _LONG_BOX = 8, 16


def rewrite_pdf(content: bytes) -> bytes:
    """Write a PDF anew, as one revision of what can be reached from its pages.

    Raises:
        WrongKind: a photo in it is broken.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for key in set(pdf.trailer.keys()) - {"/Root", "/Size"}:
            del pdf.trailer[key]
        for part in pdf.objects:
            _drop(part)
            if isinstance(part, pikepdf.Stream):
                _clean_photo(pdf, part)
        pdf.save(out, fix_metadata_version=False, deterministic_id=True)
    return out.getvalue()


def _drop(part: PdfObject) -> None:
    """Take the dropped keys out of an object and what lies directly in it."""
    inner: list[PdfObject]
    if isinstance(part, pikepdf.Array):
        inner = list(part)
    elif isinstance(part, (pikepdf.Dictionary, pikepdf.Stream)):
        for key in DROPPED:
            if key in part:
                del part[key]
        inner = [part[key] for key in list(part.keys())]
    else:
        return
    for one in inner:
        if isinstance(one, pikepdf.Object) and not one.is_indirect:
            _drop(one)


def _clean_photo(pdf: pikepdf.Pdf, stream: pikepdf.Stream) -> None:
    """Take what a camera wrote out of a stream that is a JPEG or a JPEG 2000."""
    filters = _listed(stream.get("/Filter"))
    name = str(filters[-1]) if filters else ""
    if name not in _CLEANERS:
        return
    given = _listed(stream.get("/DecodeParms"))
    raw = stream.read_raw_bytes()
    if len(filters) > 1:  # what is around the photo is decoded, and left out
        packed = pikepdf.Stream(pdf, raw)
        packed["/Filter"] = pikepdf.Array(filters[:-1])
        if given:
            packed["/DecodeParms"] = pikepdf.Array(given[:-1])
        raw = packed.read_bytes()
    last = given[-1] if len(given) == len(filters) else None
    stream.write(_CLEANERS[name](raw), filter=pikepdf.Name(name), decode_parms=last)


def _listed(value: PdfObject) -> list[PdfObject]:
    """The items of an array, or the one value; none where there is none."""
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]


def clean_jpeg(data: bytes) -> bytes:
    """A JPEG without words of camera, place and time; its pixels stay as they are.

    Raises:
        WrongKind: it is broken.
    """
    at = data.find(_JPEG) + len(_JPEG)
    out = bytearray(_JPEG)
    if _JPEG not in data:
        raise WrongKind(why="broken")
    while at < len(data) - 1:
        marker, end = data[at + 1], _end_of_segment(data, at)
        if marker == _END:
            return bytes(out) + data[at:end]
        if _is_kept(marker, data[at + 4 : end]):
            out += data[at:end]
        at = end
        if marker == _SCAN:
            found = _AFTER_SCAN.search(data, at)
            at = found.start() if found else len(data)
            out += data[end:at]
    return bytes(out)


def _end_of_segment(data: bytes, at: int) -> int:
    """Where the segment of a JPEG ends that begins here with its marker."""
    marker = data[at + 1]
    length = 0 if marker in _ALONE else int.from_bytes(data[at + 2 : at + 4])
    if marker == _FILL and data[at] == _FILL:
        return at + 1
    is_short = length < _LEAST_LENGTH and marker not in _ALONE
    if data[at] != _FILL or is_short or at + 2 + length > len(data):
        raise WrongKind(why="broken")
    return at + 2 + length


def _is_kept(marker: int, holds: bytes) -> bool:
    if marker in {_COMMENT, _FILL}:
        return False
    if not _FIRST_APP <= marker <= _LAST_APP:
        return True
    return marker in _KEPT and holds.startswith(_KEPT[marker])


def clean_jpeg_2000(data: bytes) -> bytes:
    """A JPEG 2000 without its boxes of words; a bare stream of code has none.

    Raises:
        WrongKind: it is broken.
    """
    if data.startswith(b"\xff\x4f"):
        return data
    out, at = bytearray(), 0
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + _BOX]
        if length == 1:
            length = int.from_bytes(data[at + _BOX : at + _LONG_BOX])
        end = at + length if length else len(data)
        if end < at + _BOX or end > len(data):
            raise WrongKind(why="broken")
        if kind not in _PRIVATE_BOXES:
            out += data[at:end]
        at = end
    return bytes(out)


_CLEANERS: Final = {
    "/DCTDecode": clean_jpeg,
    "/DCT": clean_jpeg,
    "/JPXDecode": clean_jpeg_2000,
}
