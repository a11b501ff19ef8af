"""The pages of a correction: what can be changed, and what a correction has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.access import Grant
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.disclosure import listed_answers
from service.casework.casefile.disclosure.opened_groups import load_disclosed_answers, open_groups
from service.casework.corrections.correction_form import CorrectionSession
from service.casework.corrections.correction_page import (
    load_correction,
    load_correction_page,
    load_corrections,
    preview_reply,
    printed_corrections,
    reads_of_corrections,
)
from service.casework.pages import people_tab, records_tabs, tasks_tab
from service.errors import NotFound
from service.store.transaction import Tx
from tests.casework.corrections.conftest import START, correct, fact_of
from tests.casework.corrections.test_form import opened
from tests.support.changed_configuration import with_configuration
from tests.support.directory import ROLE
from tests.support.world import NOON, World


def view(tx: Tx, desk: World, case: str, by: str = "sara") -> CaseView:
    more = [
        *people_tab.reads_of_people(case),
        *records_tabs.reads_of_history(case),
        *reads_of_corrections(case),
    ]
    services, now = desk.program.services, desk.clock.now()
    return load_case_view(tx, services, desk.viewer(by), case, now, more=more)


def test_the_page_says_what_is_corrected_elsewhere_and_where(desk: World, case_id: str) -> None:
    session = opened(desk, case_id, START)
    page = load_correction_page(session)
    assert [(one.label, one.reason, one.step) for one in page.fixed] == [
        ("Note", "later", "A"),
        ("Contact", "later", "A"),
    ]
    assert (page.two_persons, page.decision, page.late, page.why) == (False, False, True, "")


def test_a_form_that_lacks_something_says_nothing_yet(desk: World, case_id: str) -> None:
    session = opened(desk, case_id, "a")
    page = load_correction_page(session, typed={**session.base, "day": [""], "note": ["other"]})
    assert (page.lines, page.late) == ((), True)


def test_of_a_decision_the_page_has_no_form(desk: World, case_id: str) -> None:
    session = opened(desk, case_id, "a")
    plain = session.target.sent
    rules = replace(plain.configuration.corrections, decisions=frozenset({"a"}))
    sent = replace(plain, services=with_configuration(plain.services, corrections=rules))
    decided = replace(session.target, sent=sent)
    about = (session.reader, session.services, session.viewer, session.now)
    page = load_correction_page(CorrectionSession(*about, decided, session.context))
    assert (page.decision, page.form, page.lines) == (True, (), ())


def test_the_reason_is_hidden_from_who_may_not_see_all_that_changed(
    desk: World, case_id: str
) -> None:
    correct(desk, case_id, {"contact": ["0800"], "note": ["other"]}, why="slip")
    rev = desk.facts(case_id)[-1].rev
    with desk.database.transaction(write=False) as tx:
        whole = view(tx, desk, case_id)
        grant = Grant("G", "social", ROLE, frozenset({"C0", "C1"}))
        sight = replace(whole.visibility.sight, grants=(grant,))
        partly = replace(whole, visibility=replace(whole.visibility, sight=sight))
        own = replace(grant, classes=frozenset({"C0", "C1", "C2"}), own_only=True)
        moved = replace(
            whole, visibility=replace(whole.visibility, sight=replace(sight, grants=(own,)))
        )
        moved.__dict__["answers"] = [
            one if one.correction else replace(one, office="elsewhere") for one in whole.answers
        ]
        shown = load_correction(moved, rev)
        assert [(one.old, one.new) for one in shown.changes] == [("–", "0800"), ("–", "other")]
        every, some = load_correction(whole, rev), load_correction(partly, rev)
        with pytest.raises(NotFound):
            load_correction(whole, rev + 1)
    assert (every.why, every.hidden, every.keys) == ("slip", 0, frozenset({"contact", "note"}))
    assert (some.why, some.hidden, some.keys) == ("", 1, frozenset({"contact"}))
    assert [(one.old, one.new) for one in some.changes] == [("0700", "0800")]


def test_the_reply_to_the_script_has_the_lines_of_the_button(desk: World, case_id: str) -> None:
    session = opened(desk, case_id, "a")
    nothing = preview_reply(session, session.base)
    changed = preview_reply(session, {**session.base, "contact": ["0800"]})
    assert nothing["buttons"] == {"send": ["Ändra något, så står det här vad som händer."]}
    assert "De här svaren ändras: Contact." in str(changed["buttons"])


def test_the_case_shows_that_an_answer_was_corrected(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"contact": ["0800"]}, why="slip")
    with desk.database.transaction() as tx:
        seen = view(tx, desk, case_id)
        found = load_disclosed_answers(seen)
        assert printed_corrections(seen, found) == [], "nothing is open yet"
        ids = [group.id for group in found.groups]
        found = open_groups(tx, seen, found, ids, reason="TASK")
        latest = listed_answers.answers(seen, found)["contact"]
        (printed,) = printed_corrections(seen, found)
        lines = records_tabs.history(tx, seen, "").values["lines"]
        finished = tasks_tab.all_tasks(tx, seen).values["finished"]
    assert (latest.text, latest.corrected, latest.fact) == (
        "0800",
        True,
        fact_of(desk, case_id, "a"),
    )
    (shown,) = [one for group in found.shown for one in group.answers if one.key == "contact"]
    assert (shown.text, shown.corrected) == ("0800", True)
    assert next(one.text for one in shown.earlier) == "0700"
    assert printed["title"] == f"Rättat: A: {seen.who('p_sara', 'social')}, {seen.day(NOON)}"
    assert printed["answers"] == (("Contact", "0800 (tidigare: 0700)"),)
    assert printed["lines"] == ("Varför är det fel? slip",)
    assert [line.corrected for line in lines if line.corrected] == [desk.facts(case_id)[-1].rev]
    assert [task.correct for task in finished] == [fact_of(desk, case_id, e) for e in ("a", START)]


def test_a_case_without_corrections_has_none_to_show(desk: World, case_id: str) -> None:
    with desk.database.transaction(write=False) as tx:
        assert load_corrections(view(tx, desk, case_id)) == []
