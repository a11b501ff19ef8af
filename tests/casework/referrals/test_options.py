"""What is not chosen yet is empty, and the fields are None until a packet was proposed."""

from __future__ import annotations

from service.casework.referrals import compose
from service.casework.referrals.referral_options import ReferralChoice
from tests.casework.referrals.conftest import RECEIVER, ReferralSite


def test_without_chosen_fields_the_proposed_ones_are_ticked(site: ReferralSite) -> None:
    with site.desk.database.transaction(write=False) as tx:
        at = site.view(tx)
        proposed = compose.compose(at, ReferralChoice(RECEIVER, "CHILD"))
        chosen = compose.compose(at, ReferralChoice(RECEIVER, "CHILD", frozenset({"contact"})))
    assert (ReferralChoice().fields, proposed.ticked) == (None, frozenset())
    assert chosen.ticked == {"contact"}
