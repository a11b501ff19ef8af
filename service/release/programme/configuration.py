"""Configuration of an installation: its offices, amounts, countries, providers and second persons,
and what steers cases of releases without a configuration of their own.

Read once at the start, from the files of `workflows/config/`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

from service.errors import BadSettings
from service.release.programme.appeal_roads import FILE as APPEALS
from service.release.programme.approval_rules import ApprovalRules, read_approvals
from service.release.programme.channel_rules import (
    ProviderChannel,
    on_call_office,
    read_channels,
    read_on_call,
)
from service.release.programme.controllers import Controller
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.help_examples import FILE as HELP
from service.release.programme.help_examples import HelpExamples, read_help_examples
from service.release.programme.log_review_rules import FILE as LOG_REVIEW
from service.release.programme.log_review_rules import LogReviewRules, read_log_review
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.named_fields import OFFICE
from service.release.programme.process_configuration import (
    PROCESS_FILES,
    PUBLISHED_ONLY,
    ProcessConfiguration,
    ReadingContext,
    read_process_file,
)
from service.release.programme.report_rules import FILE as REPORT
from service.release.programme.report_rules import ReportRules, read_report
from service.release.programme.typed_tables import (
    Text,
    Texts,
    Worded,
    Words,
    plain_table,
    read_table,
    typed,
)
from service.release.programme.vocabulary import FILE as VOCABULARY
from service.release.programme.vocabulary import read_vocabulary

Read = TypeVar("Read")
PROGRAMME = "programme.toml"
CARD_WORDS = "words/"
"""Folder of the lists of words for cards, one a language."""
CARD_PICTURES = "words/pictures.toml"
"""Pictures of some of those words, for the card of somebody who cannot read."""
SIGNED = "# signed:"
"""How the line of a list begins that names the speaker who has signed it."""
FEWEST_WORDS = 2048
FEWEST_PICTURES = 64
"""In each language that has any: fewer make too few pairs (decisions/0113)."""
_PATH = re.compile(r"[Mm][MmLlHhVvCcSsQqTtAaZz0-9 .,-]+")
OLD_ON_CALL = "parties.toml"
"""Where an older folder names who is on duty."""
NEEDED = frozenset({"reminders.toml", GROUNDS, APPEALS})
"""Files of the configuration of a process that a folder cannot be without."""


@dataclass(frozen=True, slots=True)
class Programme:
    """One installation's programme: everything that its configuration files say."""

    process: str
    offices: Mapping[str, str]
    """What the programme names an office for, such as `approver`, to the office."""
    calendar: str
    common_languages: tuple[str, ...]
    """Languages that lists name first."""
    fundings: tuple[tuple[str, Words], ...]
    default_funding: str
    ceiling: tuple[str, str]
    """Amount as decimal text, and currency."""
    currency: Mapping[str, str]
    danger: tuple[tuple[str, Words], ...]
    """(number, name by language) of telephones for danger."""
    built_in_roles: Mapping[str, Words]
    roles: Mapping[str, tuple[str, ...]]
    """Every role, of lanes and of the product, and the kinds of office whose people may hold it;
    none named: any."""
    program_roles: frozenset[str]
    """Roles of lanes that a program with a token of its own may hold; every other needs a human."""
    configuration: ProcessConfiguration
    """What steers cases of releases that have no such files of their own."""
    countries: Mapping[str, str]
    """Country to OPEN, RESTRICTED or SUSPENDED, until `tresteg country set` says otherwise."""
    municipalities: tuple[tuple[str, str], ...]
    first_words: tuple[str, ...]
    second_words: tuple[str, ...]
    approvals: ApprovalRules = field(default=ApprovalRules())
    channels: Mapping[str, ProviderChannel] = field(default_factory=dict)
    """Channel to the provider that handlers reach through it."""
    on_call: Mapping[str, ProviderChannel] = field(default_factory=dict)
    """Office to its channel to whoever is on duty, which alarms call."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The files of `configuration` by name, as they stand in the folder."""
    card_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language to the words from which those of a person's card are drawn."""
    card_pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Language to the words that have a picture, as they are read when somebody says them, each
    with its picture: the path of an SVG image, in lines, in a square of 64.
    """
    card_numbers: tuple[CardNumber, ...] = ()
    card_text_numbers: tuple[CardNumber, ...] = ()
    """Where somebody reads texts, for the card of who does not hear; nobody answers by text."""
    unsigned_words: frozenset[str] = frozenset()
    """Languages whose list of words no speaker has signed."""
    report: ReportRules = field(default=ReportRules())
    log_review: LogReviewRules = field(default=LogReviewRules())
    help_examples: HelpExamples = field(default=HelpExamples())
    controllers: tuple[Controller, ...] = ()
    """Organisations that answer for the records of their offices."""

    def channel(self, id_: str) -> ProviderChannel | None:
        """A channel by its id: of a provider, or of an office's people on duty."""
        office = on_call_office(id_)
        return self.on_call.get(office) if office else self.channels.get(id_)


