"""The tab about the person: groups of answers that are opened one by one."""

from __future__ import annotations

from functools import partial

from service.casework.casefile.disclosure.opened_groups import open_answer_groups
from service.casework.pages.people_tab import CaseOffice, GroupCard, people
from service.casework.pages.tab_content import TabContent
from service.people.office_contacts import NONE, set_office_contact
from tests.casework.pages.views import view
from tests.support.directory import OFFICE
from tests.support.world import NOON, SEED, World

ASK = "form.plain"


def tab(desk: World, case: str, *asked: str) -> TabContent:
    with desk.database.transaction() as tx:
        return people(tx, view(tx, desk, case), lambda ids, _: "?" + "&".join(ids), asked)


def cards(content: TabContent) -> dict[str, GroupCard]:
    found: tuple[GroupCard, ...] = content.values["groups"]
    return {card.id: card for card in found}


def reveal(desk: World, case: str, reason: str) -> None:
    command = partial(open_answer_groups, case_id=case, groups=[ASK], reason=reason)
    with desk.database.transaction() as tx:
        command(tx, desk.program.services, desk.viewer(), desk.clock.now())


def test_a_group_with_safety_is_closed_until_a_reason(desk: World, case: str) -> None:
    desk.do(case, "a", {"place": ["north"], "contact": ["by phone"]})
    closed = cards(tab(desk, case, ASK))[ASK]
    assert (closed.opened, closed.asks, closed.sealed) == (False, True, 2)
    assert closed.answers == ()
    reveal(desk, case, "PHONE")
    shown = tab(desk, case, ASK)
    card = cards(shown)[ASK]
    assert (card.opened, card.asks, card.sealed) == (True, False, 0)
    assert shown.classes == {"C0", "C1", "C3"}
    assert card.link == "?", "the link of an open group closes it"


def test_a_group_without_safety_opens_by_its_link(desk: World, case: str) -> None:
    desk.do(case, "a", {"note": ["secret"], "contact": ["by phone"]})
    (closed,) = cards(tab(desk, case)).values()
    assert (closed.opened, closed.asks) == (False, False)
    assert closed.link == f"?{closed.id}"
    assert cards(tab(desk, case, closed.id))[closed.id].opened
    assert not cards(tab(desk, case))[closed.id].opened, "hidden again"


def test_the_offices_of_the_case_say_how_they_are_reached(desk: World, case: str) -> None:
    def offices() -> tuple[CaseOffice, ...]:
        found: tuple[CaseOffice, ...] = tab(desk, case).values["offices"]
        return found

    (office,) = offices()
    assert (office.name, office.roles, office.contact) == ("Social", ("Hänvisande",), NONE)
    with desk.database.transaction() as tx:
        changes = {"telephone": "08-465 004 11", "hours": "vardagar 8–16"}
        set_office_contact(tx, by=SEED, now=NOON, office=OFFICE, changes=changes)
    (office,) = offices()
    assert (office.contact.telephone, office.contact.hours) == ("08-465 004 11", "vardagar 8–16")
