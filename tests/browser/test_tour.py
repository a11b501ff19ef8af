"""One case from new to closed by clicking.

Five people, every form filled in on its page, the demo's clock moved by its buttons.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from service.store.casefile import cases
from tests.browser.conftest import Opener, Screen, Site
from tests.browser.filler import answers_of, fill, follow
from tests.support.waiting import until


@dataclass(frozen=True)
class Act:
    """What one person does."""

    who: str
    step: str
    form: str
    own: dict[str, Any] = field(default_factory=dict)
    """What differs from the form's usual answers."""
    days: int = 0
    """Days that must pass before it can be done."""


STORY = (
    Act("sara", "Task_OfferReturnInformation", "new_case"),
    Act("sara", "Task_SubmitReferral", "referral"),
    Act("omar", "Task_DecideReferral", "referral_decision"),
    Act("aino", "Task_CounselReturnee", "counselling"),
    Act("iva", "Task_LocalContact", "local_contact"),
    Act("sara", "Task_SignApplication", "informed_decision"),
    Act("aino", "Task_CheckApplication", "application_check"),
    Act("aino", "Task_AssessNeeds", "needs_assessment"),
    Act("iva", "Task_ConfirmLocalSupport", "confirm_support"),
    Act("aino", "Task_MakePlan", "reintegration_plan"),
    Act("aino", "Task_IdentifyRisks", "risk_assessment"),
    Act("aino", "Task_BookTickets", "journey_booking"),
    Act("iva", "Task_ArrangeArrival", "arrival_arrangement"),
    Act("aino", "Task_BriefReturnee", "briefing"),
    Act("aino", "Task_IdentifyRisks", "risk_assessment"),
    Act("eero", "Task_GoNoGo", "final_check"),
    Act("aino", "Task_ConfirmDeparture", "departure", days=3),
    Act("iva", "Task_ConfirmArrival", "arrival"),
    Act("iva", "Task_MeetReturnee", "arrival_meeting"),
    Act("aino", "Task_ForwardFeedback", "feedback"),
    Act("iva", "Task_AdaptPlan", "adapt_plan"),
    Act("iva", "Task_DeliverSupport", "delivery"),
    Act("iva", "Task_FollowUp", "follow_up"),
    Act("aino", "Task_ForwardFeedback", "feedback"),
    Act("iva", "Task_FollowUp", "follow_up"),
    Act("aino", "Task_ForwardFeedback", "feedback"),
    Act("iva", "Task_DeliverSupport", "delivery", {"activity": "A2", "supportDone": True}),
    Act("iva", "Task_FollowUp", "follow_up"),
    Act("aino", "Task_ForwardFeedback", "feedback"),
    Act("aino", "Task_CloseCase", "close_case"),
)
LOOKS = 400
"""How often somebody looks again whether a task has come."""
TIMERS = 8
"""How many timers may lie between two tasks."""
ZONES = {
    "sara": "Europe/Stockholm",
    "omar": "Europe/Stockholm",
    "aino": "Europe/Helsinki",
    "eero": "Europe/Helsinki",
    "iva": "Europe/Sofia",
}


