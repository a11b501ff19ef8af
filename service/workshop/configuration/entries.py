"""A file of the configuration as rows to read: each with a name and its values in words."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeAlias

from service.release.programme.appeal_roads import FILE as APPEALS
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.process_configuration import (
    CORRECTIONS,
    GRANTS,
    PARTIES,
    REFERRALS,
    REMINDERS,
    VISIBILITY,
)
from service.release.programme.retention_rules import FILE as RETENTION
from service.release.programme.task_page_rules import FILE as TASK_PAGES
from service.release.programme.vocabulary import LANGUAGES
from service.workshop.configuration.words import ConfigurationWords

ROW_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "grant": ("rule", "role", "element"),
    "referral": ("element",),
    "party": ("role", "when"),
    "purpose": ("id",),
    "refusal": ("id",),
    "opens": ("letter",),
    "page": ("forms",),
    "check": ("name",),
    "narrow": ("role", "stage", "class", "only", "never"),
}
"""Keys by which a row of a list is known from one version to the next."""
STEP, ROLE, PURPOSE, GROUP, CLASS, STAGE, FORM, QUESTION, LETTER, OFFICE_KIND, GROUND = (
    *("step", "role", "purpose", "group", "data_class", "stage", "form", "question", "letter"),
    *("office_kind", "ground"),
)
KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    VISIBILITY: {"role": ROLE, "class": CLASS, "stage": STAGE, "only": GROUP, "never": GROUP},
    GRANTS: {
        **dict.fromkeys(("element", "until.element", "answer.element"), STEP),
        **dict.fromkeys(("classes", "headline", "then.classes", "then.headline"), CLASS),
        **dict.fromkeys(("groups", "then.groups"), GROUP),
        **dict.fromkeys(("consent", "purpose", "tasks_need", "from_stage.consent"), PURPOSE),
        **dict.fromkeys(("until.name", "only_if.name", "answer.name"), QUESTION),
        "role": ROLE,
        "to": ROLE,
        "form": FORM,
        "from_stage.stage": STAGE,
        "ground": GROUND,
    },
    PARTIES: {"role": ROLE, "when": QUESTION, "if": QUESTION, "letter": LETTER},
    REMINDERS: dict.fromkeys(("letter", "first", "later", "except"), LETTER),
    REFERRALS: {
        "from": ROLE,
        "to": ROLE,
        "consent": PURPOSE,
        "fields": QUESTION,
        "ground": GROUND,
        **dict.fromkeys(("sent", "news"), LETTER),
    },
    CORRECTIONS: {"decisions": STEP, "letter": LETTER},
    TASK_PAGES: {
        "forms": FORM,
        **dict.fromkeys(("answers", "newest", "appeal.answer"), QUESTION),
    },
    GROUNDS: {"owner": OFFICE_KIND, "classes": CLASS, "lifts": GROUND},
    APPEALS: {"owner": OFFICE_KIND},
    RETENTION: {
        "owner": OFFICE_KIND,
        "classes": CLASS,
        "ends": STEP,
        "not_reached": STEP,
        "left": STEP,
        "answer": QUESTION,
    },
    PROCESS: {
        **dict.fromkeys(("owner", "late", "marking", "raising", "manager"), ROLE),
        "follow_up_step": STEP,
        "appointments": QUESTION,
        "field": QUESTION,
    },
}
"""File to key to what its values name, where they name something."""
Value: TypeAlias = str | tuple[str, ...]
APPEAL: Final = "appeal"
"""The list of `appeals.toml`, whose rows are called by what they are for: their words are long."""
CALLED: Final[Mapping[str, Mapping[str, str]]] = {
    APPEALS: {"for": "decision", "owner": "decides"},
}
"""File to keys that mean something else there than in other files, and the key of their words."""
LIMITS: Final = frozenset({"groups", "only", "then.groups"})
"""Keys of which none means that there is no limit."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row or table of a file."""

    part: str
    """The list or table that it belongs to, such as `grant`; empty for what stands above all."""
    name: str
    """What people call it."""
    values: Mapping[str, Value]
    """Key, with those of inner tables behind a full stop, to what stands there in words."""

    def text(self, words: ConfigurationWords) -> str:
        """All values on one line."""
        parts = (f"{key_name(key, words)}: {said(value)}" for key, value in self.values.items())
        return "; ".join(parts)


def read_entries(file: str, text: str, words: ConfigurationWords) -> dict[str, Entry]:
    """Every row and table of a file, by what tells it from the others.

    Args:
        file: name in the folder of the configuration.
    Raises:
        ValueError: it is no TOML.
    """
    table = tomllib.loads(text)
    found = dict[str, Entry]()
    plain = {key: value for key, value in table.items() if not _is_part(value)}
    if plain:
        found[""] = Entry("", words.say("general"), _values(file, plain, words))
    for part, value in table.items():
        if isinstance(value, dict):
            found[part] = Entry(part, part_name(file, part, words), _of_row(file, value, words))
        elif _is_rows(value):
            found |= _read_rows(file, part, value, words)
    return found


