"""Configuration of a process: what steers its cases besides diagrams, forms and rules.

Its files belong to a release, and a case keeps to those of its own. A release from before a file
was part of releases uses the installation's, but for `PUBLISHED_ONLY`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from msgspec import Struct, structs
from msgspec import field as named

from service.access import ENDED, Matrix, read_matrix
from service.errors import BadSettings
from service.release.programme.appeal_roads import FILE as APPEALS
from service.release.programme.appeal_roads import AppealRoads, read_appeals
from service.release.programme.correction_rules import CorrectionRules, read_corrections
from service.release.programme.grant_rules import GrantRules, read_grants
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.ground_rules import SecrecyGrounds, read_grounds
from service.release.programme.named_fields import FILE as PROCESS
from service.release.programme.named_fields import NamedFields, read_named_fields
from service.release.programme.party_rules import PartyRule, read_parties
from service.release.programme.referral_rules import ReferralRules, read_referrals
from service.release.programme.reminder_rules import Reminders, read_reminders
from service.release.programme.retention_rules import FILE as RETENTION
from service.release.programme.retention_rules import RetentionPlan, read_retention
from service.release.programme.task_page_rules import FILE as TASK_PAGES
from service.release.programme.task_page_rules import TaskPageRule, read_task_pages
from service.release.programme.typed_tables import Words, plain_table, typed
from service.release.programme.vocabulary import Vocabulary

VISIBILITY: Final = "visibility.toml"
GRANTS: Final = "grants.toml"
PARTIES: Final = "parties.toml"
REMINDERS: Final = "reminders.toml"
REFERRALS: Final = "referrals.toml"
CORRECTIONS: Final = "corrections.toml"
Attributes: TypeAlias = Mapping[str, Any]
"""Attributes of `ProcessConfiguration` by name."""


@dataclass(frozen=True, slots=True)
class ProcessConfiguration:
    """Configuration of a process: who sees what, when a case opens to an office, who gets a role,
    when it reminds, and the roles and fields that pages rely on.
    """

    vocabulary: Vocabulary
    named_fields: NamedFields
    matrix: Matrix
    grants: GrantRules
    parties: tuple[PartyRule, ...]
    reminders: Reminders
    consent_months: Mapping[str, int] = field(default_factory=dict)
    money_kinds: Mapping[str, Words] = field(default_factory=dict)
    """Kinds of money that forms declare: name by language."""
    office_names: tuple[str, ...] = ()
    """Purposes for which the process needs an office of the installation, such as `approver`."""
    referrals: ReferralRules = field(default=ReferralRules())
    corrections: CorrectionRules = field(default=CorrectionRules())
    task_pages: Mapping[str, TaskPageRule] = field(default_factory=dict)
    """Form to what its task's page shows next to it."""
    grounds: SecrecyGrounds = field(default=SecrecyGrounds())
    appeals: AppealRoads = field(default=AppealRoads())
    retention: RetentionPlan = field(default=RetentionPlan())
    """How long records are kept; empty for a release that has no plan. That of the release in force
    counts for every case: nothing is erased by a rule that has ended."""

    def stage_of_sight(self, status: str, stage: str) -> str:
        """The stage of a case as the matrix and grants know it: the first when it has reached none,
        and one of its own when it has ended.
        """
        return ENDED if status == "ended" else stage or self.vocabulary.first_stage


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """Stages and roles of a release, against which its configuration files are read."""

    stages: Sequence[str]
    roles: Collection[str]
    """Ids of `roles.toml`."""


def read_process_file(name: str, text: str, context: ReadingContext) -> Attributes:
    """Read one file of the configuration of a process.

    Args:
        name: one of `PROCESS_FILES`.
    Raises:
        BadSettings: it is no TOML, lacks something, or names what there is not; the sentence says
            which file and what.
    """
    try:
        return _READERS[name](text, context)
    except (ValueError, KeyError, AttributeError, TypeError) as e:
        lacks = f"lacks {e}" if isinstance(e, KeyError) else str(e).removeprefix(f"{name}: ")
        raise BadSettings(f"{name}: {lacks}") from e


class _Process(Struct):
    consent_months: Mapping[str, int] = {}
    money_kinds: Mapping[str, Words] = {}
    office_names: tuple[str, ...] = named(name="offices", default=())


def _process(text: str, context: ReadingContext) -> Attributes:
    own = plain_table(text)
    fields = read_named_fields(own, context.roles)
    return {"named_fields": fields, **structs.asdict(typed(own, _Process))}


_READERS: Final[Mapping[str, Callable[[str, ReadingContext], Attributes]]] = {
    PROCESS: _process,
    VISIBILITY: lambda text, at: {"matrix": read_matrix(text, at.stages)},
    GRANTS: lambda text, at: {"grants": read_grants(text, at.stages)},
    PARTIES: lambda text, _: {"parties": read_parties(text)},
    REMINDERS: lambda text, _: {"reminders": read_reminders(plain_table(text))},
    REFERRALS: lambda text, _: {"referrals": read_referrals(text)},
    CORRECTIONS: lambda text, _: {"corrections": read_corrections(text)},
    TASK_PAGES: lambda text, _: {"task_pages": read_task_pages(text)},
    GROUNDS: lambda text, _: {"grounds": read_grounds(text)},
    APPEALS: lambda text, _: {"appeals": read_appeals(text)},
    RETENTION: lambda text, _: {"retention": read_retention(text)},
}
PROCESS_FILES: Final = tuple(_READERS)
"""Files of the configuration of a process, besides `roles.toml`, `types.toml` and
`vocabulary.toml`."""
PUBLISHED_ONLY: Final = frozenset({RETENTION})
"""Those that count only in a release, never as they lie in the folder: nobody else than two people
who publish decides what is erased."""
