"""The form of a task for print, with and without answers."""

from __future__ import annotations

from service.actions.tasks.form_as_text import printed_form
from service.security.keyring import Keyring
from tests.actions.tasks.conftest import PROCESS
from tests.actions.tasks.sessions import session
from tests.support import small
from tests.support.world import World, open_world


def test_it_is_printed_empty_or_with_what_was_typed(desk: World, case: str) -> None:
    raw = {"note": ["hello"]}
    with desk.database.transaction(write=False) as tx:
        found = session(tx, desk, case)
        ((_, empty),) = printed_form(found, filled=False, raw=raw)
        ((_, filled),) = printed_form(found, filled=True, raw=raw)
    assert empty == (("Note", ""), ("Contact", ""), ("Place", ""))
    assert filled[0] == ("Note", "hello")


def asking_for_consent() -> bytes:
    """A form whose consent asks more after a Yes."""
    values = [{"value": True, "label": "Ja"}, {"value": False, "label": "Nej"}]
    given = small.field("given", "radio", "C0", values=values)
    given["properties"] = {"as": "yesno"}
    more = small.field("witness", "textfield", "C1", conditional={"hide": "=c.given != true"})
    consent: dict[str, object] = {
        "type": "group",
        "path": "c",
        "label": "Consent",
        "properties": {"class": "C1", "as": "consent", "consent": "REFER"},
        "components": [given, more],
        "id": "Field_c",
    }
    hidden = small.field("place", "textfield", "C3", conditional={"hide": "=c.given != true"})
    return small.form("plain", consent, hidden)


def test_an_empty_form_has_lines_for_what_a_yes_asks(database_url: str, keyring: Keyring) -> None:
    desk = open_world(
        database_url, keyring, PROCESS.with_file("forms/plain.form", asking_for_consent())
    )
    case = desk.start().case_id
    with desk.database.transaction(write=False) as tx:
        found = session(tx, desk, case)
        ((_, empty),) = printed_form(found, filled=False, raw={})
        ((_, filled),) = printed_form(found, filled=True, raw={"c.given": ["false"]})
    assert [label for label, _ in empty] == ["Consent: Given", "Consent: Witness"]
    assert filled == (("Consent: Given", "Nej"),)
    desk.database.close()
