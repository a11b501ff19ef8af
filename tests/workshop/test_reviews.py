"""A reviewer approves exactly the files of a draft, and never those that she saved herself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from service.access import Viewer
from service.errors import FourEyes, InvalidAnswers, NotAllowed, NotFound
from service.release.bundle import unpack
from service.security.keyring import Keyring
from service.store.casefile import approvals
from service.store.installation import releases
from service.store.transaction import Tx
from service.workshop import drafts, publish, reviews
from service.workshop.data_flow.wider import check_flows
from tests.support import small
from tests.support.directory import OFFICE, ONE_OFFICE, ROLE, PersonPlan
from tests.support.world import NOON, World, open_world
from tests.workshop.test_drafts import OWNER, REVIEWER

DIAGRAM = "workflows/0.bpmn"
PEOPLE = replace(
    ONE_OFFICE,
    people=(*ONE_OFFICE.people, *(PersonPlan(name, OFFICE, (ROLE,)) for name in ("disa", "both"))),
)
"""Those of the office, and two more who answer."""


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.row_of_tasks(1), directory=PEOPLE)
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
    live, bundle = services.current(tx), unpack(draft.files)
    checked = publish.check_release(services, bundle)
    seen = [drafts.finding_key(found) for found in checked.findings]
    about: dict[str, Any] = {"draft_id": draft.id, "rev": draft.rev, "checked": checked}
    about["flows"] = check_flows(services, live, bundle, "en")
    return reviews.ask_publication(tx, services, by=OWNER, now=NOON, note=note, seen=seen, **about)


def decide(tx: Tx, desk: World, asked: str, by: Viewer = REVIEWER, *, approve: bool = True) -> None:
    services, row = desk.program.services, approvals.get(tx, asked)
    about = row.subjects["draft"] if row is not None else "none"
    reviews.decide(tx, services, by=by, now=NOON, request_id=asked, approve=approve, about=about)


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
    with desk.database.transaction() as tx:
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


PROTECTION = replace(REVIEWER, person="p_disa", roles=frozenset({"data-protection"}))
BOTH = replace(REVIEWER, person="p_both", roles=frozenset({"reviewer", "data-protection"}))


def widened(tx: Tx, desk: World) -> releases.Draft:
    """The open draft with a question more about a person."""
    services = desk.program.services
    draft = drafts.open_draft(tx, services, by=OWNER, now=NOON)
    form = small.form("plain", *small.TEXTS, small.field("shoeSize", "textfield", "C1"))
    about: dict[str, Any] = {"by": OWNER, "now": NOON, "draft_id": draft.id, "rev": draft.rev}
    drafts.save_files(tx, services, changed={"forms/plain.form": form}, found=(), **about)
    return drafts.require_draft(tx, OWNER, draft.id)


def requests_of(tx: Tx) -> dict[str, str]:
    """Kind to id of the open requests."""
    kinds = (reviews.PUBLISH, reviews.FLOWS)
    return {kind: row.id for kind in kinds for row in approvals.of_kind(tx, kind)}


def test_a_wider_flow_asks_data_protection_too(desk: World) -> None:
    with desk.database.transaction() as tx:
        draft = widened(tx, desk)
        ask(tx, desk, draft)
        asked = requests_of(tx)
        assert set(asked) == {reviews.PUBLISH, reviews.FLOWS}
        with pytest.raises(NotFound):
            decide(tx, desk, asked[reviews.FLOWS], REVIEWER)
        with pytest.raises(NotFound):
            decide(tx, desk, asked[reviews.PUBLISH], PROTECTION)
        decide(tx, desk, asked[reviews.PUBLISH], REVIEWER)
        decide(tx, desk, asked[reviews.FLOWS], PROTECTION)


@pytest.mark.parametrize("first", [reviews.PUBLISH, reviews.FLOWS])
def test_one_person_never_gives_both_answers(desk: World, first: str) -> None:
    with desk.database.transaction() as tx:
        ask(tx, desk, widened(tx, desk))
        asked = requests_of(tx)
        decide(tx, desk, asked.pop(first), BOTH)
        (other,) = asked.values()
        with pytest.raises(FourEyes):
            decide(tx, desk, other, BOTH)
        decide(tx, desk, other, BOTH, approve=False)


def test_without_a_rule_for_it_nobody_is_asked(desk: World) -> None:
    services = desk.program.services
    rules = services.programme.approvals
    kinds = {kind: rule for kind, rule in rules.kinds.items() if kind != reviews.FLOWS}
    programme = replace(services.programme, approvals=replace(rules, kinds=kinds))
    program = replace(desk.program, services=replace(services, programme=programme))
    with desk.database.transaction() as tx, pytest.raises(NotAllowed) as refused:
        ask(tx, replace(desk, program=program), widened(tx, desk))
    assert refused.value.facts["why"] == reviews.NO_RULE


def test_a_request_is_answered_on_the_page_of_its_draft(desk: World) -> None:
    with desk.database.transaction() as tx:
        asked = ask(tx, desk, changed(tx, desk, 2))
        about: dict[str, Any] = {"request_id": asked, "approve": True, "about": "another"}
        with pytest.raises(NotFound):
            reviews.decide(tx, desk.program.services, by=REVIEWER, now=NOON, **about)
