"""The page of a referral: its two offices see it, each with its own acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.access import Viewer
from service.casework.referrals import referral_answers, referral_page
from service.casework.referrals.referral_page import ReferralPage
from service.errors import NotFound
from service.store.casefile import referrals
from service.text import say
from tests.casework.referrals.conftest import ReferralSite
from tests.support.world import NOON


def page(site: ReferralSite, viewer: Viewer, id_: str) -> ReferralPage:
    services, now = site.desk.program.services, site.desk.clock.now()
    with site.desk.database.transaction(write=False) as tx:
        return referral_page.load_referral_page(tx, services, viewer, now, id_)


def test_each_office_has_its_own_acts(site: ReferralSite) -> None:
    id_ = site.send()
    got, sent = page(site, site.receiver, id_), page(site, site.sender, id_)
    assert (got.acts, got.receipt) == (frozenset({"accept", "ask", "refuse"}), True)
    assert (sent.acts, sent.receipt) == (frozenset({"revoke", "reply"}), False)
    assert [text for _, text in got.packet] == [text for _, text in sent.packet] != []
    assert (got.knows, sent.knows) == (False, True)
    assert [shown.sender for shown in (got, sent)] == ["Sara, Social"] * 2
    assert (got.office, got.to) == ("Social", "Barn")


def row_lives(marks: dict[str, Any]) -> bool:
    return marks["state"] in referrals.LIVING


REVOKE, NOTE = {"revoke", "reply"}, {"acknowledge"}


@pytest.mark.parametrize(
    ("marks", "of_receiver", "of_sender"),
    [
        ({"state": "opened"}, {"accept", "ask", "refuse"}, REVOKE),
        ({"state": "opened", "consents": ["REFER"]}, {"refuse"}, REVOKE),
        ({"state": "accepted"}, {"done", "ask"}, REVOKE),
        ({"state": "accepted", "consents": ["REFER"]}, {"done"}, REVOKE),
        ({"state": "refused"}, set(), NOTE),
        ({"state": "lapsed"}, set(), NOTE),
        ({"state": "lapsed", "acknowledged_at": NOON}, set(), set()),
        ({"state": "revoked"}, set(), set()),
        ({"state": "done"}, set(), set()),
        ({"element": "Task_SubmitReferral"}, set(), set()),
    ],
)
def test_the_acts_follow_the_state_and_whether_its_consents_are_live(
    site: ReferralSite, marks: dict[str, Any], of_receiver: set[str], of_sender: set[str]
) -> None:
    row = site.row(site.send())
    with site.desk.database.transaction() as tx:
        referrals.add(tx, replace(row, id="other", **marks))
    sent = page(site, site.sender, "other")
    assert sent.acts == of_sender
    if "element" not in marks:
        got = page(site, site.receiver, "other")
        assert got.acts == of_receiver
        why = "" if got.lives else "gone_consent" if row_lives(marks) else "gone_over"
        assert got.gone == (say(f"referral.{why}", site.receiver.lang) if why else "")


def test_the_first_read_of_the_receiver_is_the_receipt(site: ReferralSite) -> None:
    id_, now = site.send(), site.desk.clock.now()

    def look(viewer: Viewer) -> str:
        shown = page(site, viewer, id_)
        site.do(lambda tx: referral_page.record_look(tx, by=viewer, now=now, found=shown))
        return site.row(id_).state

    assert (look(site.sender), look(site.receiver)) == ("sent", "opened")
    assert not page(site, site.receiver, id_).receipt


def test_a_revoked_packet_is_gone_for_its_receiver(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    site.do(
        lambda tx: referral_answers.revoke(tx, services, by=site.sender, now=now, referral_id=id_)
    )
    got, sent = page(site, site.receiver, id_), page(site, site.sender, id_)
    assert (len(got.packet), bool(got.gone), len(got.acts)) == (0, True, 0)
    assert (len(sent.packet), sent.gone) == (1, "")


@pytest.mark.parametrize("office", ["nowhere", "barn"])
def test_nobody_else_finds_it(site: ReferralSite, office: str) -> None:
    id_ = site.send()
    with pytest.raises(NotFound):
        page(site, Viewer("p_rolf", office, frozenset({"ReferringPartner"})), id_)
    with pytest.raises(NotFound):
        page(site, site.receiver, "none")