class _Funding(Worded, frozen=True, kw_only=True):
    id: Text
    default: bool = False


class _Danger(Worded, frozen=True, kw_only=True):
    number: Text


class CardNumber(Struct, frozen=True, kw_only=True):
    """A telephone number on a person's card, to call or to send a text to."""

    number: Text
    country: Text
    checked: str = ""
    """Who has called it or sent a text from there, and when; "" when nobody has."""
    note: str = ""
    """What the bill shows, and whether the number works from abroad."""


class _Picture(Struct):
    words: Annotated[Mapping[str, Text], Meta(min_length=1)]
    """Language to its word."""
    drawn: Text


class _Ceiling(Struct):
    amount: str | int | float
    currency: Text


class _ProgrammeFile(Struct):
    process: Text
    calendar: Text
    funding: Annotated[tuple[_Funding, ...], Meta(min_length=1)]
    currency: Mapping[str, str | int | float]
    budget_ceiling: _Ceiling
    common_languages: tuple[str, ...] = ()
    danger: tuple[_Danger, ...] = ()
    card_number: tuple[CardNumber, ...] = ()
    card_text_number: tuple[CardNumber, ...] = ()
    controller: tuple[Controller, ...] = ()


class _Pseudonyms(Struct):
    first: Texts
    second: Texts


class _Role(Worded, frozen=True, kw_only=True):
    house: bool = False
    offices: tuple[str, ...] = ()
    programs: bool = False
    """Whether a program with a token of its own may hold it."""


class _Country(Struct):
    status: Text


def read_programme(files: Mapping[str, str]) -> Programme:
    """Read the files of `workflows/config/`, by name.

    Raises:
        BadSettings: a file that is missing, no TOML, lacks something, or names what the others do
            not have; the sentence names file and key.
    """
    own = _needed(PROGRAMME, files, lambda text: read_table(text, _ProgrammeFile))
    pseudonyms = _needed("pseudonyms.toml", files, lambda text: read_table(text, _Pseudonyms))
    roles = _needed("roles.toml", files, lambda text: _tables(text, _Role))
    countries = _needed("countries.toml", files, lambda text: _tables(text, _Country))
    listed = {
        name.removeprefix(CARD_WORDS).removesuffix(".txt"): _checked(name, files, _read_words)
        for name in files
        if name.startswith(CARD_WORDS) and name != CARD_PICTURES
    }
    card_words = {lang: words for lang, (words, _) in listed.items()}
    currency = {code: _amount(rate, "currency") for code, rate in own.currency.items()}
    return Programme(
        process=own.process,
        offices=_offices(tomllib.loads(files[PROGRAMME])),
        calendar=own.calendar,
        common_languages=own.common_languages,
        fundings=tuple((row.id, row.words) for row in own.funding),
        default_funding=next((row for row in own.funding if row.default), own.funding[0]).id,
        ceiling=_ceiling(own.budget_ceiling, currency),
        currency=currency,
        danger=tuple((row.number, row.words) for row in own.danger),
        built_in_roles={id_: row.words for id_, row in roles.items() if row.house},
        roles={id_: row.offices for id_, row in roles.items()},
        program_roles=frozenset(
            id_ for id_, row in roles.items() if row.programs and not row.house
        ),
        configuration=_configuration(files, roles),
        countries={code: row.status for code, row in countries.items()},
        municipalities=_needed("municipalities.toml", files, _read_municipalities),
        first_words=pseudonyms.first,
        second_words=pseudonyms.second,
        card_numbers=own.card_number,
        card_text_numbers=own.card_text_number,
        card_words=card_words,
        card_pictures=_checked(CARD_PICTURES, files, lambda text: _read_pictures(text, card_words)),
        unsigned_words=frozenset(lang for lang, (_, signed) in listed.items() if not signed),
        approvals=_checked("approvals.toml", files, read_approvals),
        channels=_checked("channels.toml", files, read_channels),
        on_call={
            **_checked(OLD_ON_CALL, files, read_on_call),
            **_checked(PROGRAMME, files, read_on_call),
        },
        texts={name: files[name] for name in (VOCABULARY, *PROCESS_FILES) if name in files},
        report=_checked(REPORT, files, read_report),
        log_review=_checked(LOG_REVIEW, files, read_log_review),
        help_examples=_checked(HELP, files, read_help_examples),
        controllers=own.controller,
    )


