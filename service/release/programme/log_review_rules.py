"""What stands out in the monthly log review, from `workflows/config/log_review.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta

from service.release.programme.typed_tables import WrongTable, plain_table, refuse_unknown, typed

FILE: Final = "log_review.toml"
Number = Annotated[int, Meta(ge=0, le=1000)]
Hour = Annotated[int, Meta(ge=0, le=24)]


@dataclass(frozen=True, slots=True)
class LogReviewRules:
    """Limits of the log review; all are assumed."""

    cases_a_day: Number = 25
    """Looks stand out where one person opened more cases than this in one day."""
    searches_a_day: Number = 10
    """Searches stand out where one person searched more often than this in one day without opening
    any case."""
    hours_from: Hour = 6
    """Hour at which looks begin to be within working hours, in the zone of the reader's office."""
    hours_to: Hour = 20
    """Hour from which looks are outside working hours again."""
    weekends: bool = False
    """Whether Saturdays and Sundays have working hours too."""
    sample: Number = 10
    """How many looks that do not stand out are drawn by lot and reviewed as well."""
    most: Annotated[int, Meta(ge=1, le=1000)] = 200
    """How many looks one review lists; what is left out is counted."""


def read_log_review(text: str) -> LogReviewRules:
    """Read `log_review.toml`; what it does not say is as `LogReviewRules` has it.

    Raises:
        WrongTable: it is no TOML, names what there is not, or a limit that is none.
    """
    table = plain_table(text)
    refuse_unknown(table, LogReviewRules)
    rules = typed(table, LogReviewRules)
    if rules.hours_from >= rules.hours_to:
        raise WrongTable("hours")
    return rules
