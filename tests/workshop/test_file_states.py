"""Every save of a draft keeps the state of its file, and going back to one loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.access import Viewer
from service.errors import NotFound
from service.operations import housekeeping
from service.release.bundle import unpack
from service.security.keyring import Keyring
from service.store.installation import draft_states, releases
from service.store.installation.draft_states import StateTitle
from service.store.transaction import Tx
from service.workshop import drafts
from service.workshop.file_states import (
    BASE,
    MOST,
    PAGE,
    SPAN,
    WHOLE,
    EarlierState,
    load_content,
    load_states,
    thinned,
)
from tests.support import small
from tests.support.world import NOON, World, open_world
from tests.workshop.test_drafts import OWNER

FORM = "forms/plain.form"
ANNA, BO = OWNER, replace(OWNER, person="p_stina")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def opened(tx: Tx, desk: World) -> releases.Draft:
    return drafts.open_draft(tx, desk.program.services, by=OWNER, now=NOON)


def form(n: int) -> bytes:
    """The form with another label of its first question."""
    return small.form("plain", {**small.TEXTS[0], "label": f"Question {n}"}, *small.TEXTS[1:])


def save(
    tx: Tx, desk: World, draft: str, content: bytes | None, by: Viewer, at: datetime
) -> releases.Draft:
    """Save the form of the open draft as its editor does every other second."""
    services = desk.program.services
    rev = drafts.require_draft(tx, by, draft).rev
    about: dict[str, Any] = {"by": by, "now": at, "draft_id": draft, "rev": rev}
    drafts.save_files(tx, services, changed={FORM: content}, found=(), **about)
    return drafts.require_draft(tx, by, draft)


def listed(tx: Tx, desk: World, row: releases.Draft) -> list[EarlierState]:
    """All states, page by page."""
    found: list[EarlierState] = []
    before = 0
    while True:
        page, before = load_states(tx, desk.program.services, OWNER, row, FORM, before)
        found += page
        if not before:
            return found


def test_a_hundred_saves_of_two_and_an_undo_across_them(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        for n in range(100):
            by, at = (ANNA, BO)[n % 2], NOON + timedelta(seconds=2 * n)
            row = save(tx, desk, draft.id, form(n), by, at)
        states = listed(tx, desk, row)
        assert [one.rev for one in states] == [*range(101, 1, -1), BASE]
        assert {one.who for one in states[:2]} == {"Sara", "Stina"}
        assert (states[0].current, states[1].current) == (True, False)
        assert all(one.what for one in states[:-1]), "each says what it changed"

        first = load_content(tx, row, FORM, 2)
        assert first == form(0)
        back = save(tx, desk, draft.id, first, BO, NOON + timedelta(minutes=9))
        assert unpack(back.files).files[FORM] == form(0)
        again = listed(tx, desk, back)
        assert [one.rev for one in again] == [*range(102, 2, -1), BASE], "the newest hundred"
        assert load_content(tx, back, FORM, 101) == form(99)
        assert again[0].current
        assert not again[1].current


def test_the_state_of_the_release_is_the_oldest(desk: World) -> None:
    with desk.database.transaction() as tx:
        row = opened(tx, desk)
        (only,) = listed(tx, desk, row)
        assert (only.rev, only.current, only.at) == (BASE, True, None)
        row = save(tx, desk, row.id, form(1), ANNA, NOON)
        assert load_content(tx, row, FORM, BASE) == small.FORMS["plain"]


def test_a_file_that_was_taken_out_can_come_back(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        save(tx, desk, draft.id, form(1), ANNA, NOON)
        row = save(tx, desk, draft.id, None, BO, NOON)
        gone, there, _ = listed(tx, desk, row)
        assert (gone.gone, gone.current, there.gone) == (True, True, False)
        assert load_content(tx, row, FORM, there.rev) == form(1)


def test_a_save_that_changes_nothing_is_no_state(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        row = save(tx, desk, draft.id, small.FORMS["plain"], ANNA, NOON)
        assert len(listed(tx, desk, row)) == 1


def test_what_never_was_is_not_found(desk: World) -> None:
    with desk.database.transaction() as tx:
        row = opened(tx, desk)
        for file, rev in ((FORM, 77), ("forms/none.form", BASE)):
            with pytest.raises(NotFound):
                load_content(tx, row, file, rev)
        with pytest.raises(NotFound):
            load_states(tx, desk.program.services, OWNER, row, "forms/none.form")


def test_states_go_with_the_draft_after_the_day_of_undo(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = opened(tx, desk)
        save(tx, desk, draft.id, form(1), ANNA, NOON)
        services = desk.program.services
        drafts.discard_draft(tx, services, by=OWNER, now=NOON, draft_id=draft.id)
        housekeeping.sweep_draft_states(tx, now=NOON + drafts.UNDO - timedelta(minutes=1))
        assert draft_states.titles(tx, draft.id, FORM)
        housekeeping.sweep_draft_states(tx, now=NOON + drafts.UNDO + timedelta(minutes=1))
        assert not draft_states.titles(tx, draft.id, FORM)


def titles(count: int, apart: timedelta, people: int = 1) -> list[StateTitle]:
    """States of a file, the newest first."""
    ordered = (
        StateTitle("d", FORM, n, f"p{n % people}", NOON + n * apart) for n in range(1, count + 1)
    )
    return sorted(ordered, key=lambda one: -one.rev)


def test_the_newest_hundred_are_never_thinned() -> None:
    assert thinned(titles(WHOLE, timedelta(seconds=2), 2)) == []
    assert PAGE < WHOLE


def test_older_ones_are_thinned_by_person_and_time() -> None:
    many = titles(WHOLE + 400, SPAN / 20, 2)
    kept = {one.rev for one in many} - set(thinned(many))
    older = [rev for rev in kept if rev <= 400]
    assert len(older) == 400 // 20 * 2, "one for each of the two in each quarter of an hour"


def test_no_file_has_more_states_than_the_most() -> None:
    many = titles(WHOLE + 900, SPAN * 2)
    assert len(many) - len(thinned(many)) == MOST
