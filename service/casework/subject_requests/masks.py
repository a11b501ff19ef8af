"""Parts of what an office keeps, as somebody reads them before they leave: what is struck out, on
which ground, and what the paper prints of it. For her copy, and for public documents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.casework.subject_requests.copy_parts import CopyPart
from service.errors import FieldFault, InvalidAnswers

Mask = tuple[tuple[int, ...], str]
"""Numbers of the pieces of a part that are struck out, and the id of the ground; no numbers for
what was read and is shown whole."""


@dataclass(frozen=True, slots=True)
class PartView:
    """A part, with what was said of it."""

    part: CopyPart
    struck: frozenset[int]
    ground: str
    is_marked: bool
    """Whether anything was said of it: of a copy, that it was read; of a public document, that it
    is chosen."""


def view_of(part: CopyPart, masks: Mapping[str, Sequence[Any]]) -> PartView:
    """A part with its mask among those of all parts."""
    numbers, ground, *more = masks.get(part.id, ((), ""))
    if part.names and more:  # the list may have grown, and its lines have other numbers
        numbers = [n for n, name in enumerate(part.names) if name in more[0]]
    return PartView(part, frozenset(numbers), ground, part.id in masks)


def seen_of(views: Iterable[PartView]) -> str:
    """A digest of what was said of parts, as somebody saw it who is about to change it."""
    said = sorted(
        (view.part.id, sorted(view.struck), view.ground, view.is_marked, view.part.names)
        for view in views
    )
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def require_unchanged(
    seen: str, parts: Iterable[CopyPart], masks: Mapping[str, Sequence[Any]]
) -> None:
    """Refuse to go on from what somebody saw before another person changed it.

    Args:
        seen: as `seen_of` gave it for the page; "" for who saw no page.
    Raises:
        InvalidAnswers: it is not so any more.
    """
    if seen and seen != seen_of(view_of(part, masks) for part in parts):
        raise InvalidAnswers((FieldFault("parts", "request.changed"),))


def grouped(views: Iterable[PartView]) -> list[tuple[str, list[PartView]]]:
    """Parts under their headings, in order."""
    groups: dict[str, list[PartView]] = {}
    for view in views:
        groups.setdefault(view.part.heading, []).append(view)
    return [*groups.items()]


def printed(heading: str, views: Iterable[PartView], grounds: Mapping[str, str]) -> dict[str, Any]:
    """What the paper prints under a heading.

    Args:
        grounds: id of a ground to its words.
    """
    rows = [
        {
            "label": view.part.label,
            "pieces": [
                None if n in view.struck else piece for n, piece in enumerate(view.part.pieces)
            ],
            "ground": grounds[view.ground] if view.struck else "",
        }
        for view in views
    ]
    return {"heading": heading, "rows": rows}


def checked_mask(part: CopyPart, mask: Mask) -> list[Any]:
    """A mask of a part as it is stored: only numbers that the part has, and the names of these
    pieces where it grows.
    """
    numbers, ground = mask
    valid = sorted({n for n in numbers if 0 <= n < len(part.pieces)})
    named = [[part.names[n] for n in valid]] if part.names else []
    return [valid, ground if valid else "", *named]


def require_grounds(masks: Mapping[str, Mask], grounds: Collection[str]) -> None:
    """Refuse to strike something out on no ground, or on one that the office may not use.

    Raises:
        InvalidAnswers: for each such part.
    """
    faults = [
        FieldFault(f"ground.{id_}", "request.no_ground")
        for id_, (numbers, ground) in masks.items()
        if numbers and ground not in grounds
    ]
    if faults:
        raise InvalidAnswers(tuple(faults))
