"""A case that is referred by hand, and the people of the offices that it goes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from service.people import accounts
from service.store.casefile import referrals
from service.store.installation import offices
from tests.support.browser import PASSWORD
from tests.support.world import NOON, SEED, World
from tests.web.program import Program
from tests.web.story import Story

CHILDREN, PARTNER = "barn", "foreningen"
NAMED = {"familyName": "KANARIE-NAMN", "givenNames": "KANARIE-FORNAMN"}


@dataclass
class Desk:
    """A case whose partner still owns it, and people of more offices."""

    story: Story
    world: World

    def send(self, program: Program, once: str = "", **own: Any) -> TestResponse:
        """Refer the case to the children's office."""
        body = {
            "case": self.story.case,
            "office": CHILDREN,
            "purpose": "CHILD",
            "fields": ["givenNames", "languages"],
            "rev": self.story.brief().rev,
        }
        return program.post("/v1/referrals", {**body, **own}, once)

    def row(self) -> referrals.Referral:
        with self.world.program.database.transaction(write=False) as tx:
            (found,) = [r for r in referrals.of_case(tx, self.story.case) if not r.element]
        return found


def make_desk(story: Story) -> Desk:
    """Add the offices, and take the case to where it is decided on."""
    program = story.world.program
    with program.database.transaction() as tx:
        for id_, kind, role, name in (
            (CHILDREN, "SOCIALTJANST", "ChildServices", "berit"),
            (PARTNER, "NGO", "ReferringPartner", "nora"),
        ):
            office = offices.Office(
                id_, id_.title(), kind, [], [], "sweden", "Europe/Stockholm", "sv"
            )
            accounts.add_office(
                tx,
                program.services,
                office=office,
                address=f"{id_}@example.invalid",
                by=SEED,
                now=NOON,
            )
            who: dict[str, Any] = {
                "id_": f"p_{name}",
                "sign_in": name,
                "name": name.title(),
                "office": id_,
            }
            accounts.add_person(
                tx,
                program.services,
                **who,
                roles=[role],
                password=program.passwords.hash(PASSWORD),
                language="en",
                by=SEED,
                now=NOON,
            )
    story.until("Task_DecideReferral", Task_SubmitReferral=NAMED)
    return Desk(story, story.world)
