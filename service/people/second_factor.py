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


def grace_ends(reader: Reader, *, setting: str, now: datetime) -> datetime | None:
    """Until when a password alone is enough; None where that has no end, or it is not.

    Args:
        setting: `Settings.second_factor`.
    """
    found = installation_values.get(reader, GRACE_ENDS) if setting == REQUIRED else ""
    ends = datetime.fromisoformat(found) if found else now
    return ends if ends > now else None


def is_needed(reader: Reader, *, setting: str, now: datetime) -> bool:
    """Whether a password needs a second factor now.

    Args:
        setting: `Settings.second_factor`.
    """
    return setting == REQUIRED and grace_ends(reader, setting=setting, now=now) is None
