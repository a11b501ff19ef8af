"""Configuration of an installation: its offices, amounts, countries, providers and second persons,
and what steers cases of releases without a configuration of their own.

Read once at the start, from the files of `workflows/config/`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from service.errors import BadSettings
from service.release.programme.approval_rules import ApprovalRules, read_approvals
from service.release.programme.channel_rules import (
    ProviderChannel,
    on_call_office,
    read_channels,
    read_on_call,
)
from service.release.programme.help_examples import FILE as HELP
from service.release.programme.help_examples import HelpExamples, read_help_examples
from service.release.programme.log_review_rules import FILE as LOG_REVIEW
from service.release.programme.log_review_rules import LogReviewRules, read_log_review
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.named_fields import OFFICE
from service.release.programme.process_configuration import (
    PROCESS_FILES,
    ProcessConfiguration,
    ReadingContext,
    read_process_file,
)
from service.release.programme.report_rules import FILE as REPORT
from service.release.programme.report_rules import ReportRules, read_report
from service.release.programme.typed_tables import Words
from service.release.programme.vocabulary import FILE as VOCABULARY
from service.release.programme.vocabulary import read_vocabulary

Read = TypeVar("Read")
PROGRAMME = "programme.toml"
OLD_ON_CALL = "parties.toml"
"""Where an older folder names who is on duty."""
NEEDED = frozenset({"reminders.toml"})
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
    report: ReportRules = field(default=ReportRules())
    log_review: LogReviewRules = field(default=LogReviewRules())
    help_examples: HelpExamples = field(default=HelpExamples())

    def channel(self, id_: str) -> ProviderChannel | None:
        """A channel by its id: of a provider, or of an office's people on duty."""
        office = on_call_office(id_)
        return self.on_call.get(office) if office else self.channels.get(id_)


def read_programme(files: Mapping[str, str]) -> Programme:
    """Read the files of `workflows/config/`, by name.

    Raises:
        BadSettings: a file that is missing, no TOML, lacks something, or names what the others do
            not have; the sentence names file and key.
    """
    names = (PROGRAMME, "pseudonyms.toml", "roles.toml")
    own, words, roles = (_toml(files, name) for name in names)
    fundings = tuple((row["id"], _words(row)) for row in _need(own, "funding"))
    currency = _rates(own)
    return Programme(
        process=_need(own, "process"),
        offices=_offices(own),
        calendar=_need(own, "calendar"),
        common_languages=tuple(str(code) for code in own.get("common_languages", ())),
        fundings=fundings,
        default_funding=_default(own["funding"]),
        ceiling=_ceiling(own, currency),
        currency=currency,
        danger=tuple((row["number"], _words(row)) for row in own.get("danger", [])),
        built_in_roles={id_: _words(row) for id_, row in roles.items() if row.get("house")},
        roles={id_: (*map(str, row.get("offices", ())),) for id_, row in roles.items()},
        configuration=_configuration(files, roles),
        countries={code: row["status"] for code, row in _toml(files, "countries.toml").items()},
        municipalities=_municipalities(_toml(files, "municipalities.toml")),
        first_words=tuple(_need(words, "first", "pseudonyms.toml")),
        second_words=tuple(_need(words, "second", "pseudonyms.toml")),
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
    )


def _configuration(files: Mapping[str, str], roles: Collection[str]) -> ProcessConfiguration:
    """The configuration of a process as the folder has it.

    A folder without `process.toml` is from before there was any: then `programme.toml` has its
    tables.
    """
    _toml(files, VOCABULARY)  # it must be there
    vocabulary = _checked(VOCABULARY, files, read_vocabulary)
    context = ReadingContext(vocabulary.stages, roles)
    found: dict[str, Any] = {"vocabulary": vocabulary}
    for name in PROCESS_FILES:
        text = files.get(name)
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


def _toml(files: Mapping[str, str], name: str) -> dict[str, Any]:
    if name not in files:
        raise BadSettings(f"the folder workflows/config has no {name}")
    try:
        return tomllib.loads(files[name])
    except tomllib.TOMLDecodeError as e:
        raise BadSettings(f"{name} cannot be read: {e}") from e


def _need(table: Mapping[str, Any], key: str, name: str = PROGRAMME) -> Any:  # noqa: ANN401 - TOML
    if key not in table:
        raise BadSettings(f"{name} lacks {key}")
    return table[key]


def _words(row: Mapping[str, Any]) -> Words:
    return {lang: str(row[lang]) for lang in ("sv", "en") if lang in row}


def _default(fundings: Sequence[Mapping[str, Any]]) -> str:
    marked = (str(row["id"]) for row in fundings if row.get("default"))
    return next(marked, str(fundings[0]["id"]))


def _rates(own: Mapping[str, Any]) -> dict[str, str]:
    rates: Mapping[str, object] = _need(own, "currency")
    return {code: _amount(rate, "currency") for code, rate in rates.items()}


def _ceiling(own: Mapping[str, Any], rates: Collection[str]) -> tuple[str, str]:
    ceiling = _need(own, "budget_ceiling")
    currency = ceiling.get("currency")
    if currency not in rates:
        raise BadSettings(
            f"{PROGRAMME}: the currency of budget_ceiling has no rate under [currency]"
        )
    return _amount(_need(ceiling, "amount"), "budget_ceiling"), str(currency)


def _amount(text: object, key: str) -> str:
    try:
        return str(Decimal(str(text)))
    except InvalidOperation as e:
        raise BadSettings(f"{PROGRAMME}: {key} has an amount that is no number: {text}") from e


def _checked(name: str, files: Mapping[str, str], read: Callable[[str], Read]) -> Read:
    try:
        return read(files.get(name, ""))
    except (ValueError, KeyError, AttributeError) as e:
        raise BadSettings(f"{name}: {e}") from e


def _municipalities(table: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = table.get("municipality", table)
    if isinstance(rows, list):
        return tuple((str(row["code"]), str(row["name"])) for row in rows)
    return tuple((code, row if isinstance(row, str) else row["name"]) for code, row in rows.items())
