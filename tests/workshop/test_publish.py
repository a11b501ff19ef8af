"""A release is linted before the transaction that publishes it, which compares digests alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import pytest

from service.engine import too_slow
from service.errors import ApprovalNeeded, BadDiagram, NotAllowed, Stale, UnusableFile
from service.records.context import release_stream
from service.release.bundle import Bundle, unpack
from service.security.keyring import Keyring
from service.store.installation import ledger_entries, releases
from service.store.transaction import Tx
from service.workshop import drafts, publish, reviews
from service.workshop.publish import publish_draft
from tests.support import small
from tests.support.publication import Checked, checked_for_publication
from tests.support.world import NOON, SEED, World, open_world
from tests.workshop.test_drafts import FILE, OWNER, REVIEWER

DIAGRAM = "workflows/0.bpmn"
OTHER = b'{"id": "broken"'


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def changed(desk: World, content: bytes, name: str = DIAGRAM) -> releases.Draft:
    """A draft in which one file was changed."""
    with desk.database.transaction() as tx:
        draft = drafts.open_draft(tx, desk.program.services, by=OWNER, now=NOON)
        drafts.save_files(
            tx,
            desk.program.services,
            by=OWNER,
            now=NOON,
            draft_id=draft.id,
            changed={name: content},
            found=(),
            rev=draft.rev,
        )
        return drafts.require_draft(tx, OWNER, draft.id)


def approved(
    tx: Tx, desk: World, draft: releases.Draft, checked: Checked, seen: Collection[str]
) -> None:
    """A reviewer approves the files of a draft."""
    services = desk.program.services
    about: dict[str, Any] = {"draft_id": draft.id, "rev": draft.rev, "seen": seen, "note": "New"}
    about |= {"checked": checked.release, "flows": checked.flows}
    asked = reviews.ask_publication(tx, services, by=OWNER, now=NOON, **about)
    decided: dict[str, Any] = {"request_id": asked, "approve": True, "about": draft.id}
    reviews.decide(tx, services, by=REVIEWER, now=NOON, **decided)


def published(
    tx: Tx, desk: World, draft: releases.Draft, checked: Checked
) -> publish.PublishedRelease:
    approved(tx, desk, draft, checked, checked.seen)
    return publish_draft(
        tx,
        desk.program.services,
        by=OWNER,
        now=NOON,
        draft_id=draft.id,
        rev=draft.rev,
        checked=checked.release,
        flows=checked.flows,
        evidence=checked.evidence,
        note="",
        seen=checked.seen,
    )


def two_tasks() -> bytes:
    return small.row_of_tasks(2).files[DIAGRAM]


def test_a_draft_becomes_the_release_that_new_cases_use(desk: World) -> None:
    services, draft = desk.program.services, changed(desk, two_tasks())
    checked = checked_for_publication(desk, unpack(draft.files))
    with desk.database.transaction() as tx:
        done = published(tx, desk, draft, checked)
    assert (done.number, done.id, done.new) == (2, checked.release.digest, True)
    case = desk.start().case_id
    with desk.database.transaction(write=False) as tx:
        assert services.current(tx).number == 2
        row = releases.get_draft(tx, draft.id)
        stream = ledger_entries.of_stream(tx, release_stream(services))
    assert row is not None
    assert row.closed_at == NOON
    assert [entry.kind for entry in stream] == [
        "published",
        "draft_open",
        "draft_saved",
        "published",
    ]
    desk.do(case, "t1")
    assert desk.key(case, "t2")


def test_a_draft_that_changed_since_it_was_linted_is_stale(desk: World) -> None:
    services, draft = desk.program.services, changed(desk, two_tasks())
    before = checked_for_publication(desk, small.row_of_tasks(3))
    now = checked_for_publication(desk, unpack(draft.files))
    with desk.database.transaction() as tx, pytest.raises(Stale):
        published(tx, desk, draft, before)
    with desk.database.transaction() as tx, pytest.raises(Stale):
        published(tx, desk, replace(draft, rev=draft.rev - 1), now)
    with desk.database.transaction(write=False) as tx:
        assert services.current(tx).number == 1


def test_an_error_or_an_unseen_warning_is_not_published(desk: World) -> None:
    draft = changed(desk, OTHER, FILE)
    checked = checked_for_publication(desk, unpack(draft.files))
    assert checked.release.prepared is None
    with desk.database.transaction() as tx, pytest.raises(BadDiagram) as refused:
        published(tx, desk, draft, checked)
    assert refused.value.findings == checked.release.findings


def test_the_same_files_are_no_second_release(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        draft = drafts.open_draft(tx, services, by=OWNER, now=NOON)
    checked = checked_for_publication(desk, unpack(draft.files))
    with desk.database.transaction() as tx, pytest.raises(NotAllowed):
        published(tx, desk, draft, checked)
    prepared = publish.prepare_bundle(services, unpack(draft.files))
    with desk.database.transaction() as tx:
        done = publish.publish_bundle(tx, services, by=SEED, now=NOON, prepared=prepared)
    assert (done.new, done.number) == (False, 1)


def test_files_that_do_not_draw_the_process_are_refused(desk: World) -> None:
    with pytest.raises(UnusableFile):
        publish.prepare_shipped(desk.program.services, Bundle(small.row_of_tasks(1).files))
    with desk.database.transaction() as tx, pytest.raises(NotAllowed):
        publish.bundle_to_publish(tx, desk.viewer(), "any")


def test_a_draft_is_linted_by_those_who_read_foreign_files(desk: World) -> None:
    """In a child process, which can be ended: X110 then says so, and nothing is built."""
    slow = replace(desk.program.services, judge=lambda _bundle, name: [too_slow(name)])
    checked = publish.check_release(slow, small.row_of_tasks(3))
    assert ([found.code for found in checked.findings], checked.prepared) == (["X110"], None)


def gone_back(tx: Tx, desk: World, release: str) -> None:
    """A release is made current again, as a second person approves."""
    services, about = desk.program.services, {"release_id": release, "now": NOON}
    asked = reviews.ask_current(tx, services, by=OWNER, note="A step too many", **about)  # type: ignore[arg-type]  # of their kinds
    reviews.decide(
        tx, services, by=REVIEWER, now=NOON, request_id=asked, approve=True, about=release
    )
    publish.make_current(tx, services, by=OWNER, **about)  # type: ignore[arg-type]  # of their kinds


def in_force(tx: Tx, process: str) -> str:
    live = releases.live(tx, process)
    return live.id if live is not None else ""


def test_an_earlier_release_is_current_again_and_a_later_one(desk: World) -> None:
    services, process = desk.program.services, desk.program.services.programme.process
    draft = changed(desk, two_tasks())
    checked = checked_for_publication(desk, unpack(draft.files))
    with desk.database.transaction() as tx:
        first = releases.live(tx, process)
        assert first is not None
        second = published(tx, desk, draft, checked)
        with pytest.raises(NotAllowed):
            gone_back(tx, desk, second.id)
        with pytest.raises(ApprovalNeeded):
            publish.make_current(tx, services, by=OWNER, now=NOON, release_id=first.id)
        gone_back(tx, desk, first.id)
        states = {title.id: title.state for title in releases.of_process(tx, process)}
        assert states == {first.id: "published", second.id: "withdrawn"}
        assert in_force(tx, process) == first.id
        gone_back(tx, desk, second.id)
        assert in_force(tx, process) == second.id
        assert releases.next_number(tx, process) == 3
