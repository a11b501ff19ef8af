"""Differences in drawing: shapes and lines that moved or look otherwise. They are
sentences alone, because nothing runs by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from service.engine import FileParts
from service.workshop.comparison.release_changes import (
    MOVED,
    TEXT,
    ChangeTexts,
    Place,
    ReleaseChange,
)

WHOLE = ""
"""Id under which stands what a drawing says of no element."""


def diff_layout(
    before: FileParts, after: FileParts, file: str, title: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Yield one sentence on what is drawn elsewhere, and one on the rest of the drawing.

    A line that only follows what it joins is not counted; a step that came or went is said as such.

    Args:
        title: what people call the file.
    """
    drawn = [
        id_
        for id_ in dict.fromkeys([*after.drawing, *before.drawing])
        if before.drawing.get(id_) != after.drawing.get(id_)
        and id_ in before.elements
        and id_ in after.elements
    ]
    moved = [id_ for id_ in drawn if not _follows(id_, set(drawn), before, after)]
    if moved:
        named = tuple((id_, _name(id_, after, texts)) for id_ in moved)
        change = texts.change(TEXT, "moved", Place(moved[0], file), n=len(moved), x=title)
        yield replace(change, sign=MOVED, moved=named)
    if before.drawing.get(WHOLE) != after.drawing.get(WHOLE):
        yield texts.change(TEXT, "drawing", Place("", file), x=title)


def _follows(id_: str, drawn: set[str], before: FileParts, after: FileParts) -> bool:
    """Whether a line is drawn otherwise because one of its ends is, or came, or went."""
    ends = [after.elements[id_].get(f"@{end}", "") for end in ("sourceRef", "targetRef")]
    ends += [before.elements[id_].get(f"@{end}", "") for end in ("sourceRef", "targetRef")]
    return any(
        end in drawn or (end in before.drawing) != (end in after.drawing) for end in ends if end
    )


def _name(id_: str, parts: FileParts, texts: ChangeTexts) -> str:
    """The name of an element, what a flow joins, or the kind of an element without a name."""
    element = parts.elements[id_]
    own = element.get(f"property:name.{texts.lang}") or element.get("@name")
    if own:
        return own
    ends = [element.get(f"@{end}", "") for end in ("sourceRef", "targetRef")]
    if all(end in parts.elements and end != id_ for end in ends):
        return " → ".join(_name(end, parts, texts) for end in ends)
    return texts.element_kind(element["kind"])