def _configuration(files: Mapping[str, str], roles: Collection[str]) -> ProcessConfiguration:
    """The configuration of a process as the folder has it.

    A folder without `process.toml` is from before there was any: then `programme.toml` has its
    tables.
    """
    vocabulary = _needed(VOCABULARY, files, read_vocabulary)
    context = ReadingContext(vocabulary.stages, roles)
    found: dict[str, Any] = {"vocabulary": vocabulary}
    for name in PROCESS_FILES:
        text = files.get(name) if name not in PUBLISHED_ONLY else None
        if text is None and name == PROCESS:
            text = _old_process(files[PROGRAMME])
        if text is None and name in NEEDED:
            raise BadSettings(f"the folder workflows/config has no {name}")
        found |= read_process_file(name, text or "", context)
    return ProcessConfiguration(**found)


def _old_process(text: str) -> str:
    """`programme.toml` from before `process.toml`, with the names of its offices as a list."""
    names = ", ".join(f'"{name}"' for name in _offices(tomllib.loads(text)))
    return f"offices = [{names}]\n{text}"


def _offices(own: Mapping[str, Any]) -> dict[str, str]:
    """What the programme names an office for, without the end of its key."""
    return {
        key.removesuffix(OFFICE): str(value) for key, value in own.items() if key.endswith(OFFICE)
    }


def _tables(text: str, shape: type[Read]) -> dict[str, Read]:
    """Read a file that has a table for each id."""
    return {id_: typed(table, shape, id_) for id_, table in plain_table(text).items()}


def _ceiling(ceiling: _Ceiling, rates: Collection[str]) -> tuple[str, str]:
    if ceiling.currency not in rates:
        raise BadSettings(
            f"{PROGRAMME}: the currency of budget_ceiling has no rate under [currency]"
        )
    return _amount(ceiling.amount, "budget_ceiling"), ceiling.currency


def _amount(text: object, key: str) -> str:
    try:
        return str(Decimal(str(text)))
    except InvalidOperation as e:
        raise BadSettings(f"{PROGRAMME}: {key} has an amount that is no number: {text}") from e


def _needed(name: str, files: Mapping[str, str], read: Callable[[str], Read]) -> Read:
    if name not in files:
        raise BadSettings(f"the folder workflows/config has no {name}")
    return _checked(name, files, read)


def _checked(name: str, files: Mapping[str, str], read: Callable[[str], Read]) -> Read:
    try:
        return read(files.get(name, ""))
    except (ValueError, KeyError, AttributeError) as e:
        raise BadSettings(f"{name}: {e}") from e


def _read_words(text: str) -> tuple[tuple[str, ...], str]:
    """A list of words, one a line, and who has signed it ("" when nobody has).

    Raises:
        ValueError: there are fewer than `FEWEST_WORDS`, or one comes twice.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    words = tuple(line for line in lines if not line.startswith("#"))
    signed = next((line[len(SIGNED) :].strip() for line in lines if line.startswith(SIGNED)), "")
    if len(words) < FEWEST_WORDS:
        raise ValueError(f"has {len(words)} words; {FEWEST_WORDS} are the fewest")
    if len(set(words)) < len(words):
        raise ValueError("has a word twice")
    return words, signed


def _read_pictures(
    text: str, card_words: Mapping[str, Collection[str]]
) -> dict[str, dict[str, str]]:
    """Pictures of words by language, and in each by the word as it is read when somebody says it.

    Raises:
        ValueError: a picture is no path; a word stands in no list, or has two pictures; a language
            has fewer than `FEWEST_PICTURES`.
    """
    pictures: dict[str, dict[str, str]] = {}
    for id_, picture in _tables(text, _Picture).items():
        if not _PATH.fullmatch(picture.drawn):
            raise ValueError(f"{id_}: drawn is not the path of an SVG image")
        for lang, word in picture.words.items():
            if word not in card_words.get(lang, ()):
                raise ValueError(f"{id_}: {word} is not in {CARD_WORDS}{lang}.txt")
            said = unicodedata.normalize("NFC", word).casefold()
            if pictures.setdefault(lang, {}).setdefault(said, picture.drawn) != picture.drawn:
                raise ValueError(f"{id_}: {word} has another picture too")
    for lang, drawn in pictures.items():
        if len(drawn) < FEWEST_PICTURES:
            raise ValueError(f"{lang} has {len(drawn)} pictures; {FEWEST_PICTURES} are the fewest")
    return pictures


def _read_municipalities(text: str) -> tuple[tuple[str, str], ...]:
    table = plain_table(text)
    rows = table.get("municipality", table)
    if isinstance(rows, list):
        return tuple((str(row["code"]), str(row["name"])) for row in rows)
    return tuple((code, row if isinstance(row, str) else row["name"]) for code, row in rows.items())
