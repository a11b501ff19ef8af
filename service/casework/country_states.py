"""State of each country: whether journeys there are open, restricted or suspended.

The installation's file `countries.toml` is where it begins; a change is kept in the database, and
its ledger entry says who changed it, from what to what.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from service.errors import UnusableWord
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry
from service.store.at_hand import Read, Reader
from service.store.installation import installation_values
from service.store.transaction import Tx

SETTING: Final = "country.state."
"""Beginning of the names of the settings that hold them, before the code of the country."""
STATES: Final = ("OPEN", "RESTRICTED", "SUSPENDED")
LONGEST: Final = 500
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class CountryState:
    """The state of a country, why, and since when (a date as ISO 8601 writes it)."""

    status: str
    reason: str = ""
    since: str = ""


def read_of_states() -> Read:
    """What `country_states` reads."""
    return installation_values.read_of_beginning(SETTING)


def country_states(reader: Reader, services: Services) -> Mapping[str, CountryState]:
    """Country to its state now; a country that is not here is unknown."""
    filed = {code: CountryState(status) for code, status in services.programme.countries.items()}
    rows = installation_values.beginning_with(reader, SETTING)
    changed = {name.removeprefix(SETTING): json.loads(text) for name, text in rows.items()}
    return filed | {code: CountryState(**state) for code, state in changed.items()}


def set_country_state(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    country: str,
    status: str,
    reason: str,
) -> CountryState:
    """Change the state of a country; returns what it was.

    Raises:
        UnusableWord: no such country or state, no reason, or one that is too long.
    """
    known = {code for code, _ in services.directories["en"]["countries"]}
    if country not in known:
        raise UnusableWord(f"there is no country {country}; write its two letters, such as BG")
    if status not in STATES:
        raise UnusableWord(f"there is no state {status}; there are {', '.join(STATES)}")
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST:
        raise UnusableWord(f"say why, in 1 to {LONGEST} characters")
    was = country_states(tx, services).get(country, CountryState("UNKNOWN"))
    state = CountryState(status, reason, now.date().isoformat())
    value = json.dumps(asdict(state), ensure_ascii=False)
    installation_values.put(tx, SETTING + country, value)
    body = {"country": country, "from": was.status, "to": status}
    append_entry(tx, "system", "country_state", by=by, now=now, body=body)
    return was
