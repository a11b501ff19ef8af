"""A draft is saved on the revision it was made from, linted, and discarded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.access import Viewer
from service.errors import BadDiagram, Finding, NotAllowed, NotFound, Stale
from service.release.bundle import unpack
from service.security.keyring import Keyring
from service.store.installation import releases
from service.store.transaction import Tx
from service.workshop import drafts
from tests.support import small
from tests.support.directory import OFFICE
from tests.support.world import NOON, World, open_world

OWNER = Viewer("p_sara", OFFICE, frozenset({"owner"}))
REVIEWER = Viewer("p_stina", OFFICE, frozenset({"reviewer"}))
FILE = "workflows/calendars/sweden.json"


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def opened(tx: Tx, desk: World) -> releases.Draft:
    return drafts.open_draft(tx, desk.program.services, by=OWNER, now=NOON)


def test_there_is_one_open_draft_made_from_the_live_release(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        assert (draft.rev, draft.title) == (1, "v2")
        assert opened(tx, desk) == draft
        assert unpack(draft.files).digest == draft.base
        with pytest.raises(NotAllowed):
            drafts.open_draft(tx, desk.program.services, by=desk.viewer(), now=NOON)


def saved(
    tx: Tx, desk: World, draft: releases.Draft, content: bytes, *found: Finding, rev: int = 1
) -> int:
    return drafts.save_files(
        tx,
        desk.program.services,
        by=OWNER,
        now=NOON,
        draft_id=draft.id,
        changed={FILE: content},
        found=found,
        rev=rev,
    )


def test_a_file_is_saved_on_the_revision_it_was_made_from(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        assert saved(tx, desk, draft, b"{}") == 2
        with pytest.raises(Stale):
            saved(tx, desk, draft, b"[]")
        row = drafts.require_draft(tx, OWNER, draft.id)
        assert unpack(row.files).files[FILE] == b"{}"


def test_a_file_that_nobody_could_open_again_is_not_saved(desk: World) -> None:
    unreadable = Finding("X102", "E", "sweden.json", "", "This is not a readable file.")
    wrong = Finding("D391", "W", "sweden.json", "", "Two ways lead here.")
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        with pytest.raises(BadDiagram):
            saved(tx, desk, draft, b"{}", unreadable)
        with pytest.raises(BadDiagram):
            saved(tx, desk, draft, b" " * (drafts.LARGEST + 1))
        assert saved(tx, desk, draft, b"{}", wrong) == 2, "other findings do not stop saving"


def test_a_discarded_draft_is_gone(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        drafts.discard_draft(tx, desk.program.services, by=OWNER, now=NOON, draft_id=draft.id)
        with pytest.raises(NotFound):
            drafts.require_draft(tx, OWNER, draft.id)
        assert opened(tx, desk).id != draft.id


def test_two_findings_of_one_element_have_two_keys() -> None:
    one, other = (Finding("D1", "W", "a.bpmn", "x", message) for message in ("One.", "Other."))
    assert drafts.finding_key(one) == drafts.finding_key(one) != drafts.finding_key(other)
    assert drafts.finding_key(one).startswith("D1 a.bpmn x ")


def test_a_draft_thrown_away_can_be_taken_back_for_a_day(desk: World) -> None:
    services, later = desk.program.services, NOON + drafts.UNDO
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        saved(tx, desk, draft, b"{}")
        drafts.discard_draft(tx, services, by=OWNER, now=NOON, draft_id=draft.id)
        back = drafts.reopen_draft(tx, services, by=OWNER, now=later, draft_id=draft.id)
        assert unpack(back.files).files[FILE] == b"{}"
        assert drafts.require_draft(tx, OWNER, draft.id).closed_at is None
        drafts.discard_draft(tx, services, by=OWNER, now=later, draft_id=draft.id)
        for when in (later + drafts.UNDO + timedelta(seconds=1), later):
            opens = when == later
            if opens:
                opened(tx, desk)
            with pytest.raises(NotAllowed if opens else NotFound):
                drafts.reopen_draft(tx, services, by=OWNER, now=when, draft_id=draft.id)


def test_a_draft_begins_from_an_earlier_release_too(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        first = releases.live(tx, services.programme.process)
        assert first is not None
        draft = drafts.open_draft(tx, services, by=OWNER, now=NOON, base=first.id)
        assert (draft.base, draft.title) == (first.id, "v2")
        with pytest.raises(NotAllowed):
            drafts.open_draft(tx, services, by=OWNER, now=NOON, base="0" * 64)
        drafts.discard_draft(tx, services, by=OWNER, now=NOON, draft_id=draft.id)
        with pytest.raises(NotFound):
            drafts.open_draft(tx, services, by=OWNER, now=NOON, base="0" * 64)


def test_files_are_new_or_taken_out_and_others_refused(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        about: dict[str, Any] = {"by": OWNER, "now": NOON, "draft_id": draft.id, "found": ()}
        changed = {FILE: None, "forms/other.form": b"{}"}
        rev = drafts.save_files(tx, services, changed=changed, rev=1, **about)
        files = unpack(drafts.require_draft(tx, OWNER, draft.id).files).files
        assert (FILE in files, files["forms/other.form"]) == (False, b"{}")
        for wrong in ("notes.txt", "workflows/config/channels.toml", "workflows/scenarios/a.json"):
            with pytest.raises(NotFound):
                drafts.save_files(tx, services, changed={wrong: b""}, rev=rev, **about)
