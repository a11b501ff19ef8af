"""What a page shows next to the form of a task, from `workflows/config/task_pages.toml`: answers of
the case, and a list of what must be in order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from service.release.programme.vocabulary import Words

FILE = "task_pages.toml"


@dataclass(frozen=True, slots=True)
class PageCheck:
    """An item of the checklist next to a form."""

    words: Words
    done: str
    """FEEL over answers and routing values; true when it is in order."""
    answers: tuple[str, ...]
    """Keys of the answers that tell it; who may not see one of them does not see the result."""


@dataclass(frozen=True, slots=True)
class TaskPageRule:
    """The panel next to one form: answers of the case, and a checklist."""

    words: Words
    answers: tuple[str, ...]
    checks: tuple[PageCheck, ...]
    newest: tuple[str, ...] = ()
    """Keys of which only the answer that was given last is shown."""
    first: bool = False
    """Whether the panel comes before the form on a narrow screen."""


def read_task_pages(text: str) -> dict[str, TaskPageRule]:
    """Read `task_pages.toml`: id of a form to what stands next to it.

    Raises:
        KeyError: a page lacks its forms or its name, a check its words or its condition.
        ValueError: it is no TOML.
    """
    found: dict[str, TaskPageRule] = {}
    for page in tomllib.loads(text).get("page", ()):
        checks = tuple(
            PageCheck(_words(row["name"]), str(row["done"]), _keys(row))
            for row in page.get("check", ())
        )
        rule = TaskPageRule(
            _words(page["name"]),
            _keys(page),
            checks,
            newest=_keys(page, "newest"),
            first=page.get("first") is True,
        )
        found |= {str(form): rule for form in page["forms"]}
    return found


def _words(row: Mapping[str, object]) -> Words:
    return {lang: str(row[lang]) for lang in ("sv", "en")}


def _keys(row: Mapping[str, object], name: str = "answers") -> tuple[str, ...]:
    listed = row.get(name, ())
    return tuple(str(key) for key in listed) if isinstance(listed, list) else ()
