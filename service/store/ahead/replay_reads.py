"""Reads of the replay of a case and of its verification, asked together."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from service.store.casefile import cases, consents, facts, grants, parties
from service.store.installation import keys, ledger_entries, offices, people, releases
from service.store.lists import case_access
from service.store.work import incidents, letters, tasks

if TYPE_CHECKING:
    from service.store.at_hand import Read
    from service.store.transaction import Tx


def ask_of_replay(tx: Tx, case_id: str, process: str, more: Collection[Read]) -> None:
    """Ask in one round trip what the replay of a case reads, the case itself first.

    Not where its read log ends: that locks it, and a replay takes its time.

    Args:
        process: whose release in force gives elements their names, where no other does.
        more: what is read besides, such as of the reader.
    """
    of_case = {"case_id": case_id}
    tx.ahead(
        (cases.BY_ID.of(tx), {"id": case_id}),
        *more,
        (facts.OF_CASE, {**of_case, "after": facts.LOWEST}),
        (facts.PAYLOADS, {"case_ids": (case_id,)}),
        (keys.GET, {"owner": f"case:{case_id}"}),
        (offices.DIRECTORY, {}),
        (people.ROLES_OF_OFFICES, {}),
        (releases.LIVE, {"process": process}),
        *(
            (statement, of_case)
            for statement in (
                tasks.OF_ONE_CASE,
                incidents.OF_CASE,
                parties.OF_CASE,
                grants.OF_CASE,
                consents.OF_CASE,
                letters.OF_CASE,
            )
        ),
    )


def ask_of_verification(tx: Tx, case_id: str, more: Collection[Read]) -> None:
    """Ask in one round trip what the verification of a case reads.

    Args:
        more: what is read besides, such as whole rows.
    """
    of_case = {"case_id": case_id}
    tx.ahead(
        (cases.BY_ID.of(tx), {"id": case_id}),
        (facts.OF_CASE, {**of_case, "after": facts.LOWEST}),
        (facts.PAYLOADS, {"case_ids": (case_id,)}),
        ledger_entries.read_of_stream(f"case/{case_id}"),
        (keys.GET, {"owner": f"case:{case_id}"}),
        (offices.DIRECTORY, {}),
        *(
            (statement, of_case)
            for statement in (
                tasks.OF_ONE_CASE,
                incidents.OF_CASE,
                parties.OF_CASE,
                grants.OF_CASE,
                letters.OF_CASE,
                case_access.OF_CASE,
                case_access.STOPS,
            )
        ),
        *more,
    )
