"""What the child does to make a paper: a template of the release becomes a PDF/A-2a that is
a PDF/UA-1 too: an archive can keep it, and everybody can read it.

A template is a program. It sees the data that it is handed and an empty folder: no file, no
package, no network. What it makes holds pages, and links that lead to nothing but a site, an
address of mail or a telephone: it is looked at as a PDF is that somebody sends. The fonts lie in
this package. What takes too much time, memory or space ends
with the process that `service.sandbox.child` forked for it.
"""

from __future__ import annotations

import base64
import json
import os
import re
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unicodedata import category

import typst

from service.errors import WrongKind
from service.sandbox.child import serve
from service.sandbox.media_types import MIB, PAPER_MOST
from service.sandbox.pdf_inspection import inspect_objects, links_of, scheme_of

FONTS = Path(__file__).parent / "fonts"
REGULAR = ("LiberationSans-Regular.ttf", "DejaVuSans.ttf")
BOLD = ("LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf")
LARGEST = 4 * MIB
"""Bytes of the largest paper; its answer is in base64."""
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
"""What the address of a link may begin with."""
NO_WAY_OUT = "http://127.0.0.1:9"
"""A proxy that is none, where the system has not let the child leave the network."""
PRIVATE = "Co"
"""Category of the characters that Unicode leaves to whoever makes a font."""
NO_SIGN = "\u25a1"
"""Stands for a character that no font has."""
BEFORE = """\
#let paper = json(bytes(sys.inputs.paper))
#set document(title: paper.title)
#set text(lang: paper.lang, font: ("Liberation Sans", "DejaVu Sans"), fallback: false)
#set page(header: {
  set text(8.5pt, weight: "bold")
  for mark in paper.at("marks", default: ()) {
    let dir = if mark.dir == "rtl" { rtl } else { ltr }
    block(width: 100%, spacing: 0.4em, text(lang: mark.lang, dir: dir, mark.text))
  }
}) if paper.at("marks", default: ()) != ()
"""
"""What stands before every template: the data, the title, the language, from which typst knows the
direction of its lines, the fonts, and what each page says of a text that does not count. A template
may set another header, and none of the program does."""
REASONS = (
    (re.compile(r"file not found|escape the project root|access files|failed to load"), "file"),
    (re.compile(r"package"), "package"),
    (re.compile(r"infinite|always true|depth exceeded"), "endless"),
    (re.compile(r"^PDF/A-2a error: document contains an attached file"), "content"),
    (re.compile(r"^PDF/A-2a error"), "archive"),
    (re.compile(r"^PDF/"), "standard"),
)
"""What typst says, and the reason in a word; the first that fits. What PDF/A-2a alone refuses
is about keeping; every other refusal is about reading."""
TABLE, FORMAT_4, FORMAT_12 = struct.Struct(">4sLLL"), 4, 12
"""Of a font file: an entry of its directory, and two forms of its list of characters."""


class UnsafePaper(Exception):
    """A paper that is more than pages to read.

    `why`: `link` a link leads to what is none of `SCHEMES`, `content` it holds something else.
    `address`: where the link leads.
    """

    def __init__(self, why: str, address: str = "") -> None:
        super().__init__(why)
        self.why, self.address = why, address


def compile_paper(source: str, data: dict[str, Any], empty: str, at: int) -> bytes:
    """A template with its data as PDF/A-2a and PDF/UA-1 at once.

    Args:
        source: the template, with what the release puts before every template.
        data: what the template reads as `paper`.
        empty: an empty folder: all files that the template can see.
        at: the moment of making, in seconds since 1970.
    Raises:
        typst.TypstError: it is no template, or its paper is no PDF/A-2a or no PDF/UA-1.
        UnsafePaper: the paper is more than pages.
    """
    compiler = typst.Compiler(
        (BEFORE + source).encode(),
        root=empty,
        package_path=empty,
        package_cache_path=empty,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(showable(data), ensure_ascii=False)},
    )
    made = compiler.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=at)
    assert isinstance(made, bytes)  # noqa: S101 - of a PDF there is one file, and no path is named
    _require_pages_alone(made)
    return made


def _require_pages_alone(made: bytes) -> None:
    try:
        inspect_objects(made, schemes=SCHEMES)
    except WrongKind as e:
        for address in links_of(made):
            if scheme_of(address) not in SCHEMES:
                raise UnsafePaper("link", address) from e
        raise UnsafePaper("content") from e


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


