"""What a person's pause holds of referrals by hand: those that rest on a consent.

They are not sent, and one that nobody of the receiver has opened is not opened. What is open stays
open, and what rests on no consent goes: a duty in law and an alarm wait for nobody's pause.
"""

from __future__ import annotations

from service.casework.cases.loaded_case import LoadedCase, load_case
from service.records.context import Services
from service.store.at_hand import Read, Reader
from service.store.casefile import cases
from service.store.casefile.referrals import Referral
from service.store.installation import keys
from service.store.transaction import Tx


def is_paused(services: Services, loaded: LoadedCase) -> bool:
    """Whether the person pauses, as the routing name says that `process.toml` names for it."""
    name = services.configuration(loaded.release).named_fields.paused
    return bool(name) and loaded.variables.get(name) is True


def reads_of_hold(tx: Tx, row: Referral) -> list[Read]:
    """What `is_held` reads: the case, if the referral is one that a pause can hold."""
    unopened = row.state == "sent" and not row.element
    if not (unopened and row.consents):
        return []
    return [cases.read_of_case(tx, row.case_id), keys.read_of_case(row.case_id)]


def is_held(reader: Reader, services: Services, reads: list[Read]) -> bool:
    """Whether a referral must not be opened now, because the person pauses.

    Args:
        reads: as `reads_of_hold` gave them.
    """
    rows = cases.of_read(reader, reads[0]) if reads else None
    if rows is None or services.case_keys(reader, rows.case.id).own is None:
        return False
    return is_paused(services, load_case(reader, services, rows))
