"""The commands of a sent referral: each makes its one change, and comes too late only once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from service.access import Viewer
from service.casework.casefile import notes
from service.casework.cases import consents
from service.casework.referrals import referral_answers
from service.casework.referrals.referral_options import ReferralChoice
from service.errors import ConsentMissing, InvalidAnswers, NotDue, NotFound, Stale
from tests.casework.referrals.conftest import ReferralSite
from tests.support import by_hand, small
from tests.support.by_hand import entry
from tests.support.directory import ROLE, Directory, OfficePlan, PersonPlan, add_directory
from tests.support.world import SEED

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PARTNERS = Directory(
    (OfficePlan("partner", "Partner", "SOCIALTJANST"),), (PersonPlan("paul", "partner", (ROLE,)),)
)


def perform(site: ReferralSite, command: Any, by: Viewer) -> None:
    services, now = site.desk.program.services, site.desk.clock.now()
    site.do(lambda tx: command(tx, services, by, now))


def lapse(site: ReferralSite, job_key: str) -> None:
    command, services = partial(referral_answers.lapse, job_key=job_key), site.desk.program.services
    site.do(lambda tx: command(tx, services, site.desk.clock.now()))


def news(site: ReferralSite) -> list[str]:
    """The offices that were written to because a referral has news."""
    return [one.office_id for one in site.desk.letters(site.case) if one.template == "news"]


def said(site: ReferralSite, id_: str, viewer: Viewer) -> list[str]:
    """The notes about a referral that an office reads."""
    with site.desk.database.transaction(write=False) as tx:
        found = notes.read(tx, site.desk.program.services, viewer, site.case, about=id_, closed=())
    return [note.text for note in found]


def test_the_receiver_accepts_and_the_sender_hears(site: ReferralSite) -> None:
    id_ = site.send()
    perform(site, partial(referral_answers.accept, referral_id=id_), site.receiver)
    assert (site.row(id_).state, site.deadlines()) == ("accepted", [])
    assert news(site) == [site.sender.office]
    with pytest.raises(Stale):
        perform(site, partial(referral_answers.accept, referral_id=id_), site.receiver)


def test_a_withdrawn_consent_stops_an_acceptance(site: ReferralSite) -> None:
    services, now = site.desk.program.services, site.desk.clock.now()
    partner = Viewer("p_paul", "partner", frozenset({ROLE}))
    site.desk.publish(small.one(small.person("a", "ask") + small.person("b"), "s>a a>b b>e"))
    site.case = site.desk.start().case_id
    site.desk.do(site.case, "a", {"answer": ["YES"]})
    with site.desk.database.transaction() as tx:
        add_directory(tx, services, PARTNERS, by=SEED, now=now)
        key = services.key(tx, f"case:{site.case}")
        assert key is not None
        about: dict[str, Any] = {"case_id": site.case, "key": key, "by": "p_sara", "now": now}
        consents.give(tx, services.programme.configuration, given={"REFER": {}}, rev=1, **about)
        entry(tx, f"case/{site.case}")
    id_ = site.send(ReferralChoice("partner", "PARTNER", frozenset({"answer"})))
    with site.desk.database.transaction() as tx:
        by_hand.withdraw(tx, site.case, ["REFER"], on=now.date(), rev=1)
        entry(tx, f"case/{site.case}")
    with pytest.raises(ConsentMissing) as refused:
        perform(site, partial(referral_answers.accept, referral_id=id_), partner)
    assert refused.value.facts == {"purpose": "REFER"}
    assert site.row(id_).state == "sent"


def test_a_refusal_has_a_reason_and_its_words(site: ReferralSite) -> None:
    id_ = site.send()
    reasons = site.desk.program.services.programme.configuration.referrals.refusals
    wordy = next(reason.id for reason in reasons if reason.text)
    for reason, text, field in (("UNKNOWN", "words", "reason"), (wordy, " ", "text")):
        with pytest.raises(InvalidAnswers) as refused:
            perform(
                site,
                partial(referral_answers.refuse, referral_id=id_, reason=reason, text=text),
                site.receiver,
            )
        assert [fault.path for fault in refused.value.faults] == [field]
    perform(
        site,
        partial(referral_answers.refuse, referral_id=id_, reason=wordy, text="She moved"),
        site.receiver,
    )
    assert (site.row(id_).state, site.row(id_).reason) == ("refused", wordy)
    assert said(site, id_, site.sender) == ["She moved"]
    with pytest.raises(Stale):
        perform(
            site,
            partial(referral_answers.refuse, referral_id=id_, reason=wordy, text="She moved"),
            site.receiver,
        )


def test_a_question_and_its_reply_are_read_by_both(site: ReferralSite) -> None:
    id_ = site.send()
    perform(site, partial(referral_answers.ask, referral_id=id_, text="Since when?"), site.receiver)
    assert site.row(id_).asked_at == site.desk.clock.now()
    site.desk.later(hours=1)
    perform(site, partial(referral_answers.reply, referral_id=id_, text="Since May"), site.sender)
    assert (site.row(id_).asked_at, site.row(id_).state) == (None, "sent")
    for viewer in (site.sender, site.receiver):
        assert said(site, id_, viewer) == ["Since May", "Since when?"]
    assert news(site) == [site.sender.office, site.receiver.office]


def test_nothing_is_neither_asked_nor_replied(site: ReferralSite) -> None:
    id_ = site.send()
    with pytest.raises(InvalidAnswers):
        perform(site, partial(referral_answers.ask, referral_id=id_, text=" "), site.receiver)
    with pytest.raises(InvalidAnswers):
        perform(site, partial(referral_answers.reply, referral_id=id_, text=""), site.sender)
    assert site.entries() == ["refer_sent"]


def test_only_an_accepted_referral_is_finished(site: ReferralSite) -> None:
    id_ = site.send()
    with pytest.raises(Stale):
        perform(site, partial(referral_answers.done, referral_id=id_), site.receiver)
    perform(site, partial(referral_answers.accept, referral_id=id_), site.receiver)
    perform(site, partial(referral_answers.done, referral_id=id_), site.receiver)
    assert (site.row(id_).state, site.row(id_).ended_at) == ("done", site.desk.clock.now())


@pytest.mark.parametrize("accepted", [False, True])
def test_the_sender_revokes_what_is_not_over(site: ReferralSite, accepted: bool) -> None:  # noqa: FBT001 - a parameter of the test
    id_ = site.send()
    if accepted:
        perform(site, partial(referral_answers.accept, referral_id=id_), site.receiver)
    perform(site, partial(referral_answers.revoke, referral_id=id_), site.sender)
    assert (site.row(id_).state, site.deadlines()) == ("revoked", [])
    assert news(site)[-1] == site.receiver.office
    with pytest.raises(Stale):
        perform(site, partial(referral_answers.revoke, referral_id=id_), site.sender)


def test_what_came_back_is_acknowledged_once(site: ReferralSite) -> None:
    id_ = site.send()
    with pytest.raises(Stale):
        perform(site, partial(referral_answers.acknowledge, referral_id=id_), site.sender)
    perform(
        site,
        partial(referral_answers.refuse, referral_id=id_, reason="FULL", text=""),
        site.receiver,
    )
    perform(site, partial(referral_answers.acknowledge, referral_id=id_), site.sender)
    assert site.row(id_).acknowledged_at == site.desk.clock.now()
    with pytest.raises(Stale):
        perform(site, partial(referral_answers.acknowledge, referral_id=id_), site.sender)
    assert site.entries() == ["refer_sent", "refer_refused", "refer_noted"]


def test_a_referral_lapses_at_its_deadline_alone(site: ReferralSite) -> None:
    row = site.row(site.send())
    assert row.due is not None
    site.desk.clock.set(row.due - timedelta(seconds=1))
    with pytest.raises(NotDue):
        lapse(site, row.job)
    assert site.row(row.id).state == "sent"
    site.desk.clock.set(row.due)
    lapse(site, row.job)
    assert (site.row(row.id).state, site.deadlines()) == ("lapsed", [])
    assert news(site) == [site.sender.office]


def test_an_accepted_referral_does_not_lapse(site: ReferralSite) -> None:
    row = site.row(site.send())
    assert row.due is not None
    perform(site, partial(referral_answers.accept, referral_id=row.id), site.receiver)
    site.desk.clock.set(row.due)
    lapse(site, row.job)
    assert site.row(row.id).state == "accepted"


def test_neither_side_gives_the_answers_of_the_other(site: ReferralSite) -> None:
    id_ = site.send()
    of_receiver = (
        partial(referral_answers.accept, referral_id=id_),
        partial(referral_answers.refuse, referral_id=id_, reason="FULL", text=""),
        partial(referral_answers.ask, referral_id=id_, text="Why?"),
        partial(referral_answers.done, referral_id=id_),
    )
    of_sender = (
        partial(referral_answers.reply, referral_id=id_, text="So"),
        partial(referral_answers.revoke, referral_id=id_),
        partial(referral_answers.acknowledge, referral_id=id_),
    )
    for commands, viewer in ((of_receiver, site.sender), (of_sender, site.receiver)):
        for command in commands:
            with pytest.raises(NotFound):
                perform(site, command, viewer)
    assert site.entries() == ["refer_sent"]


def test_another_role_of_the_receiver_may_not_answer(site: ReferralSite) -> None:
    id_ = site.send()
    colleague = Viewer("p_bo", site.receiver.office, frozenset({ROLE}))
    with pytest.raises(NotFound):
        perform(site, partial(referral_answers.accept, referral_id=id_), colleague)
    assert site.row(id_).state == "sent"


def test_what_is_over_takes_no_question_and_no_reply(site: ReferralSite) -> None:
    id_ = site.send()
    perform(site, partial(referral_answers.revoke, referral_id=id_), site.sender)
    for command, viewer in (
        (partial(referral_answers.ask, referral_id=id_, text="Why?"), site.receiver),
        (partial(referral_answers.reply, referral_id=id_, text="So"), site.sender),
        (partial(referral_answers.refuse, referral_id=id_, reason="FULL", text=""), site.receiver),
    ):
        with pytest.raises(Stale):
            perform(site, command, viewer)
    assert said(site, id_, site.sender) == []
