"""Consents of a case: one object a purpose, kept beside the case.

Live = given, not taken back, not past its end.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta

from service.actions.context import Services
from service.actions.ids import ulid
from service.security.vault import OwnerKey
from service.store.casefile import consents
from service.store.transaction import Tx

PLAIN = ("givenBy", "how", "givenOn", "validTo")
"""What lies open of a consent; the rest of what was said is sealed."""


def live(tx: Tx, case_id: str, now: datetime) -> dict[str, str]:
    """Purposes whose consent is live, with who gave it (SELF, GUARDIAN, BOTH)."""
    return {
        row.purpose: row.given_by for row in consents.of_case(tx, case_id) if row.live(now.date())
    }


def give(
    tx: Tx,
    services: Services,
    *,
    by: str,
    now: datetime,
    key: OwnerKey,
    case_id: str,
    given: Mapping[str, Mapping[str, Any]],
    rev: int,
) -> None:
    """Keep consents that a form brought, by purpose.

    A new one takes the place of an older one of the same purpose; both stay in history.
    """
    rows = []
    for purpose, said in sorted(given.items()):
        id_ = ulid(now)
        given_on = date.fromisoformat(str(said["givenOn"])) if said.get("givenOn") else now.date()
        months = services.programme.consent_months.get(purpose, 0)
        ends = (
            date.fromisoformat(str(said["validTo"]))
            if said.get("validTo")
            else given_on + relativedelta(months=months)
            if months
            else None
        )
        detail = json.dumps(
            {k: v for k, v in said.items() if k not in PLAIN}, ensure_ascii=False, sort_keys=True
        ).encode()
        rows.append(
            consents.Consent(
                id=id_,
                case_id=case_id,
                purpose=purpose,
                given_by=str(said.get("givenBy", "SELF")),
                how=str(said.get("how", "WRITTEN")),
                given_on=given_on,
                valid_to=ends,
                detail=key.seal(
                    "consents", detail, table="consent", column="detail", row=id_, extra=purpose
                ),
                rev_given=rev,
                by=by,
                at=now,
            )
        )
    consents.add(tx, *rows)


def withdraw(tx: Tx, case_id: str, purposes: Collection[str], *, on: date, rev: int) -> None:
    """Take consents back; what rests on them counts no more from this moment.

    What was said about it lies in the answers of the same fact.
    """
    consents.withdraw(tx, case_id, purposes, on=on, rev=rev, withdrawal=None)
