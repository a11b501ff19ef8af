"""A case that is open in a restored copy ends, with all that waits in it, as its records go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.casework.retention.erasing_again import erase_again
from service.errors import CannotOpen, NotErasable
from service.security.keyring import Keyring, with_next_epoch, without_epochs
from service.security.vault import Vault
from service.store.casefile import cases, erasing, retention_acts
from service.store.installation import keys
from service.store.work import incidents
from service.store.work.incidents import Incident
from tests.casework.referrals.conftest import ReferralSite
from tests.casework.referrals.conftest import site as site  # noqa: PLC0414 - a fixture
from tests.casework.referrals.test_lifecycle import (
    refer,
)
from tests.casework.referrals.test_lifecycle import (
    stepping as stepping,  # noqa: PLC0414 - a fixture
)
from tests.support import by_hand
from tests.support.directory import OFFICE
from tests.support.erasures import again, listed
from tests.support.world import SEED


def test_referrals_that_wait_are_revoked_with_their_deadlines(site: ReferralSite) -> None:
    id_ = site.send()
    assert again(site.desk, listed(site.desk, site.case))
    row, case = site.row(id_), site.desk.case(site.case)
    assert (row.state, row.ended_at) == ("revoked", site.desk.clock.now())
    assert (case.status, case.end) == ("ended", cases.ERASED)
    assert site.entries() == ["refer_sent", "refer_revoked"]
    assert site.desk.faults() == []


def test_a_referral_of_a_step_is_revoked_with_the_task_that_answers_it(
    stepping: ReferralSite,
) -> None:
    refer(stepping)
    by_hand_alone = stepping.desk.faults()
    assert again(stepping.desk, listed(stepping.desk, stepping.case))
    assert stepping.desk.tasks(stepping.case) == []
    assert stepping.entries()[-1] == "refer_revoked"
    assert stepping.desk.faults() == by_hand_alone


def test_an_incident_ends_with_its_case(site: ReferralSite) -> None:
    row = Incident("i1", site.case, "", "a", "engine", "", "x", site.desk.clock.now())
    with site.desk.database.transaction() as tx:
        incidents.add(tx, row)
        by_hand.entry(tx, f"case/{site.case}")
    assert again(site.desk, listed(site.desk, site.case))
    with site.desk.database.transaction(write=False) as tx:
        assert [one.closed_by for one in incidents.of_case(tx, site.case)] == [SEED.id]
    assert site.desk.faults() == []


def test_what_another_office_wrote_keeps_its_keys(stepping: ReferralSite) -> None:
    refer(stepping)
    by_hand_alone = stepping.desk.faults()
    with stepping.desk.database.transaction(write=False) as tx:
        before = {key.klass for key in keys.of_case(tx, stepping.case)}
    assert again(stepping.desk, listed(stepping.desk, stepping.case, "elsewhere"))
    with stepping.desk.database.transaction(write=False) as tx:
        left = keys.of_case(tx, stepping.case)
    assert {key.klass for key in left} == before - {""}
    assert {key.office_id for key in left} == {OFFICE}
    assert stepping.desk.faults() == by_hand_alone


def test_a_case_that_does_not_open_any_more_is_erased_all_the_same(
    site: ReferralSite, keyring: Keyring
) -> None:
    later = without_epochs(with_next_epoch(keyring), keyring.epoch + 1)
    services = replace(site.desk.program.services, vault=Vault(later))
    erasure = listed(site.desk, site.case)
    with site.desk.database.transaction() as tx:
        with pytest.raises(CannotOpen):
            services.case_keys(tx, site.case).require_own()
        assert erase_again(tx, services, erasure, by=SEED, now=site.desk.clock.now())
    with site.desk.database.transaction(write=False) as tx:
        assert keys.of_case(tx, site.case) == []
    (fault,) = site.desk.faults()
    assert "values of fact 1: I11" in fault, "what it committed to could not be read before"


def test_what_is_done_is_not_done_twice(site: ReferralSite) -> None:
    erasure = listed(site.desk, site.case)
    assert again(site.desk, erasure)
    assert not again(site.desk, erasure)
    with site.desk.database.transaction(write=False) as tx:
        (act,) = retention_acts.of_case(tx, site.case)
    assert (act.id, act.at.isoformat(), act.by) == (erasure.id, erasure.at, erasure.by)
    assert {*erasure.keys} < {*act.keys}


def test_a_column_that_no_erasure_knows_stops_it(
    site: ReferralSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {place: how for place, how in erasing.HOW.items() if place != ("note", "sealed")}
    monkeypatch.setattr(erasing, "HOW", known)
    with pytest.raises(NotErasable):
        again(site.desk, listed(site.desk, site.case))
    assert site.desk.case(site.case).status == "open"
