"""Files of an open task: drafts that others do not see, gone when unticked or not sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from service.casework.casefile import documents as files
from service.casework.casefile.case_view import load_case_view
from service.casework.casefile.documents import CheckedFile
from service.casework.pages import records_tabs
from service.casework.tasks import claims, form_session, unsent_answers
from service.casework.tasks.task_commands import (
    attach_file,
    keep_unsent_answers,
    use_colleagues_answers,
)
from service.errors import InvalidAnswers, NotFound
from service.forms import Raw
from service.operations import housekeeping
from service.security.keyring import Keyring
from service.store.casefile import documents
from service.store.installation import ledger_entries
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import OFFICE
from tests.support.world import World, open_world, settle

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ROWS: dict[str, object] = {
    "type": "dynamiclist",
    "path": "scans",
    "label": "Scans",
    "properties": {"class": "C1"},
    "components": [small.field("scan", "filepicker", "C1")],
    "id": "Field_scans",
}
WHEN_ASKED: dict[str, object] = {
    **small.field("proof", "filepicker", "C1"),
    "conditional": {"hide": '=answer != "YES"'},
    "properties": {"class": "C1"},
}
FORM = small.form(
    "plain",
    {**small.CHOICE, "validate": {}},
    *small.TEXTS,
    small.field("papers", "filepicker", "C1", multiple=True),
    WHEN_ASKED,
    ROWS,
)
BODY = (
    small.person("a")
    + d.border("late", "a", d.timer("Duration", "P5D"))
    + small.person("b")
    + d.end("over")
)
PROCESS = small.one(BODY, "s>a a>b b>e late>over").with_file("forms/plain.form", FORM)
FILE = CheckedFile("passport.pdf", "pdf", b"%PDF-1.4")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, PROCESS)
    yield made
    made.database.close()


@pytest.fixture
def case(desk: World) -> str:
    return desk.start().case_id


@pytest.fixture
def key(desk: World, case: str) -> str:
    """The key of the task that a timer closes after five days."""
    return desk.key(case, "a")


def perform(desk: World, command: Any, by: str = "sara") -> Any:
    with desk.database.transaction() as tx:
        return command(tx, desk.program.services, desk.viewer(by), desk.clock.now())


def attach(desk: World, key: str, path: str = "papers", by: str = "sara") -> str:
    id_: str = perform(
        desk, partial(attach_file, task_key=key, path=path, file=FILE, in_unsent=True), by
    )
    return id_


def keep(desk: World, key: str, typed: Raw, **more: Any) -> unsent_answers.SavedAnswers:
    """Save as the page does that was drawn last."""
    rev = saved(desk, key).rev if "rev" not in more else more.pop("rev")
    kept: unsent_answers.SavedAnswers = perform(
        desk, partial(keep_unsent_answers, task_key=key, answers=typed, rev=rev, **more)
    )
    return kept


def saved(desk: World, key: str, by: str = "sara") -> unsent_answers.SavedAnswers:
    with desk.database.transaction(write=False) as tx:
        return unsent_answers.load_unsent(tx, desk.program.services, desk.viewer(by), key)


def there(desk: World, case: str) -> list[str]:
    """The documents of the case, by their rows; each has its bytes, and no others are left."""
    with desk.database.transaction(write=False) as tx:
        rows = [row.id for row in documents.of_case(tx, case)]
        assert sorted(documents.chunk_numbers(tx)) == rows
    assert desk.faults() == []
    return rows


def test_an_attached_file_is_among_the_unsent_answers(desk: World, case: str, key: str) -> None:
    id_ = attach(desk, key)
    assert saved(desk, key).raw["papers"] == [id_]
    assert there(desk, case) == [id_]


def test_an_unticked_file_is_gone_at_once(desk: World, case: str, key: str) -> None:
    wrong, right = attach(desk, key), attach(desk, key)
    kept = keep(desk, key, {"note": ["x"], "papers": [right]})
    assert kept.gone == (wrong,)
    assert there(desk, case) == [right]
    desk.complete(key, {"papers": [right]})
    assert there(desk, case) == [right]


def test_a_form_that_names_no_file_sends_none(desk: World, case: str, key: str) -> None:
    attach(desk, key)
    desk.complete(key, {"note": ["x"]})
    assert there(desk, case) == []


def test_another_file_stands_in_the_place_of_the_one(desk: World, case: str, key: str) -> None:
    keep(desk, key, {"answer": ["YES"]})
    attach(desk, key, "proof")
    second = attach(desk, key, "proof")
    assert saved(desk, key).raw["proof"] == [second]
    assert there(desk, case) == [second]


def test_a_field_that_is_hidden_at_sending_sends_no_file(desk: World, case: str, key: str) -> None:
    id_ = attach(desk, key, "proof")
    desk.complete(key, {"answer": ["NO"], "proof": [id_]})
    assert there(desk, case) == []


def test_a_file_goes_with_the_row_that_holds_it(desk: World, case: str, key: str) -> None:
    first, second = attach(desk, key, "scans.0.scan"), attach(desk, key, "scans.1.scan")
    rows = {"scans.0.scan": [first], "scans.1.scan": [second], "scans.rows": ["2"]}
    assert keep(desk, key, rows, button="remove:scans.0").gone == (first,)
    assert there(desk, case) == [second]
    assert saved(desk, key).raw["scans.1.scan"] == [second]


def test_a_file_that_moves_to_another_row_stays(desk: World, case: str, key: str) -> None:
    id_ = attach(desk, key, "scans.1.scan")
    assert keep(desk, key, {"scans.0.scan": [id_], "scans.1.scan": []}).gone == ()
    assert there(desk, case) == [id_]


def test_two_tabs_add_and_remove_files_without_conflict(desk: World, case: str, key: str) -> None:
    first = attach(desk, key)
    rev = saved(desk, key).rev
    second = attach(desk, key)
    kept = keep(desk, key, {"papers": []}, rev=rev)
    assert (kept.clashes, kept.gone, kept.raw["papers"]) == ((), (first,), [second])
    assert keep(desk, key, {"papers": [first, second]}, rev=rev).raw["papers"] == [second]
    assert there(desk, case) == [second]


def test_a_timer_takes_the_unsent_files_along(desk: World, case: str, key: str) -> None:
    attach(desk, key)
    desk.later(days=6)
    settle(desk.worker())
    assert desk.case(case).status == "ended"
    assert there(desk, case) == []
    assert saved(desk, key).raw


def test_a_sent_file_stays_when_a_later_form_leaves_it_out(
    desk: World, case: str, key: str
) -> None:
    id_ = attach(desk, key)
    desk.complete(key, {"papers": [id_]})
    later = desk.key(case, "b")
    assert keep(desk, later, {"papers": []}).gone == ()
    desk.complete(later, {"papers": []})
    assert there(desk, case) == [id_]


def test_what_nobody_touched_for_long_goes_with_its_files(desk: World, case: str, key: str) -> None:
    desk.complete(key)
    attach(desk, desk.key(case, "b"))
    program = perform(
        desk, partial(attach_file, task_key=desk.key(case, "b"), path="papers", file=FILE)
    )
    services, now = desk.program.services, desk.later(days=29)
    for days in (0, 2):
        with desk.database.transaction() as tx:
            housekeeping.drop_unsent(tx, services, now=now + timedelta(days=days))
        assert (program in there(desk, case)) is (days == 0)
    assert there(desk, case) == []


def test_an_unsent_file_is_seen_by_its_author_and_the_holder(desk: World, key: str) -> None:
    id_, services, now = attach(desk, key), desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        assert files.readable(tx, services, desk.viewer(), id_, now)[0].id == id_
        with pytest.raises(NotFound):
            files.readable(tx, services, desk.viewer("stina"), id_, now)
        with pytest.raises(NotFound):
            files.drop(tx, services, by=desk.viewer(), now=now, id_=id_, reason="r")
    perform(desk, partial(claims.take_over, task_key=key, reason="ill"), "stina")
    with desk.database.transaction() as tx:
        assert files.readable(tx, services, desk.viewer("stina"), id_, now)[0].id == id_


def test_who_takes_over_uses_or_leaves_the_files(desk: World, case: str, key: str) -> None:
    theirs = attach(desk, key)
    perform(desk, partial(claims.take_over, task_key=key, reason="ill"), "stina")
    mine = attach(desk, key, by="stina")
    perform(desk, partial(use_colleagues_answers, task_key=key, author="p_sara"), "stina")
    assert saved(desk, key, "stina").raw["papers"] == [mine, theirs]
    desk.complete(key, {"papers": [mine]}, by="stina")
    assert there(desk, case) == [mine]


def test_another_form_cannot_name_an_unsent_file(database_url: str, keyring: Keyring) -> None:
    body = d.both("f") + small.person("a") + small.person("b") + d.both("j")
    process = small.one(body, "s>f f>a f>b a>j b>j j>e")
    desk = open_world(database_url, keyring, process.with_file("forms/plain.form", FORM))
    case = desk.start().case_id
    id_ = attach(desk, desk.key(case, "a"))
    with pytest.raises(InvalidAnswers):
        desk.do(case, "b", {"papers": [id_]})
    desk.do(case, "a", {"papers": [id_]})
    desk.do(case, "b", {"papers": [id_]})
    assert there(desk, case) == [id_]
    desk.database.close()


def test_a_page_ticks_no_file_that_is_gone(desk: World, key: str) -> None:
    id_ = attach(desk, key)
    keep(desk, key, {"papers": []})
    with desk.database.transaction(write=False) as tx:
        viewer, now = desk.viewer(), desk.clock.now()
        session = form_session.open_task_form(tx, desk.program.services, viewer, key, now)
        assert session.with_files_there({"papers": [id_], "note": ["x"]}) == {
            "papers": [],
            "note": ["x"],
        }


def test_history_says_that_a_file_was_there_and_no_more(desk: World, case: str, key: str) -> None:
    id_ = attach(desk, key)
    keep(desk, key, {"papers": []})
    with desk.database.transaction(write=False) as tx:
        stream = ledger_entries.of_stream(tx, f"case/{case}")
    bodies = [entry.body for entry in stream if entry.kind in ("attach", "detach")]
    assert len(bodies) == 2
    assert all(id_ in body for body in bodies)
    assert stream[-1].office == OFFICE


def test_a_file_that_no_answer_names_is_marked(desk: World, case: str, key: str) -> None:
    id_ = attach(desk, key)
    desk.complete(key, {"papers": [id_]})
    with desk.database.transaction() as tx:
        services, viewer, now = desk.program.services, desk.viewer(), desk.clock.now()
        where = {"case_id": case, "task_key": key, "field": "papers", "klass": "C1"}
        left = files.attach(tx, services, by=viewer, now=now, clean=FILE, **where)
        at = load_case_view(tx, services, viewer, case, now)
        shown = records_tabs.all_documents(at).values
    assert {row.id for row in shown["papers"]} == {id_, left}
    assert shown["loose"] == {left}
