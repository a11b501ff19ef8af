"""Lists of referrals: those in an inbox, those of an office, and those of a case for a viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.access import Resource, Viewer, can_see
from service.casework.cases import grants
from service.casework.referrals.referral_texts import purpose_text, refusal_text, state_text
from service.records.context import Services
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import cases, referrals
from service.store.casefile.referrals import BACK, WAITING, Referral
from service.store.installation import offices
from service.store.keyset import ListPage, PageRequest
from service.store.transaction import Tx
from service.text import say


@dataclass(frozen=True, slots=True)
class WaitingReferral:
    """A referral in the inbox."""

    id: str
    ref: str
    kind: str
    """new, refused, lapsed or asked."""
    text: str
    due: datetime | None


@dataclass(frozen=True, slots=True)
class ReferralListRow:
    """A referral of a list: process facts alone."""

    id: str
    ref: str
    sent_by: str
    sent_to: str
    purpose: str
    state: str
    text: str
    sent: datetime | None
    due: datetime | None


def waiting_referrals(
    reader: Reader, services: Services, viewer: Viewer
) -> tuple[WaitingReferral, ...]:
    """List the referrals that wait for the viewer.

    New ones for her role, and those that her role sent and that came back or about which
    something is asked.
    """
    new, back = _waiting(reader, viewer)
    if not new and not back:
        return ()
    summaries = cases.of_ids(reader, sorted({row.case_id for row in (*new, *back)}))
    known, places = {case.id: case for case in summaries}, offices.names(reader)
    return (
        *(_new(reader, services, row, known[row.case_id], places, viewer.lang) for row in new),
        *(_back(reader, services, row, known[row.case_id], places, viewer.lang) for row in back),
    )


def reads_of_waiting(viewer: Viewer) -> list[Read]:
    """What `waiting_referrals` reads first; of their cases `reads_of_their_cases` is next."""
    roles = viewer.lane_roles
    return [
        referrals.read_of_waiting(viewer.office, roles),
        referrals.read_of_back(viewer.office, roles),
    ]


def reads_of_their_cases(at_hand: AtHand, viewer: Viewer) -> list[Read]:
    """What `waiting_referrals` reads of the cases of the referrals that wait; their releases
    (`their_releases`) are to be ready then.
    """
    ids = _their_cases(at_hand, viewer)
    return [cases.read_of_ids(ids)] if ids else []


def their_releases(at_hand: AtHand, viewer: Viewer) -> set[str]:
    """The releases of these cases."""
    ids = _their_cases(at_hand, viewer)
    return {case.release_id for case in cases.of_ids(at_hand, ids)} if ids else set()


def _their_cases(at_hand: AtHand, viewer: Viewer) -> set[str]:
    new, back = _waiting(at_hand, viewer)
    return {row.case_id for row in (*new, *back)}


def _waiting(reader: Reader, viewer: Viewer) -> tuple[list[Referral], list[Referral]]:
    """Referrals that wait for the viewer: new ones, and those that came back; none of a case that
    does not exist for her.
    """
    new = referrals.to_office(reader, viewer.office, roles=viewer.lane_roles)
    back = referrals.back_to(reader, viewer.office, roles=viewer.lane_roles)
    known = ([row for row in rows if row.case_id not in viewer.barred] for rows in (new, back))
    return next(known), next(known)


def _new(
    reader: Reader,
    services: Services,
    row: Referral,
    case: cases.CaseSummary,
    places: Mapping[str, str],
    lang: str,
) -> WaitingReferral:
    release = services.release(reader, case.release_id)
    office = places.get(row.from_office, "")
    purpose = purpose_text(services, release, row, lang)
    text = say("referral.box_new", lang, office=office, purpose=purpose)
    return WaitingReferral(row.id, case.ref, "new", text, row.due)


def _back(
    reader: Reader,
    services: Services,
    row: Referral,
    case: cases.CaseSummary,
    places: Mapping[str, str],
    lang: str,
) -> WaitingReferral:
    kind = row.state if row.state in BACK else "asked"
    reason = refusal_text(services.release(reader, case.release_id), services, row, lang)
    office = places.get(row.to_office, "")
    text = say(f"referral.box_{kind}", lang, office=office, reason=reason)
    return WaitingReferral(row.id, case.ref, kind, text, row.due if kind == "asked" else None)


def list_referrals(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    step: PageRequest,
    *,
    box: str = "",
    state: str = "",
    limit: int,
) -> ListPage[ReferralListRow]:
    """Load a page of the referrals by hand of the viewer's office, the newest first.

    Args:
        box: `sent` or `got` in one of the viewer's roles, or "" for both.
        state: "" for all.
    """
    page = referrals.of_office(
        reader,
        viewer.office,
        step,
        roles=viewer.lane_roles,
        box=box,
        state=state,
        limit=limit,
        barred=viewer.barred,
    )
    summaries = (
        cases.of_ids(reader, sorted({row.case_id for row in page.rows})) if page.rows else []
    )
    erased = (cases.PATH, cases.PATH_ERASED)
    known = {case.id: case for case in summaries if case.kind not in erased}
    places = offices.names(reader)
    rows = [
        ReferralListRow(
            id=row.id,
            ref=known[row.case_id].ref,
            sent_by=places.get(row.from_office, ""),
            sent_to=places.get(row.to_office, ""),
            purpose=purpose_text(
                services, services.release(reader, known[row.case_id].release_id), row, viewer.lang
            ),
            state=row.state,
            text=state_text(row, places, viewer),
            sent=row.sent_at,
            due=row.due if row.state in WAITING else None,
        )
        for row in page.rows
        if row.case_id in known
    ]
    return ListPage(tuple(rows), page.previous, page.next)


def in_case(reader: Reader, viewer: Viewer, case_id: str) -> str:
    """Find the referral of a case that waits for the viewer; empty when none does."""
    new, back = _waiting(reader, viewer)
    return next((row.id for row in (*new, *back) if row.case_id == case_id), "")


def instead_of_case(tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime) -> str:
    """Find the newest referral of a case that came to the viewer's role.

    Empty when there is none, and when she may see the case itself.
    """
    case = cases.get(tx, case_id)
    if case is None or case_id in viewer.barred:
        return ""
    sight = grants.load_sight(tx, services, case, now)
    if can_see(services.configuration_of(tx, case.release_id).matrix, viewer, sight, Resource()).ok:
        return ""
    by_hand = (row for row in reversed(referrals.of_case(tx, case_id)) if not row.element)
    own = (row for row in by_hand if row.to_office == viewer.office)
    return next((row.id for row in own if row.to_role in viewer.lane_roles), "")
