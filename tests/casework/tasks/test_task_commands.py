"""The commands of an open task: who has it, when it is shown, and what was typed into it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from service.access import Viewer
from service.casework.casefile import documents, notes
from service.casework.casefile.documents import CheckedFile
from service.casework.tasks import claims, unsent_answers
from service.casework.tasks.task_commands import (
    attach_file,
    hand_over_task,
    keep_unsent_answers,
    use_colleagues_answers,
)
from service.casework.tasks.unsent_answers import EditConflict
from service.errors import (
    CaseMoved,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    TaskClosed,
    TaskTaken,
)
from service.forms import Raw
from service.security.keyring import Keyring
from service.store.installation import ledger_entries
from service.store.work import tasks
from tests.support import small
from tests.support.directory import OFFICE, ROLE
from tests.support.world import World, open_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAPER = small.form("plain", *small.TEXTS, small.field("papers", "filepicker", "C1"))
DUE = small.person("t1", extra='<zeebe:taskSchedule dueDate="P14D"/>')
PROCESS = small.one(DUE, "s>t1 t1>e").with_file("forms/plain.form", PAPER)
FILE = CheckedFile("passport.pdf", "pdf", b"%PDF-1.4")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """An office whose only task has a file field, and is due after two weeks."""
    made = open_world(database_url, keyring, PROCESS)
    yield made
    made.database.close()


@pytest.fixture
def key(desk: World) -> str:
    """The key of the task."""
    return desk.key(desk.start().case_id, "t1")


def perform(desk: World, command: Any, by: str | Viewer = "sara") -> Any:
    viewer = desk.viewer(by) if isinstance(by, str) else by
    with desk.database.transaction() as tx:
        return command(tx, desk.program.services, viewer, desk.clock.now())


def task(desk: World, key: str) -> tasks.Task:
    with desk.database.transaction(write=False) as tx:
        found = tasks.get(tx, key)
    assert found is not None
    return found


def entries(desk: World, key: str) -> list[str]:
    """Kinds of the ledger entries of the task's case."""
    with desk.database.transaction(write=False) as tx:
        stream = ledger_entries.of_stream(tx, f"case/{task(desk, key).case_id}")
    return [entry.kind for entry in stream]


def typed(desk: World, key: str, by: str = "sara") -> Raw:
    with desk.database.transaction(write=False) as tx:
        saved = unsent_answers.load_unsent(tx, desk.program.services, desk.viewer(by), key)
    return saved.raw


def test_a_free_task_is_claimed_by_one_person(desk: World, key: str) -> None:
    perform(desk, partial(claims.claim, task_key=key))
    perform(desk, partial(claims.claim, task_key=key))
    with pytest.raises(TaskTaken) as refused:
        perform(desk, partial(claims.claim, task_key=key), "stina")
    assert refused.value.facts["by"] == "p_sara"
    assert task(desk, key).claimed_by == "p_sara"
    assert entries(desk, key).count("claim") == 1


def test_a_colleagues_task_is_taken_over(desk: World, key: str) -> None:
    perform(desk, partial(claims.claim, task_key=key))
    perform(desk, partial(claims.take_over, task_key=key, reason="she is ill"), "stina")
    assert task(desk, key).claimed_by == "p_stina"
    assert entries(desk, key)[-2:] == ["claim", "take_over"]


def test_taking_over_a_free_task_is_a_claim(desk: World, key: str) -> None:
    perform(desk, partial(claims.take_over, task_key=key, reason=""))
    assert task(desk, key).claimed_by == "p_sara"
    assert entries(desk, key)[-1] == "claim"


def test_only_who_has_a_task_gives_it_back(desk: World, key: str) -> None:
    perform(desk, partial(claims.claim, task_key=key))
    with pytest.raises(TaskTaken):
        perform(desk, partial(claims.release_task, task_key=key), "stina")
    assert task(desk, key).claimed_by == "p_sara"
    perform(desk, partial(claims.release_task, task_key=key, reason="too much to do"))
    assert task(desk, key).claimed_by is None
    assert entries(desk, key)[-1] == "put_back"


