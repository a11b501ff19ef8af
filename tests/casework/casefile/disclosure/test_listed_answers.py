"""What print and the HTTP interface list: what is open, and how much more there is."""

from __future__ import annotations

from service.casework.casefile.case_view import load_case_view
from service.casework.casefile.disclosure.listed_answers import (
    answers,
    hidden,
    printed_answers,
    sealed_groups,
)
from service.casework.casefile.disclosure.opened_groups import load_disclosed_answers, open_groups
from tests.support.world import World


def test_print_and_interface_obey_what_is_open(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        at = load_case_view(tx, desk.program.services, desk.viewer(), case_id, desk.clock.now())
        found = load_disclosed_answers(tx, at)
        (sealed,) = sealed_groups(found)
        assert (sealed.group, sealed.sealed, sealed.needs_reason) == ("form.plain", 1, False)
        assert answers(at, found) == {}
        (part,) = printed_answers(at, found)
        assert part["answers"] == ()
        assert "1" in part["lines"][0], "what is left out is counted"
        opened = open_groups(tx, at, found, ["form.plain"])
    with desk.database.transaction(write=False) as tx:
        found = load_disclosed_answers(tx, at)
        assert found == opened
        assert sealed_groups(found) == ()
        assert answers(at, found)["note"].text == "first words"
        (part,) = printed_answers(at, found)
        assert [text for _, text in part["answers"]] == ["first words"]
        assert part["lines"] == ()
        assert hidden(tx, at) == 0
