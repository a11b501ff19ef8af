"""Referrals are checked against deadlines, ledger entries and the answers that were sent."""

from __future__ import annotations

from service.audit.checks.referral_checks import check_referrals
from service.casework.history.chain_checks import load_stream
from service.store.casefile import referrals
from service.store.transaction import Tx
from service.store.work import jobs
from tests.casework.referrals.conftest import ReferralSite
from tests.casework.referrals.conftest import site as site  # noqa: PLC0414 - pytest finds it by name


def places(tx: Tx, site: ReferralSite) -> list[str]:
    stream = load_stream(tx, f"case/{site.case}")
    services = site.desk.program.services
    return [one.invariant for one in check_referrals(tx, services, site.case, stream)]


def test_a_sent_referral_is_whole(site: ReferralSite) -> None:
    site.send()
    with site.desk.database.transaction(write=False) as tx:
        assert places(tx, site) == []


def test_a_waiting_referral_without_its_deadline_is_named(site: ReferralSite) -> None:
    row = site.row(site.send())
    with site.desk.database.transaction() as tx:
        jobs.disarm(tx, row.job)
        assert places(tx, site) == ["I4"]


def test_a_state_that_no_entry_tells_of_is_named(site: ReferralSite) -> None:
    row = site.row(site.send())
    with site.desk.database.transaction() as tx:
        referrals.settle(tx, row, state="opened")
        assert places(tx, site) == ["I10"]
