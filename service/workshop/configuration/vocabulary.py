"""The words of a draft: of stages, stations, purposes, messages, groups and kinds of offices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT

from service.release.bundle import VOCABULARY
from service.release.programme.vocabulary import KINDS, LANGUAGES
from service.workshop.configuration.typed import (
    Edit,
    Faults,
    Sent,
    Value,
    Values,
    changes,
    edited,
    read_table,
)

ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
FOR: Final = "for"
"""What a message is for."""


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word of the process."""

    kind: str
    id: str
    words: Mapping[str, str]
    use: Mapping[str, str]
    """Of a message what it is for, by language; else empty."""


def read_word_rows(text: str, kind: str) -> tuple[WordRow, ...]:
    """The words of a kind, in the order of the file."""
    return tuple(row for _, row in _rows(read_table(text), kind))


def _rows(table: Mapping[str, Any], kind: str) -> Iterator[tuple[int, WordRow]]:
    rows = table.get(kind, [])
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, Mapping):
            use = row.get(FOR, {})
            yield (
                number,
                WordRow(
                    kind,
                    str(row.get("id", "")),
                    {lang: str(row.get(lang, "")) for lang in LANGUAGES},
                    {lang: str(use.get(lang, "")) for lang in LANGUAGES} if use else {},
                ),
            )


def word_values(text: str, kind: str) -> Values:
    """Every word of a kind that the page can change."""
    found: dict[str, Value] = {}
    for row in read_word_rows(text, kind):
        found |= {f"{row.id}.{lang}": row.words[lang] for lang in LANGUAGES}
        found |= {f"{row.id}.{FOR}.{lang}": said for lang, said in row.use.items()}
    return found


def save_words(text: str, kind: str, sent: Sent) -> Edit:
    """Change words of a kind; ids stay, for cases keep them."""
    typed, faults = changes(sent, word_values(text, kind))
    faults |= {name: "fault_word" for name, value in typed.items() if not value}
    if faults:
        return Edit({}, faults)
    numbers = {row.id: number for number, row in _rows(read_table(text), kind)}

    def change(document: tomlkit.TOMLDocument) -> None:
        rows: Any = document[kind]
        for name, value in typed.items():
            id_, _, part = name.partition(".")
            row = rows[numbers[id_]]
            if part.startswith(f"{FOR}."):
                row[FOR][part.removeprefix(f"{FOR}.")] = value
            else:
                row[part] = value

    return edited(text, VOCABULARY, change)


def add_word(text: str, kind: str, sent: Sent) -> Edit:
    """Add a word to a kind."""
    id_ = _first(sent, "new.id")
    words = {lang: _first(sent, f"new.{lang}") for lang in LANGUAGES}
    faults: Faults = {f"new.{lang}": "fault_word" for lang, word in words.items() if not word}
    if not ID.fullmatch(id_):
        faults["new.id"] = "fault_word_id"
    elif id_ in {row.id for row in read_word_rows(text, kind)}:
        faults["new.id"] = "fault_taken"
    if kind not in KINDS:
        faults["new.id"] = "fault_value"
    if faults:
        return Edit({}, faults)

    def change(document: tomlkit.TOMLDocument) -> None:
        row = tomlkit.table()
        row["id"] = id_
        for lang, word in words.items():
            row[lang] = word
        rows = document.setdefault(kind, tomlkit.aot())
        if isinstance(rows, AoT):
            rows.append(row)

    return edited(text, VOCABULARY, change)


def _first(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "").strip()