def test_a_task_is_handed_over_with_a_note(desk: World, key: str) -> None:
    perform(desk, partial(hand_over_task, task_key=key, to_person="p_stina", note="call on Monday"))
    assert task(desk, key).claimed_by == "p_stina"
    case, services = task(desk, key).case_id, desk.program.services
    with desk.database.transaction(write=False) as tx:
        (note,) = notes.read(tx, services, desk.viewer("stina"), case, closed=())
    assert (note.text, note.by) == ("call on Monday", "Sara")
    assert entries(desk, key)[-2:] == ["hand_over", "note"]


def test_a_task_is_handed_over_without_a_note(desk: World, key: str) -> None:
    perform(desk, partial(hand_over_task, task_key=key, to_person="p_stina"))
    assert entries(desk, key)[-1] == "hand_over"


def test_a_note_that_is_too_long_stops_the_hand_over(desk: World, key: str) -> None:
    with pytest.raises(InvalidAnswers):
        perform(
            desk,
            partial(
                hand_over_task, task_key=key, to_person="p_stina", note="x" * (notes.LONGEST + 1)
            ),
        )
    assert task(desk, key).claimed_by is None


def test_a_task_is_handed_over_to_a_colleague_alone(desk: World, key: str) -> None:
    with pytest.raises(NotAllowed):
        perform(desk, partial(hand_over_task, task_key=key, to_person="p_stranger"))
    perform(desk, partial(claims.claim, task_key=key), "stina")
    with pytest.raises(TaskTaken):
        perform(desk, partial(hand_over_task, task_key=key, to_person="p_sara"))
    assert task(desk, key).claimed_by == "p_stina"


def test_a_task_is_hidden_until_its_moment(desk: World, key: str) -> None:
    until = desk.clock.now() + timedelta(days=2)
    perform(desk, partial(claims.rest, task_key=key, until=until))
    assert task(desk, key).hidden_until == until
    assert entries(desk, key)[-1] == "follow_up"


def test_a_task_is_not_hidden_past_its_due_date(desk: World, key: str) -> None:
    due = task(desk, key).due
    assert due is not None
    with pytest.raises(NotAllowed):
        perform(desk, partial(claims.rest, task_key=key, until=due + timedelta(days=1)))
    assert task(desk, key).hidden_until is None


def test_a_task_that_rests_is_taken_back(desk: World, key: str) -> None:
    perform(desk, partial(claims.rest, task_key=key, until=desk.clock.now() + timedelta(days=2)))
    perform(desk, partial(claims.end_rest, task_key=key))
    assert task(desk, key).hidden_until is None


def test_kept_answers_claim_a_free_task(desk: World, key: str) -> None:
    saved = perform(
        desk,
        partial(
            keep_unsent_answers, task_key=key, answers={"note": ["begun"], "foreign": ["x"]}, rev=0
        ),
    )
    assert (saved.rev, saved.clashes) == (1, ())
    assert typed(desk, key) == {"note": ["begun"]}
    assert task(desk, key).claimed_by == "p_sara"


def test_text_is_kept_beside_while_a_colleague_has_the_task(desk: World, key: str) -> None:
    perform(desk, partial(claims.claim, task_key=key))
    saved = perform(
        desk, partial(keep_unsent_answers, task_key=key, answers={"note": ["mine"]}, rev=0), "stina"
    )
    assert saved.taken is not None
    assert saved.taken.facts["by"] == "p_sara"
    assert typed(desk, key, "stina") == {"note": ["mine"]}
    assert typed(desk, key) == {}
    assert task(desk, key).claimed_by == "p_sara"
    perform(desk, partial(claims.take_over, task_key=key, reason="she is ill"), "stina")
    assert (
        perform(
            desk,
            partial(keep_unsent_answers, task_key=key, answers={"note": ["mine"]}, rev=1),
            "stina",
        ).taken
        is None
    )


def test_who_lost_the_task_deletes_no_file_of_it(desk: World, key: str) -> None:
    id_ = perform(
        desk, partial(attach_file, task_key=key, path="papers", file=FILE, in_unsent=True)
    )
    perform(desk, partial(claims.take_over, task_key=key, reason="she is ill"), "stina")
    perform(desk, partial(use_colleagues_answers, task_key=key, author="p_sara"), "stina")
    assert (
        perform(
            desk, partial(keep_unsent_answers, task_key=key, answers={"papers": []}, rev=1)
        ).gone
        == ()
    )
    with desk.database.transaction(write=False) as tx:
        assert documents.read_document(tx, desk.program.services, id_)[1] == FILE.content


