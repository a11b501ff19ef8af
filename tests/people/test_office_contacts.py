"""How an office is reached: changed part by part, and read by the office."""

from __future__ import annotations

import pytest

from service.errors import UnusableWord
from service.people.office_contacts import OfficeContact, office_contacts, set_office_contact
from service.store.installation import ledger_entries
from tests.support.directory import OFFICE
from tests.support.world import NOON, SEED, World


def change(desk: World, office: str = OFFICE, **changes: str) -> None:
    with desk.database.transaction() as tx:
        set_office_contact(tx, by=SEED, now=NOON, office=office, changes=changes)


def test_a_part_changes_and_the_others_stay(desk: World) -> None:
    change(desk, telephone="08-465 004 11", mail="social@example.org")
    change(desk, hours="vardagar 8–16", mail="")
    with desk.database.transaction(write=False) as tx:
        assert office_contacts(tx) == {
            OFFICE: OfficeContact(telephone="08-465 004 11", hours="vardagar 8–16")
        }
        told = ledger_entries.of_stream(tx, "system")
    assert [one.kind for one in told][-2:] == ["office_contact", "office_contact"]


@pytest.mark.parametrize(
    ("office", "changes", "what"),
    [
        ("nobody", {"telephone": "1"}, "there is no office nobody"),
        (OFFICE, {"mail": "no address"}, "no mail address"),
        (OFFICE, {"visit": "two\nlines"}, "no line break"),
        (OFFICE, {"post": "x" * 201}, "200 characters"),
        (OFFICE, {"fax": "1"}, "there is no part fax"),
    ],
)
def test_what_cannot_be_used_is_refused(
    desk: World, office: str, changes: dict[str, str], what: str
) -> None:
    with pytest.raises(UnusableWord, match=what):
        change(desk, office, **changes)
    with desk.database.transaction(write=False) as tx:
        assert office_contacts(tx) == {}
