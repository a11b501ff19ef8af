"""The second factor: whether a password alone still signs in.

It does not where the installation requires a second factor (`TRESTEG_SECOND_FACTOR`) and the grace
of an installation that is older than the rule is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from service.store.at_hand import Reader
from service.store.installation import installation_values
from service.store.transaction import Tx

REQUIRED: Final = "required"
OPTIONAL: Final = "optional"
GRACE: Final = timedelta(days=60)
"""How long passwords alone go on after the upgrade that brought the rule. Assumed."""
GRACE_ENDS: Final = "second_factor.grace_ends"
"""Setting of the installation: a moment, in ISO 8601; there is none in one that began with the
rule."""


def begin_grace(tx: Tx, now: datetime) -> None:
    """Let passwords alone go on for a while, in an installation that people sign in to already."""
    installation_values.put(tx, GRACE_ENDS, (now + GRACE).isoformat())


def grace_ends(reader: Reader) -> datetime | None:
    """When a password alone stops to be enough; None where it never was."""
    found = installation_values.get(reader, GRACE_ENDS)
    return datetime.fromisoformat(found) if found else None


def is_needed(reader: Reader, *, setting: str, now: datetime) -> bool:
    """Whether a password needs a second factor now.

    Args:
        setting: `Settings.second_factor`.
    """
    ends = grace_ends(reader)
    return setting == REQUIRED and (ends is None or ends <= now)
