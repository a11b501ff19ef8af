"""A form as it was drawn when it was sent, with words in the place of what is hidden."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.audit.event_card.form_then import FormThen, load_form_then
from service.errors import NotFound
from service.forms import Widget
from service.store.installation import keys
from tests.audit.event_card.conftest import ReplayedCase

Play = Callable[[str], ReplayedCase]


def form(case: ReplayedCase, rev: int) -> FormThen:
    services = case.desk.program.services
    with case.desk.database.transaction(write=False) as tx:
        now = case.desk.clock.now()
        return load_form_then(tx, services, case.auditor, case.case, rev, now)


def widgets(found: FormThen) -> dict[str, Widget]:
    return {w.key: w for section in found.sections for w in section.widgets}


def test_each_time_it_stands_as_it_was_sent_then(played: Play) -> None:
    case = played("C0")
    first, second = form(case, 2), form(case, 3)
    assert (first.title, first.release, first.erased) == ("Ask", "v1", False)
    assert widgets(first)["answer"].chosen == ["Ja"]
    assert widgets(second)["answer"].chosen == ["Nej"]


def test_what_is_hidden_is_asked_and_not_told(played: Play) -> None:
    found = form(played("C2"), 2)
    drawn = widgets(found)
    assert {w.value for w in drawn.values()} == {"hidden from you"}
    assert found.hidden == len(drawn) == 4
    assert not any(w.options or w.values for w in drawn.values())


def test_of_an_erased_case_the_questions_are_left(played: Play) -> None:
    case = played("C0")
    with case.desk.database.transaction() as tx:
        keys.drop(tx, f"case:{case.case}", stream=f"case/{case.case}")
    found = form(case, 2)
    assert found.erased
    assert {w.value for w in widgets(found).values()} == {"erased"}


def test_a_fact_that_is_not_there_has_no_form(played: Play) -> None:
    case = played("C0")
    for rev in (0, 99):
        with pytest.raises(NotFound):
            form(case, rev)