class Walker:
    """All five people in one browser, who change places by the demo's cards."""

    def __init__(self, screen: Screen, site: Site) -> None:
        self.screen = screen
        self.page = screen.page
        self.site = site
        self.ref = ""

    def answer(self, who: str, form: str, own: dict[str, Any]) -> Locator:
        """Fill in the form on the page; gives the button that sends it."""
        return fill(self.page, answers_of(form, self.site.program.clock.now(), ZONES[who], own))

    def opens_a_case(self, who: str) -> None:
        self.screen.enter(who)
        follow(self.page, self.page.locator(".t-menu a[href='/cases/new']"))
        send(self.page, self.answer(who, "start_case", {}))
        self.ref = self.page.locator(".t-facts a[href^='/cases/']").first.inner_text()

    def does(self, act: Act) -> None:
        """Find the task in the inbox, fill in its form, see what will happen, and send."""
        for _ in range(act.days):
            self.moves_the_clock("1")
        self.comes_to(act.who, act.step)
        button = self.answer(act.who, act.form, act.own)
        expect(self.page.locator(".t-consequences li").first).not_to_be_empty()
        send(self.page, button)
        meant = self.page.locator("form:has([name=confirmed]) button")
        if meant.count():
            send(self.page, meant)
        expect(self.page).to_have_url(re.compile(r"/(inbox|tasks/\w+)\?sent="))

    def comes_to(self, who: str, step: str) -> None:
        """Open the task; let time pass until it is there."""
        self.screen.enter(who)
        for _ in range(TIMERS):
            if self.finds(step):
                return
            self.moves_the_clock("next")
        pytest.fail(
            f"{who} finds no {step}; the inbox says: {self.page.locator('main').inner_text()}"
        )

    def moves_the_clock(self, by: str) -> None:
        """Press a button of the demo's clock."""
        self.screen.open("/demo")
        with self.page.expect_navigation():
            self.page.locator(f"button[name=days][value='{by}']").click()

    def finds(self, step: str) -> bool:
        """Look through the inbox for the case, now and again while the worker is busy."""
        rows = self.rows()
        for _ in range(LOOKS):
            quiet = self.site.idle()
            # after the question whether the worker rests, so that the page shows what it did last
            self.screen.open("/inbox")
            for row in rows.all():
                follow(self.page, row.locator("th a"))
                if self.is_at(step):
                    return True
                self.screen.open("/inbox")
            if quiet:
                break
        return False

    def is_at(self, step: str) -> bool:
        """Whether the page is that of a task of a step."""
        at = self.page.locator("input[name=step]")
        return at.count() > 0 and step in (at.first.get_attribute("value") or "")

    def rows(self) -> Locator:
        """The rows of the inbox that are about the case."""
        return self.page.locator("tbody tr", has_text=self.ref)


def send(page: Page, button: Locator) -> None:
    """Press the button, and wait for the next page."""
    follow(page, button)
    refused = page.locator("main [role=alert]")
    assert refused.all_inner_texts() == [], page.locator("h1").inner_text()


def walks_all_twelve_nodes(walker: Walker, story: Sequence[Act]) -> None:
    """A case from new to closed, and what its page says then."""
    walker.opens_a_case("sara")
    for act in story:
        walker.does(act)
    walker.screen.enter("aino")
    until(lambda: has_ended(walker), "the end, which the worker brings about")
    walker.screen.open("/cases?state=done")
    walker.page.get_by_role("link", name=walker.ref).click()
    expect(walker.page.locator(".t-stage--done")).to_have_count(3)
    expect(walker.page.locator(".t-milestone--done")).to_have_count(12)


def has_ended(walker: Walker) -> bool:
    """Whether the case is over."""
    with walker.site.program.database.transaction(write=False) as tx:
        case = cases.find(tx, walker.ref)
    return case is not None and case.status == "ended"


@pytest.mark.soak  # test_effort walks the same way in each run, and leaves out what may be left out
def test_a_case_with_every_answer_is_walked_through_all_twelve_nodes(
    quiet_site: Site, screen: Opener
) -> None:
    walks_all_twelve_nodes(Walker(screen(at=quiet_site), quiet_site), STORY)


def test_a_withdrawal_ends_the_case_after_an_alert_was_handled(
    quiet_site: Site, screen: Opener
) -> None:
    walker = Walker(screen(at=quiet_site), quiet_site)
    walker.opens_a_case("sara")
    for act in STORY[:4]:
        walker.does(act)
    walker.screen.enter("sara")
    acts(walker, "sara", "alert", "alert_report")
    walker.does(Act("aino", "Task_HandleAlert", "alert"))
    walker.screen.enter("sara")
    acts(walker, "sara", "withdraw", "withdraw")
    expect(walker.page.locator("main")).to_contain_text(re.compile("återkall|stopp", re.IGNORECASE))


def acts(walker: Walker, who: str, message: str, form: str) -> None:
    """Act now, from the case's page."""
    walker.screen.open("/cases")
    follow(walker.page, walker.page.get_by_role("link", name=walker.ref).first)
    walker.page.locator(".t-action-menu summary").click()
    follow(walker.page, walker.page.locator(f".t-action-menu a[href$='/{message}']"))
    send(walker.page, walker.answer(who, form, {}))