def test_a_conflict_of_two_tabs_is_named_or_refused(desk: World, key: str) -> None:
    perform(
        desk, partial(keep_unsent_answers, task_key=key, answers={"note": ["first tab"]}, rev=0)
    )
    late: Raw = {"note": ["second tab"], "place": ["Lund"]}
    clash = EditConflict("note", ("second tab",), ("first tab",))
    with pytest.raises(CaseMoved) as refused:
        perform(
            desk,
            partial(keep_unsent_answers, task_key=key, answers=late, rev=0, refuse_conflicts=True),
        )
    assert refused.value.facts == {"clashes": (clash,)}
    assert typed(desk, key) == {"note": ["first tab"]}
    assert perform(
        desk, partial(keep_unsent_answers, task_key=key, answers=late, rev=0)
    ).clashes == (clash,)
    assert typed(desk, key) == {"note": ["first tab"], "place": ["Lund"]}


def test_a_colleagues_answers_are_used_by_who_has_the_task(desk: World, key: str) -> None:
    perform(desk, partial(keep_unsent_answers, task_key=key, answers={"note": ["begun"]}, rev=0))
    with pytest.raises(NotFound):
        perform(desk, partial(use_colleagues_answers, task_key=key, author="p_sara"), "stina")
    perform(desk, partial(hand_over_task, task_key=key, to_person="p_stina"))
    perform(desk, partial(use_colleagues_answers, task_key=key, author="p_sara"), "stina")
    assert typed(desk, key, "stina") == typed(desk, key) == {"note": ["begun"]}
    with pytest.raises(NotFound):
        perform(desk, partial(use_colleagues_answers, task_key=key, author="p_stranger"), "stina")


def test_an_attached_file_claims_the_task(desk: World, key: str) -> None:
    id_ = perform(desk, partial(attach_file, task_key=key, path="papers", file=FILE))
    with desk.database.transaction(write=False) as tx:
        row, content = documents.read_document(tx, desk.program.services, id_)
    assert (row.task_key, row.field, row.klass, content) == (key, "papers", "C1", FILE.content)
    assert task(desk, key).claimed_by == "p_sara"
    with pytest.raises(TaskTaken):
        perform(desk, partial(attach_file, task_key=key, path="papers", file=FILE), "stina")


def test_a_file_needs_a_file_field(desk: World, key: str) -> None:
    for path in ("note", "unknown"):
        with pytest.raises(NotFound):
            perform(desk, partial(attach_file, task_key=key, path=path, file=FILE))
    assert task(desk, key).claimed_by is None


def test_a_case_takes_a_limited_number_of_files(desk: World, key: str) -> None:
    for _ in range(documents.MOST_IN_CASE):
        perform(desk, partial(attach_file, task_key=key, path="papers", file=FILE))
    with pytest.raises(InvalidAnswers) as refused:
        perform(desk, partial(attach_file, task_key=key, path="papers", file=FILE))
    assert [fault.path for fault in refused.value.faults] == ["papers"]


def every_command(desk: World, key: str) -> list[Any]:
    return [
        partial(claims.claim, task_key=key),
        partial(claims.take_over, task_key=key, reason="r"),
        partial(claims.release_task, task_key=key),
        partial(hand_over_task, task_key=key, to_person="p_stina"),
        partial(claims.rest, task_key=key, until=desk.clock.now() + timedelta(days=1)),
        partial(keep_unsent_answers, task_key=key, answers={"note": ["x"]}, rev=0),
        partial(use_colleagues_answers, task_key=key, author="p_stina"),
        partial(attach_file, task_key=key, path="papers", file=FILE),
    ]


def test_a_task_of_another_office_or_role_stays(desk: World, key: str) -> None:
    stranger = Viewer("p_x", "elsewhere", frozenset({ROLE}))
    without_role = Viewer("p_y", OFFICE, frozenset({"CaseApprover"}))
    before = task(desk, key)
    for command in every_command(desk, key):
        for viewer in (stranger, without_role):
            with pytest.raises(NotFound):
                perform(desk, command, viewer)
    assert task(desk, key) == before


def test_a_task_that_is_over_takes_no_command(desk: World, key: str) -> None:
    commands = every_command(desk, key)
    desk.complete(key)
    for command in commands:
        with pytest.raises(TaskClosed):
            perform(desk, command)
