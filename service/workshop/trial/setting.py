"""Setting of a trial: offices, lists to choose from and currencies that its forms may read.

It can be written as JSON, so that the child process, which has no database, runs trials too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.binding import Declaration
from service.casework.casefile.form_context import (
    consent_wordings,
    information_wordings,
    load_form_context,
)
from service.forms import FormContext, Json
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.transaction import Tx
from service.workshop.trial.draft_trial import Context, DraftTrial

_SOME_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TrialSetting:
    """What the forms of a trial know, as values that JSON has."""

    lang: str
    zone: str
    directories: Mapping[str, Sequence[Sequence[str]]]
    common: Mapping[str, int]
    proposals: Mapping[str, Json]
    rates: Mapping[str, str]
    """What one unit of a currency is worth, as decimal text."""
    currency: str

    def as_json(self) -> dict[str, Any]:
        """The setting as JSON keeps it."""
        return asdict(self)

    def context(self, release: PreparedRelease) -> Context:
        """Give what every form of a draft knows at a moment."""
        base = FormContext(
            now=_SOME_DAY,
            zone=ZoneInfo(self.zone),
            lang=self.lang,
            consent_texts=consent_wordings(release, self.lang),
            information=information_wordings(release),
            directories={
                name: tuple((code, label) for code, label in rows)
                for name, rows in self.directories.items()
            },
            common=self.common,
            proposals=self.proposals,
            rates={code: Decimal(rate) for code, rate in self.rates.items()},
            currency=self.currency,
            forms=release.forms,
        )
        return lambda now: replace(base, now=now)


def load_setting(
    tx: Tx, services: Services, release: PreparedRelease, *, lang: str, zone: str
) -> TrialSetting:
    """Load what the forms of a draft know without a case."""
    viewer = Viewer("", "", frozenset(), lang, zone)
    base = load_form_context(tx, services, viewer, release, None, _SOME_DAY, answers=[])
    return TrialSetting(
        lang=lang,
        zone=zone,
        directories=dict(base.directories),
        common=dict(base.common),
        proposals=dict(base.proposals),
        rates={code: str(rate) for code, rate in base.rates.items()},
        currency=base.currency,
    )


def trial_of(
    release: PreparedRelease,
    setting: TrialSetting,
    topics: Mapping[str, Declaration],
    begins: datetime,
) -> DraftTrial:
    """A trial of a draft that begins at a moment; it asks no database for anything."""
    return DraftTrial(release, setting.context(release), begins, topics)
