"""A reviewer approves exactly the files of a draft, and never those that she saved herself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from service.access import Viewer
from service.actions.publishing import drafts, publish, reviews
from service.actions.releases.bundle import unpack
from service.errors import FourEyes, InvalidAnswers, NotAllowed, NotFound
from service.security.keyring import Keyring
from service.store.installation import releases
from service.store.transaction import Tx
from tests.actions.publishing.test_drafts import OWNER, REVIEWER
from tests.support import small
from tests.support.world import NOON, World, open_world

DIAGRAM = "workflows/0.bpmn"


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def changed(tx: Tx, desk: World, steps: int, by: Viewer = OWNER) -> releases.Draft:
    """The open draft with a process of so many steps."""
    services = desk.program.services
    draft = drafts.open_draft(tx, services, by=OWNER, now=NOON)
    content = small.row_of_tasks(steps).files[DIAGRAM]
    about: dict[str, Any] = {"by": by, "now": NOON, "draft_id": draft.id, "rev": draft.rev}
    drafts.save_files(tx, services, changed={DIAGRAM: content}, found=(), **about)
    return drafts.require_draft(tx, by, draft.id)


def ask(tx: Tx, desk: World, draft: releases.Draft, note: str = "Another step") -> str:
    services = desk.program.services
    checked = publish.check_release(services, unpack(draft.files))
    seen = [drafts.finding_key(found) for found in checked.findings]
    about: dict[str, Any] = {"draft_id": draft.id, "rev": draft.rev, "checked": checked}
    return reviews.ask_publication(tx, services, by=OWNER, now=NOON, note=note, seen=seen, **about)


def decide(tx: Tx, desk: World, asked: str, by: Viewer = REVIEWER, *, approve: bool = True) -> None:
    services = desk.program.services
    reviews.decide(tx, services, by=by, now=NOON, request_id=asked, approve=approve)


def review(
    tx: Tx, desk: World, draft: releases.Draft, viewer: Viewer = OWNER, now: datetime = NOON
) -> reviews.Review | None:
    digest = unpack(draft.files).digest
    about = {"kind": reviews.PUBLISH, "about": draft.id, "digest": digest}
    return reviews.load_review(tx, desk.program.services, viewer, now, **about)


def test_a_request_is_seen_by_who_asked_and_decided_by_another(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = changed(tx, desk, 2)
        assert review(tx, desk, draft) is None
        asked = ask(tx, desk, draft)
        own, other = review(tx, desk, draft), review(tx, desk, draft, REVIEWER)
        assert own is not None
        assert other is not None
        assert (own.state, own.note, own.same) == ("asked", "Another step", True)
        assert (own.may_decide, own.may_use, other.may_decide) == (False, False, True)
        decide(tx, desk, asked)
        given = review(tx, desk, draft)
        assert given is not None
        assert (given.state, given.may_use) == ("approved", True)


def test_who_saved_a_file_of_the_draft_never_approves_it(desk: World) -> None:
    both = replace(REVIEWER, roles=frozenset({"owner", "reviewer"}))
    with desk.database.transaction() as tx:
        draft = changed(tx, desk, 2, by=both)
        asked = ask(tx, desk, draft)
        shown = review(tx, desk, draft, both)
        assert shown is not None
        assert not shown.may_decide
        with pytest.raises(FourEyes):
            decide(tx, desk, asked, both)
        decide(tx, desk, asked, both, approve=False)


def test_a_change_after_the_approval_makes_it_void(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = changed(tx, desk, 2)
        decide(tx, desk, ask(tx, desk, draft))
        later = changed(tx, desk, 3)
        shown = review(tx, desk, later)
        assert shown is not None
        assert not shown.same


def test_an_approval_runs_out(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = changed(tx, desk, 2)
        decide(tx, desk, ask(tx, desk, draft))
        kinds = desk.program.services.programme.approvals.kinds
        over = review(tx, desk, draft, now=NOON + kinds[reviews.PUBLISH].lasts)
        assert over is not None
        assert (over.state, over.may_use) == ("expired", False)


def test_nothing_is_asked_for_without_a_word_or_a_right(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = changed(tx, desk, 2)
        with pytest.raises(InvalidAnswers):
            ask(tx, desk, draft, note=" ")
        services = desk.program.services
        with pytest.raises(NotAllowed):
            reviews.ask_current(
                tx, services, by=REVIEWER, now=NOON, release_id=draft.base or "", note="Back"
            )
        with pytest.raises(NotFound):
            decide(tx, desk, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
