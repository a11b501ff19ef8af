"""The text that a PDF of typst holds, as a reader copies it: signs in the order in which they stand
on the page from the left, mapped back by the tables of its fonts.
"""

from __future__ import annotations

import io
import re

import pikepdf

_HEX = r"<([0-9a-fA-F]+)>"


def pages_of(content: bytes) -> list[str]:
    """The text of each page, without spaces."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [_page(page) for page in pdf.pages]


def _page(page: pikepdf.Page) -> str:
    fonts = {name: _signs(font) for name, font in page.Resources.get("/Font", {}).items()}
    now: dict[int, str] = {}
    text = ""
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) == "Tf":
            now = fonts[str(operands[0])]
        elif str(operator) == "Tj":
            text += _shown(bytes(operands[0]), now)
        elif str(operator) == "TJ":
            text += "".join(
                _shown(bytes(o), now) for o in operands[0] if isinstance(o, pikepdf.String)
            )
    return re.sub(r"\s", "", text)


def _shown(codes: bytes, signs: dict[int, str]) -> str:
    pairs = (codes[n : n + 2] for n in range(0, len(codes), 2))
    return "".join(signs.get(int.from_bytes(pair), "") for pair in pairs)


def _signs(font: pikepdf.Object) -> dict[int, str]:
    """Code of a glyph to its text. Source: ISO 32000-2, 9.10.3 (ToUnicode CMaps)."""
    table = bytes(font.ToUnicode.read_bytes()).decode("latin-1")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(rf"{_HEX}\s*{_HEX}", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(rf"{_HEX}\s*{_HEX}\s*{_HEX}", block):
            for n in range(int(first, 16), int(last, 16) + 1):
                start = int(text, 16) + n - int(first, 16)
                found[n] = chr(start)
    return found