def showable(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Data with a sign in place of every character that no font has; lines stay lines."""
    if isinstance(value, str):
        return "".join(c if c == "\n" or ord(c) in characters() else NO_SIGN for c in value)
    if isinstance(value, list):
        return [showable(item) for item in value]
    if isinstance(value, dict):
        return {key: showable(item) for key, item in value.items()}
    return value


@cache
def characters() -> frozenset[int]:
    """Every character that the fonts have, upright and bold. What the fonts draw of their own under
    numbers of no alphabet does not count: PDF/A forbids it, for nobody knows later what it says.
    """
    upright, bold = (
        {code for name in names for code in _of_font((FONTS / name).read_bytes())}
        for names in (REGULAR, BOLD)
    )
    return frozenset(
        code for code in upright & bold if code >= ord(" ") and category(chr(code)) != PRIVATE
    )


def _of_font(font: bytes) -> Iterator[int]:
    """The characters of a TrueType font. Source: OpenType 1.9, table `cmap`."""
    (tables,) = struct.unpack_from(">H", font, 4)
    entries = (TABLE.unpack_from(font, 12 + TABLE.size * n) for n in range(tables))
    cmap = next(start for tag, _, start, _ in entries if tag == b"cmap")
    (several,) = struct.unpack_from(">H", font, cmap + 2)
    for n in range(several):
        (start,) = struct.unpack_from(">L", font, cmap + 4 + 8 * n + 4)
        (kind,) = struct.unpack_from(">H", font, cmap + start)
        if kind == FORMAT_4:
            yield from _segments(font, cmap + start)
        elif kind == FORMAT_12:
            yield from _groups(font, cmap + start)


def _segments(font: bytes, at: int) -> Iterator[int]:
    """Characters of format 4 that lead to a glyph."""
    (double,) = struct.unpack_from(">H", font, at + 6)
    count = double // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", font, at + 14 + part * double + (2 if part else 0))
        for part in range(4)
    )
    base = at + 16 + 3 * double
    for n in range(count):
        for code in range(starts[n], min(ends[n], 0xFFFE) + 1):
            glyph = code
            if offsets[n]:
                where = base + 2 * n + offsets[n] + 2 * (code - starts[n])
                (glyph,) = struct.unpack_from(">H", font, where)
            if (offsets[n] and glyph) or (not offsets[n] and (glyph + deltas[n]) & 0xFFFF):
                yield code


def _groups(font: bytes, at: int) -> Iterator[int]:
    """Characters of format 12."""
    (several,) = struct.unpack_from(">L", font, at + 12)
    for n in range(several):
        first, last, _ = struct.unpack_from(">LLL", font, at + 16 + 12 * n)
        yield from range(first, last + 1)


def reason_of(fault: typst.TypstError) -> str:
    """Why there is no paper, in a word."""
    found = (why for pattern, why in REASONS if pattern.search(fault.message))
    return next(found, "template")


def line_of(fault: typst.TypstError) -> int:
    """The line of the template that is to blame; 0 when none is named.

    What `BEFORE` holds does not count.
    """
    places = re.findall(r"__typst_py_bytes__\.typ:(\d+):", fault.diagnostic)
    return max(0, int(places[0]) - BEFORE.count("\n")) if places else 0


# ---- inside the child


def answer_one(line: str) -> str:
    """The child's answer to one line: the paper, or why there is none.

    What typst says goes along only for data that nobody gave: it may quote what it was handed.
    """
    asked = json.loads(line)
    try:
        with TemporaryDirectory(prefix="tresteg-paper-") as empty:
            made = compile_paper(asked["source"], asked["data"], empty, asked["at"])
    except typst.TypstError as e:
        said = e.message if asked["sample"] else ""
        return json.dumps({"why": reason_of(e), "line": line_of(e), "said": said})
    except UnsafePaper as e:
        said = e.address if asked["sample"] else ""
        return json.dumps({"why": e.why, "line": 0, "said": said})
    except MemoryError:
        return json.dumps({"why": "heavy", "line": 0, "said": ""})
    if len(made) > LARGEST:
        return json.dumps({"why": "heavy", "line": 0, "said": ""})
    return json.dumps({"paper": base64.b64encode(made).decode()})


def prepare() -> None:
    """Close the ways out, and look at the fonts once."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        os.environ[name] = os.environ[name.upper()] = NO_WAY_OUT
    os.environ["RUST_BACKTRACE"] = "0"
    os.environ["RAYON_NUM_THREADS"] = "2"  # not one for each processor: threads are counted here
    characters()
    _fonts()


def main() -> None:
    """Be the child."""
    serve(answer_one, longest=PAPER_MOST, prepare=prepare)


if __name__ == "__main__":
    main()
