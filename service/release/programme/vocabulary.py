"""Vocabulary of the programme: ids of its stages, stations, purposes, messages, groups of fields
and kinds of offices, each with its words.

The file `vocabulary.toml` is part of a release, which may use no other ids, and of the
configuration of the installation, whose words stand in lists over all cases.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from service.access import ENDED

Words = Mapping[str, str]
"""Language to text."""
FILE: Final = "vocabulary.toml"
LANGUAGES: Final = ("sv", "en")
STAGE, STATION, PURPOSE, MESSAGE, GROUP, OFFICE_KIND = KINDS = (
    *("stage", "station", "purpose", "message", "group", "office_kind"),
)
MESSAGE_USE: Final = "message_use"
"""Kind of the sentences that say what a message is for; their ids are those of the messages."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_KEYS = frozenset({"id", "for", *LANGUAGES})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of a programme: kind to id to words, in the order of the file."""

    terms: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)

    def ids(self, kind: str) -> tuple[str, ...]:
        """The ids of a kind, in the order of the file."""
        return tuple(self.terms.get(kind, ()))

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages, in their order."""
        return self.ids(STAGE)

    @property
    def first_stage(self) -> str:
        """Where a case is that has reached no stage."""
        return next(iter(self.stages), "")

    def word(self, kind: str, id_: str, lang: str) -> str:
        """The word for an id in a language, else in Swedish, else empty."""
        words = self.terms.get(kind, {}).get(id_, {})
        return words.get(lang) or words.get(LANGUAGES[0], "")


def stage_number(stages: tuple[str, ...], stage: str) -> str:
    """The place of a stage among all, from 1, as pages print it; its id when it is not among them.

    A case that has reached no stage is in the first.
    """
    if not stage:
        return "1"
    return str(stages.index(stage) + 1) if stage in stages else stage


def read_vocabulary(text: str) -> Vocabulary:
    """Read `vocabulary.toml`.

    Raises:
        ValueError: no TOML, or a row that lacks something or that nobody could tell from another;
            the sentence tells which.
    """
    data = tomllib.loads(text)
    if unknown := sorted(set(data) - set(KINDS)):
        raise ValueError(f"[[{unknown[0]}]] is none of {', '.join(KINDS)}")
    terms = {kind: _terms(kind, data.get(kind, [])) for kind in KINDS}
    terms[MESSAGE_USE] = {
        str(row["id"]): _words(row["for"], f"`for` of the message {row['id']}")
        for row in data.get(MESSAGE, [])
        if "for" in row
    }
    if not terms[STAGE]:
        raise ValueError("a programme has at least one [[stage]]")
    if ENDED in terms[STAGE]:
        raise ValueError(f"no stage can be called {ENDED}: it means that a case has ended")
    return Vocabulary(terms)


def _terms(kind: str, rows: object) -> dict[str, Words]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"{kind} is written as rows, [[{kind}]]")
    terms: dict[str, Words] = {}
    for number, row in enumerate(rows, 1):
        id_ = str(row.get("id", ""))
        if not _ID.fullmatch(id_):
            raise ValueError(f"[[{kind}]] {number} needs an id of letters, digits, _ and -")
        if id_ in terms:
            raise ValueError(f"two rows [[{kind}]] have the id {id_}")
        if unknown := sorted(set(row) - _KEYS):
            raise ValueError(f"the {kind} {id_} has a key {unknown[0]} that means nothing")
        terms[id_] = _words(row, f"the {kind} {id_}")
    return terms


def _words(row: object, name: str) -> Words:
    words = {lang: row.get(lang) for lang in LANGUAGES} if isinstance(row, Mapping) else {}
    found = {lang: text for lang, text in words.items() if isinstance(text, str) and text.strip()}
    if len(found) < len(LANGUAGES):
        raise ValueError(f"{name} needs words in {' and '.join(LANGUAGES)}")
    return found
