"""Configuration of an installation's programme: who approves, who sees what, when it reminds.

Read once at the start, from the files of `workflows/config/`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, TypeVar

from service.access import ENDED, Matrix, read_matrix
from service.actions.programme.approval_rules import ApprovalRules, read_approvals
from service.actions.programme.channel_rules import (
    ProviderChannel,
    on_call_office,
    read_channels,
    read_on_call,
)
from service.actions.programme.correction_rules import CorrectionRules, read_corrections
from service.actions.programme.grant_rules import GrantRules, read_grants
from service.actions.programme.help_examples import FILE as HELP
from service.actions.programme.help_examples import HelpExamples, read_help_examples
from service.actions.programme.name_checks import check_names, check_purposes
from service.actions.programme.named_fields import OFFICE, NamedFields, read_named_fields
from service.actions.programme.party_rules import PartyRule, read_parties
from service.actions.programme.referral_rules import ReferralRules, read_referrals
from service.actions.programme.reminder_rules import Reminders, read_reminders
from service.actions.programme.report_rules import FILE as REPORT
from service.actions.programme.report_rules import ReportRules, read_report
from service.actions.programme.task_page_rules import FILE as TASK_PAGES
from service.actions.programme.task_page_rules import TaskPageRule, read_task_pages
from service.actions.programme.vocabulary import FILE as VOCABULARY
from service.actions.programme.vocabulary import Vocabulary, Words, read_vocabulary
from service.errors import BadSettings

Read = TypeVar("Read")
PROGRAMME = "programme.toml"


@dataclass(frozen=True, slots=True)
class Programme:
    """One installation's programme: everything that its configuration files say."""

    process: str
    offices: Mapping[str, str]
    """What the programme names an office for, such as `approver`, to the office."""
    calendar: str
    common_languages: tuple[str, ...]
    """Languages that lists name first."""
    consent_months: Mapping[str, int]
    fundings: tuple[tuple[str, Words], ...]
    default_funding: str
    ceiling: tuple[str, str]
    """Amount as decimal text, and currency."""
    currency: Mapping[str, str]
    money_kinds: Mapping[str, Words]
    """Kinds of money that forms declare: name by language."""
    danger: tuple[tuple[str, Words], ...]
    """(number, name by language) of telephones for danger."""
    built_in_roles: Mapping[str, Words]
    roles: Mapping[str, tuple[str, ...]]
    """Every role, of lanes and of the product, and the kinds of office whose people may hold it;
    none named: any."""
    vocabulary: Vocabulary
    named_fields: NamedFields
    matrix: Matrix
    grants: GrantRules
    parties: tuple[PartyRule, ...]
    reminders: Reminders
    countries: Mapping[str, str]
    """Country to OPEN, RESTRICTED or SUSPENDED."""
    municipalities: tuple[tuple[str, str], ...]
    first_words: tuple[str, ...]
    second_words: tuple[str, ...]
    referrals: ReferralRules = field(default=ReferralRules())
    approvals: ApprovalRules = field(default=ApprovalRules())
    corrections: CorrectionRules = field(default=CorrectionRules())
    channels: Mapping[str, ProviderChannel] = field(default_factory=dict)
    """Channel to the provider that handlers reach through it."""
    on_call: Mapping[str, ProviderChannel] = field(default_factory=dict)
    """Office to its channel to whoever is on duty, which alarms call."""
    task_pages: Mapping[str, TaskPageRule] = field(default_factory=dict)
    """Form to what its task's page shows next to it."""
    report: ReportRules = field(default=ReportRules())
    help_examples: HelpExamples = field(default=HelpExamples())

    def channel(self, id_: str) -> ProviderChannel | None:
        """A channel by its id: of a provider, or of an office's people on duty."""
        office = on_call_office(id_)
        return self.on_call.get(office) if office else self.channels.get(id_)

    def stage_of_sight(self, status: str, stage: str) -> str:
        """The stage of a case as the matrix and grants know it: the first when it has reached none,
        and one of its own when it has ended.
        """
        return ENDED if status == "ended" else stage or self.vocabulary.first_stage


def read_programme(files: Mapping[str, str]) -> Programme:  # long: one attribute a line
    """Read the files of `workflows/config/`, by name.

    Raises:
        BadSettings: a file that is missing, no TOML, lacks something, or names what the others do
            not have; the sentence names file and key.
    """
    names = (PROGRAMME, "pseudonyms.toml", "roles.toml")
    own, words, roles = (_toml(files, name) for name in names)
    _toml(files, VOCABULARY)  # it must be there
    vocabulary = _checked(VOCABULARY, files, read_vocabulary)
    stages, offices = vocabulary.stages, _offices(own)
    fundings = tuple((row["id"], _words(row)) for row in _need(own, "funding"))
    currency = _rates(own)
    programme = Programme(
        process=_need(own, "process"),
        offices=offices,
        calendar=_need(own, "calendar"),
        common_languages=tuple(str(code) for code in own.get("common_languages", ())),
        consent_months=dict(own.get("consent_months", {})),
        fundings=fundings,
        default_funding=_default(own["funding"]),
        ceiling=_ceiling(own, currency),
        currency=currency,
        money_kinds={kind: _words(row) for kind, row in own.get("money_kinds", {}).items()},
        danger=tuple((row["number"], _words(row)) for row in own.get("danger", [])),
        built_in_roles={id_: _words(row) for id_, row in roles.items() if row.get("house")},
        roles={id_: (*map(str, row.get("offices", ())),) for id_, row in roles.items()},
        vocabulary=vocabulary,
        named_fields=read_named_fields(own, roles),
        matrix=_checked("visibility.toml", files, partial(read_matrix, stages=stages)),
        grants=_checked("grants.toml", files, partial(read_grants, stages=stages)),
        parties=_checked("parties.toml", files, partial(read_parties, named=offices)),
        reminders=read_reminders(_toml(files, "reminders.toml")),
        countries={code: row["status"] for code, row in _toml(files, "countries.toml").items()},
        municipalities=_municipalities(_toml(files, "municipalities.toml")),
        first_words=tuple(_need(words, "first", "pseudonyms.toml")),
        second_words=tuple(_need(words, "second", "pseudonyms.toml")),
        referrals=_checked("referrals.toml", files, read_referrals),
        approvals=_checked("approvals.toml", files, read_approvals),
        corrections=_checked("corrections.toml", files, read_corrections),
        channels=_checked("channels.toml", files, read_channels),
        on_call=_checked("parties.toml", files, read_on_call),
        task_pages=_checked(TASK_PAGES, files, read_task_pages),
        report=_checked(REPORT, files, read_report),
        help_examples=_checked(HELP, files, read_help_examples),
    )
    check_names(vocabulary, programme.matrix, programme.grants, programme.referrals)
    check_purposes("programme.toml: consent_months", vocabulary, programme.consent_months)
    return programme


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
