"""The tab about the person: an answer is shown when it is asked for."""

from __future__ import annotations

from service.actions.pages.people_tab import AnswerGroup, CaseOffice, people
from service.actions.pages.tab_content import TabContent
from service.actions.people.office_contacts import NONE, set_office_contact
from tests.actions.pages.views import view
from tests.support.directory import OFFICE
from tests.support.world import NOON, SEED, World


def tab(desk: World, case: str, asked: str) -> TabContent:
    with desk.database.transaction(write=False) as tx:
        return people(tx, view(tx, desk, case), lambda key: f"?show={key}", asked)


def shown(content: TabContent) -> dict[str, str | None]:
    groups: tuple[AnswerGroup, ...] = content.values["groups"]
    return {field.label: field.text for group in groups for field in group.fields}


def test_only_the_answer_that_is_asked_for_is_open(desk: World, case: str) -> None:
    desk.do(case, "a", {"note": ["secret"], "contact": ["by phone"]})
    closed, asked = tab(desk, case, ""), tab(desk, case, "contact")
    assert set(shown(closed).values()) == {None}
    assert shown(asked)["Contact"] == "by phone"
    assert [text for text in shown(asked).values() if text is not None] == ["by phone"]
    assert closed.classes == {"C0"}
    assert asked.classes == {"C0", "C1"}


def test_the_offices_of_the_case_say_how_they_are_reached(desk: World, case: str) -> None:
    def offices() -> tuple[CaseOffice, ...]:
        found: tuple[CaseOffice, ...] = tab(desk, case, "").values["offices"]
        return found

    (office,) = offices()
    assert (office.name, office.roles, office.contact) == ("Social", ("Hänvisande",), NONE)
    with desk.database.transaction() as tx:
        changes = {"telephone": "08-465 004 11", "hours": "vardagar 8–16"}
        set_office_contact(tx, by=SEED, now=NOON, office=OFFICE, changes=changes)
    (office,) = offices()
    assert (office.contact.telephone, office.contact.hours) == ("08-465 004 11", "vardagar 8–16")
