"""What print and the HTTP interface list: what is open, and how much more there is."""

from __future__ import annotations

from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.disclosure.listed_answers import (
    answers,
    hidden,
    printed_answers,
    reads_of_hidden,
    sealed_groups,
)
from service.casework.casefile.disclosure.opened_groups import load_disclosed_answers, open_groups
from service.casework.pages.people_tab import reads_of_people
from service.store.transaction import Tx
from tests.support.world import World


def view(tx: Tx, desk: World, case_id: str) -> CaseView:
    more = [*reads_of_people(case_id), *reads_of_hidden(case_id)]
    services, now = desk.program.services, desk.clock.now()
    return load_case_view(tx, services, desk.viewer(), case_id, now, more=more)


def test_print_and_interface_obey_what_is_open(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        at = view(tx, desk, case_id)
        found = load_disclosed_answers(at)
        (sealed,) = sealed_groups(found)
        assert (sealed.group, sealed.sealed, sealed.needs_reason) == ("form.plain", 1, False)
        assert answers(at, found) == {}
        (part,) = printed_answers(at, found)
        assert part["answers"] == ()
        assert "1" in part["lines"][0], "what is left out is counted"
        opened = open_groups(tx, at, found, ["form.plain"])
    with desk.database.transaction(write=False) as tx:
        at = view(tx, desk, case_id)
        found = load_disclosed_answers(at)
        assert found == opened
        assert sealed_groups(found) == ()
        assert answers(at, found)["note"].text == "first words"
        (part,) = printed_answers(at, found)
        assert [text for _, text in part["answers"]] == ["first words"]
        assert part["lines"] == ()
        assert hidden(at) == 0
