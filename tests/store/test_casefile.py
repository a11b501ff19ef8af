"""Rows of a case: parties, consents, grants, documents, notes, referrals, what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from service.errors import CaseMoved
from service.store.casefile import consents, documents, grants, notes, parties, referrals
from service.store.database import Database
from service.store.lists import visibility_rows
from service.store.work import incidents, unsent_answers
from tests.store.sample_rows import NO, SampleRows


def test_a_role_is_bound_to_one_office_and_may_be_bound_anew(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        parties.bind(
            tx, "c000", {"Helper": "north", "Approver": "south"}, parties.of_case(tx, "c000")
        )
        parties.bind(tx, "c000", {"Helper": "south"}, parties.of_case(tx, "c000"))
        assert parties.of_case(tx, "c000") == {"Approver": "south", "Helper": "south"}


def test_a_consent_is_live_to_its_end_unless_it_is_withdrawn(
    database: Database, samples: SampleRows
) -> None:
    def consent(id_: str, purpose: str, valid_to: date | None) -> consents.Consent:
        return consents.Consent(
            id_,
            "c000",
            purpose,
            "SELF",
            "WRITTEN",
            date(2026, 3, 1),
            valid_to,
            b"box",
            1,
            "p-north",
            samples.noon,
        )

    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        consents.add(
            tx, consent("a", "REFER", None), consent("b", "SHARE_HEALTH", date(2026, 3, 5))
        )
        for day, rev, why in ((7, 4, b"why"), (8, 5, None)):
            rows, on = consents.of_case(tx, "c000"), date(2026, 3, day)
            consents.withdraw(tx, rows, ["REFER"], on=on, rev=rev, withdrawal=why)
        refer, health = consents.of_case(tx, "c000")
        assert (refer.rev_withdrawn, refer.live(date(2026, 3, 7))) == (4, False)
        assert [health.live(date(2026, 3, day)) for day in (1, 5, 6)] == [True, True, False]


def test_grants_run_out_and_ended_ones_are_not_live(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        grants.add(
            tx,
            grants.GrantRow("a", "c000", "north", "Helper", "G1", "C0", "own", "", samples.noon),
            grants.GrantRow(
                "b",
                "c000",
                "south",
                "Helper",
                "G2",
                "C0 C1",
                "SAMTYCKE_12_2",
                "REFER",
                samples.noon,
            ),
            grants.GrantRow(
                "c",
                "c000",
                "south",
                "Helper",
                "G3",
                "C0 C1",
                "SAMTYCKE_12_2",
                "REFER",
                samples.noon,
                ended_at=samples.noon,
            ),
        )

        def ids(role: str) -> list[str]:
            found = visibility_rows.of_cases(
                tx, ["c000"], office="south", roles={role}, now=samples.noon
            )
            return [grant.id for grant in found["c000"].granted]

        assert (ids("Helper"), ids("Other")) == (["b"], [])
        first = grants.of_case(tx, "c000")[0]
        grants.limit(tx, first, until=samples.later(days=30))
        own, rested, ended = grants.of_case(tx, "c000")
        assert [own.live(samples.later(days=days)) for days in (29, 30)] == [True, False]
        assert (rested.live(samples.noon), ended.live(samples.noon)) == (True, False)


def test_a_paper_keeps_its_chunks_in_order_until_it_is_dropped(
    database: Database, samples: SampleRows
) -> None:
    paper = documents.Document(
        "d",
        "c000",
        "k",
        "passport",
        "C2",
        b"name",
        "application/pdf",
        3,
        3,
        "p-north",
        "north",
        samples.noon,
        "waiting",
    )
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        documents.add(tx, paper, [b"a", b"b", b"c"])
        assert documents.of_case(tx, "c000") == [paper]
        assert documents.content(tx, "d") == [b"a", b"b", b"c"]
        assert documents.count(tx, "c000") == 1
        documents.drop(tx, paper)
        assert (documents.content(tx, "d"), documents.count(tx, "c000")) == ([], 0)


def test_a_note_is_read_by_its_office_and_where_it_is_shared(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        own = notes.Note("a", "c000", "north", [], "p-north", samples.noon, b"box", "", ["Helper"])
        notes.add(tx, own)
        notes.add(tx, replace(own, id="b", shared_with=["south"]))

        def read(office: str, role: str) -> list[str]:
            return [note.id for note in notes.of_case(tx, "c000", office=office, roles={role})]

        assert read("north", "Helper") == ["a", "b"]
        assert read("north", "Other") == []
        assert read("south", "Other") == ["b"]


def test_unsent_answers_of_two_tabs_do_not_overwrite_each_other(
    database: Database, samples: SampleRows
) -> None:
    typed = unsent_answers.UnsentAnswers("k", "p-north", None, 1, b"one", samples.noon)
    with database.transaction() as tx:
        samples.found(tx)
        unsent_answers.save(tx, typed)
        unsent_answers.save(tx, replace(typed, rev=2, sealed=b"two"))
        assert unsent_answers.get(tx, "k", "p-north") == replace(typed, rev=2, sealed=b"two")
        assert len(unsent_answers.of_key(tx, "k")) == 1
    with pytest.raises(CaseMoved), database.transaction() as tx:
        unsent_answers.save(tx, replace(typed, rev=2, sealed=b"lost"))
    with database.transaction() as tx:
        unsent_answers.drop(tx, "k", "p-north")
        assert unsent_answers.get(tx, "k", "p-north") is None
        assert unsent_answers.sweep(tx, samples.later(days=30)) == 0


def test_an_incident_is_open_until_it_is_closed_once(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        for id_, case_id, job_key in (("i1", "c000", "c000:1"), ("i2", None, "")):
            incidents.add(
                tx,
                incidents.Incident(
                    id_,
                    case_id,
                    job_key,
                    "Svc_A",
                    "handler",
                    "letters.tell",
                    "TimeoutError",
                    samples.noon,
                ),
            )
        assert [row.id for row in incidents.still_open(tx)] == ["i1", "i2"]
        assert incidents.close(tx, "i2", at=samples.noon, by="p-north")
        assert not incidents.close(tx, "i2", at=samples.noon, by="p-north")
        assert incidents.close(tx, "i1", at=samples.noon, by="worker")
        assert incidents.still_open(tx) == []
        assert [row.closed_by for row in incidents.of_case(tx, "c000")] == ["worker"]
        found = incidents.get(tx, "i1")
        assert found is not None
        assert found.topic == "letters.tell"


def test_a_referral_goes_from_state_to_state_and_never_back(
    database: Database, samples: SampleRows
) -> None:
    asked = ("r", "c000", "north", "south", "SHELTER", 1, ["needs"], NO, "p-north", "sent")
    sent = referrals.Referral(
        *asked, sent_at=samples.noon, due=samples.later(days=3), to_role="Helper"
    )
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        referrals.add(tx, sent)
        assert referrals.to_office(tx, "south", roles={"Helper"}) == [sent]
        refused = referrals.settle(
            tx, sent, state="refused", reason="FULL", answered_at=samples.noon
        )
        assert referrals.get(tx, "r") == refused
        assert referrals.to_office(tx, "south", roles={"Helper"}) == []
        found = referrals.get(tx, "r")
        assert found is not None
        assert (found.state, found.reason) == ("refused", "FULL")
        assert referrals.of_case(tx, "c000") == [found]
    with pytest.raises(CaseMoved), database.transaction() as tx:
        referrals.settle(tx, sent, state="accepted")
