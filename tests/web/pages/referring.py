"""Offices that refer a case to each other by hand, and how their people do it on the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from service.audit import verify
from service.casework.cases.card_words import give_words
from service.people import accounts
from service.records.ids import ulid
from service.store.casefile import referrals
from service.store.installation import ledger_entries, offices
from service.store.work import jobs, letters
from tests.support.browser import PASSWORD, Browser
from tests.support.world import NOON, SEED, World
from tests.web.story import Story

CHILDREN, PARTNER, REGION, SHUT = "barn", "foreningen", "region", "stangt"

PLACES = (
    (CHILDREN, "Barn", "SOCIALTJANST", "ChildServices", ("berit", "rolf")),
    (PARTNER, "Förening", "NGO", "ReferringPartner", ("nora",)),
    (REGION, "Region", "REGIONKOORDINATOR", "RegionalCoordinator", ("kim",)),
    (SHUT, "Stängt", "SOCIALTJANST", "ChildServices", ()),
)

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')

NAMED = {"familyName": "KANARIE-NAMN", "givenNames": "KANARIE-FORNAMN"}


@dataclass
class Desk:
    """A story, and people of more offices."""

    story: Story
    world: World

    def row(self) -> referrals.Referral:
        """The one referral by hand."""
        with self.world.program.database.transaction(write=False) as tx:
            (found,) = [r for r in referrals.of_case(tx, self.story.case) if not r.element]
        return found

    def count(self) -> int:
        with self.world.program.database.transaction(write=False) as tx:
            return sum(not r.element for r in referrals.of_case(tx, self.story.case))

    def kinds(self) -> list[str]:
        """What the ledger tells of the referral by hand."""
        with self.world.program.database.transaction(write=False) as tx:
            id_ = self.row().id
            return [
                line.kind
                for line in ledger_entries.of_stream(tx, f"case/{self.story.case}")
                if json.loads(line.body).get("referral") == id_
            ]

    def deadlines(self) -> list[jobs.Job]:
        with self.world.program.database.transaction(write=False) as tx:
            return jobs.of_case(tx, self.story.case, kinds=[jobs.REFERRAL])

    def letters_to(self, office: str) -> list[str]:
        with self.world.program.database.transaction(write=False) as tx:
            return [
                one.template
                for one in letters.of_case(tx, self.story.case)
                if one.office_id == office
            ]

    def faults(self) -> list[str]:
        """What verify says of the case."""
        with self.world.program.database.transaction(write=False) as tx:
            return [
                str(fault)
                for fault in verify.verify(
                    tx, self.world.program.services, self.story.case, now=self.world.clock.now()
                ).faults
            ]

    def pause(self) -> None:
        """The person says her two words to somebody, and wants to stop."""
        world, browser = self.world, self.world.browser("omar")
        with world.database.transaction() as tx:
            by, now = world.loaded_viewer("sara"), world.clock.now()
            given = give_words(
                tx, world.program.services, by=by, now=now, case_id=self.story.case, lang="en"
            )
        browser.get("/cases/new?element=Start_ReturneeSays")
        said = {"herWords": " ".join(given.said), "says": "STOP", "saidLanguage": "en"}
        sent = browser.post("/cases/new", {**said, "element": "Start_ReturneeSays", "do": "send"})
        assert sent.status_code == 303, sent.text
        self.story.settle()

    def way(self, browser: Browser, **chosen: Any) -> TestResponse:
        """Go from page to page as far as the answers reach; gives the last page, nothing sent."""
        path = f"/cases/{self.story.case}/refer"
        page = browser.get(path)
        for step, name in (("to", "office"), ("why", "purpose"), ("what", "field")):
            if name not in chosen:
                return page
            page = browser.post(
                path, {**hidden(page), "step": step, "do": "next", name: chosen[name]}
            )
            if page.status_code != 200:
                return page
        return page

    def send(self, browser: Browser, **chosen: Any) -> TestResponse:
        """The whole way."""
        usual = {"office": CHILDREN, "purpose": "CHILD", "field": ["givenNames", "languages"]}
        page = self.way(browser, **{**usual, **chosen})
        assert page.status_code == 200
        return browser.post(f"/cases/{self.story.case}/refer", {**hidden(page), "do": "send"})


def hidden(page: TestResponse) -> dict[str, Any]:
    """What a page carries without showing it; a name that comes twice holds both values."""
    found: dict[str, Any] = {}
    for name, value in HIDDEN.findall(page.text.partition('class="t-form')[2]):
        found[name] = (
            [*found[name], unescape(value)]
            if isinstance(found.get(name), list)
            else [unescape(value)]
        )
    return found


def answer(browser: Browser, id_: str, do: str, **more: str) -> TestResponse:
    """Open a referral's page and press a button."""
    browser.get(f"/referrals/{id_}")
    return browser.post(f"/referrals/{id_}", {"_once": ulid(NOON), "do": do, **more})


@contextmanager
def referring_offices(shipped_world: World) -> Iterator[Desk]:
    """A case whose referral to the approver waits for a decision; its partner still owns it."""
    story = Story(shipped_world)
    program = shipped_world.program
    with program.database.transaction() as tx:
        for id_, name, kind, role, names in PLACES:
            closed = NOON - timedelta(days=1) if id_ == SHUT else None
            office = offices.Office(
                id_, name, kind, [], [], "sweden", "Europe/Stockholm", "sv", closed_at=closed
            )
            accounts.add_office(
                tx,
                program.services,
                office=office,
                address=f"{id_}@example.invalid",
                by=SEED,
                now=NOON,
            )
            for who in names:
                about: dict[str, Any] = {
                    "id_": f"p_{who}",
                    "sign_in": who,
                    "name": who.title(),
                    "office": id_,
                }
                accounts.add_person(
                    tx,
                    program.services,
                    **about,
                    roles=[role],
                    password=program.passwords.hash(PASSWORD),
                    language="en",
                    by=SEED,
                    now=NOON,
                )
    story.until("Task_DecideReferral", Task_SubmitReferral=NAMED)
    yield Desk(story, shipped_world)
    story.close()
