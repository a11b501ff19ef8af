"""The form of a task for print, with and without answers."""

from __future__ import annotations

from service.actions.tasks.printed_form import printed_form
from tests.actions.tasks.sessions import session
from tests.support.world import World


def test_it_is_printed_empty_or_with_what_was_typed(desk: World, case: str) -> None:
    raw = {"note": ["hello"]}
    with desk.database.transaction(write=False) as tx:
        found = session(tx, desk, case)
        ((_, empty),) = printed_form(found, filled=False, raw=raw)
        ((_, filled),) = printed_form(found, filled=True, raw=raw)
    assert empty == (("Note", ""), ("Contact", ""), ("Place", ""))
    assert filled[0] == ("Note", "hello")
