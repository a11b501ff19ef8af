"""Lists of referrals: what waits in an inbox, what an office sent or got."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from service.access import Viewer
from service.casework.referrals import referral_answers, referral_lists
from service.store.at_hand import AtHand
from service.store.installation import offices
from service.store.keyset import PageRequest
from service.text import say
from tests.casework.referrals.conftest import ReferralSite


def waiting(site: ReferralSite, viewer: Viewer) -> list[tuple[str, str]]:
    with site.desk.database.transaction(write=False) as tx:
        rows = referral_lists.waiting_referrals(tx, site.desk.program.services, viewer)
    return [(row.id, row.kind) for row in rows]


def test_a_new_referral_waits_for_its_receiver_alone(site: ReferralSite) -> None:
    id_ = site.send()
    assert (waiting(site, site.receiver), waiting(site, site.sender)) == ([(id_, "new")], [])
    colleague = Viewer("p_rolf", site.receiver.office, frozenset({"ReferringPartner"}))
    assert waiting(site, colleague) == [], "another role of the office"


def loaded(site: ReferralSite, viewer: Viewer) -> tuple[AtHand, set[str]]:
    """What an inbox reads of the referrals that wait, in its batches, and their releases."""
    with site.desk.database.transaction(write=False) as tx:
        at_hand = tx.read(*referral_lists.reads_of_waiting(viewer), (offices.DIRECTORY, {}))
        found = referral_lists.reads_of_their_cases(at_hand, viewer)
        if found:
            at_hand.take(tx.read(*found))
        return at_hand, referral_lists.their_releases(at_hand, viewer)


def test_an_inbox_reads_beforehand_all_that_it_shows(site: ReferralSite) -> None:
    id_, services = site.send(), site.desk.program.services
    release = site.desk.case(site.case).release_id
    for viewer, ids, releases in (
        (site.receiver, [id_], {release}),
        (site.sender, [], set[str]()),
    ):
        at_hand, known = loaded(site, viewer)
        shown = referral_lists.waiting_referrals(at_hand, services, viewer)
        assert ([row.id for row in shown], known) == (ids, releases)


def test_a_question_waits_for_the_sender_with_the_deadline(site: ReferralSite) -> None:
    id_, services, now = site.send(), site.desk.program.services, site.desk.clock.now()
    about: dict[str, Any] = {"by": site.receiver, "now": now, "referral_id": id_}
    site.do(lambda tx: referral_answers.ask(tx, services, **about, text="Since when?"))
    with site.desk.database.transaction(write=False) as tx:
        (row,) = referral_lists.waiting_referrals(tx, services, site.sender)
    assert (row.id, row.kind, row.due) == (id_, "asked", site.row(id_).due)
    assert row.text == say("referral.box_asked", site.sender.lang, office="Barn", reason="")


def test_what_comes_back_waits_until_it_is_acknowledged(site: ReferralSite) -> None:
    id_, services = site.send(), site.desk.program.services
    row = site.row(id_)
    assert row.due is not None
    due = row.due
    site.do(lambda tx: referral_answers.lapse(tx, services, due, job_key=row.job))
    assert (waiting(site, site.receiver), waiting(site, site.sender)) == ([], [(id_, "lapsed")])
    site.do(
        lambda tx: referral_answers.acknowledge(
            tx, services, by=site.sender, now=due, referral_id=id_
        )
    )
    assert waiting(site, site.sender) == []


def test_a_list_is_of_one_office_by_direction_and_state(site: ReferralSite) -> None:
    id_, services = site.send(), site.desk.program.services

    def listed(viewer: Viewer, box: str = "", state: str = "") -> list[str]:
        with site.desk.database.transaction(write=False) as tx:
            page = referral_lists.list_referrals(
                tx, services, viewer, PageRequest(""), box=box, state=state, limit=5
            )
        return [row.id for row in page.rows]

    def due() -> datetime | None:
        with site.desk.database.transaction(write=False) as tx:
            (row,) = referral_lists.list_referrals(
                tx, services, site.sender, PageRequest(""), limit=5
            ).rows
        return row.due

    assert listed(site.sender, "sent") == listed(site.receiver, "got") == [id_]
    assert listed(site.sender, "got") == listed(site.receiver, "sent") == []
    assert listed(site.sender, state="sent") == [id_]
    assert listed(site.sender, state="done") == []
    assert due() == site.row(id_).due is not None
    about: dict[str, Any] = {"by": site.receiver, "now": site.desk.clock.now(), "referral_id": id_}
    site.do(lambda tx: referral_answers.accept(tx, services, **about))
    assert due() is None, "what was accepted has no deadline"


def test_a_receiver_is_led_from_the_case_to_its_referral(site: ReferralSite) -> None:
    id_, services, now = site.send(), site.desk.program.services, site.desk.clock.now()
    with site.desk.database.transaction(write=False) as tx:
        about = (tx, services)
        assert referral_lists.in_case(tx, site.receiver, site.case) == id_
        assert referral_lists.in_case(tx, site.sender, site.case) == ""
        assert referral_lists.instead_of_case(*about, site.receiver, site.case, now) == id_
        assert referral_lists.instead_of_case(*about, site.sender, site.case, now) == ""
        assert referral_lists.instead_of_case(*about, site.receiver, "none", now) == ""
