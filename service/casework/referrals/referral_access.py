"""Access to a referral: which viewers may open it, and which of them must give a reason first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.cases import case_visibility, grants
from service.casework.cases.case_visibility import CaseVisibility, needs_reason
from service.casework.cases.protection import is_protected
from service.casework.referrals import held
from service.errors import NotFound, ReasonNeeded
from service.records.context import Services
from service.store.at_hand import AtHand, Reader
from service.store.casefile import cases, notes, referrals
from service.store.casefile.referrals import BACK, LIVING, Referral
from service.store.transaction import Tx


def require_referral(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, referral_id: str
) -> None:
    """Require that a person may open a referral now, as `load_referral`."""
    load_referral(tx, services, by, now, referral_id)


@dataclass(frozen=True, slots=True)
class OpenedReferral:
    """A referral that somebody may open, with its case."""

    row: Referral
    case: cases.CaseSummary
    visibility: CaseVisibility
    """What she may see of the case itself."""
    at_hand: AtHand
    """What decided that, and who wrote the notes of the case."""
    held: bool
    """Whether its receiver must not open it now, because the person pauses."""


def load_referral(
    tx: Tx, services: Services, by: Viewer, now: datetime, referral_id: str
) -> OpenedReferral:
    """Load a referral that a person may open now, and what decides that.

    Raises:
        NotFound: there is none for her.   ReasonNeeded: she must say first why she opens the case.
    """
    row = referrals.get(tx, referral_id)
    if row is None:
        raise NotFound
    of_case, of_hold = {"case_id": row.case_id}, held.reads_of_hold(tx, row)
    case, at_hand = case_visibility.ask_case(
        tx, services, row.case_id, (notes.OF_CASE, of_case), *of_hold
    )
    visibility = _open_referral(at_hand, services, by, now, row, case)
    if of_hold and tx.locks:
        tx.keep_case(case.id)
    holds = held.is_held(at_hand, services, of_hold)
    return OpenedReferral(row, case, visibility, at_hand, holds)


def _open_referral(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    now: datetime,
    row: Referral,
    case: cases.CaseSummary,
) -> CaseVisibility:
    """Visibility of a case for the viewer of one of its referrals.

    Raises:
        NotFound: she has no part in the referral.
        ReasonNeeded: she must say first why she opens the case.
    """
    release = services.release(reader, case.release_id)
    configuration = services.configuration(release)
    visibility = CaseVisibility(
        viewer,
        configuration.matrix,
        grants.load_sight(reader, services, case, now),
        release,
        release.definitions[case.process],
        configuration.named_fields.duties.owner,
    )
    _require_sight(row, viewer, visibility)
    _require_explained(reader, row, visibility, case, now)
    return visibility


def _require_sight(row: Referral, viewer: Viewer, visibility: CaseVisibility) -> None:
    """Require that the viewer is of one of the two offices.

    What a step sent is seen by those who see the case; what went by hand by those who hold the role
    that it came from or to.
    """
    if viewer.office not in (row.from_office, row.to_office) or visibility.sight.bars(viewer):
        raise NotFound
    if row.element and not visibility.exists:
        raise NotFound
    role = row.to_role if viewer.office == row.to_office else row.from_role
    if not row.element and role not in viewer.lane_roles:
        raise NotFound


def _require_explained(
    reader: Reader,
    row: Referral,
    visibility: CaseVisibility,
    case: cases.CaseSummary,
    now: datetime,
) -> None:
    """Require a reason of who knows the case and for whom the referral does not wait.

    A referral that waits for her is a reason of its own, unless the identity is protected.
    """
    if not visibility.exists or not needs_reason(reader, visibility, case, now):
        return
    if is_protected(case.marking) or not _waits_for(row, visibility.viewer):
        raise ReasonNeeded(case=case.id)


def _waits_for(row: Referral, viewer: Viewer) -> bool:
    """Whether the viewer has to do something with a referral that went by hand."""
    if row.element:
        return False
    if row.to_office == viewer.office:
        return row.state in LIVING
    asked = row.state in LIVING and row.asked_at is not None
    return asked or (row.state in BACK and row.acknowledged_at is None)
