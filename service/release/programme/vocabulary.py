"""Vocabulary of the programme: ids of its stages, stations, purposes, messages, groups of fields
and kinds of offices, each with its words.

The file `vocabulary.toml` is part of a release, which may use no other ids, and of the
configuration of the installation, whose words stand in lists over all cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec import field as named

from service.access import ENDED
from service.release.programme.typed_tables import (
    Worded,
    Words,
    WrongTable,
    read_table,
    refuse_twice,
    require_one_of,
)

FILE: Final = "vocabulary.toml"
LANGUAGES: Final = ("sv", "en")
STAGE, STATION, PURPOSE, MESSAGE, GROUP, OFFICE_KIND = KINDS = (
    *("stage", "station", "purpose", "message", "group", "office_kind"),
)
MESSAGE_USE: Final = "message_use"
"""Kind of the sentences that say what a message is for; their ids are those of the messages."""

OUTSIDE: Final = frozenset({"organisation", "country"})
"""What an office outside can be: of an international organisation, or in another country."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of a programme: kind to id to words, in the order of the file."""

    terms: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    outside: Mapping[str, str] = field(default_factory=dict)
    """Kinds of offices that answer to another law, and what they are (`OUTSIDE`)."""

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


class _Term(Worded, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,39}\Z")]
    use: Worded | None = named(name="for", default=None)


class _OfficeKind(_Term, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outside: str = ""


class _VocabularyFile(Struct, forbid_unknown_fields=True):
    stage: Annotated[tuple[_Term, ...], Meta(min_length=1)]
    station: tuple[_Term, ...] = ()
    purpose: tuple[_Term, ...] = ()
    message: tuple[_Term, ...] = ()
    group: tuple[_Term, ...] = ()
    office_kind: tuple[_OfficeKind, ...] = ()


def read_vocabulary(text: str) -> Vocabulary:
    """Read `vocabulary.toml`.

    Raises:
        WrongTable: no TOML, or a row that lacks something or that nobody could tell from another.
    """
    file = read_table(text, _VocabularyFile)
    terms: dict[str, Mapping[str, Words]] = {}
    for kind in KINDS:
        rows: tuple[_Term, ...] = getattr(file, kind)
        refuse_twice((row.id for row in rows), kind)
        terms[kind] = {row.id: row.words for row in rows}
    terms[MESSAGE_USE] = {row.id: row.use.words for row in file.message if row.use is not None}
    if ENDED in terms[STAGE]:
        raise WrongTable("ended", STAGE, name=ENDED)
    outside = {row.id: row.outside for row in file.office_kind if row.outside}
    for id_, what in outside.items():
        require_one_of(what, OUTSIDE, f"{OFFICE_KIND} {id_}", "outside")
    return Vocabulary(terms, outside)
