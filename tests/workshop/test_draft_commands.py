"""The commands of a draft: opened once, published as it was checked, or thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from service.access import Viewer
from service.errors import ApprovalNeeded, BadDiagram, Finding, NotAllowed, NotFound, Stale
from service.records.context import release_stream
from service.release.bundle import unpack
from service.security.keyring import Keyring
from service.store.installation import ledger_entries, releases
from service.workshop import drafts, publish, reviews
from service.workshop.draft_commands import discard_draft
from tests.support import small
from tests.support.directory import OFFICE
from tests.support.dry_runs import dry_run
from tests.support.publication import checked_for_publication
from tests.support.world import World, open_world
from tests.workshop.test_drafts import REVIEWER

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OWNER = Viewer("p_sara", OFFICE, frozenset({"owner"}))
DIAGRAM = "workflows/0.bpmn"


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """An installation whose release has one task."""
    made = open_world(database_url, keyring, small.row_of_tasks(1))
    yield made
    made.database.close()


def perform(desk: World, command: Any, by: Viewer = OWNER) -> Any:
    with desk.database.transaction() as tx:
        return command(tx, desk.program.services, by, desk.clock.now())


def changed(desk: World) -> releases.Draft:
    """A draft whose process has two tasks."""
    draft, now = perform(desk, drafts.open_draft), desk.clock.now()
    content = small.row_of_tasks(2).files[DIAGRAM]
    about: dict[str, Any] = {"draft_id": draft.id, "rev": draft.rev}
    with desk.database.transaction() as tx:
        drafts.save_files(
            tx,
            desk.program.services,
            by=OWNER,
            now=now,
            changed={DIAGRAM: content},
            found=(),
            **about,
        )
        return drafts.require_draft(tx, OWNER, draft.id)


def publication(desk: World, draft: releases.Draft) -> partial[publish.PublishedRelease]:
    """The command that publishes a draft, with all of its warnings seen."""
    made = checked_for_publication(desk, unpack(draft.files))
    return partial(
        publish.publish_draft,
        draft_id=draft.id,
        rev=draft.rev,
        checked=made.release,
        flows=made.flows,
        evidence=made.evidence,
        note="two tasks now",
        seen=made.seen,
    )


def reviewed(
    desk: World, command: partial[publish.PublishedRelease]
) -> partial[publish.PublishedRelease]:
    """The same command, after a reviewer approved what it publishes."""
    about = {name: value for name, value in command.keywords.items() if name != "evidence"}
    asked = perform(desk, partial(reviews.ask_publication, **about))
    answer = partial(reviews.decide, request_id=asked, approve=True, about=about["draft_id"])
    perform(desk, answer, REVIEWER)
    return command


def live(desk: World) -> int:
    """The number of the release that new cases begin on."""
    with desk.database.transaction(write=False) as tx:
        return desk.program.services.current(tx).number


def entries(desk: World) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        stream = release_stream(desk.program.services)
        return [entry.kind for entry in ledger_entries.of_stream(tx, stream)]


def test_a_draft_is_opened_once_and_gone_on_with(desk: World) -> None:
    draft = perform(desk, drafts.open_draft)
    assert (draft.rev, draft.title, draft.by) == (1, "v2", "p_sara")
    assert unpack(draft.files).digest == draft.base
    assert perform(desk, drafts.open_draft) == draft
    assert entries(desk) == ["published", "draft_open"]


def test_without_a_release_there_is_nothing_to_open(database_url: str, keyring: Keyring) -> None:
    desk = open_world(database_url, keyring)
    with pytest.raises(NotFound):
        perform(desk, drafts.open_draft)
    desk.database.close()


def test_who_does_not_own_the_process_does_nothing(desk: World) -> None:
    with pytest.raises(NotAllowed):
        perform(desk, drafts.open_draft, desk.viewer())
    draft = changed(desk)
    for command in (publication(desk, draft), partial(discard_draft, draft_id=draft.id)):
        with pytest.raises(NotAllowed):
            perform(desk, command, desk.viewer())
    assert live(desk) == 1
    assert perform(desk, drafts.open_draft) == draft


def test_a_published_draft_is_the_release_of_new_cases(desk: World) -> None:
    before = desk.start().case_id
    draft = changed(desk)
    command = publication(desk, draft)
    with pytest.raises(NotAllowed) as refused:
        perform(desk, command)
    assert refused.value.facts["why"] == "dry_run_needed"
    dry_run(desk.program, draft.id, OWNER)
    with pytest.raises(ApprovalNeeded):
        perform(desk, command)
    perform(desk, reviewed(desk, command))
    assert live(desk) == 2
    after = desk.start().case_id
    for case in (before, after):
        desk.do(case, "t1")
    assert [task.element for task in desk.tasks(before)] == []
    assert [task.element for task in desk.tasks(after)] == ["t2"]
    with desk.database.transaction(write=False) as tx:
        row = releases.get(tx, command.keywords["checked"].digest)
    assert row is not None
    assert (row.note, row.published_by) == ("two tasks now", "p_sara")
    assert row.approved_by == REVIEWER.person


def test_a_draft_is_published_once(desk: World) -> None:
    command = reviewed(desk, publication(desk, changed(desk)))
    perform(desk, command)
    with pytest.raises(NotFound):
        perform(desk, command)
    assert entries(desk) == ["published", "draft_open", "draft_saved", "published"]


def test_a_draft_that_was_saved_since_is_stale(desk: World) -> None:
    draft = changed(desk)
    command = publication(desk, draft)
    other = publish.check_release(desk.program.services, small.row_of_tasks(3))
    for late in (partial(command, rev=draft.rev - 1), partial(command, checked=other)):
        with pytest.raises(Stale):
            perform(desk, late)
    assert live(desk) == 1


def test_a_warning_must_be_seen_by_name(desk: World) -> None:
    warning = Finding("D391", "W", DIAGRAM, "t1", "Two ways lead here.")
    command = publication(desk, changed(desk))
    checked = command.keywords["checked"]
    warned = replace(checked, findings=(*checked.findings, warning))
    with pytest.raises(BadDiagram) as refused:
        perform(desk, partial(command, checked=warned))
    assert refused.value.findings == (warning,)
    assert live(desk) == 1
    seen = [*command.keywords["seen"], drafts.finding_key(warning)]
    perform(desk, reviewed(desk, partial(command, checked=warned, seen=seen)))
    assert live(desk) == 2


def test_a_draft_with_an_error_is_not_published(desk: World) -> None:
    command = publication(desk, changed(desk))
    error = Finding("D101", "E", DIAGRAM, "t1", "It leads nowhere.")
    broken = replace(command.keywords["checked"], findings=(error,), prepared=None)
    with pytest.raises(BadDiagram) as refused:
        perform(desk, partial(command, checked=broken, seen=[drafts.finding_key(error)]))
    assert refused.value.findings == (error,)
    assert live(desk) == 1


def test_an_unchanged_draft_is_no_second_release(desk: World) -> None:
    with pytest.raises(NotAllowed):
        perform(desk, publication(desk, perform(desk, drafts.open_draft)))
    assert entries(desk) == ["published", "draft_open"]


def test_a_discarded_draft_is_gone_and_in_the_history(desk: World) -> None:
    draft = changed(desk)
    perform(desk, partial(discard_draft, draft_id=draft.id))
    assert entries(desk) == ["published", "draft_open", "draft_saved", "draft_discard"]
    for command in (
        partial(discard_draft, draft_id=draft.id),
        publication(desk, draft),
        partial(discard_draft, draft_id="unknown"),
    ):
        with pytest.raises(NotFound):
            perform(desk, command)
    fresh = perform(desk, drafts.open_draft)
    assert fresh.id != draft.id
    assert unpack(fresh.files).digest == draft.base
