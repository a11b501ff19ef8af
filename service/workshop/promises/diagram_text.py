"""The promises in the text of a diagram: written and removed without touching anything else of it.

A diagram that another tool wrote keeps its order, its comments and its line ends, so that only what
was changed differs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from service.engine import ZEEBE
from service.errors import UnusableFile

PREFIX = "promise."
_PROPERTIES = r"(?P<before>.*?)<(?P<p>{p}:properties)\s*>(?P<inside>.*?)</(?P=p)>"


def set_promises(diagram: bytes, process: str, promises: Mapping[str, str]) -> bytes:
    """The diagram with exactly these promises on a process.

    Args:
        promises: number, as text, to sentence; in their order.
    Raises:
        UnusableFile: the diagram does not say where a process keeps its properties in a way that
            this can write.
    """
    text = diagram.decode()
    zeebe = re.search(rf'xmlns:([\w-]+)="{re.escape(ZEEBE.strip("{}"))}"', text)
    start = re.search(
        rf'<(?P<tag>(?:[\w-]+:)?process)\b[^>]*\sid="{re.escape(process)}"[^>]*>', text
    )
    if zeebe is None or start is None or start[0].endswith("/>"):
        raise UnusableFile(why="promises")
    own = start["tag"].removesuffix("process")
    head = _head_end(text, start.end(), own)
    extension = re.compile(
        rf"\s*<{own}extensionElements\s*>(?P<all>.*?)</{own}extensionElements>", re.DOTALL
    ).match(text, head)
    lines = [
        f"<{zeebe[1]}:property name={quoteattr(PREFIX + number)} value={quoteattr(sentence)}/>"
        for number, sentence in promises.items()
    ]
    if extension is None:
        block = f"<{zeebe[1]}:properties>{''.join(lines)}</{zeebe[1]}:properties>"
        made = f"\n    <{own}extensionElements>{block}</{own}extensionElements>" if lines else ""
        return (text[:head] + made + text[head:]).encode()
    inner = _in_extension(extension["all"], zeebe[1], lines)
    return (text[: extension.start("all")] + inner + text[extension.end("all") :]).encode()


def _head_end(text: str, at: int, own: str) -> int:
    """Where the documentation of a process ends, which stands before its extensions."""
    documented = re.compile(
        rf"\s*<{own}documentation\b[^>]*?(?:/>|>.*?</{own}documentation>)", re.DOTALL
    )
    while found := documented.match(text, at):
        at = found.end()
    return at


def _in_extension(content: str, zeebe: str, lines: list[str]) -> str:
    """The extensions of a process, with other promises."""
    found = re.match(_PROPERTIES.format(p=re.escape(zeebe)), content, re.DOTALL)
    if found is None:
        block = f"<{zeebe}:properties>{''.join(lines)}</{zeebe}:properties>"
        return f"{content}{block}" if lines else content
    one = rf"\s*<{re.escape(zeebe)}:property\b[^>]*\sname=\"{re.escape(PREFIX)}[^\"]*\"[^>]*?/>"
    rest = re.sub(one, "", found["inside"])
    indent = re.match(r"\s*", found["inside"])
    space = indent[0] if indent is not None else ""
    kept = rest.rstrip()
    end = rest[len(rest.rstrip()) :]
    inside = kept + "".join(space + line for line in lines) + end
    return content[: found.start("inside")] + inside + content[found.end("inside") :]
