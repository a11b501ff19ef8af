"""Rows of the installation: offices, people, releases, keys, limits, the ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.errors import CaseMoved, KeyReused
from service.security.records import LedgerEntry, WrappedKey
from service.store.casefile import cases
from service.store.database import Database
from service.store.installation import (
    idempotency,
    installation_values,
    keys,
    ledger_entries,
    offices,
    people,
    rate_limits,
    releases,
    sessions,
)
from service.store.transaction import Tx
from tests.store.sample_rows import NO, SampleRows


def person(tx: Tx, id_: str) -> people.PersonWithKey:
    known = people.get(tx, id_)
    assert known is not None
    return known


def test_offices_are_kept_and_know_the_roles_of_their_people(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx)
        north = offices.get(tx, "north")
        assert north is not None
        offices.save(tx, replace(north, address=b"box", countries=["NG", "FI"]))
        assert offices.everyone(tx)["north"].countries == ["NG", "FI"]
        people.close(tx, person(tx, "p-south").person, samples.noon)
        assert people.roles_of_offices(tx) == {"north": {"Helper", "Reader"}}
        assert offices.get(tx, "nowhere") is None


def test_a_person_comes_with_roles_and_key(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx)
        keys.add(tx, WrappedKey("person:p-north", "22" * 8, 1, b"w", b"c"), stream="office/north")
        people.set_roles(tx, person(tx, "p-north"), ["Reader"])
        people.set_choices(tx, "p-north", language="en", settings={"theme": "light"})
        known = people.by_sign_in(tx, b"north")
        assert known is not None
        assert known.roles == {"Reader"}
        assert (known.person.language, known.person.settings) == ("en", {"theme": "light"})
        assert known.key is not None
        assert people.get(tx, "p-north") == known
        assert people.of(tx, ["p-north", "p-nobody"]) == {"p-north": known}
        assert people.with_role(tx, "north", "Helper") == []
        assert people.by_sign_in(tx, b"nobody") is None


def test_a_session_and_its_person_are_found_in_one_statement(
    database: Database, samples: SampleRows, statements: list[str]
) -> None:
    with database.transaction() as tx:
        samples.found(tx)
        for token in (b"one", b"two"):
            sessions.add(
                tx,
                sessions.Session(
                    token, "p-north", samples.noon, samples.noon, samples.later(hours=8), b"csrf"
                ),
                office="north",
            )
        sessions.seen(tx, b"one", samples.later(minutes=1))
        sessions.get(tx, b"two")  # on PostgreSQL what was written goes with the next read
        del statements[:]
        found = sessions.get(tx, b"one")
        assert len(statements) == 1
        assert found is not None
        assert found[0].seen_at == samples.later(minutes=1)
        assert found[1].roles == {"Helper", "Reader"}
        sessions.end(tx, b"one", office="north")
        assert sessions.get(tx, b"one") is None
        assert sessions.sweep(tx, samples.later(hours=7)) == 0
        assert sessions.sweep(tx, samples.later(hours=8)) == 1


def test_a_closed_person_has_no_session(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx)
        sessions.add(
            tx,
            sessions.Session(
                b"one", "p-north", samples.noon, samples.noon, samples.later(hours=8), b"csrf"
            ),
            office="north",
        )
        people.close(tx, person(tx, "p-north").person, samples.noon)
        assert sessions.get(tx, b"one") is None
        assert sessions.end_all(tx, "p-north", office="north") == 1


def test_new_cases_begin_on_the_newest_published_release(
    database: Database, samples: SampleRows
) -> None:
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
        samples.noon,
        b"zip2",
    )
    with database.transaction() as tx:
        samples.found(tx)
        assert releases.next_number(tx, "return_case") == 2
        assert releases.next_number(tx, "other") == 1
        first = releases.live(tx, "return_case")
        assert first is not None
        assert first.number == 1
        releases.add(tx, replace(second, id="ef" * 32, number=3, state="proposed"))
        assert releases.live(tx, "return_case") == first
        releases.add(tx, second)
        assert [title.number for title in releases.of_process(tx, "return_case")] == [3, 2, 1]
        newest = releases.live(tx, "return_case")
    with database.transaction(write=False) as tx:
        assert releases.everyone(tx)
        assert newest == releases.live(tx, "return_case"), "among those that were read"
        assert releases.live(tx, "other") is None
        got, title = releases.get(tx, second.id), releases.title(tx, second.id)
        assert got is not None
        assert title is not None
        assert (got.files, title.published_by) == (b"zip2", "p-north")
        assert releases.live(tx, "return_case") == title
        assert len(releases.everyone(tx)) == 3


def save_over(database: Database, draft: releases.Draft, files: bytes) -> None:
    """Save a draft as somebody who has read this state of it."""
    with database.transaction() as tx:
        releases.save_draft(tx, draft, replace(draft, rev=2, files=files))
        releases.drafts(tx)


def test_two_editors_of_one_draft_do_not_overwrite_each_other(
    database: Database, samples: SampleRows
) -> None:
    draft = releases.Draft(
        "d", "return_case", samples.release, "Shorter", 1, b"zip", "p-north", samples.noon
    )
    with database.transaction() as tx:
        samples.found(tx)
        releases.add_draft(tx, draft)
        releases.save_draft(tx, draft, replace(draft, rev=2, files=b"new"))
        tx.changes.bound.clear()
    with pytest.raises(CaseMoved):
        save_over(database, draft, b"lost")
    with database.transaction(write=False) as tx:
        assert releases.get_draft(tx, "d") == replace(draft, rev=2, files=b"new")
        assert [one.id for one in releases.drafts(tx, "return_case")] == ["d"]


def answered(tx: Tx, person: str, mac: str = "11") -> idempotency.IdempotentAnswer | None:
    request = idempotency.Request("key", person, "complete", mac * 16)
    return idempotency.find(idempotency.read(tx, request), request)


def test_a_request_finds_its_answer_and_another_body_is_refused(
    database: Database, samples: SampleRows
) -> None:
    answer = idempotency.IdempotentAnswer(
        "key", "p-north", "complete", "11" * 16, 303, "/inbox", samples.noon
    )
    with database.transaction() as tx:
        assert answered(tx, "p-north") is None
        idempotency.add(tx, answer)
        assert answered(tx, "p-north") == answer
        assert answered(tx, "p-south") is None
        with pytest.raises(KeyReused):
            answered(tx, "p-north", "22")
        assert idempotency.sweep(tx, samples.later(days=7)) == 1


def test_tries_are_counted_anew_after_their_window(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        assert [
            rate_limits.hit(
                tx, b"k", now=samples.later(minutes=n), window=samples.later(minutes=n - 15)
            ).count
            for n in (0, 1, 2)
        ] == [1, 2, 3]
        rate_limits.block(tx, b"k", samples.later(minutes=5))
        assert rate_limits.get(tx, b"k") == rate_limits.TryCount(
            b"k", 3, samples.noon, samples.later(minutes=5)
        )
        blocked = rate_limits.hit(
            tx, b"k", now=samples.later(minutes=4), window=samples.later(minutes=-11)
        )
        assert (blocked.count, blocked.until) == (3, samples.later(minutes=5)), "it takes none"
        again = rate_limits.hit(
            tx, b"k", now=samples.later(minutes=20), window=samples.later(minutes=5)
        )
        assert again.count == 1
        assert rate_limits.sweep(tx, samples.later(days=1)) == 1
        rate_limits.hit(tx, b"k", now=samples.noon, window=samples.noon)
        rate_limits.clear(tx, b"k")
        assert rate_limits.get(tx, b"k") is None


def test_a_try_that_is_given_back_ends_the_wait(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        for _ in range(2):
            rate_limits.hit(tx, b"k", now=samples.noon, window=samples.noon)
        rate_limits.block(tx, b"k", samples.later(minutes=5))
        rate_limits.give_back(tx, b"k", most=1)
        assert rate_limits.get(tx, b"k") == rate_limits.TryCount(
            b"k", 1, samples.noon, samples.later(minutes=5)
        )
        rate_limits.give_back(tx, b"k", most=1)
        rate_limits.give_back(tx, b"k", most=1)
        assert rate_limits.get(tx, b"k") == rate_limits.TryCount(b"k", 0, samples.noon, None)


def test_keys_are_found_rewrapped_and_dropped(database: Database) -> None:
    one, two = (WrappedKey(f"case:{n}", f"{n:016x}", 1, b"w", b"c") for n in (1, 2))
    with database.transaction() as tx:
        keys.add(tx, one, two, stream="system")
        assert keys.get(tx, one.owner) == one
        assert keys.older(tx, 2, limit=1) == [one]
        assert keys.older(tx, 2, after=one.owner) == [two]
        new = replace(one, epoch=2, wrapped=b"new")
        keys.rewrap(tx, [(replace(one, wrapped=b"another"), new)])
        assert keys.get(tx, one.owner) == one, "somebody was faster"
        keys.rewrap(tx, [(one, new)])
        assert keys.get(tx, one.owner) == new
        assert (keys.count_older(tx, 2), keys.epochs_in_use(tx)) == (1, [1, 2])
        assert keys.drop(tx, one.owner, stream="system")
        assert not keys.drop(tx, one.owner, stream="system")


def test_no_key_is_kept_under_an_epoch_that_was_retired(database: Database) -> None:
    old, new = (WrappedKey(f"case:{n}", f"{n:016x}", n, b"w", b"c") for n in (1, 2))
    with database.transaction() as tx:
        installation_values.put(tx, keys.RETIRED, "1")
    with pytest.raises(CaseMoved), database.transaction() as tx:
        keys.add(tx, new, old, stream="system")
    with database.transaction() as tx:
        assert keys.of_owners(tx, [old.owner, new.owner]) == {}
        keys.add(tx, new, stream="system")
        assert keys.get(tx, new.owner) == new


def test_streams_are_read_forward_and_backward(database: Database, samples: SampleRows) -> None:
    rows = [
        LedgerEntry(
            "system",
            seq,
            f"{seq:064x}",
            "sign_in" if seq % 2 else "export",
            samples.noon,
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


def test_a_setting_has_a_default_until_it_is_put(database: Database) -> None:
    with database.transaction() as tx:
        assert installation_values.get(tx, "shift", "0") == "0"
        installation_values.put(tx, "shift", "90")
        installation_values.put(tx, "shift", "120")
        assert installation_values.get(tx, "shift", "0") == "120"
        assert cases.get(tx, "none") is None
