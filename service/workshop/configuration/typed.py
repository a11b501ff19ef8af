"""Typed values of a configuration form, checked against what the draft has now.

A page names each value and carries what it was when the page was made. Only what was changed on
the page is written, so that two people can change one file; where both changed one value, nothing
is written and the second is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import tomlkit
from tomlkit.exceptions import TOMLKitError

from service.release.bundle import Bundle

WAS: Final = "was."
"""Before the name of a value: what it was when the page was made."""
Value: TypeAlias = str | tuple[str, ...]
"""One text, or what is ticked of a list."""
Values: TypeAlias = Mapping[str, Value]
Sent: TypeAlias = Mapping[str, Sequence[str]]
"""Name of a field of the form to everything that was sent for it."""
Faults: TypeAlias = dict[str, str]
"""Name of a value to the end of the key of a sentence."""
OTHERS: Final = "fault_others"
"""Somebody else has changed the same value."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a form makes of a draft: files that change, or what is wrong with what was typed."""

    changed: Mapping[str, bytes | None]
    faults: Mapping[str, str]


def changes(sent: Sent, now: Values) -> tuple[dict[str, Value], Faults]:
    """What was changed on a page, and the values that somebody else has changed meanwhile.

    Args:
        now: every value that the page can change, as the draft has it.
    """
    found = dict[str, Value]()
    faults = Faults()
    for name, current in now.items():
        if name not in sent and WAS + name not in sent:
            continue
        typed = _value(sent.get(name, ()), current)
        was = _value(sent.get(WAS + name, ()), current)
        if typed == was:
            continue
        found[name] = typed
        if current not in (was, typed):
            faults[name] = OTHERS
    return found, faults


def shown(sent: Sent, now: Values) -> dict[str, Value]:
    """What a page shows again after a refusal: what was changed there, else what the draft has."""
    return {**now, **changes(sent, now)[0]}


def _value(texts: Sequence[str], like: Value) -> Value:
    if isinstance(like, tuple):
        return tuple(sorted(text for text in texts if text))
    return texts[-1].replace("\r\n", "\n").strip() if texts else ""


def edited(
    text: str, name: str, change: Callable[[tomlkit.TOMLDocument], Collection[str] | None]
) -> Edit:
    """A file of keys with a change, its comments and order kept.

    Args:
        change: changes the document; gives the names of values that are no use.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError:
        return Edit({}, {"": "fault_unreadable"})
    wrong = change(document)
    if wrong:
        return Edit({}, dict.fromkeys(wrong, "fault_value"))
    made = tomlkit.dumps(document)
    return Edit({name: made.encode()} if made != text else {}, {})


def text_of(bundle: Bundle, name: str, otherwise: str = "") -> str:
    """A file of the draft as text; of one that it does not have, another text."""
    content = bundle.files.get(name)
    return otherwise if content is None else content.decode("utf-8", "replace")


def read_table(text: str) -> dict[str, Any]:
    """A file of keys; empty where it cannot be read."""
    try:
        found: dict[str, Any] = tomlkit.parse(text).unwrap()
    except TOMLKitError:
        return {}
    return found
