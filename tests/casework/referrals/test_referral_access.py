"""Who may open a referral, and who says first why she does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.access import Viewer
from service.casework.referrals import referral_answers
from service.casework.referrals.referral_access import require_referral
from service.casework.referrals.referral_page import load_referral_page
from service.errors import NotFound, ReasonNeeded
from service.store.casefile import cases, referrals
from tests.casework.referrals.conftest import RECEIVER, ReferralSite
from tests.support import by_hand
from tests.support.directory import ROLE


def test_a_referral_is_opened_by_the_roles_it_came_from_and_to(site: ReferralSite) -> None:
    id_, now = site.send(), site.desk.clock.now()
    services = site.desk.program.services
    for viewer in (site.sender, site.receiver):
        with site.desk.database.transaction(write=False) as tx:
            require_referral(tx, services, by=viewer, now=now, referral_id=id_)
            other = replace(viewer, roles=frozenset({"Another"}))
            with pytest.raises(NotFound):
                require_referral(tx, services, by=other, now=now, referral_id=id_)
            with pytest.raises(NotFound):
                require_referral(tx, services, by=viewer, now=now, referral_id="none")


def opens(site: ReferralSite, viewer: Viewer, id_: str) -> bool:
    """Whether she opens a referral without saying why."""
    services, now = site.desk.program.services, site.desk.clock.now()
    with site.desk.database.transaction(write=False) as tx:
        try:
            require_referral(tx, services, by=viewer, now=now, referral_id=id_)
        except ReasonNeeded:
            return False
    return True


def test_who_sent_it_needs_no_reason_while_something_waits_for_her(site: ReferralSite) -> None:
    id_, services, now = site.send(), site.desk.program.services, site.desk.clock.now()
    site.open_case("G1", site.sender.office, ROLE)
    stina = site.desk.viewer("stina")
    got: dict[str, Any] = {"by": site.receiver, "now": now, "referral_id": id_}
    sent = {**got, "by": site.sender}
    assert opens(site, site.sender, id_), "she handles the case"
    assert not opens(site, stina, id_)
    site.do(lambda tx: referral_answers.ask(tx, services, **got, text="Since when?"))
    assert opens(site, stina, id_), "a question waits"
    site.do(lambda tx: referral_answers.reply(tx, services, **sent, text="Since May"))
    assert not opens(site, stina, id_)
    site.do(lambda tx: referral_answers.refuse(tx, services, **got, reason="FULL", text=""))
    assert opens(site, stina, id_), "it came back"
    site.do(lambda tx: referral_answers.acknowledge(tx, services, **sent))
    assert not opens(site, stina, id_)


def test_who_got_it_needs_no_reason_while_it_lives(site: ReferralSite) -> None:
    id_, services, now = site.send(), site.desk.program.services, site.desk.clock.now()
    site.open_case("G4", RECEIVER, "ChildServices")
    assert opens(site, site.receiver, id_)
    site.do(
        lambda tx: referral_answers.accept(tx, services, by=site.receiver, now=now, referral_id=id_)
    )
    assert opens(site, site.receiver, id_)
    site.do(
        lambda tx: referral_answers.done(tx, services, by=site.receiver, now=now, referral_id=id_)
    )
    assert not opens(site, site.receiver, id_)


def test_what_a_step_sent_is_opened_by_those_who_see_the_case(site: ReferralSite) -> None:
    row, services, now = site.row(site.send()), site.desk.program.services, site.desk.clock.now()
    site.open_case("G1", site.sender.office, ROLE)
    with site.desk.database.transaction() as tx:
        referrals.add(tx, replace(row, id="by-step", element="Task_SubmitReferral", from_role=""))
        by_hand.entry(tx, f"case/{site.case}")
    assert opens(site, site.sender, "by-step")
    assert not opens(site, site.desk.viewer("stina"), "by-step"), "the step is no reason"
    with site.desk.database.transaction(write=False) as tx, pytest.raises(NotFound):
        require_referral(tx, services, by=site.receiver, now=now, referral_id="by-step")


def test_a_protected_identity_asks_everybody_who_knows_the_case(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    with site.desk.database.transaction() as tx:
        cases.set_marking(tx, site.case, site.desk.case(site.case).rev, "SEKRETESSMARKERING")
        with pytest.raises(ReasonNeeded):
            require_referral(tx, services, by=site.sender, now=now, referral_id=id_)
        require_referral(tx, services, by=site.receiver, now=now, referral_id=id_)
        page = load_referral_page(tx, services, site.receiver, now, id_)
    assert page.packet == (), "she is not named yet"
    assert page.fewer > 0
    site.do(
        lambda tx: referral_answers.accept(tx, services, by=site.receiver, now=now, referral_id=id_)
    )
    with site.desk.database.transaction(write=False) as tx:
        page = load_referral_page(tx, services, site.receiver, now, id_)
    assert page.fewer < len(site.row(id_).fields)
    assert page.packet != ()
