"""The other nouns: written, read back, changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from service.errors import CaseMoved, KeyReused
from service.security.records import LedgerEntry, WrappedKey
from service.store.casefile import cases, consents, documents, grants, notes, parties, referrals
from service.store.database import Database
from service.store.installation import (
    idempotency,
    installation_settings,
    keys,
    ledger_entries,
    offices,
    people,
    rate_limits,
    releases,
    sessions,
)
from service.store.work import incidents, unsent_answers
from tests.store.world import World

NO = "00" * 32


def test_offices_are_kept_and_know_the_roles_of_their_people(
    database: Database, world: World
) -> None:
    with database.transaction() as tx:
        world.found(tx)
        north = offices.get(tx, "north")
        assert north is not None
        offices.save(tx, replace(north, address=b"box", countries=["NG", "FI"]))
        assert offices.everyone(tx)["north"].countries == ["NG", "FI"]
        people.close(tx, "p-south", world.noon)
        assert people.roles_of_offices(tx) == {"north": {"Helper", "Reader"}}
        assert offices.get(tx, "nowhere") is None


def test_a_person_comes_with_roles_and_key(database: Database, world: World) -> None:
    with database.transaction() as tx:
        world.found(tx)
        keys.add(tx, WrappedKey("person:p-north", "22" * 8, 1, b"w", b"c"))
        people.set_roles(tx, "p-north", ["Reader"])
        people.set_password(tx, "p-north", b"slow")
        people.set_choices(tx, "p-north", language="en", settings={"theme": "light"})
        known = people.by_sign_in(tx, b"north")
        assert known is not None
        assert known.roles == {"Reader"}
        assert (known.person.password, known.person.language, known.person.settings) == (
            b"slow",
            "en",
            {"theme": "light"},
        )
        assert known.key is not None
        assert people.get(tx, "p-north") == known
        assert people.of(tx, ["p-north", "p-nobody"]) == {"p-north": known}
        assert people.with_role(tx, "north", "Helper") == []
        assert people.by_sign_in(tx, b"nobody") is None


def test_a_session_and_its_person_are_found_in_one_statement(
    database: Database, world: World, statements: list[str]
) -> None:
    with database.transaction() as tx:
        world.found(tx)
        for token in (b"one", b"two"):
            sessions.add(
                tx,
                sessions.Session(
                    token, "p-north", world.noon, world.noon, world.later(hours=8), b"csrf"
                ),
            )
        sessions.seen(tx, b"one", world.later(minutes=1))
        del statements[:]
        found = sessions.get(tx, b"one")
        assert len(statements) == 1
        assert found is not None
        assert found[0].seen_at == world.later(minutes=1)
        assert found[1].roles == {"Helper", "Reader"}
        sessions.end(tx, b"one")
        assert sessions.get(tx, b"one") is None
        assert sessions.sweep(tx, world.later(hours=7)) == 0
        assert sessions.sweep(tx, world.later(hours=8)) == 1


def test_a_closed_person_has_no_session(database: Database, world: World) -> None:
    with database.transaction() as tx:
        world.found(tx)
        sessions.add(
            tx,
            sessions.Session(
                b"one", "p-north", world.noon, world.noon, world.later(hours=8), b"csrf"
            ),
        )
        people.close(tx, "p-north", world.noon)
        assert sessions.get(tx, b"one") is None
        assert sessions.end_all(tx, "p-north") == 1


def test_new_cases_begin_on_the_newest_published_release(database: Database, world: World) -> None:
    second = releases.Release(
        "cd" * 32,
        "return_case",
        2,
        NO,
        {"letters.tell": "f"},
        "published",
        "Second",
        None,
        None,
        None,
        "p-north",
        world.noon,
        b"zip2",
    )
    with database.transaction() as tx:
        world.found(tx)
        assert releases.next_number(tx, "return_case") == 2
        assert releases.next_number(tx, "other") == 1
        first = releases.live(tx, "return_case")
        assert first is not None
        assert first.number == 1
        releases.add(tx, replace(second, id="ef" * 32, number=3, state="proposed"))
        assert releases.live(tx, "return_case") == first
        releases.add(tx, second)
        assert [title.number for title in releases.of_process(tx, "return_case")] == [3, 2, 1]
        got, title = releases.get(tx, second.id), releases.title(tx, second.id)
        assert got is not None
        assert title is not None
        assert (got.files, title.published_by) == (b"zip2", "p-north")
        assert releases.live(tx, "return_case") == title
        assert len(releases.everyone(tx)) == 3


def test_two_editors_of_one_draft_do_not_overwrite_each_other(
    database: Database, world: World
) -> None:
    draft = releases.Draft(
        "d", "return_case", world.release, "Shorter", 1, b"zip", "p-north", world.noon
    )
    with database.transaction() as tx:
        world.found(tx)
        releases.add_draft(tx, draft)
        releases.save_draft(tx, replace(draft, rev=2, files=b"new"))
        with pytest.raises(CaseMoved):
            releases.save_draft(tx, replace(draft, rev=2, files=b"lost"))
        assert releases.get_draft(tx, "d") == replace(draft, rev=2, files=b"new")
        assert [one.id for one in releases.drafts(tx, "return_case")] == ["d"]


def test_a_role_is_bound_to_one_office_and_may_be_bound_anew(
    database: Database, world: World
) -> None:
    with database.transaction() as tx:
        world.found(tx, cases_=1)
        parties.bind(tx, "c000", {"Helper": "north", "Approver": "south"})
        parties.bind(tx, "c000", {"Helper": "south"})
        assert parties.of_case(tx, "c000") == {"Approver": "south", "Helper": "south"}


def test_a_consent_is_live_to_its_end_unless_it_is_withdrawn(
    database: Database, world: World
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
            world.noon,
        )

    with database.transaction() as tx:
        world.found(tx, cases_=1)
        consents.add(
            tx, consent("a", "REFER", None), consent("b", "SHARE_HEALTH", date(2026, 3, 5))
        )
        assert (
            consents.withdraw(tx, "c000", ["REFER"], on=date(2026, 3, 7), rev=4, withdrawal=b"why")
            == 1
        )
        assert (
            consents.withdraw(tx, "c000", ["REFER"], on=date(2026, 3, 8), rev=5, withdrawal=None)
            == 0
        )
        refer, health = consents.of_case(tx, "c000")
        assert (refer.rev_withdrawn, refer.live(date(2026, 3, 7))) == (4, False)
        assert [health.live(date(2026, 3, day)) for day in (1, 5, 6)] == [True, True, False]


def test_grants_run_out_and_ended_ones_are_not_live(database: Database, world: World) -> None:
    with database.transaction() as tx:
        world.found(tx, cases_=1)
        grants.add(
            tx,
            grants.GrantRow("a", "c000", "north", "G1", "C0", "own", "", world.noon),
            grants.GrantRow(
                "b", "c000", "south", "G2", "C0 C1", "SAMTYCKE_12_2", "REFER", world.noon
            ),
            grants.GrantRow(
                "c",
                "c000",
                "south",
                "G3",
                "C0 C1",
                "SAMTYCKE_12_2",
                "REFER",
                world.noon,
                ended_at=world.noon,
            ),
        )
        assert [
            grant.id for grant in grants.of_cases(tx, ["c000"], office="south", now=world.noon)
        ] == ["b"]
        assert grants.limit(tx, "c000", rule="G1", until=world.later(days=30)) == 1
        own, rested, ended = grants.of_case(tx, "c000")
        assert [own.live(world.later(days=days)) for days in (29, 30)] == [True, False]
        assert (rested.live(world.noon), ended.live(world.noon)) == (True, False)


def test_a_paper_keeps_its_chunks_in_order_until_it_is_dropped(
    database: Database, world: World
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
        world.noon,
        "waiting",
    )
    with database.transaction() as tx:
        world.found(tx, cases_=1)
        documents.add(tx, paper, [b"a", b"b", b"c"])
        documents.settle(tx, "d", "clean")
        assert documents.of_case(tx, "c000") == [replace(paper, state="clean")]
        assert documents.content(tx, "d") == [b"a", b"b", b"c"]
        assert documents.count(tx, "c000") == 1
        documents.drop(tx, "d")
        assert (documents.content(tx, "d"), documents.count(tx, "c000")) == ([], 0)


def test_a_note_is_read_by_its_office_and_where_it_is_shared(
    database: Database, world: World
) -> None:
    with database.transaction() as tx:
        world.found(tx, cases_=1)
        notes.add(tx, notes.Note("a", "c000", "north", [], "p-north", world.noon, b"box"))
        notes.add(tx, notes.Note("b", "c000", "north", ["south"], "p-north", world.noon, b"box"))
        assert [note.id for note in notes.of_case(tx, "c000", office="north")] == ["a", "b"]
        assert [note.id for note in notes.of_case(tx, "c000", office="south")] == ["b"]


def test_a_request_finds_its_answer_and_another_body_is_refused(
    database: Database, world: World
) -> None:
    answer = idempotency.IdempotentAnswer(
        "key", "p-north", "complete", "11" * 32, 303, "/inbox", world.noon
    )
    with database.transaction() as tx:
        assert (
            idempotency.find(
                tx, key="key", person_id="p-north", route="complete", body_sha256="11" * 32
            )
            is None
        )
        idempotency.add(tx, answer)
        assert (
            idempotency.find(
                tx, key="key", person_id="p-north", route="complete", body_sha256="11" * 32
            )
            == answer
        )
        assert (
            idempotency.find(
                tx, key="key", person_id="p-south", route="complete", body_sha256="11" * 32
            )
            is None
        )
        with pytest.raises(KeyReused):
            idempotency.find(
                tx, key="key", person_id="p-north", route="complete", body_sha256="22" * 32
            )
        assert idempotency.sweep(tx, world.later(days=7)) == 1


def test_unsent_answers_of_two_tabs_do_not_overwrite_each_other(
    database: Database, world: World
) -> None:
    typed = unsent_answers.UnsentAnswers("k", "p-north", None, 1, b"one", world.noon)
    with database.transaction() as tx:
        world.found(tx)
        unsent_answers.save(tx, typed)
        unsent_answers.save(tx, replace(typed, rev=2, sealed=b"two"))
        assert unsent_answers.get(tx, "k", "p-north") == replace(typed, rev=2, sealed=b"two")
        assert len(unsent_answers.of_key(tx, "k")) == 1
    with pytest.raises(CaseMoved), database.transaction() as tx:
        unsent_answers.save(tx, replace(typed, rev=2, sealed=b"lost"))
    with database.transaction() as tx:
        unsent_answers.drop(tx, "k", "p-north")
        assert unsent_answers.get(tx, "k", "p-north") is None
        assert unsent_answers.sweep(tx, world.later(days=30)) == 0


def test_tries_are_counted_anew_after_their_window(database: Database, world: World) -> None:
    with database.transaction() as tx:
        assert [
            rate_limits.hit(
                tx, b"k", now=world.later(minutes=n), window=world.later(minutes=n - 15)
            )
            for n in (0, 1, 2)
        ] == [1, 2, 3]
        rate_limits.block(tx, b"k", world.later(minutes=5))
        assert rate_limits.get(tx, b"k") == rate_limits.TryCount(
            b"k", 3, world.noon, world.later(minutes=5)
        )
        assert (
            rate_limits.hit(tx, b"k", now=world.later(minutes=20), window=world.later(minutes=5))
            == 1
        )
        assert rate_limits.sweep(tx, world.later(days=1)) == 1
        rate_limits.hit(tx, b"k", now=world.noon, window=world.noon)
        rate_limits.clear(tx, b"k")
        assert rate_limits.get(tx, b"k") is None


def test_keys_are_found_rewrapped_and_dropped(database: Database) -> None:
    one, two = (WrappedKey(f"case:{n}", f"{n:016x}", 1, b"w", b"c") for n in (1, 2))
    with database.transaction() as tx:
        keys.add(tx, one, two)
        assert keys.get(tx, one.owner) == one
        assert keys.older(tx, 2, limit=1) == [one]
        assert keys.older(tx, 2, after=one.owner) == [two]
        keys.rewrap(tx, [replace(one, epoch=2, wrapped=b"new")])
        assert keys.get(tx, one.owner) == replace(one, epoch=2, wrapped=b"new")
        assert keys.drop(tx, one.owner)
        assert not keys.drop(tx, one.owner)


def test_streams_are_read_forward_and_backward(database: Database, world: World) -> None:
    rows = [
        LedgerEntry(
            "system",
            seq,
            NO,
            f"{seq:064x}",
            "sign_in" if seq % 2 else "export",
            world.noon,
            "p",
            "o",
            "{}",
        )
        for seq in range(1, 8)
    ]
    with database.transaction() as tx:
        assert ledger_entries.end(tx, "system") == (0, "")
        ledger_entries.add(tx, *rows)
        assert ledger_entries.end(tx, "system") == (7, f"{7:064x}")
        assert ledger_entries.of_stream(tx, "system", after=5) == rows[5:]
        assert [
            row.seq
            for row in ledger_entries.latest(tx, "system", before=6, kinds=["sign_in"], limit=2)
        ] == [5, 3]
        assert ledger_entries.streams(tx) == [("system", 7)]


def test_an_incident_is_open_until_it_is_closed_once(database: Database, world: World) -> None:
    with database.transaction() as tx:
        world.found(tx, cases_=1)
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
                    world.noon,
                ),
            )
        assert [row.id for row in incidents.still_open(tx)] == ["i1", "i2"]
        assert incidents.close(tx, "i2", at=world.noon, by="p-north")
        assert not incidents.close(tx, "i2", at=world.noon, by="p-north")
        assert incidents.close(tx, "i1", at=world.noon, by="worker")
        assert incidents.still_open(tx) == []
        assert [row.closed_by for row in incidents.of_case(tx, "c000")] == ["worker"]
        found = incidents.get(tx, "i1")
        assert found is not None
        assert found.topic == "letters.tell"


def test_a_referral_goes_from_state_to_state_and_never_back(
    database: Database, world: World
) -> None:
    asked = ("r", "c000", "north", "south", "SHELTER", 1, ["needs"], NO, "p-north", "sent")
    sent = referrals.Referral(*asked, sent_at=world.noon, due=world.later(days=3), to_role="Helper")
    with database.transaction() as tx:
        world.found(tx, cases_=1)
        referrals.add(tx, sent)
        assert referrals.to_office(tx, "south", roles={"Helper"}) == [sent]
        referrals.settle(
            tx, "r", was="sent", state="refused", reason="FULL", answered_at=world.noon
        )
        with pytest.raises(CaseMoved):
            referrals.settle(tx, "r", was="sent", state="accepted")
        assert referrals.to_office(tx, "south", roles={"Helper"}) == []
        found = referrals.get(tx, "r")
        assert found is not None
        assert (found.state, found.reason) == ("refused", "FULL")
        assert referrals.of_case(tx, "c000") == [found]


def test_a_setting_has_a_default_until_it_is_put(database: Database) -> None:
    with database.transaction() as tx:
        assert installation_settings.get(tx, "shift", "0") == "0"
        installation_settings.put(tx, "shift", "90")
        installation_settings.put(tx, "shift", "120")
        assert installation_settings.get(tx, "shift", "0") == "120"
        assert cases.get(tx, "none") is None
