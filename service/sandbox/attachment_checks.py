"""Checks of attached files: what kind a file is, and what of it is kept.

A picture is made anew; a PDF is looked through and written anew. Runs in a child process.
Source: decisions/0006.
"""

from __future__ import annotations

import base64
import io
import json
import warnings
from collections.abc import Mapping
from typing import Final

import pikepdf
import puremagic
from PIL import Image, ImageOps, UnidentifiedImageError

from service.errors import TooLarge, WrongKind
from service.sandbox.child import serve
from service.sandbox.media_types import ANSWER_MOST, MEDIA_TYPES, MIB
from service.sandbox.pdf_inspection import inspect_pdf
from service.sandbox.pdf_rewriting import rewrite_pdf

MEMORY: Final = 1536 * MIB
"""Address space of the child: forty million pixels, once as they came and once turned."""
MOST_PIXELS: Final = 40_000_000
QUALITY: Final = 90
"""Of a JPEG that had to be turned; one that lies right keeps its own."""
STARTS: Final[Mapping[str, bytes]] = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
}
ENDINGS: Final[Mapping[str, str]] = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg"}
ANY_TYPE: Final = frozenset({"", "application/octet-stream"})
"""What browsers say of a file that they do not know."""


def kind_of(name: str, declared: str, content: bytes, most_mb: int) -> str:
    """The kind of a file: its ending, declared type, first bytes and content must agree.

    Raises:
        TooLarge: over the limit; `facts["most"]`.
        WrongKind: nothing in it (`why` is "empty"), another kind than pdf, jpg and png ("kind"), or
            not what its name says ("disagrees").
    """
    if len(content) > most_mb * MIB:
        raise TooLarge(most=most_mb)
    if not content:
        raise WrongKind(why="empty")
    ending = name.rpartition(".")[2].lower()
    kind = ENDINGS.get(ending, ending)
    if kind not in MEDIA_TYPES:
        raise WrongKind(why="kind")
    agreed = content.startswith(STARTS[kind]) and declared.partition(";")[0].strip().lower() in {
        MEDIA_TYPES[kind],
        *ANY_TYPE,
    }
    if not agreed or kind not in _kinds_by_content(content):
        raise WrongKind(why="disagrees")
    return kind


def _kinds_by_content(content: bytes) -> set[str]:
    """The kinds that the content may be."""
    try:
        found = {match.extension.lstrip(".").lower() for match in puremagic.magic_string(content)}
    except (puremagic.PureError, ValueError):
        return set()
    return {ENDINGS.get(ending, ending) for ending in found}


def clean(kind: str, content: bytes) -> bytes:
    """What is kept of a file: the pixels of a picture, the pages of a PDF.

    Raises:
        WrongKind: `why` says what is wrong: "broken", "pixels", "disagrees", "password", "script",
            "launch", "embedded" or "outside".
    """
    if kind == "pdf":
        inspect_pdf(content)
        return _rewritten(content)
    return reencode(kind, content)


# ---- pictures


def reencode(kind: str, content: bytes) -> bytes:
    """Encode a picture anew, with its pixels and nothing else.

    Where and with what it was taken, comments, previews and trailing bytes are gone.

    Raises:
        WrongKind: it is broken, or has too many pixels.
    """
    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise WrongKind(why="pixels")
                _save(kind, picture, out)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise WrongKind(why="pixels") from e
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Warning,
        EOFError,
        KeyError,
        IndexError,
        TypeError,
    ) as e:
        raise WrongKind(why="broken") from e
    return out.getvalue()


def _save(kind: str, picture: Image.Image, out: io.BytesIO) -> None:
    picture.load()
    turned = ImageOps.exif_transpose(picture)
    as_it_was = (
        kind == "jpg"
        and picture.format == "JPEG"
        and turned.size == picture.size
        and picture.getexif().get(ORIENTATION, 1) == 1
    )
    whole = picture if as_it_was else turned
    whole.info = {name: value for name, value in whole.info.items() if name == "transparency"}
    if kind == "png":
        whole.save(out, "PNG")
    elif as_it_was:
        whole.save(out, "JPEG", quality="keep")
    else:
        (whole if whole.mode in ("L", "RGB", "CMYK") else whole.convert("RGB")).save(
            out, "JPEG", quality=QUALITY
        )


ORIENTATION: Final = 0x0112
"""The EXIF tag that says which way up a picture is."""


# ---- PDF


def _rewritten(content: bytes) -> bytes:
    try:
        return rewrite_pdf(content)
    except (
        pikepdf.PdfError,
        pikepdf.DeletedObjectError,
        RuntimeError,
        ValueError,
        TypeError,
        UnicodeError,
    ) as e:
        raise WrongKind(why="broken") from e


# ---- inside the child


def answer_one(line: str) -> str:
    """What the child says to one line: the clean file, or why there is none."""
    asked = json.loads(line)
    content = base64.b64decode(asked["content"])
    most = int(asked["most"])
    try:
        kind = kind_of(asked["name"], asked["declared"], content, most)
        kept = clean(kind, content)
    except WrongKind as e:
        return json.dumps({"why": e.facts["why"]})
    except TooLarge:
        return json.dumps({"large": True})
    except MemoryError:
        return json.dumps({"why": "heavy"})
    if len(kept) > most * MIB:
        return json.dumps({"large": True})
    return json.dumps({"kind": kind, "content": base64.b64encode(kept).decode()})


def main() -> None:
    """Be the child."""
    serve(answer_one, longest=ANSWER_MOST, memory=MEMORY)


if __name__ == "__main__":
    main()
