"""The differences between two versions of a text, line by line; and of any file, as a patch."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher, unified_diff

MOST_LINES = 12_000
"""Lines of a side; comparing longer ones could take minutes."""
CONTEXT = 3


def changed_lines(before: str, after: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number of the line on the newer side, what stood there and what stands there.

    Nothing of a text of more than `MOST_LINES` lines.
    """
    old = before.splitlines()
    new = after.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return
    for do, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if do != "equal":
            yield c + 1, "\n".join(old[a:b]), "\n".join(new[c:d])


def patch(before: bytes | None, after: bytes | None, names: tuple[str, str]) -> list[str] | None:
    """Compare two versions of a file as a patch does; None when it is too long, or is no text.

    Args:
        before: None where that side does not have the file.
        names: what the sides are called.
    """
    try:
        old, new = ((data or b"").decode("utf-8").splitlines() for data in (before, after))
    except UnicodeDecodeError:
        return None
    if max(len(old), len(new)) > MOST_LINES:
        return None
    return list(unified_diff(old, new, *names, lineterm="", n=CONTEXT))