def _read_rows(
    file: str, part: str, rows: list[dict[str, Any]], words: ConfigurationWords
) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for id_, row in _rows(part, rows):
        name = _row_name(part, row, words)
        found[id_] = Entry(part, name, _of_row(file, row, words))
        for inner, listed in row.items():
            if _is_rows(listed):
                below = _read_rows(file, inner, listed, words)
                found |= {
                    f"{id_}/{key}": replace(entry, name=f"{name}: {entry.name}")
                    for key, entry in below.items()
                }
    return found


def file_name(file: str, words: ConfigurationWords) -> str:
    """What people call a file of the configuration."""
    return words.word(f"file_{file.removesuffix('.toml')}", file)


def part_name(file: str, part: str, words: ConfigurationWords) -> str:
    """What people call a table of a file; in the visibility matrix it is a role."""
    return words.role(part) if file == VISIBILITY else words.word(f"part_{part}", part)


def key_name(key: str, words: ConfigurationWords) -> str:
    """What people call a key, with those around it."""
    whole = words.word(f"key_{key.replace('.', '_')}", "")
    return whole or " ".join(_key_part(one, words) for one in key.split("."))


def _key_part(key: str, words: ConfigurationWords) -> str:
    if key in words.questions:
        return words.question(key)
    return words.word(f"key_{key}", words.purpose(key))


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _is_part(value: object) -> bool:
    return isinstance(value, dict) or _is_rows(value)


def _rows(part: str, rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows with what tells them apart; one that is there twice also by its number."""
    seen = dict[str, int]()
    for row in rows:
        keys = ROW_KEYS.get(part, ("id",))
        id_ = f"{part}:" + "|".join(str(row.get(key, "")) for key in keys)
        seen[id_] = seen.get(id_, 0) + 1
        yield (id_ if seen[id_] == 1 else f"{id_}#{seen[id_]}"), row


def _row_name(part: str, row: Mapping[str, Any], words: ConfigurationWords) -> str:
    if part == APPEAL:
        kinds = [words.office_kind(str(kind)) for kind in row.get("owner", ())]
        decision = words.word(f"value_for_{row.get('for')}", str(row.get("for", "")))
        name = words.say("appeal_of", decision=decision, who=", ".join(kinds))
        return name[:1].upper() + name[1:]
    named = row.get("name")
    own = named if isinstance(named, dict) else row
    if LANGUAGES[0] in own:
        return str(own.get(words.lang) or own[LANGUAGES[0]])
    said: dict[str, Callable[[], str]] = {
        "grant": lambda: f"{row.get('rule', '')}, {words.role(str(row.get('role', '')))}",
        "referral": lambda: words.step(str(row.get("element", ""))),
        "party": lambda: f"{words.role(str(row.get('role', '')))}, {_when(row, words)}",
        "opens": lambda: words.letter(str(row.get("letter", ""))),
        "narrow": lambda: words.role(str(row.get("role", ""))),
    }
    return said[part]() if part in said else str(row.get("id", part))


def _when(row: Mapping[str, Any], words: ConfigurationWords) -> str:
    when = str(row.get("when", ""))
    return words.say("at_start") if when == "start" else words.question(when)


def _of_row(file: str, row: Mapping[str, Any], words: ConfigurationWords) -> dict[str, Value]:
    plain = {key: value for key, value in row.items() if not _is_rows(value)}
    called = CALLED.get(file, {})
    values = _values(file, plain, words)
    return {called.get(key, key): value for key, value in values.items()}


def _values(
    file: str, table: Mapping[str, Any], words: ConfigurationWords, before: str = ""
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, value in table.items():
        path = f"{before}{key}"
        if isinstance(value, dict) and not set(value) <= set(LANGUAGES):
            found |= _values(file, value, words, f"{path}.")
        else:
            found[path] = value_text(file, path, value, words)
    return found


def said(value: Value) -> str:
    """A value as one text."""
    return value if isinstance(value, str) else ", ".join(value)


def nothing(key: str, words: ConfigurationWords) -> str:
    """What it means that a key is not there."""
    return words.say("no_limit" if key in LIMITS else "none")


def value_text(file: str, key: str, value: object, words: ConfigurationWords) -> Value:
    """A value in words: ids by their names, yes and no, a length by its number."""
    if isinstance(value, dict):
        return str(value.get(words.lang) or value.get(LANGUAGES[0], ""))
    if isinstance(value, list):
        return tuple(said(value_text(file, key, one, words)) for one in value) or words.say("none")
    if isinstance(value, bool):
        return words.say("yes" if value else "no")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    kind = KINDS.get(file, {}).get(key)
    if kind is not None and text not in ("", "start"):
        name: str = getattr(words, kind)(text)
        return name
    if text in words.questions:
        return words.question(text)
    return words.word(f"value_{key.replace('.', '_')}_{text}", text) or words.say("none")
