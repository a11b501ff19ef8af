"""The form of a task as text: for print, and before it is sent."""

from __future__ import annotations

from service.casework.tasks.form_as_text import printed_form, review_form
from service.security.keyring import Keyring
from service.text import say
from tests.casework.tasks.conftest import PROCESS
from tests.casework.tasks.sessions import session
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


ASKED = {"missing": True, "computed": False}


def in_steps() -> bytes:
    """A form of three steps; the first one is right only when the third one says so."""

    def part(name: str, *more: dict[str, object]) -> dict[str, object]:
        many = [small.field(f"{name}{n}", "textfield", "C0") for n in range(8)]
        return {"type": "group", "id": name, "label": name, "components": [*more, *many]}

    asked = small.field("asked", "textfield", "C0")
    asked["properties"] = {"class": "C0", "required_when": "hangs != null"}
    hangs = small.field("hangs", "textfield", "C0")
    hangs["properties"] = {
        "class": "C0",
        "check": 'c0 = "yes"',
        "check_text.sv": "Först ett ja.",
        "check_text.en": "A yes first.",
    }
    return small.form("plain", part("a", asked, hangs), part("b"), part("c"))


def test_a_form_in_steps_is_reviewed_before_it_is_sent(database_url: str, keyring: Keyring) -> None:
    desk = open_world(database_url, keyring, PROCESS.with_file("forms/plain.form", in_steps()))
    case = desk.start().case_id
    with desk.database.transaction(write=False) as tx:
        found = session(tx, desk, case)
        review = review_form(found, {"hangs": ["x"], "b0": ["answer"]})
        right = review_form(found, {"asked": ["x"], "hangs": ["x"], "c0": ["yes"]})
    assert review is not None
    assert review["problems"] == (
        {"path": "asked", "text": say("form.required", "sv", label="Asked"), "step": 1},
        {"path": "hangs", "text": "Hangs: Först ett ja.", "step": 3},
    )
    assert isinstance(review["steps"], tuple)
    first, second, _ = review["steps"]
    assert first["answers"][0] == {"path": "asked", "label": "Asked", "lines": (), **ASKED}
    assert second["answers"][0]["lines"] == ("answer",)
    assert right is not None
    assert right["problems"] == ()
    desk.database.close()


def test_a_form_of_one_page_is_not_reviewed(desk: World, case: str) -> None:
    with desk.database.transaction(write=False) as tx:
        assert review_form(session(tx, desk, case), {}) is None
